/**
 * What people leave in a name cell that is not part of any name: footnotes, odd spaces, marks.
 *
 * @module
 */

/** Letters that Unicode does not take apart into a plain letter and a mark. */
const LIGATURES: Readonly<Record<string, string>> = {
  "æ": "ae",
  "œ": "oe",
  "ß": "ss",
  "ø": "o",
  "ł": "l",
  "đ": "d",
  "ð": "d",
  "þ": "th",
  "ı": "i",
  "ħ": "h",
};

/**
 * Plain text of a cell: compatibility letters made ordinary, every kind of space one space,
 * zero-width characters and soft hyphens gone, curly quotes straight. Line breaks stay.
 *
 * @example
 * ```ts
 * import { tidy } from "./name_text.ts";
 *
 * console.log(tidy("Betta\u00a0 splendens")); // Betta splendens
 * ```
 */
export function tidy(text: string): string {
  return text
    .replace(
      /[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]/g,
      "",
    )
    .replace(/[“”„‟«»″〝〞＂]/g, '"')
    .replace(/[‘’‚‛′´`＇]/g, "'")
    .normalize("NFKC")
    .replace(/\r\n?|[\u0085\u2028\u2029]/g, "\n")
    // Control characters have no place in a name, and would be at home in a terminal attack.
    // deno-lint-ignore no-control-regex -- exactly these are meant
    .replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\ufffd]/g, " ")
    .replace(/[^\S\n]+/g, " ")
    .replace(/ ?\n[ \n]*/g, "\n")
    .trim();
}

/**
 * A text without its footnotes and editorial remarks: `[53]`, `[a]`, `[note 2]`,
 * `[citation needed]`. Square brackets round the whole text or round a hybrid are taken off and
 * what they hold is kept.
 */
export function dropFootnotes(text: string): string {
  const kept = text.replace(/\[([^\[\]]*×[^\[\]]*|[^\[\]]+ [xX] [^\[\]]+)\]/g, "($1)");
  const without = kept.replace(/ ?\[[^\[\]\n]{0,60}\]/g, "").trim();
  if (without !== "" || kept.trim() === "") return without;
  const inner = /^\[([^\[\]]*)\]/.exec(kept.trim())?.[1] ?? "";
  return /^\p{L}{3,} \p{L}{2,}/u.test(inner) ? inner : "";
}

/** A text with plain letters for those with accents, and ligatures taken apart: `njassæ`, `njassae`. */
export function withoutMarksOnLetters(text: string): string {
  return text
    .replace(/[ÆŒØŁĐ]/g, (letter) => {
      const plain = LIGATURES[letter.toLowerCase()] ?? letter;
      return plain.slice(0, 1).toUpperCase() + plain.slice(1);
    })
    .replace(/[æœßøłđðþıħ]/g, (letter) => LIGATURES[letter] ?? letter)
    .normalize("NFKD")
    .replace(/\p{M}/gu, "");
}

/**
 * A text folded for comparing: no marks on letters, ligatures taken apart, lower case, one space
 * between words. Quotation marks are left out: they come and go around trade names.
 */
export function fold(text: string): string {
  return withoutMarksOnLetters(tidy(text).toLowerCase())
    .replace(/×/g, "x")
    .replace(/"|(?<!\p{L})'|'(?!\p{L})/gu, " ")
    .replace(/\s+/g, " ")
    .trim();
}
