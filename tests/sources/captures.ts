/** Recorded answers of the real sites, which only some checkouts have beside them. */

import type { Json } from "./recorded.ts";

const CAPTURES = new URL("../../../shared/captures/", import.meta.url);

/**
 * A recorded answer.
 *
 * @param path Its path in the folder of captures.
 * @returns The JSON value; `null` where it is not there.
 */
export function capture(path: string): Json {
  try {
    return JSON.parse(Deno.readTextFileSync(new URL(path, CAPTURES)));
  } catch (thrown) {
    if (isNotThere(thrown)) return null;
    throw thrown;
  }
}

/** The names of the recorded answers in a folder; none where the captures are not there. */
export function captureNames(folder: string): string[] {
  try {
    return [...Deno.readDirSync(new URL(folder, CAPTURES))].map(({ name }) => name).sort();
  } catch (thrown) {
    if (isNotThere(thrown)) return [];
    throw thrown;
  }
}

function isNotThere(thrown: unknown): boolean {
  return thrown instanceof Deno.errors.NotFound || thrown instanceof Deno.errors.NotCapable;
}
