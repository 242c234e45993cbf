/**
 * One browser, over any driver.
 *
 * @module
 */

import { bounded } from "./bounded.ts";
import { type Browser, BrowserFault, type Cookie, type Deadline, type Tab } from "./browser.ts";
import type { ChromiumProcess } from "./chromium_process.ts";
import { type FenceRules, putUpFence } from "./fence.ts";
import type { Profile } from "./profile.ts";
import { type Driver, type Fields, fields, text } from "./protocol.ts";
import { ProtocolTab, type TabOwner } from "./tab.ts";

/** How long the browser may take to end by itself before it is killed, in milliseconds. */
const patience = 700;

/** A browser that is steered by protocol commands alone. */
export class DrivenBrowser implements Browser, TabOwner {
  readonly version: string;
  readonly #driver: Driver;
  readonly #process: ChromiumProcess;
  readonly #profile: Profile;
  readonly #death = new AbortController();
  readonly #tabs = new Map<string, ProtocolTab>();
  #opening = 0;
  #retired = false;
  #closing: Promise<void> | undefined;

  private constructor(driver: Driver, process: ChromiumProcess, profile: Profile) {
    this.#driver = driver;
    this.#process = process;
    this.#profile = profile;
    this.version = process.version;
    process.ended.then(() => this.close());
  }

  /**
   * Makes a started browser ready: fenced in, without downloads, popups and prompts.
   *
   * @throws {Error} When the browser does not answer.
   */
  static async prepare(
    driver: Driver,
    process: ChromiumProcess,
    profile: Profile,
    rules: FenceRules,
  ): Promise<DrivenBrowser> {
    const browser = new DrivenBrowser(driver, process, profile);
    const { session } = driver;
    session.on("Target.targetCreated", (event) => browser.#onTarget(fields(event["targetInfo"])));
    session.on("Target.targetDestroyed", (event) => {
      browser.#lose(text(event, "targetId"), "the tab was closed");
    });
    session.on("Target.targetCrashed", (event) => {
      browser.#lose(text(event, "targetId"), "the tab crashed");
    });
    await putUpFence(session, rules);
    await session.send("Browser.setDownloadBehavior", { behavior: "deny" });
    await session.send("Target.setDiscoverTargets", { discover: true });
    return browser;
  }

  get dead(): boolean {
    return this.#death.signal.aborted;
  }

  async open(deadline: Deadline): Promise<Tab> {
    return await bounded(
      (ended) => this.#open(ended),
      deadline,
      this.#death.signal,
      "opening a tab",
    );
  }

  async #open(ended: AbortSignal): Promise<Tab> {
    this.#opening += 1;
    try {
      const driverTab = await this.#driver.open();
      const tab = await ProtocolTab.prepare(driverTab, this);
      this.#tabs.set(driverTab.target, tab);
      if (ended.aborted) await tab.close();
      return tab;
    } finally {
      this.#opening -= 1;
      this.#closeWhenIdle();
    }
  }

  async closeTarget(target: string): Promise<void> {
    this.#tabs.delete(target);
    if (this.dead || this.#closeWhenIdle()) return;
    try {
      await bounded(
        () => this.#driver.session.send("Target.closeTarget", { targetId: target }),
        { within: 1000, signal: this.#death.signal },
        this.#death.signal,
        "closing a tab",
      );
    } catch (error) {
      // A tab that does not close, or is closed already, goes with its browser at the latest.
      if (!(error instanceof Error)) throw error;
    }
  }

  async cookies(): Promise<readonly Cookie[]> {
    const answer = await this.#ask("Storage.getCookies", {}, "reading the cookies");
    const list = answer["cookies"];
    return Array.isArray(list) ? list.map(fields) : [];
  }

  async takeCookies(cookies: readonly Cookie[]): Promise<void> {
    // Of what the browser tells of a cookie, only some may be told to another one.
    const told = cookies.map((
      { name, value, domain, path, secure, httpOnly, sameSite, expires },
    ) => ({
      ...{ name, value, domain, path, secure, httpOnly, sameSite },
      ...(typeof expires === "number" && expires > 0 ? { expires } : {}),
    }));
    await this.#ask("Storage.setCookies", { cookies: told }, "setting cookies");
  }

  #ask(method: string, params: Fields, doing: string): Promise<Fields> {
    return bounded(
      () => this.#driver.session.send(method, params),
      { within: 5000, signal: this.#death.signal },
      this.#death.signal,
      doing,
    );
  }

  retire(): void {
    this.#retired = true;
    this.#closeWhenIdle();
  }

  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  async #close(): Promise<void> {
    this.#death.abort(new BrowserFault("browser-dead", "the browser is gone"));
    for (const tab of this.#tabs.values()) tab.die("the browser is gone", "browser-dead");
    this.#tabs.clear();
    await this.#process.stop(patience);
    await this.#driver.disconnect();
    await this.#profile.remove();
  }

  #lose(target: string, why: string): void {
    this.#tabs.get(target)?.die(why);
    this.#tabs.delete(target);
    this.#closeWhenIdle();
  }

  /** Ends a browser that was retired and has nothing left to do. Gives whether it does. */
  #closeWhenIdle(): boolean {
    if (!this.#retired || this.#tabs.size > 0 || this.#opening > 0) return false;
    void this.close();
    return true;
  }

  /** Closes what a page opened by itself. */
  #onTarget(info: Readonly<Record<string, unknown>>): void {
    if (text(info, "type") === "page" && text(info, "openerId") !== "") {
      void this.closeTarget(text(info, "targetId"));
    }
  }
}
