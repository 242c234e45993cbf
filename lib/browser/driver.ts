/**
 * What a driver provides, so that `tab.ts` and `fenced_browser.ts` are written once for all browser
 * libraries.
 *
 * @module
 */

export interface Driver {
  /** Of the browser as a whole. */
  readonly session: Session;
  /** Opens an empty page. */
  open(): Promise<DriverPage>;
  /** Never rejects. */
  disconnect(): Promise<void>;
}

/** A page. Its methods have no deadline; `tab.ts` sets one. */
export interface DriverPage {
  /** Of the page alone. */
  readonly session: Session;
  /** Evaluates an expression, waits for its promise and gives its JSON value. */
  evaluate(expression: string): Promise<unknown>;
  click(x: number, y: number): Promise<void>;
  close(): Promise<void>;
}

/** Chromium's own protocol, of which each library knows all. */
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
