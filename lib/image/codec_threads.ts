/**
 * The codec's threads, started when there is work for them.
 *
 * The codec's script makes six workers at its start, or one for each processor where there are
 * more, and waits until all have loaded its machine code. With one image at a time it needs one or
 * two of them; the others cost 10 MB and 50 ms of processor time each (seen with wasm-vips 0.0.19
 * and Deno 2.9.6).
 *
 * @module
 */

/** How many are started at once, being needed for the first image already. */
const AT_ONCE = 1;

/**
 * Calls the codec's script so that the workers it makes meanwhile start only when they are given
 * work. Those it makes later, when all have work, start at once.
 *
 * @param call Calls the script.
 * @returns What the call gives.
 */
export function withLateThreads<T>(call: () => T): T {
  const real = globalThis.Worker;
  const crew: LateThread[] = [];
  class Thread extends LateThread {
    constructor(script: string | URL, options?: WorkerOptions) {
      super(() => new real(script, options), crew);
    }
  }
  const put = (value: unknown): void => {
    Object.defineProperty(globalThis, "Worker", { value, configurable: true, writable: true });
  };
  put(Thread);
  try {
    return call();
  } finally {
    put(real);
    // The script takes the last one first, and the first one only when all others are at work.
    for (const thread of crew.slice(-AT_ONCE)) thread.start();
  }
}

/**
 * A worker as the script sees it. The first message to it has it load the machine code, which it
 * answers; the second is its first work. Until that comes, a comrade's answer stands for its own.
 */
class LateThread {
  onmessage: ((event: MessageEvent) => void) | null = null;
  onerror: ((event: ErrorEvent) => void) | null = null;
  readonly #make: () => Worker;
  readonly #crew: LateThread[];
  readonly #held: unknown[] = [];
  #worker: Worker | undefined;
  /** Whether the script was told that the machine code is loaded. */
  #told = false;

  constructor(make: () => Worker, crew: LateThread[]) {
    this.#make = make;
    this.#crew = crew;
    crew.push(this);
  }

  postMessage(message: unknown, transfer: Transferable[] = []): void {
    if (this.#worker === undefined && this.#held.length > 0) this.start();
    if (this.#worker === undefined) this.#held.push(message);
    else this.#worker.postMessage(message, transfer);
  }

  terminate(): void {
    this.#worker?.terminate();
  }

  start(): void {
    const worker = this.#make();
    this.#worker = worker;
    worker.onerror = (event) => this.onerror?.(event);
    worker.onmessage = (event) => {
      // Its first message is that it has loaded.
      worker.onmessage = (later) => this.onmessage?.(later);
      for (const thread of this.#crew) thread.#tell(event.data);
    };
    for (const message of this.#held.splice(0)) worker.postMessage(message);
  }

  #tell(loaded: unknown): void {
    if (this.#told) return;
    this.#told = true;
    this.onmessage?.(new MessageEvent("message", { data: loaded }));
  }
}
