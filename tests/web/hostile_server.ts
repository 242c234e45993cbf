/**
 * A server that treats each connection as its case says, byte by byte.
 *
 * @module
 */

/** One connection, as a case sees it. */
export class Peer {
  readonly #connection: Deno.Conn;
  readonly #server: HostileServer;
  /** The connections that came before this one. */
  readonly nth: number;
  #unread: string | undefined;
  /** Becomes true when the server stops or the client has gone. */
  gone = false;

  constructor(connection: Deno.Conn, server: HostileServer, nth: number) {
    this.#connection = connection;
    this.#server = server;
    this.nth = nth;
  }

  /** Gives a head back, for the next who asks for it. */
  unread(head: string): void {
    this.#unread = head;
  }

  /** Reads one request's head; empty when the client went away first. */
  async request(): Promise<string> {
    const unread = this.#unread;
    this.#unread = undefined;
    if (unread !== undefined) return unread;
    const decoder = new TextDecoder("latin1");
    const buffer = new Uint8Array(16_384);
    let head = "";
    while (!head.includes("\r\n\r\n")) {
      const count = await this.#connection.read(buffer).catch(() => null);
      if (count === null) {
        this.gone = true;
        return "";
      }
      head += decoder.decode(buffer.subarray(0, count), { stream: true });
    }
    // The tests' transport names the host in the request's line, as one does to a proxy.
    const plain = head.replace(/^(\S+) https?:\/\/[^/ ]*/, "$1 ");
    this.#server.requests.push(plain);
    return plain;
  }

  /** Sends text (Latin-1) or bytes; false when the client has gone. */
  async send(data: string | Uint8Array): Promise<boolean> {
    const bytes = typeof data === "string"
      ? Uint8Array.from(data, (character) => character.charCodeAt(0) & 0xff)
      : data;
    try {
      for (let at = 0; at < bytes.length && !this.gone;) {
        const count = await this.#connection.write(bytes.subarray(at, at + 65_536));
        at += count;
        this.#server.sent += count;
      }
    } catch {
      this.gone = true;
    }
    return !this.gone;
  }

  /** Waits, unless the client goes or the server stops first. */
  wait(milliseconds: number): Promise<void> {
    return this.#server.wait(milliseconds);
  }

  /** Says nothing until the client gives up. */
  async silence(): Promise<void> {
    const buffer = new Uint8Array(1024);
    while (!this.gone) {
      const count = await this.#connection.read(buffer).catch(() => null);
      if (count === null) this.gone = true;
    }
  }
}

export type Behaviour = (peer: Peer) => Promise<unknown>;

/** Listens on a port of its own on loopback. */
export class HostileServer implements AsyncDisposable {
  /** The heads of all requests, in order. */
  readonly requests: string[] = [];
  /** How many bytes the clients have taken. */
  sent = 0;
  connections = 0;
  readonly port: number;
  readonly #listener: Deno.Listener;
  readonly #open = new Set<Deno.Conn>();
  readonly #running: Promise<void>;
  readonly #stop = new AbortController();

  constructor(behaviour: Behaviour, tls?: { readonly cert: string; readonly key: string }) {
    const options = { hostname: "127.0.0.1", port: 0 };
    this.#listener = tls === undefined
      ? Deno.listen(options)
      : Deno.listenTls({ ...options, ...tls });
    if (this.#listener.addr.transport !== "tcp") throw new Error("not a TCP listener");
    this.port = this.#listener.addr.port;
    this.#running = this.#accept(behaviour);
  }

  /** Resolves after some time, or at once when the server stops. */
  async wait(milliseconds: number): Promise<void> {
    if (this.#stop.signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, milliseconds);
    this.#stop.signal.addEventListener("abort", () => resolve(), { once: true });
    await promise;
    clearTimeout(timer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    this.#listener.close();
    for (const connection of this.#open) connection.close();
    this.#open.clear();
    await this.#running;
  }

  async #accept(behaviour: Behaviour): Promise<void> {
    const serving: Promise<void>[] = [];
    try {
      for (;;) {
        const connection = await this.#listener.accept();
        this.#open.add(connection);
        serving.push(this.#serve(connection, behaviour));
      }
    } catch (thrown) {
      // A TLS client that turns away leaves an error; a closed listener ends the loop.
      if (!this.#stop.signal.aborted) throw thrown;
    }
    await Promise.all(serving);
  }

  async #serve(connection: Deno.Conn, behaviour: Behaviour): Promise<void> {
    const peer = new Peer(connection, this, this.connections++);
    const stop = (): void => {
      peer.gone = true;
    };
    this.#stop.signal.addEventListener("abort", stop, { once: true });
    try {
      await behaviour(peer);
    } finally {
      this.#stop.signal.removeEventListener("abort", stop);
      if (this.#open.delete(connection)) connection.close();
    }
  }
}

/** Reads the request, sends an answer, closes. */
export function answer(...parts: readonly (string | Uint8Array)[]): Behaviour {
  return async (peer) => {
    await peer.request();
    for (const part of parts) if (!await peer.send(part)) return;
  };
}

/** A plain answer: a status, headers, a body of the right length. */
export function reply(
  status: number,
  headers: Readonly<Record<string, string>> = {},
  body: string | Uint8Array = "",
): Behaviour {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const length = `Content-Length: ${body.length}\r\nConnection: close\r\n`;
  return answer(`HTTP/1.1 ${status} Whatever\r\n${length}${lines}\r\n`, body);
}

/** One behaviour for each path, 404 for all others. */
export function paths(table: Readonly<Record<string, Behaviour>>): Behaviour {
  return async (peer) => {
    const head = await peer.request();
    const path = head.split(" ")[1] ?? "";
    const behaviour = table[path] ?? reply(404);
    // The behaviours read their request themselves.
    peer.unread(head);
    await behaviour(peer);
  };
}
