/**
 * One tab, over any driver's page: deadlines, waiting for a document, and the check for pages that
 * hang.
 *
 * @module
 */

import { delay } from "@std/async";
import { Failure, reason } from "../base/failure.ts";
import {
  type Arrival,
  BrowserFault,
  type Deadline,
  type Tab,
  type TabResponse,
} from "./browser.ts";
import { type Driver, type DriverPage, fields, text } from "./driver.ts";
import * as scripts from "./page_scripts.ts";
import { Requests } from "./requests.ts";

/** How often a page is asked whether it still answers, in milliseconds. */
const BEAT = 1_000;
/** After this many beats without an answer a page hangs. Beats, because the machine may sleep. */
const MOST_MISSED = 10;
/** How long one wait in the page lasts before the next one starts, in milliseconds. */
const ONE_WAIT = 5_000;
const BODY_WITHIN = 20_000;

export class DrivenTab implements Tab {
  /** The browser's name for it. */
  readonly id: string;
  readonly #page: DriverPage;
  readonly #requests: Requests;
  readonly #death = new AbortController();

  private constructor(page: DriverPage, id: string) {
    this.id = id;
    this.#page = page;
    this.#requests = new Requests(page.session, id);
  }

  /** Opens a tab; `gone` is called once, when it is dead. */
  static async open(
    driver: Pick<Driver, "open">,
    gone: () => void,
    beat = BEAT,
  ): Promise<DrivenTab> {
    const page = await driver.open();
    const { send } = page.session;
    const info = fields((await send("Target.getTargetInfo"))["targetInfo"]);
    const tab = new DrivenTab(page, text(info, "targetId"));
    tab.#death.signal.addEventListener("abort", gone);
    await Promise.all([
      send("Page.addScriptToEvaluateOnNewDocument", { source: scripts.tame }),
      // A page without focus draws nothing and loads no more when scrolled.
      send("Emulation.setFocusEmulationEnabled", { enabled: true }),
      tab.#requests.watch(),
    ]);
    void tab.#watchPulse(beat);
    return tab;
  }

  get loading(): number {
    return this.#requests.loading;
  }

  get dead(): boolean {
    return this.#death.signal.aborted;
  }

  /** Marks the tab as dead: everything that waits for it rejects now. */
  die(why: string, kind: "tab-dead" | "browser-dead" | "hung" = "tab-dead"): void {
    this.#death.abort(new BrowserFault(kind, why));
  }

  goto(url: string, deadline: Deadline): Promise<Arrival> {
    return this.#bounded((ended) => this.#goto(url, ended), deadline, `loading ${url}`);
  }

