/**
 * Deadlines on a request, and the signal that ends it.
 *
 * @module
 */

/** How long a server may take, in milliseconds, and how slow it may be. */
export interface Deadlines {
  /**
   * From asking until the answer's first line and headers: finding the address, connecting, TLS and
   * waiting. Deno's `fetch` does not tell where one ends and the next begins.
   */
  readonly answer: number;
  /** How long a body may stay below the floor. */
  readonly window: number;
  /** The fewest bytes of body per second, counted over the window. */
  readonly floor: number;
  /** From asking until the last byte. */
  readonly whole: number;
}

/** A host that does not answer costs 15 s; the largest file at the floor's speed is cut off at two minutes. */
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

  /**
   * Begins without any deadline.
   *
   * @param caller The signal of whoever asked.
   */
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

  /**
   * Starts a deadline, or starts it anew.
   *
   * @param name Which.
   * @param milliseconds From now.
   * @param message What to say when it passes.
   */
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

  /** Stops all deadlines and forgets the caller. */
  end(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#caller.removeEventListener("abort", this.#follow);
  }
}

/**
 * A promise that rejects with the signal's reason as soon as it aborts, for what cannot be stopped.
 *
 * @param promise What is waited for; it goes on unheard when the signal aborts first.
 * @param signal Ends the waiting.
 */
export function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: raced, resolve, reject } = Promise.withResolvers<T>();
  const abort = (): void => reject(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort, { once: true });
  promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  return raced;
}

/** A length of time for a person: `15 s`, `300 ms`. */
export function seconds(milliseconds: number): string {
  return milliseconds < 1000
    ? `${Math.round(milliseconds)} ms`
    : `${Math.round(milliseconds / 1000)} s`;
}
