/**
 * What a driver has to give, so that `tab.ts` and `fenced_browser.ts` are written once. Each driver
 * fills this in with its library's own browser and page.
 *
 * @module
 */

import type { TabResponse } from "./browser.ts";

/** A browser as a driver is connected to it. */
export interface Driver {
  /** The raw conversation with the browser itself. */
  readonly session: Session;
  /** Opens an empty page that answers dialogs by itself. */
  open(events: PageEvents): Promise<DriverPage>;
  /** Closes the connection. Never rejects. */
  disconnect(): Promise<void>;
}

/** A page. What it does has no deadline; `tab.ts` sets one. */
export interface DriverPage {
  /** Where it is. */
  readonly url: string;
  /**
   * Goes to a URL.
   *
   * @returns The status once the document has taken over the page; 0 where it has none.
   * @throws {Error} With Chromium's `net::ERR_…` when there is no document.
   */
  goto(url: string): Promise<number>;
  /**
   * Evaluates an expression in the page, waits for its promise and gives its JSON value.
   *
   * @throws {Error} Also when the page moves on meanwhile.
   */
  evaluate(expression: string): Promise<unknown>;
  /** Clicks at a point of the window. */
  click(x: number, y: number): Promise<void>;
  /** Ends the renderer, which may be hanging. */
  crash(): Promise<void>;
  /** Closes the page. */
  close(): Promise<void>;
}

/** What a page tells of itself while it lives. */
export interface PageEvents {
  /** A request was sent; `document` says whether it is for the main frame's document. */
  sent(id: string, kind: RequestKind, document: boolean): void;
  /** The head of its answer is there. */
  answered(id: string): void;
  /** It ended: with a response that can be read, or early for a reason, or with neither. */
  ended(id: string, end?: TabResponse | string): void;
  /** The main frame has a new document. */
  moved(): void;
  /** The page crashed or was closed. */
  gone(why: string): void;
}

/** The kinds of requests that matter to us. */
export type RequestKind = "document" | "script" | "data" | "other";

/** A raw conversation in the Chrome DevTools Protocol. */
export interface Session {
  /** Sends a command; rejects when the browser answers with an error or the conversation is over. */
  send(method: string, params?: Fields): Promise<Fields>;
  /** Calls `heard` with the parameters of every event of a name. */
  on(event: string, heard: (params: Fields) => void): void;
}

/** How a driver reaches a browser. */
export interface Endpoint {
  /** The pipe that only we hold. */
  readonly pipe: MessagePipe;
  /** The profile folder, where a browser writes on which port it listens. */
  readonly profile: string;
}

/** A two-way pipe of JSON texts. */
export interface MessagePipe {
  /** Sends one text. */
  send(message: string): void;
  /** Is called with every text that comes. */
  onmessage?: (message: string) => void;
  /** Is called once when the other side is gone. */
  onclose?: () => void;
  /** Closes it. */
  close(): void;
}

/** A JSON object from the browser, whose fields are not checked yet. */
export type Fields = Readonly<Record<string, unknown>>;

/** The value as an object with fields; an empty one when it is something else. */
export function fields(value: unknown): Fields {
  return isFields(value) ? value : {};
}

/** A field that is text, or `""`. */
export function text(of: Fields, name: string): string {
  const value = of[name];
  return typeof value === "string" ? value : "";
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}
