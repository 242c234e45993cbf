/**
 * What is shown on a terminal may hold words of servers nobody knows.
 *
 * @module
 */

// deno-lint-ignore no-control-regex -- exactly these are meant
const COLOUR_OR_CONTROL = /(\u001b\[[\d;]*m)|[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/**
 * A text in which nothing moves the cursor, clears the screen or renames the window: control
 * characters but for line ends, tabs and colours are replaced by `�`.
 *
 * @param text A text for a person, lines and colours included.
 *
 * @example
 * ```ts
 * import { legible } from "./legible.ts";
 *
 * console.log(legible("busy \u001b[2J")); // busy �[2J
 * ```
 */
export function legible(text: string): string {
  return text.replace(COLOUR_OR_CONTROL, (_, colour: string | undefined) => colour ?? "\ufffd");
}
