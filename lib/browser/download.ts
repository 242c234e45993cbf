/**
 * Loading a large file, with pauses of any length.
 *
 * @module
 */

import { reason } from "../base/failure.ts";

/** How long a server may stay silent, in milliseconds. */
const silence = 20_000;

/**
 * Loads a file; goes on where an earlier attempt was broken off. The file is there only when it is
 * whole, as far as the server says; until then its part is beside it, in `<place>.part`.
 *
 * @param url Where it is.
 * @param place Where it goes.
 * @param signal Ends it; the part stays.
 * @throws {Error} When the server cannot be reached, falls silent or answers with an error.
 */
export async function download(url: URL, place: string, signal: AbortSignal): Promise<void> {
  const part = `${place}.part`;
  const quiet = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const alive = (): void => {
    clearTimeout(timer);
    timer = setTimeout(
      () => quiet.abort(new Error(`${url.host} did not answer for ${silence / 1000} s`)),
      silence,
    );
  };
  alive();
  try {
    await loadRest(url, part, AbortSignal.any([signal, quiet.signal]), alive);
  } finally {
    clearTimeout(timer);
  }
  await Deno.rename(part, place);
}

/** Loads what a file lacks yet; `alive` is called with every piece. */
async function loadRest(
  url: URL,
  part: string,
  signal: AbortSignal,
  alive: () => void,
): Promise<void> {
  using file = await Deno.open(part, { create: true, write: true });
  const have = await file.seek(0, Deno.SeekMode.End);
  const response = await ask(url, have, signal);
  // 416: there is nothing beyond what we have. Whether it is whole shows when it is unpacked.
  const whole = response.status === 416 && have > 0;
  if (response.body === null || (response.status !== 206 && response.status !== 200)) {
    await response.body?.cancel();
    if (whole) return;
    throw new Error(`${url} answered ${response.status}`);
  }
  if (response.status === 200) {
    await file.truncate(0);
    await file.seek(0, Deno.SeekMode.Start);
  }
  for await (const chunk of response.body) {
    alive();
    for (let written = 0; written < chunk.length;) {
      written += await file.write(chunk.subarray(written));
    }
  }
}

async function ask(url: URL, have: number, signal: AbortSignal): Promise<Response> {
  try {
    return await fetch(url, { signal, headers: have > 0 ? { range: `bytes=${have}-` } : {} });
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Deno.errors.NotCapable) throw error;
    const why = error instanceof Error && error.cause !== undefined ? error.cause : error;
    throw new Error(`${url.host} cannot be reached (${reason(why)})`, { cause: error });
  }
}
