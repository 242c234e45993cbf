/**
 * What people leave in a name cell that is not part of a name: footnotes, odd spaces, markup.
 *
 * @module
 */

import { decodeHTML } from "entities";

/** Letters that Unicode does not decompose into a plain letter and a mark, and what they become. */
const LIGATURES = new Map(
  "æae œoe ßss øo łl đd ðd þth ıi ħh".split(" ").map((pair) => [pair.slice(0, 1), pair.slice(1)]),
);

/**
 * Plain text of a cell: every kind of space is one space, zero-width and control characters are
 * gone, quotation marks are straight, raised digits (footnote marks) are removed. Line breaks stay.
 */
export function tidy(text: string): string {
  return text
    .replace(/[“”„‟«»″]/g, '"')
    .replace(/[‘’‚‛′´`ʻʼʹ]/g, "'")
    .replace(/[¹²³⁰⁴-⁹]+/g, "")
    .normalize("NFKC")
    .replace(/\r\n?|[\u0085\u2028\u2029]/g, "\n")
    .replace(/\p{Cf}|\p{Variation_Selector}/gu, "")
    // Control characters would reach a terminal.
    .replace(/(?!\n)\p{Cc}|\ufffd/gu, " ")
    .replace(/[^\S\n]+/g, " ")
    .replace(/ ?\n[ \n]*/g, "\n")
    .trim();
}

/**
 * A text without markup that is shown as text: entities that were encoded twice, HTML tags and wiki
 * markup pasted into a list.
 */
export function stripMarkup(text: string): string {
  if (!/[&<[{]/.test(text)) return text;
  return tidy(
    decodeHTML(decodeHTML(text))
      .replace(/<(ref|sup|style|script)\b[^<>]*>[^<>]*<\/\1>/gi, "")
      .replace(/<br\b[^<>]*>/gi, "\n")
      .replace(/<\/?[a-z][^<>]*>/gi, "")
      .replace(/\[\[(?:[^\[\]|]*\|)?([^\[\]|]*)\]\]/g, "$1")
      .replace(/\{\{[^{}]*\}\}/g, ""),
  );
}

/**
 * A text without footnotes and editorial remarks: `[53]`, `[a]`, `[citation needed]`. Square
 * brackets around a hybrid become round ones.
 */
export function dropFootnotes(text: string): string {
  return text.replace(/\[([^\[\]]*(?:×| [xX] )[^\[\]]*)\]/g, "($1)")
    .replace(/ ?\[[^\[\]\n]{0,60}\]/g, "").trim();
}

/** A text with plain letters for those with accents, and ligatures taken apart: `njassæ`, `njassae`. */
export function dropAccents(text: string): string {
  return text
    .replace(/[æœßøłđðþıħ]/gi, (letter) => {
      const letters = LIGATURES.get(letter.toLowerCase()) ?? letter;
      return /\p{Lu}/u.test(letter)
        ? letters.slice(0, 1).toUpperCase() + letters.slice(1)
        : letters;
    })
    .normalize("NFKD")
    .replace(/\p{M}/gu, "");
}

/**
 * A text for comparing: plain letters, lower case, one space between words, no quotation marks
 * (people put them around trade names and leave them out).
 */
export function fold(text: string): string {
  return dropAccents(tidy(text).toLowerCase())
    .replace(/×/g, "x")
    .replace(/"|(?<!\p{L})'|'(?!\p{L})/gu, " ")
    .replace(/\s+/g, " ")
    .trim();
}

/** A text on one line, cut to a length, for a message. */
export function excerpt(text: string, length = 80): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length <= length ? line : `${line.slice(0, length - 1)}…`;
}

/** Numbers that magazines gave to undescribed catfish: L046, LDA01, C120, CW010. Capitals only. */
const TRADE_CODE = String.raw`(?:LDA|LG|CW|L|C)[ -]?\d{1,4}[a-z]?`;
const ONLY_CODE = new RegExp(`^${TRADE_CODE}$`);
const CODES = new RegExp(String.raw`(?<![\p{L}\p{N}-])${TRADE_CODE}(?![\p{L}\p{N}-])`, "gu");

/** Whether a text is nothing but a trade number, however it is spelt: `L046`, `L-046`, `L 046`. */
export function isTradeCode(text: string): boolean {
  return ONLY_CODE.test(text.trim());
}

/** A trade number in its usual spelling: `L-046` and `L 046` are `L046`. */
export function normalTradeCode(text: string): string {
  return text.trim().replace(/[ -]/g, "");
}

/** The trade numbers in a text, as they are spelt, and the text without them. */
export function takeTradeCodes(text: string): { readonly rest: string; readonly codes: string[] } {
  const codes = text.match(CODES) ?? [];
  return { rest: text.replace(CODES, " ").replace(/[^\S\n]+/g, " ").trim(), codes: [...codes] };
}
