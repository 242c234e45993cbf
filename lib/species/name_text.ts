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
    .replace(/[‘’‚‛′´`＇ʻʼʹ]/g, "'")
    // A raised figure marks a footnote.
    .replace(/[¹²³⁰⁴-⁹]+/g, "")
    .normalize("NFKC")
    .replace(/\r\n?|[\u0085\u2028\u2029]/g, "\n")
    // Control characters have no place in a name, and would be at home in a terminal attack.
    // deno-lint-ignore no-control-regex -- exactly these are meant
    .replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\ufffd]/g, " ")
    .replace(/[^\S\n]+/g, " ")
    .replace(/ ?\n[ \n]*/g, "\n")
    .trim();
}

/** Entities that stand as text in a page when they were written twice, `&amp;nbsp;`. */
const ENTITIES: Readonly<Record<string, string>> = {
  "amp": "&",
  "lt": "<",
  "gt": ">",
  "quot": '"',
  "apos": "'",
  "nbsp": " ",
  "thinsp": " ",
  "ensp": " ",
  "emsp": " ",
  "shy": "",
  "zwj": "",
  "zwnj": "",
  "times": "×",
  "ndash": "-",
  "mdash": "-",
  "lsquo": "'",
  "rsquo": "'",
  "ldquo": '"',
  "rdquo": '"',
};

/** Entities for letters: a letter and one of these, `eacute`. */
const MARKS: Readonly<Record<string, string>> = {
  "acute": "\u0301",
  "grave": "\u0300",
  "circ": "\u0302",
  "uml": "\u0308",
  "tilde": "\u0303",
  "cedil": "\u0327",
  "ring": "\u030a",
  "caron": "\u030c",
};

/**
 * A text without the markup that was meant to be none: entities written twice, tags and wiki
 * markup that a page shows as text or that was pasted into a list.
 *
 * @example
 * ```ts
 * import { withoutMarkup } from "./name_text.ts";
 *
 * console.log(withoutMarkup("Betta&amp;nbsp;[[Betta|splendens]]")); // Betta splendens
 * ```
 */
export function withoutMarkup(text: string): string {
  if (!/[&<[{]/.test(text)) return text;
  const named = entities(entities(text));
  return named
    .replace(/<ref\b[^<>]*\/>|<(ref|sup|style|script|s|del)\b[^<>]*>[^<>]*<\/\1>/gi, "")
    .replace(/<!--.*?-->/g, "")
    .replace(/<br\b[^<>]*>/gi, "\n")
    .replace(/<\/?[a-z][^<>]*>/gi, "")
    .replace(/\[\[(?:[^\[\]|]*\|)?([^\[\]|]*)\]\]/g, "$1")
    .replace(
      /\{\{(?:lang\|[\w-]+|nowrap|nobr|small|em|italic)\|(?:[a-z]+=[^|{}]*\|)?([^|{}]*)[^{}]*\}\}/gi,
      "$1",
    )
    .replace(/\{\{[^{}]*\}\}/g, "")
    .replace(/[^\S\n]+/g, " ")
    .trim();
}

function entities(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]{2,8}));/gi, (all, dec, hex, name) => {
    if (name !== undefined) return entity(name) ?? all;
    const code = dec === undefined ? parseInt(hex, 16) : Number(dec);
    // What is no character, or half of one, stays as it is.
    if (code > 0x10ffff || code < 0x20 || code >= 0xd800 && code <= 0xdfff) return all;
    return tidy(`.${String.fromCodePoint(code)}.`).slice(1, -1);
  });
}

function entity(name: string): string | undefined {
  if (Object.hasOwn(ENTITIES, name)) return ENTITIES[name];
  const mark = name.slice(1);
  return Object.hasOwn(MARKS, mark) ? `${name[0]}${MARKS[mark]}`.normalize("NFC") : undefined;
}

/** Cyrillic and Greek letters that look like Latin ones, and the Latin ones. */
const LOOKS = "АВЕКМНОРСТУХІЈЅаеорсухіјѕԁһԛԝѵӏΑΒΕΖΗΙΚΜΝΟΡΤΥΧονɑɡ";
const LIKE = "ABEKMHOPCTYXIJSaeopcyxijsdhqwvlABEZHIKMNOPTYXovag";

/**
 * A text in which words that look Latin are Latin: Cyrillic and Greek letters that look like Latin
 * ones are those. Words that hold other such letters, and texts without any Latin letter, stay.
 */
export function withLatinLetters(text: string): string {
  if (!/[\p{Script=Cyrillic}\p{Script=Greek}ɑɡ]/u.test(text) || !/[a-z]/i.test(text)) return text;
  return text.replace(/[\p{L}\p{M}]+/gu, (word) => {
    const letters = [...word].map((letter) => LIKE[LOOKS.indexOf(letter)] ?? letter).join("");
    return /[\p{Script=Cyrillic}\p{Script=Greek}]/u.test(letters) ? word : letters;
  });
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
