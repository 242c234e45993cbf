/**
 * The tabs that listen: each hears of every verdict, whichever tab gave it.
 *
 * @module
 */

/** How often a word is said so that a dead connection is noticed, in milliseconds. */
const ALIVE_EACH = 15_000;

/** The open event streams. */
export class Listeners {
  readonly #streams = new Set<ReadableStreamDefaultController<Uint8Array>>();
  readonly #encoder = new TextEncoder();
  readonly #timer: ReturnType<typeof setInterval>;

  /** Nobody listens yet. Close it at the end. */
  constructor() {
    this.#timer = setInterval(() => this.#say(": alive\n\n"), ALIVE_EACH);
  }

  /** A response that goes on as long as its tab listens. */
  listen(): Response {
    let own: ReadableStreamDefaultController<Uint8Array> | undefined;
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => {
        own = controller;
        this.#streams.add(controller);
        controller.enqueue(this.#encoder.encode("retry: 1000\n\n"));
      },
      cancel: () => {
        if (own !== undefined) this.#streams.delete(own);
      },
    });
    return new Response(stream, { headers: { "content-type": "text/event-stream" } });
  }

  /**
   * Tells every tab something.
   *
   * @param value What, as JSON.
   */
  tell(value: unknown): void {
    this.#say(`data: ${JSON.stringify(value)}\n\n`);
  }

  /** Ends every stream. */
  close(): void {
    clearInterval(this.#timer);
    for (const stream of this.#streams) stream.close();
    this.#streams.clear();
  }

  #say(text: string): void {
    const bytes = this.#encoder.encode(text);
    for (const stream of this.#streams) stream.enqueue(bytes);
  }
}
