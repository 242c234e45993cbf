/**
 * The browser as the sources see it: small enough that two drivers can hardly differ.
 *
 * @module
 */

/** A response a tab received, whose body can be read once it is complete. */
export interface TabResponse {
  /** The URL that answered. */
  readonly url: string;
  /** The status. */
  readonly status: number;
  /** The `Content-Type`, in lower case, without parameters. */
  readonly type: string;
  /** The body as text. Rejects when the browser has let go of it. */
  text(): Promise<string>;
}

/** What a navigation came to. */
export interface Arrival {
  /** Where the tab is now. */
  readonly url: string;
  /** The status of the document, 0 where the driver does not know it. */
  readonly status: number;
}

/**
 * One tab. Every method rejects when its deadline passes or the tab dies (with a {@link BrowserFault}, whose `kind` says which) and when the signal fires (with its reason). Dialogs are
 * dismissed, popups closed and downloads denied without anybody being asked.
 */
export interface Tab {
  /**
   * Goes to a URL and waits until the document is parsed, or is here and held up for too long by a
   * script or a style that does not come. An error status is an arrival too; what
   * gives no document at all (no connection, a blocked host, a download) is a fault of the kind
   * `navigation`.
   */
  goto(url: string, deadline: Deadline): Promise<Arrival>;
  /** Where the tab is. */
  url(): Promise<string>;
  /** The document's HTML as it stands. */
  html(deadline: Deadline): Promise<string>;
  /**
   * Runs a function's source with one JSON argument in the page and gives its JSON result. The
   * function may be asynchronous. When the page moves on meanwhile, it is run again in the next
   * document. What it throws is a fault of the kind `page`.
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
   * Waits until a function's source, given one JSON argument, is true in the page. It is looked at
   * on every change of the document and ten times a second.
   */
  until(source: string, argument: unknown, deadline: Deadline): Promise<void>;
  /** Scrolls to the end of the page by real wheel or script scrolling. */
  scrollToEnd(deadline: Deadline): Promise<void>;
  /**
   * Clicks the element a selector names (its `index`-th match, from 0): with the mouse, or by script
   * when something lies above it. None there is a fault of the kind `page`, at once.
   */
  click(selector: string, index: number, deadline: Deadline): Promise<void>;
  /**
   * Calls `heard` for every finished response of a kind worth reading (documents, `fetch`, XHR),
   * until the tab closes.
   */
  onResponse(heard: (response: TabResponse) => void): void;
  /** How many requests of the document and its scripts are under way. */
  readonly loading: number;
  /** Whether the tab is dead: crashed or closed. */
  readonly dead: boolean;
  /** Closes the tab. Never rejects. */
  close(): Promise<void>;
}

/** When an await on the browser ends at the latest. */
export interface Deadline {
  /** In milliseconds from now. */
  readonly within: number;
  /** Ends it at once. */
  readonly signal: AbortSignal;
}

/** A cookie, in the browser's own words; it is handed on and never looked into. */
export type Cookie = Readonly<Record<string, unknown>>;

/** One browser process. */
export interface Browser {
  /** Opens a tab. */
  open(deadline: Deadline): Promise<Tab>;
  /** The version, such as `Chrome/156.0.8078.79`. */
  readonly version: string;
  /** Whether the process is gone. */
  readonly dead: boolean;
  /** The cookies of all sites: the session, to go on with in another browser. */
  cookies(): Promise<readonly Cookie[]>;
  /** Takes over another browser's cookies. */
  takeCookies(cookies: readonly Cookie[]): Promise<void>;
  /** Lets the browser end by itself as soon as its last tab is closed. */
  retire(): void;
  /** Ends the process and removes its profile, within two seconds. Never rejects. */
  close(): Promise<void>;
}

/**
 * `timeout` the deadline passed; `tab-dead` the tab crashed or was closed; `browser-dead` the whole
 * browser is gone; `hung` a script of the page did not end, and its tab is gone; `navigation` the
 * page could not be loaded; `page` the page's own script, or what was asked of the page, failed.
 */
export type FaultKind = "timeout" | "tab-dead" | "browser-dead" | "hung" | "navigation" | "page";

/** Something a tab or a browser could not do. All but `page` are worth a try in a new tab. */
export class BrowserFault extends Error {
  /** Always `"BrowserFault"`. */
  override readonly name = "BrowserFault";
  /** What kind of thing went wrong. */
  readonly kind: FaultKind;

  /**
   * Makes one.
   *
   * @param kind What kind of thing went wrong.
   * @param message What was being done and what happened, for use inside a sentence.
   */
  constructor(kind: FaultKind, message: string) {
    super(message);
    this.kind = kind;
  }
}
