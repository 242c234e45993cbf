/**
 * One browser for a run, started when it is first needed, and replaced after a crash and after so many
 * tabs, so that its memory stays bounded.
 *
 * @module
 */

import { abortable } from "@std/async";
import { type Browser, BrowserFault, type Cookie, type Deadline, type Tab } from "./browser.ts";

/** How the browsers of a run are kept. */
export interface KeeperOptions {
  /**
   * Starts a browser; usually `(signal) => startBrowser({ …, signal })`. Called once for all who wait,
   * and again after a failed start or when the browser is replaced.
   */
  start(signal: AbortSignal): Promise<Browser>;
  /** After how many tabs a browser is replaced; 50 unless given. */
  readonly tabsEach?: number;
}

/** Keeps a browser running and hands out its tabs. */
export class BrowserKeeper {
  readonly #options: KeeperOptions;
  readonly #closed = new AbortController();
  /** Every browser that may still run. */
  readonly #browsers = new Set<Browser>();
  #current: Promise<Kept> | undefined;
  /** The session as of the last tab, for the next browser. */
  #cookies: readonly Cookie[] = [];

  /** Makes a keeper; no browser is started yet. */
  constructor(options: KeeperOptions) {
    this.#options = options;
  }

  /**
   * Opens a tab, in a new browser when the current one is dead or has had its share of tabs; the old
   * one ends with its last tab. Close the tab when done.
   *
   * @param deadline Its `within` holds for the tab only: the start of a browser has its own.
   * @throws {Failure} When no browser can be started.
   * @throws {BrowserFault} When the tab does not open.
   */
  async tab(deadline: Deadline): Promise<Tab> {
    for (;;) {
      this.#closed.signal.throwIfAborted();
      deadline.signal.throwIfAborted();
      const current = this.#current ??= this.#start();
      const kept = await abortable(current, deadline.signal);
      if (!kept.browser.dead && kept.tabs < (this.#options.tabsEach ?? 50)) {
        kept.tabs += 1;
        await this.#remember(kept.browser);
        return await kept.browser.open(deadline);
      }
      // Unless another caller has replaced it already.
      if (this.#current === current) this.#current = this.#start(kept.browser);
    }
  }

  /** Closes every browser. Never rejects; safe to call twice. */
  async close(): Promise<void> {
    this.#closed.abort(new DOMException("The browser was closed", "AbortError"));
    // The signal ends a start that is still running; its callers get the reason.
    await Promise.allSettled([this.#current]);
    await Promise.all([...this.#browsers].map((browser) => browser.close()));
    this.#browsers.clear();
  }

  async #remember(browser: Browser): Promise<void> {
    try {
      this.#cookies = await browser.cookies();
    } catch (error) {
      // It is ending: the cookies remembered before have to do.
      if (!(error instanceof BrowserFault)) throw error;
    }
  }

  /** Starts a browser with the session of the one it replaces. */
  async #start(before?: Browser): Promise<Kept> {
    try {
      if (before?.dead === false) {
        await this.#remember(before);
        before.retire();
      }
      const browser = await this.#options.start(this.#closed.signal);
      for (const old of this.#browsers) if (old.dead) this.#browsers.delete(old);
      this.#browsers.add(browser);
      if (this.#cookies.length > 0) await browser.takeCookies(this.#cookies);
      return { browser, tabs: 0 };
    } catch (error) {
      this.#current = undefined;
      throw error;
    }
  }
}

interface Kept {
  readonly browser: Browser;
  /** How many tabs it was asked for. */
  tabs: number;
}