  url(): Promise<string> {
    return this.dead
      ? Promise.reject(this.#death.signal.reason)
      : Promise.resolve(this.#requests.url);
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
    const work = async (ended: AbortSignal) => read(await this.#run(source, argument, ended));
    return this.#bounded(work, deadline, `asking the page ${this.#requests.url}`);
  }

  until(source: string, argument: unknown, deadline: Deadline): Promise<void> {
    const work = async (ended: AbortSignal) => {
      const wait = { argument, within: ONE_WAIT };
      while (await this.#run(scripts.untilTrue(source), wait, ended) !== true);
    };
    return this.#bounded(work, deadline, `waiting for the page ${this.#requests.url}`);
  }

  scrollToEnd(deadline: Deadline): Promise<void> {
    return this.evaluate(scripts.scrollToEnd, null, () => undefined, deadline);
  }

  click(selector: string, index: number, deadline: Deadline): Promise<void> {
    const work = async (ended: AbortSignal) => {
      const which = { selector, index };
      const found = await this.#run(scripts.findForClick, which, ended);
      if (found === null) {
        throw new BrowserFault("page", `there is no element ${selector} number ${index}`);
      }
      const { x, y } = fields(found);
      if (typeof x === "number" && typeof y === "number") await this.#page.click(x, y);
      else await this.#run(scripts.clickByScript, which, ended);
    };
    return this.#bounded(work, deadline, `clicking ${selector} in ${this.#requests.url}`);
  }

  onResponse(listener: (response: TabResponse) => void): void {
    this.#requests.onResponse((response) => {
      if (this.dead) return;
      const deadline = { within: BODY_WITHIN, signal: this.#death.signal };
      const text = () =>
        this.#bounded(() => response.text(), deadline, `reading the answer of ${response.url}`);
      listener({ ...response, text });
    });
  }

  async close(): Promise<void> {
    const wasDead = this.dead;
    this.die("the tab was closed");
    if (wasDead) return;
    const signal = new AbortController().signal;
    try {
      await bounded(() => this.#page.close(), { within: 1000, signal }, signal, "closing a tab");
    } catch (error) {
      // A tab that does not close ends with its browser.
      if (!(error instanceof BrowserFault)) throw error;
    }
  }

  #bounded<T>(
    work: (ended: AbortSignal) => Promise<T>,
    deadline: Deadline,
    doing: string,
  ): Promise<T> {
    return bounded(work, deadline, this.#death.signal, doing);
  }

  async #goto(url: string, ended: AbortSignal): Promise<Arrival> {
    const session = this.#page.session;
    const failed = text(await session.send("Page.navigate", { url }), "errorText");
    // For an error status without a body Chromium shows a page of its own.
    if (failed !== "" && failed !== "net::ERR_HTTP_RESPONSE_CODE_FAILURE") {
      throw new BrowserFault("navigation", `${url} could not be loaded: ${failed}`);
    }
    const parsed = (async () => {
      for (;;) {
        const seen = await this.#run(scripts.untilParsed, ONE_WAIT, ended);
        if (typeof seen === "number") return seen;
      }
    })();
    const broken = this.#requests.broken.promise.then((why) => {
      throw new BrowserFault("navigation", `${url} broke off on its way: ${why}`);
    });
    const now = await Promise.race([parsed, broken]);
    const at = this.#requests.url;
    const status = now || this.#requests.status;
    return { url: at.startsWith("chrome-error:") ? url : at, status };
  }

  /** Runs a function in the page, and again in the next document when the page navigates meanwhile. */
  async #run(source: string, argument: unknown, ended: AbortSignal): Promise<unknown> {
    const expression = scripts.call(source, argument);
    for (;;) {
      ended.throwIfAborted();
      const moved = this.#requests.moves;
      try {
        const { value, thrown } = fields(await this.#page.evaluate(expression));
        if (thrown === undefined) return value;
        throw new BrowserFault(
          "page",
          `a script in the page failed: ${String(thrown).slice(0, 500)}`,
        );
      } catch (error) {
        if (error instanceof BrowserFault || !isContextLost(error)) throw error;
      }
      // The old document may end a little before the new one starts.
      for (let wait = 0; wait < 50 && moved === this.#requests.moves; wait++) await delay(20);
    }
  }

  /**
   * Checks that the page answers, and ends its renderer when it does not: a script that never ends has
   * no other sign. While another document is on its way a page does not answer either, which does not
   * count.
   */
  async #watchPulse(beat: number): Promise<void> {
    let missed = 0;
    let asked = false;
    const answered = () => void (asked = false);
    const { signal } = this.#death;
    while (!signal.aborted) {
      // Ignore the error: the next line looks at the signal.
      await delay(beat, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      missed = asked && !this.#requests.documentOnItsWay ? missed + 1 : 0;
      if (missed >= MOST_MISSED) {
        // Ignore the answer: the renderer is gone, now or already.
        this.#page.session.send("Page.crash").catch(answered);
        this.die("a script of the page did not end, so that the page was closed", "hung");
      } else if (!asked) {
        asked = true;
        // An error is an answer too.
        this.#page.evaluate("0").then(answered, answered);
      }
    }
  }
}

/**
 * Waits for work on a browser until it ends, its deadline passes, its signal fires or the tab dies.
 *
 * @param work Its signal fires once nobody waits for it any longer.
 * @param death Fires with a {@link BrowserFault} when the tab or the browser dies.
 * @param doing For the message: `loading https://…`.
 * @throws {BrowserFault} For everything but the signal's reason and a `Failure`.
 */
export async function bounded<T>(
  work: (ended: AbortSignal) => Promise<T>,
  deadline: Deadline,
  death: AbortSignal,
  doing: string,
): Promise<T> {
  deadline.signal.throwIfAborted();
  death.throwIfAborted();
  const { promise: gaveUp, reject } = Promise.withResolvers<never>();
  const stopped = () => reject(deadline.signal.reason);
  const died = () => reject(death.reason);
  deadline.signal.addEventListener("abort", stopped);
  death.addEventListener("abort", died);
  const ended = new AbortController();
  const timer = setTimeout(
    () => reject(new BrowserFault("timeout", `${doing} took longer than ${deadline.within} ms`)),
    deadline.within,
  );
  try {
    return await Promise.race([work(ended.signal), gaveUp]);
  } catch (error) {
    if (error instanceof BrowserFault || error instanceof Failure) throw error;
    if (deadline.signal.aborted) throw error;
    // The driver often fails before its event for the tab's end arrives.
    await delay(0);
    if (death.aborted) throw death.reason;
    const said = reason(error);
    const gone = /target closed|session closed|connection closed|detached|crashed/i.test(said);
    throw new BrowserFault(gone ? "tab-dead" : "page", `${doing} failed: ${said}`);
  } finally {
    clearTimeout(timer);
    ended.abort();
    deadline.signal.removeEventListener("abort", stopped);
    death.removeEventListener("abort", died);
  }
}

/** Whether a script ended because its document was replaced. */
function isContextLost(error: unknown): boolean {
  return error instanceof Error &&
    /context was destroyed|Cannot find context|navigated or closed|context with specified id|Promise was collected|gave no result/i
      .test(error.message);
}
