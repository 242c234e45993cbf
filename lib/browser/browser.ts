/**
 * The browser as the sources see it.
 *
 * @module
 */

/** A complete response that a tab received, or the request that broke off without one. */
export interface TabResponse {
  /** The URL that answered, or did not. */
  readonly url: string;
  /** The HTTP status; 0 where the request broke off. */
  readonly status: number;
  /** The `Content-Type`, in lower case, without parameters. */
  readonly type: string;
  /** The body. Rejects when the browser no longer holds it. */
  text(): Promise<string>;
}

/** Where a navigation ended. */
export interface Arrival {
  /** The tab's URL. */
  readonly url: string;
  /** The status of the document, 0 where the driver does not know it. */
  readonly status: number;
}

/**
 * One tab. Every method rejects when its deadline passes or the tab dies (with a {@link BrowserFault})
 * and when the signal fires (with its reason). Dialogs are dismissed, popups closed and downloads
 * denied.
 */
export interface Tab {
  /**
   * Goes to a URL and waits until the document is parsed, or has arrived and waits too long for a
   * script or a style. An error status is an arrival too; no document at all (no connection, a blocked
   * host, a download) is a fault of the kind `navigation`.
   */
  goto(url: string, deadline: Deadline): Promise<Arrival>;
  /** The tab's URL. */
  url(): Promise<string>;
  /** The document's HTML as it is now. */
  html(deadline: Deadline): Promise<string>;
  /**
   * Runs a function's source with one JSON argument in the page and gives its JSON result. The
   * function may be asynchronous. When the page navigates meanwhile, it runs again in the next
   * document. An exception is a fault of the kind `page`.
   *
   * @example
   * ```ts
   * import type { Deadline, Tab } from "./browser.ts";
   *
   * function countCards(tab: Tab, deadline: Deadline): Promise<number> {
   *   const count = "(selector) => document.querySelectorAll(selector).length";
   *   return tab.evaluate(count, "[data-docid]", Number, deadline);
   * }
   * ```
   */
  evaluate<R>(
    source: string,
    argument: unknown,
    read: (value: unknown) => R,
    deadline: Deadline,
  ): Promise<R>;
  /**
   * Waits until a function's source, called with one JSON argument, returns true in the page. It is
   * checked on every change of the document and ten times a second.
   */
  until(source: string, argument: unknown, deadline: Deadline): Promise<void>;
  /** Scrolls to the end of the page. */
  scrollToEnd(deadline: Deadline): Promise<void>;
  /**
   * Clicks the `index`-th match (from 0) of a selector with the mouse, or by script when something
   * covers it. No such element is a fault of the kind `page`, at once.
   */
  click(selector: string, index: number, deadline: Deadline): Promise<void>;
  /** Calls `listener` for every document, `fetch` and XHR that is finished or broke off. */
  onResponse(listener: (response: TabResponse) => void): void;
  /** How many requests of the document and its scripts are running. */
  readonly loading: number;
  /** Whether it has crashed or was closed. */
  readonly dead: boolean;
  /** Never rejects. */
  close(): Promise<void>;
}

/** When waiting for the browser ends. */
export interface Deadline {
  /** In milliseconds from now. */
  readonly within: number;
  /** Ends it at once. */
  readonly signal: AbortSignal;
}

/** A cookie as the browser gives it; we only pass it on. */
export type Cookie = Readonly<Record<string, unknown>>;

/** One browser process. */
export interface Browser {
  /** Opens a tab. */
  open(deadline: Deadline): Promise<Tab>;
  /** Whether the process has ended. */
  readonly dead: boolean;
  /** The cookies of all sites, to continue the session in another browser. */
  cookies(): Promise<readonly Cookie[]>;
  /** Continues the session of another browser. */
  takeCookies(cookies: readonly Cookie[]): Promise<void>;
  /** Closes the browser as soon as its last tab is closed. */
  retire(): void;
  /** Ends the process and removes its profile, within two seconds. Never rejects. */
  close(): Promise<void>;
}

/**
 * `timeout` the deadline passed; `tab-dead` the tab crashed or was closed; `browser-dead` the browser
 * has ended; `hung` a script of the page did not end, and its tab was closed; `navigation` the page
 * could not be loaded; `page` a script in the page failed.
 */
export type FaultKind = "timeout" | "tab-dead" | "browser-dead" | "hung" | "navigation" | "page";

/**
 * Something a tab or a browser could not do, with a message for use inside a sentence. All kinds but
 * `page` are worth a retry in a new tab.
 */
export class BrowserFault extends Error {
  /** Always `"BrowserFault"`. */
  override readonly name = "BrowserFault";
  /** What went wrong. */
  readonly kind: FaultKind;

  /** Makes a fault. */
  constructor(kind: FaultKind, message: string) {
    super(message);
    this.kind = kind;
  }
}
