/**
 * One connection: read piece by piece, written whole, closed without complaint.
 *
 * @module
 */

const DECODER = new TextDecoder();
const MAX_HEAD = 64 * 1024;
const MAX_BODY = 1024 * 1024;

/** Reads one connection piece by piece. */
export class ConnectionReader {
  readonly #connection: Deno.Conn;
  #kept: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  #reading: Promise<boolean> | undefined;
  #hungUp: Promise<void> | undefined;

  /** Reads from a connection. */
  constructor(connection: Deno.Conn) {
    this.#connection = connection;
  }

  /** The head of the next message, up to the blank line, or nothing when the client is gone. */
  async head(): Promise<string | undefined> {
    for (;;) {
      const end = blankLine(this.#kept);
      if (end >= 0) {
        const head = DECODER.decode(this.#kept.subarray(0, end));
        this.#kept = this.#kept.slice(end + 4);
        return head;
      }
      if (this.#kept.length > MAX_HEAD || !await this.#more()) return undefined;
    }
  }

  /** So many bytes of body as text. */
  async body(length: number): Promise<string> {
    while (this.#kept.length < Math.min(length, MAX_BODY)) if (!await this.#more()) break;
    const text = DECODER.decode(this.#kept.subarray(0, length));
    this.#kept = this.#kept.slice(length);
    return text;
  }

  /** What was read and not yet used: after `CONNECT` it belongs to the tunnel. */
  rest(): Uint8Array<ArrayBuffer> {
    return this.#kept;
  }

  /** Reads on, for whoever asks next, and ends when the client hangs up. */
  hungUp(): Promise<void> {
    return this.#hungUp ??= this.#readOn();
  }

  async #readOn(): Promise<void> {
    try {
      while (await this.#more());
    } catch (thrown) {
      if (!isClientGone(thrown)) throw thrown;
    }
  }

  /** One read at a time, whoever asks. */
  #more(): Promise<boolean> {
    return this.#reading ??= this.#read().finally(() => this.#reading = undefined);
  }

  async #read(): Promise<boolean> {
    const piece = new Uint8Array(16 * 1024);
    const count = await this.#connection.read(piece);
    if (count === null) return false;
    const joined = new Uint8Array(this.#kept.length + count);
    joined.set(this.#kept);
    joined.set(piece.subarray(0, count), this.#kept.length);
    this.#kept = joined;
    return true;
  }
}

/** The request line and headers of a head. */
export interface Head {
  /** `GET`, `CONNECT` … */
  readonly method: string;
  /** What stands between method and version. */
  readonly target: string;
  /** Header names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
}

/**
 * Takes a request's head apart.
 *
 * @param text Request line and header lines.
 * @returns The parts.
 */
export function parseHead(text: string): Head {
  const [first = "", ...lines] = text.split("\r\n");
  const [method = "", target = ""] = first.split(" ");
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    if (colon > 0) headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  return { method, target, headers };
}

/**
 * Writes every byte: a single write may take only some of them.
 *
 * @param connection Where to.
 * @param bytes What.
 */
export async function writeAll(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
  let sent = 0;
  while (sent < bytes.length) sent += await connection.write(bytes.subarray(sent));
}

/**
 * Whether an error only says that the other side, or we ourselves, closed the connection: what
 * clients do all the time and no fault of the world.
 *
 * @param thrown What was caught.
 */
export function isClientGone(thrown: unknown): boolean {
  return thrown instanceof Deno.errors.BadResource || thrown instanceof Deno.errors.BrokenPipe ||
    thrown instanceof Deno.errors.ConnectionReset ||
    thrown instanceof Deno.errors.ConnectionAborted ||
    thrown instanceof Deno.errors.Interrupted || thrown instanceof Deno.errors.UnexpectedEof ||
    thrown instanceof Deno.errors.InvalidData || thrown instanceof Deno.errors.NotConnected ||
    (thrown instanceof Error && thrown.name === "Http");
}

/**
 * Closes a connection that may be closed already.
 *
 * @param connection The connection.
 */
export function closeQuietly(connection: { close(): void }): void {
  try {
    connection.close();
  } catch (thrown) {
    if (!(thrown instanceof Deno.errors.BadResource)) throw thrown;
  }
}

function blankLine(bytes: Uint8Array): number {
  for (let index = 0; index + 3 < bytes.length; index++) {
    if (
      bytes[index] === 13 && bytes[index + 1] === 10 && bytes[index + 2] === 13 &&
      bytes[index + 3] === 10
    ) return index;
  }
  return -1;
}
