/**
 * Cleans the text of name cells: footnotes, odd spaces, quotation marks, accents.
 *
 * @module
 */

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
 * A text without footnotes and editorial remarks: `[53]`, `[a]`, `[citation needed]`. Square
 * brackets around a hybrid become round ones.
 */
export function dropFootnotes(text: string): string {
  return text.replace(/\[([^\[\]]*(?:×| [xX] )[^\[\]]*)\]/g, "($1)")
    .replace(/ ?\[[^\[\]\n]{0,60}\]/g, "").trim();
}

/**
 * A text without round brackets, on whose place comes what `replace` makes of their content. The
 * last one may be left open.
 */
export function replaceBrackets(
  text: string,
  replace: (held: string, before: string, after: string) => string,
): string {
  const bracket = /\(([^()]*)(?:\)|$)/;
  let rest = text;
  for (let found = bracket.exec(rest); found !== null; found = bracket.exec(rest)) {
    const before = rest.slice(0, found.index);
    const after = rest.slice(found.index + found[0].length);
    rest = `${before} ${replace((found[1] ?? "").trim(), before, after)} ${after}`;
  }
  return rest.replace(/[()]/g, " ").replace(/[^\S\n]+/g, " ").trim();
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
