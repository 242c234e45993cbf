/**
 * What a driver provides, so that `tab.ts` and `fenced_browser.ts` are written once for all browser
 * libraries.
 *
 * @module
 */

import type { TabResponse } from "./browser.ts";

export interface Driver {
  readonly session: Session;
  /** Opens an empty page that answers dialogs by itself. */
  open(events: PageEvents): Promise<DriverPage>;
  /** Never rejects. */
  disconnect(): Promise<void>;
}

/** A page. Its methods have no deadline; `tab.ts` sets one. */
export interface DriverPage {
  readonly url: string;
  /**
   * Gives the status (0 if unknown) when the new document has replaced the old one.
   *
   * @throws {Error} With Chromium's `net::ERR_…` when there is no document.
   */
  goto(url: string): Promise<number>;
  /** Evaluates an expression, waits for its promise and gives its JSON value. */
  evaluate(expression: string): Promise<unknown>;
  click(x: number, y: number): Promise<void>;
  /** Ends the renderer, even one that hangs. */
  crash(): Promise<void>;
  close(): Promise<void>;
}

/** What a driver reports about a page. */
export interface PageEvents {
  /** A request was sent; `document` says whether it is for the main frame's document. */
  sent(id: string, url: string, kind: RequestKind, document: boolean): void;
  /** Its response headers have arrived. */
  answered(id: string, status: number): void;
  /** It ended: with a response, with the text of an error, or with neither. */
  ended(id: string, end?: TabResponse | string): void;
  /** The main frame has a new document. */
  moved(): void;
  gone(why: string): void;
}

export type RequestKind = "document" | "script" | "data" | "other";

export interface Session {
  send(method: string, params?: Fields): Promise<Fields>;
  /** Calls `listener` with the parameters of every such event. */
  on(event: string, listener: (params: Fields) => void): void;
}

export interface Endpoint {
  readonly pipe: MessagePipe;
  /** The profile folder, where Chromium writes its port. */
  readonly profile: string;
}

export interface MessagePipe {
  send(message: string): void;
  onmessage?: (message: string) => void;
  onclose?: () => void;
  close(): void;
}

/** A JSON object from the browser, whose fields are not checked yet. */
export type Fields = Readonly<Record<string, unknown>>;

/** The value as an object with fields; an empty one when it is something else. */
export function fields(value: unknown): Fields {
  return isFields(value) ? value : {};
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}

/** A field that is text, or `""`. */
export function text(of: Fields, name: string): string {
  const value = of[name];
  return typeof value === "string" ? value : "";
}
