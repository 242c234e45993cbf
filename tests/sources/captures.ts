/** Recorded answers of the real sites, which only some checkouts have beside them. */

const CAPTURES = new URL("../../../shared/captures/", import.meta.url);

/**
 * A recorded answer.
 *
 * @param path Its path in the folder of captures.
 * @returns The JSON value; `undefined` where it is not there.
 */
export function capture(path: string): unknown {
  try {
    return JSON.parse(Deno.readTextFileSync(new URL(path, CAPTURES)));
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound || thrown instanceof Deno.errors.NotCapable) {
      return undefined;
    }
    throw thrown;
  }
}
