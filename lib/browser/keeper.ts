/**
 * One browser for a run, started when it is first needed, renewed after a crash and every so many
 * tabs, so that its memory stays bounded.
 *
 * @module
 */

import { abortable } from "@std/async";
import { type Browser, BrowserFault, type Cookie, type Deadline, type Tab } from "./browser.ts";

/** How the browsers of a run are kept. */
export interface KeeperOptions {
  /**
   * Starts a browser; usually `(signal) => startBrowser({ …, signal })`. It is called once for all
   * who wait, and again when a start failed or the browser is to be renewed.
   */
  start(signal: AbortSignal): Promise<Browser>;
  /** After how many tabs a browser is renewed; 50 unless given. */
  readonly tabsEach?: number;
}

/** Keeps a browser going and hands out its tabs. */
export class BrowserKeeper {
  readonly #options: KeeperOptions;
  readonly #closed = new AbortController();
  /** Every browser that may still run. */
  readonly #browsers = new Set<Browser>();
  #current: Promise<Kept> | undefined;
  /** The session as it was last seen, when a tab was opened: it goes on in the next browser. */
  #cookies: readonly Cookie[] = [];

  /** Makes a keeper; no browser is started yet. */
  constructor(options: KeeperOptions) {
    this.#options = options;
  }

  /**
   * Opens a tab, in a new browser when the present one is gone or has had its share of tabs. The old
   * one ends when the last of its tabs is closed. Close the tab when the job is done.
   *
   * @param deadline Its `within` holds for the tab alone: the start of a browser has its own.
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
      // Others may have noticed first; then there is a new one already.
      if (this.#current === current) this.#current = this.#start(kept.browser);
    }
  }

  /** Ends every browser. Never rejects; safe to call twice. */
  async close(): Promise<void> {
    this.#closed.abort(new DOMException("The browser was closed", "AbortError"));
    // A start that is still under way is ended by the signal, and whoever waits for it hears why.
    await Promise.allSettled([this.#current]);
    await Promise.all([...this.#browsers].map((browser) => browser.close()));
    this.#browsers.clear();
  }

  async #remember(browser: Browser): Promise<void> {
    try {
      this.#cookies = await browser.cookies();
    } catch (error) {
      // It is going down: what was remembered before has to do.
      if (!(error instanceof BrowserFault)) throw error;
    }
  }

  /** Starts a browser, after the one it takes the place of, if any, has handed on its session. */
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

/** A browser and how many tabs it was asked for. */
interface Kept {
  readonly browser: Browser;
  tabs: number;
}
