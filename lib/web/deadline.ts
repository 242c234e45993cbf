/**
 * Deadlines on a request, and the signal that ends it.
 *
 * @module
 */

/** How long a server may take, in milliseconds, and how slow it may be. */
export interface Deadlines {
  /**
   * From asking until the answer's headers: name look-up, connection, TLS and waiting together,
   * since Deno's `fetch` does not tell them apart. Twice as long behind a proxy, see `create_client.ts`.
   */
  readonly answer: number;
  /** How long a body may stay below the floor. */
  readonly window: number;
  /** The fewest bytes of body per second, counted over the window. */
  readonly floor: number;
  /** From asking until the last byte. */
  readonly whole: number;
}

/** A silent host costs 15 s, the slowest body that is accepted two minutes. */
export const DEADLINES: Deadlines = { answer: 15_000, window: 15_000, floor: 1024, whole: 120_000 };

/** A deadline has passed. */
export class TimedOut extends Error {
  /** Always `"TimedOut"`. */
  override readonly name = "TimedOut";
}

/**
 * The signal of one request: aborts with the caller's reason, or with {@linkcode TimedOut} when a
 * deadline passes. Must be ended, or its timers keep the process alive.
 */
export class Deadline {
  readonly #controller = new AbortController();
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();
  readonly #caller: AbortSignal;
  readonly #follow: () => void;

  /** @param caller The caller's signal. */
  constructor(caller: AbortSignal) {
    this.#caller = caller;
    this.#follow = () => this.#controller.abort(caller.reason);
    if (caller.aborted) this.#follow();
    caller.addEventListener("abort", this.#follow, { once: true });
  }

  /** Aborts when the caller does or a deadline passes. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Starts a deadline, or starts it again. The message is what its `TimedOut` says. */
  set(name: string, milliseconds: number, message: string): void {
    this.clear(name);
    const pass = (): void => this.#controller.abort(new TimedOut(message));
    this.#timers.set(name, setTimeout(pass, milliseconds));
  }

  /** Stops a deadline. */
  clear(name: string): void {
    clearTimeout(this.#timers.get(name));
    this.#timers.delete(name);
  }

  /** Stops all deadlines and stops listening to the caller. */
  end(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#caller.removeEventListener("abort", this.#follow);
  }
}

/** A promise that rejects with the signal's reason as soon as it aborts, for work that takes no signal. */
export function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: raced, resolve, reject } = Promise.withResolvers<T>();
  const abort = (): void => reject(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort, { once: true });
  promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  return raced;
}

/** A duration for a person: `15 s`, `300 ms`. */
export function seconds(milliseconds: number): string {
  return milliseconds < 1000
    ? `${Math.round(milliseconds)} ms`
    : `${Math.round(milliseconds / 1000)} s`;
}
