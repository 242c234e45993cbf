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

/** One tab. Every method rejects when its deadline passes, the signal fires or the tab dies. */
export interface Tab {
  /** Goes to a URL and waits until the document is parsed. */
  goto(url: string, deadline: Deadline): Promise<Arrival>;
  /** Where the tab is. */
  url(): Promise<string>;
  /** The document's HTML as it stands. */
  html(deadline: Deadline): Promise<string>;
  /** Runs a function's source with one JSON argument in the page and gives its JSON result. */
  evaluate<R>(
    source: string,
    argument: unknown,
    read: (value: unknown) => R,
    deadline: Deadline,
  ): Promise<R>;
  /** Waits until a function's source, given one JSON argument, is true in the page. */
  until(source: string, argument: unknown, deadline: Deadline): Promise<void>;
  /** Scrolls to the end of the page by real wheel or script scrolling. */
  scrollToEnd(deadline: Deadline): Promise<void>;
  /** Clicks the element a selector names (its `index`-th match). */
  click(selector: string, index: number, deadline: Deadline): Promise<void>;
  /** Calls `heard` for every finished response of a kind worth reading, until the tab closes. */
  onResponse(heard: (response: TabResponse) => void): void;
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

/** One browser process. */
export interface Browser {
  /** Opens a tab that may reach only the hosts for which `mayReach` says so. */
  open(deadline: Deadline): Promise<Tab>;
  /** The version, such as `Chrome/156.0.8078.79`. */
  readonly version: string;
  /** Whether the process is gone. */
  readonly dead: boolean;
  /** Ends the process and removes its profile. Never rejects. */
  close(): Promise<void>;
}
