/**
 * What a driver has to give: sessions of the browser's own protocol, and tabs to have them with.
 * Everything else is written once, in `tab.ts` and `driven.ts`, so that two drivers can hardly differ.
 *
 * @module
 */

/** One conversation in the Chrome DevTools Protocol, with the browser or with one tab. */
export interface Session {
  /**
   * Sends a command and gives its result.
   *
   * @throws {Error} When the browser answers with an error or the conversation is over.
   */
  send(method: string, params?: Readonly<Record<string, unknown>>): Promise<Fields>;
  /** Calls `heard` with the parameters of every event of a name. */
  on(event: string, heard: (params: Fields) => void): void;
}

/** A tab as the driver opened it. */
export interface DriverTab {
  /** The tab's id in the protocol: its target and its main frame. */
  readonly target: string;
  /** The conversation with it. */
  readonly session: Session;
}

/** A browser as the driver is connected to it. */
export interface Driver {
  /** The conversation with the browser itself. */
  readonly session: Session;
  /** Opens an empty tab. */
  open(): Promise<DriverTab>;
  /** Lets go of the connection. Never rejects. */
  disconnect(): Promise<void>;
}

/** What a driver connects by. */
export interface Endpoint {
  /** The browser's messages, one JSON text each, over the pipe that only we hold. */
  readonly pipe: MessagePipe;
  /** The profile folder, where a browser that was started with a port writes which it took. */
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
  /** Ends it. */
  close(): void;
}

/** A JSON object from the browser, whose fields are yet to be looked at. */
export type Fields = Readonly<Record<string, unknown>>;

/** The value as an object with fields; one without any when it is something else. */
export function fields(value: unknown): Fields {
  return isFields(value) ? value : {};
}

/** A field that is text, or `""`. */
export function text(of: Fields, name: string): string {
  const value = of[name];
  return typeof value === "string" ? value : "";
}

/** A field that is a number, or 0. */
export function number(of: Fields, name: string): number {
  const value = of[name];
  return typeof value === "number" ? value : 0;
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}
