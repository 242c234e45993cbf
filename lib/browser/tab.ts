/**
 * One tab, over any driver's session.
 *
 * @module
 */

import {
  type Arrival,
  BrowserFault,
  type Deadline,
  type Tab,
  type TabResponse,
} from "./browser.ts";
import { bounded } from "./bounded.ts";
import { Loads } from "./loads.ts";
import * as scripts from "./page_scripts.ts";
import { BEAT, watchPulse } from "./pulse.ts";
import { type DriverTab, type Fields, fields, text } from "./protocol.ts";
import { hearResponses, RequestsUnderWay } from "./responses.ts";

/** What a tab needs of the browser it belongs to. */
export interface TabOwner {
  /** Closes a target. Never rejects. */
  closeTarget(target: string): Promise<void>;
}

/** A tab whose page is looked at and steered by protocol commands alone. */
export class ProtocolTab implements Tab {
  readonly #driverTab: DriverTab;
  readonly #owner: TabOwner;
  readonly #death = new AbortController();
  readonly #loads: Loads;
  readonly #underWay: RequestsUnderWay;

  private constructor(driverTab: DriverTab, owner: TabOwner) {
    this.#driverTab = driverTab;
    this.#owner = owner;
    this.#loads = new Loads(driverTab);
    this.#underWay = new RequestsUnderWay(driverTab.session);
  }

  /**
   * Makes a fresh tab ready: no dialogs, no popups, always awake, telling of its responses.
   *
   * @param driverTab The tab as the driver opened it.
   * @param owner The browser it belongs to.
   * @throws {Error} When the tab does not answer.
   */
  static async prepare(driverTab: DriverTab, owner: TabOwner): Promise<ProtocolTab> {
    const { session } = driverTab;
    const tab = new ProtocolTab(driverTab, owner);
    session.on("Inspector.targetCrashed", () => tab.die("the tab crashed"));
    session.on("Page.javascriptDialogOpening", (dialog) => tab.#dismiss(dialog));
    await Promise.all([
      session.send("Inspector.enable"),
      session.send("Page.enable"),
      session.send("Page.setLifecycleEventsEnabled", { enabled: true }),
      session.send("Page.setInterceptFileChooserDialog", { enabled: true }),
      session.send("Page.addScriptToEvaluateOnNewDocument", { source: scripts.tame }),
      session.send("Network.enable", {
        maxTotalBufferSize: 64 * 1024 * 1024,
        maxResourceBufferSize: 32 * 1024 * 1024,
      }),
      session.send("Network.setBypassServiceWorker", { bypass: true }),
      // A page that believes it is not looked at neither draws nor loads more when it is scrolled.
      session.send("Emulation.setFocusEmulationEnabled", { enabled: true }),
    ]);
    watchPulse({
      session,
      mainFrame: driverTab.target,
      every: BEAT,
      death: tab.#death.signal,
      hangs: () => tab.die("a script of the page did not end, so that the page was closed", "hung"),
    });
    return tab;
  }

  get loading(): number {
    return this.#underWay.count;
  }

  get dead(): boolean {
    return this.#death.signal.aborted;
  }

  /** Marks the tab as gone, so that everything waiting on it rejects now. */
  die(why: string, kind: "tab-dead" | "browser-dead" | "hung" = "tab-dead"): void {
    this.#death.abort(new BrowserFault(kind, why));
  }

  goto(url: string, deadline: Deadline): Promise<Arrival> {
    return this.#bounded((ended) => this.#loads.navigate(url, ended), deadline, `loading ${url}`);
  }

  url(): Promise<string> {
    return this.dead ? Promise.reject(this.#death.signal.reason) : Promise.resolve(this.#loads.url);
  }

  html(deadline: Deadline): Promise<string> {
    return this.evaluate(scripts.documentHtml, null, String, deadline);
  }

  evaluate<R>(
    source: string,
    argument: unknown,
    read: (value: unknown) => R,
    deadline: Deadline,
  ): Promise<R> {
    return this.#bounded(
      async (ended) => read(await this.#run(source, argument, ended)),
      deadline,
      `asking the page ${this.#loads.url}`,
    );
  }

  until(source: string, argument: unknown, deadline: Deadline): Promise<void> {
    const within = deadline.within + 1000;
    return this.#bounded(
      async (ended) => void await this.#run(scripts.untilTrue(source), { argument, within }, ended),
      deadline,
      `waiting for the page ${this.#loads.url}`,
    );
  }

  scrollToEnd(deadline: Deadline): Promise<void> {
    return this.evaluate(scripts.scrollToEnd, null, () => undefined, deadline);
  }

  click(selector: string, index: number, deadline: Deadline): Promise<void> {
    return this.#bounded(
      (ended) => this.#click({ selector, index }, ended),
      deadline,
      `clicking ${selector} in ${this.#loads.url}`,
    );
  }

