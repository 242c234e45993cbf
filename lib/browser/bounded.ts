/**
 * An await on the browser that ends: by its result, its deadline, its signal, or the tab's death.
 *
 * @module
 */

import { Failure, reason } from "../base/failure.ts";
import { BrowserFault, type Deadline } from "./browser.ts";

/**
 * Waits for some work on a browser, but never longer than it is worth.
 *
 * @param work Starts the work. It is not called when the signal has fired or the tab is dead. The
 *   signal it is given fires once nobody waits for it any longer.
 * @param deadline When to give up.
 * @param death Fires, with a {@link BrowserFault} as its reason, when tab or browser are gone.
 * @param doing What is being done, for the message: `loading https://…`.
 * @returns What the work gives.
 * @throws {BrowserFault} Of the kind `timeout`, what `death` gives, or what the work throws, as one.
 * @throws The signal's reason when it fires.
 */
export async function bounded<T>(
  work: (ended: AbortSignal) => Promise<T>,
  deadline: Deadline,
  death: AbortSignal,
  doing: string,
): Promise<T> {
  deadline.signal.throwIfAborted();
  death.throwIfAborted();
  const { promise: gaveUp, reject } = Promise.withResolvers<never>();
  const stopped = () => reject(deadline.signal.reason);
  const died = () => reject(death.reason);
  deadline.signal.addEventListener("abort", stopped);
  death.addEventListener("abort", died);
  const ended = new AbortController();
  const timer = setTimeout(
    () => reject(new BrowserFault("timeout", `${doing} took longer than ${deadline.within} ms`)),
    deadline.within,
  );
  try {
    return await Promise.race([work(ended.signal), gaveUp]);
  } catch (error) {
    throw await faultOf(error, deadline, death, doing);
  } finally {
    clearTimeout(timer);
    ended.abort();
    deadline.signal.removeEventListener("abort", stopped);
    death.removeEventListener("abort", died);
  }
}

/** What a driver threw, as a fault: most often it noticed the end of a tab before we did. */
async function faultOf(
  error: unknown,
  deadline: Deadline,
  death: AbortSignal,
  doing: string,
): Promise<unknown> {
  if (error instanceof BrowserFault || error instanceof Failure) return error;
  if (deadline.signal.aborted) return error;
  // Lets the news of a death arrive that is on its way.
  await new Promise((resolve) => setTimeout(resolve));
  if (death.aborted) return death.reason;
  const said = reason(error);
  const gone = /target closed|session closed|connection closed|detached|crashed/i.test(said);
  return new BrowserFault(gone ? "tab-dead" : "page", `${doing} failed: ${said}`);
}
