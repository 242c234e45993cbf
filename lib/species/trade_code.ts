/**
 * The numbers that magazines gave to undescribed catfish: L046, LDA01, C120, CW010.
 *
 * @module
 */

/** A code anywhere in a text; letters are capitals, so that `c 3` is none. */
const CODE = String.raw`(?:LDA|LG|CW|L|C)[ -]?\d{1,4}[a-z]?`;
const WHOLE = new RegExp(`^${CODE}$`);
const WITHIN = new RegExp(String.raw`(?<![\p{L}\p{N}-])${CODE}(?![\p{L}\p{N}-])`, "gu");

/**
 * Whether a text is nothing but a trade number, however it is written.
 *
 * @example
 * ```ts
 * import { isTradeCode } from "./trade_code.ts";
 *
 * console.log(isTradeCode("L-046"), isTradeCode("LDA 01"), isTradeCode("Figure 8")); // true true false
 * ```
 */
export function isTradeCode(text: string): boolean {
  return WHOLE.test(text.trim());
}

/** A trade number in its usual spelling: `L-046` and `L 046` are `L046`. */
export function tradeCode(text: string): string {
  return text.trim().replace(/[ -]/g, "");
}

/** The trade numbers in a text, as they are written, and the text without them. */
export function takeTradeCodes(text: string): { readonly rest: string; readonly codes: string[] } {
  const codes: string[] = [];
  const rest = text.replace(WITHIN, (code) => {
    codes.push(code);
    return " ";
  });
  return { rest: rest.replace(/[^\S\n]+/g, " ").trim(), codes };
}