  onResponse(heard: (response: TabResponse) => void): void {
    hearResponses(this.#driverTab.session, this.#death.signal, heard);
  }

  async close(): Promise<void> {
    this.die("the tab was closed");
    await this.#owner.closeTarget(this.#driverTab.target);
  }

  #bounded<T>(
    work: (ended: AbortSignal) => Promise<T>,
    deadline: Deadline,
    doing: string,
  ): Promise<T> {
    return bounded(work, deadline, this.#death.signal, doing);
  }

  /** Runs a function in the page; again in the next document when the page moves on meanwhile. */
  async #run(source: string, argument: unknown, ended: AbortSignal): Promise<unknown> {
    const expression = `(${source})(${JSON.stringify(argument) ?? "undefined"})`;
    for (;;) {
      const moved = this.#loads.next();
      try {
        return await this.#evaluateOnce(expression);
      } catch (error) {
        if (error instanceof BrowserFault || !isContextLost(error)) throw error;
      }
      await moved;
      ended.throwIfAborted();
    }
  }

  async #evaluateOnce(expression: string): Promise<unknown> {
    const answer = await this.#driverTab.session.send("Runtime.evaluate", {
      expression,
      awaitPromise: true,
      returnByValue: true,
      userGesture: false,
    });
    if (answer["exceptionDetails"] !== undefined) {
      const details = fields(answer["exceptionDetails"]);
      const exception = fields(details["exception"]);
      const said = text(exception, "description") || text(details, "text") || "no reason given";
      throw new BrowserFault("page", `a script in the page failed: ${said.slice(0, 500)}`);
    }
    return fields(answer["result"])["value"];
  }

  async #click(
    which: { readonly selector: string; readonly index: number },
    ended: AbortSignal,
  ): Promise<void> {
    const found = await this.#run(scripts.findForClick, which, ended);
    if (found === null) {
      throw new BrowserFault("page", `there is no element ${which.selector} number ${which.index}`);
    }
    if (typeof found !== "object") {
      await this.#run(scripts.clickByScript, which, ended);
      return;
    }
    const { x, y } = fields(found);
    const mouse = { x, y, button: "left", clickCount: 1 };
    const { session } = this.#driverTab;
    await session.send("Input.dispatchMouseEvent", { type: "mouseMoved", x, y });
    ended.throwIfAborted();
    await session.send("Input.dispatchMouseEvent", { type: "mousePressed", ...mouse });
    await session.send("Input.dispatchMouseEvent", { type: "mouseReleased", ...mouse });
  }

  /** Answers no to every dialog but the question whether to leave, which is what we want to do. */
  #dismiss(dialog: Fields): void {
    const accept = text(dialog, "type") === "beforeunload";
    this.#driverTab.session.send("Page.handleJavaScriptDialog", { accept }).catch((error) => {
      // Gone with its page before we answered: nothing is left to dismiss. Otherwise the tab would
      // hang for ever, so that it is better off dead.
      if (!String(error).includes("No dialog is showing")) this.die("a dialog could not be closed");
    });
  }
}

/** Whether a script did not end because its document was replaced by another. */
function isContextLost(error: unknown): boolean {
  return error instanceof Error &&
    /context was destroyed|Cannot find context|navigated or closed|context with specified id|Promise was collected|no result for Runtime/i
      .test(error.message);
}
