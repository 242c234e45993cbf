/**
 * Deadlines on a request, and the signal that ends it.
 *
 * @module
 */

/** How long a server may take, in milliseconds, and how slow it may be. */
export interface Deadlines {
  /**
   * Until the answer's headers: name look-up, connection, TLS and waiting together, since Deno's
   * `fetch` does not report them apart. Twice as long behind a proxy, see `create_client.ts`.
   */
  readonly answer: number;
  /** How long a body may stay below the floor. */
  readonly window: number;
  /** The fewest bytes of body per second, counted over the window. */
  readonly floor: number;
  /** Until the last byte. */
  readonly total: number;
}

/** A silent host costs 15 s, the slowest body that is accepted two minutes. */
export const DEADLINES: Deadlines = { answer: 15_000, window: 15_000, floor: 1024, total: 120_000 };

export class TimedOut extends Error {
  override readonly name = "TimedOut";
}

/**
 * The signal of one request: aborts with the caller's reason, or with {@linkcode TimedOut} when one of
 * its named deadlines passes. Call `end()`, or its timers keep the process alive.
 */
export class Timeouts {
  readonly #controller = new AbortController();
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();
  readonly #caller: AbortSignal;
  readonly #follow: () => void;

  constructor(caller: AbortSignal) {
    this.#caller = caller;
    this.#follow = () => this.#controller.abort(caller.reason);
    if (caller.aborted) this.#follow();
    caller.addEventListener("abort", this.#follow, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  set(name: string, milliseconds: number, message: string): void {
    this.clear(name);
    const pass = (): void => this.#controller.abort(new TimedOut(message));
    this.#timers.set(name, setTimeout(pass, milliseconds));
  }

  clear(name: string): void {
    clearTimeout(this.#timers.get(name));
    this.#timers.delete(name);
  }

  end(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#caller.removeEventListener("abort", this.#follow);
  }
}

/** A duration for a person: `15 s`, `300 ms`. */
export function seconds(milliseconds: number): string {
  return milliseconds < 1000
    ? `${Math.round(milliseconds)} ms`
    : `${Math.round(milliseconds / 1000)} s`;
}
