/**
 * Lines of JSON from files that somebody may have touched.
 *
 * @module
 */

/**
 * Reads a text as one JSON object.
 *
 * @param text The text.
 * @returns Its fields; nothing where it is no JSON object.
 */
export function parseRecord(text: string): Readonly<Record<string, unknown>> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return undefined;
    throw thrown;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return { ...value };
}
