/**
 * Reads one JavaScript literal out of the middle of a text.
 *
 * Google writes its data as JSON, but also as JavaScript that JSON does not know: single quotes,
 * `\x22`, holes (`[,1]`), `!0`, `void 0`, keys without quotes. And the text around it is code. So
 * this reads a value where it stands and says where it ends, and never runs anything.
 *
 * @module
 */

/** A value as read: objects come as maps, so that no key can touch a prototype. */
export type Literal =
  | null
  | boolean
  | number
  | string
  | readonly Literal[]
  | ReadonlyMap<string, Literal>;

/** A value and where it ended. */
export interface ReadValue {
  /** The value. */
  readonly value: Literal;
  /** The index after its last character. */
  readonly end: number;
}

/** A value deeper than this is not read: no page of Google's nests half as deep. */
const DEEPEST = 60;

const NUMBER = /-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y;
const WORD = /(?:true|false|null|undefined|NaN|void 0|!0|!1)(?![\w$])/y;
const NAME = /[A-Za-z_$][\w$]*/y;
const BLANK = /\s*/y;

const WORDS: ReadonlyMap<string, Literal> = new Map<string, Literal>([
  ["true", true],
  ["!0", true],
  ["false", false],
  ["!1", false],
  ["null", null],
  ["undefined", null],
  ["NaN", null],
  ["void 0", null],
]);

/**
 * Reads the literal that starts at an index, white space before it allowed.
 *
 * @param text Any text.
 * @param at Where the literal starts.
 * @param limit The index at which reading gives up.
 * @returns The value and its end, or nothing where no whole literal stands.
 *
 * @example
 * ```ts
 * import { readLiteral } from "./literal.ts";
 *
 * console.log(readLiteral("f(['a\\x22',,!0]);", 2)); // { value: ['a"', null, true], end: 16 }
 * ```
 */
export function readLiteral(
  text: string,
  at: number,
  limit: number = text.length,
): ReadValue | undefined {
  return readValue(text, at, Math.min(limit, text.length), 0);
}

/** The index of the first character at or after an index that is no white space. */
export function skipBlank(text: string, at: number): number {
  BLANK.lastIndex = at;
  return at + (BLANK.exec(text)?.[0].length ?? 0);
}

function readValue(
  text: string,
  from: number,
  limit: number,
  depth: number,
): ReadValue | undefined {
  const at = skipBlank(text, from);
  if (at >= limit || depth > DEEPEST) return undefined;
  const first = text.charAt(at);
  if (first === "[") return readArray(text, at + 1, limit, depth);
  if (first === "{") return readObject(text, at + 1, limit, depth);
  if (first === '"' || first === "'" || first === "`") return readString(text, at, limit);
  return readWord(text, at);
}

function readWord(text: string, at: number): ReadValue | undefined {
  const word = sticky(WORD, text, at);
  if (word !== undefined) return { value: WORDS.get(word) ?? null, end: at + word.length };
  const number = sticky(NUMBER, text, at);
  if (number === undefined) return undefined;
  return { value: Number(number), end: at + number.length };
}

function readArray(
  text: string,
  from: number,
  limit: number,
  depth: number,
): ReadValue | undefined {
  const items: Literal[] = [];
  let at = skipBlank(text, from);
  while (at < limit) {
    if (text[at] === "]") return { value: items, end: at + 1 };
    if (text[at] === ",") { // a hole
      items.push(null);
      at = skipBlank(text, at + 1);
      continue;
    }
    const item = readValue(text, at, limit, depth + 1);
    if (item === undefined) return undefined;
    items.push(item.value);
    at = skipBlank(text, item.end);
    if (text[at] === ",") at = skipBlank(text, at + 1);
    else if (text[at] !== "]") return undefined;
  }
  return undefined;
}

function readObject(
  text: string,
  from: number,
  limit: number,
  depth: number,
): ReadValue | undefined {
  const fields = new Map<string, Literal>();
  let at = skipBlank(text, from);
  while (at < limit) {
    if (text[at] === "}") return { value: fields, end: at + 1 };
    const key = readKey(text, at, limit);
    if (key === undefined) return undefined;
    at = skipBlank(text, key.end);
    if (text[at] !== ":") return undefined;
    const field = readValue(text, at + 1, limit, depth + 1);
    if (field === undefined) return undefined;
    fields.set(key.name, field.value);
    at = skipBlank(text, field.end);
    if (text[at] === ",") at = skipBlank(text, at + 1);
    else if (text[at] !== "}") return undefined;
  }
  return undefined;
}

function readKey(
  text: string,
  at: number,
  limit: number,
): { readonly name: string; readonly end: number } | undefined {
  if (text[at] === '"' || text[at] === "'") {
    const quoted = readString(text, at, limit);
    if (quoted === undefined || typeof quoted.value !== "string") return undefined;
    return { name: quoted.value, end: quoted.end };
  }
  const bare = sticky(NAME, text, at) ?? sticky(NUMBER, text, at);
  return bare === undefined ? undefined : { name: bare, end: at + bare.length };
}

function readString(text: string, at: number, limit: number): ReadValue | undefined {
  const quote = text[at];
  let end = at + 1;
  let escaped = false;
  while (end < limit && text[end] !== quote) {
    if (text[end] === "\\") {
      escaped = true;
      end += 2;
    } else {
      end += 1;
    }
  }
  if (end >= limit) return undefined;
  const raw = text.slice(at + 1, end);
  return { value: escaped ? unescapeString(raw) : raw, end: end + 1 };
}

const ESCAPE = /\\(?:u([0-9a-fA-F]{4})|u\{([0-9a-fA-F]{1,6})\}|x([0-9a-fA-F]{2})|(\r\n|[^]))/g;
const LETTERS: ReadonlyMap<string, string> = new Map([
  ["n", "\n"],
  ["t", "\t"],
  ["r", "\r"],
  ["b", "\b"],
  ["f", "\f"],
  ["v", "\v"],
  ["0", "\0"],
  ["\n", ""],
  ["\r\n", ""],
]);

/**
 * Takes one level of JavaScript escapes out of a text: `\x22`, `\u0022`, `\"`, `\\`.
 *
 * @param raw What stands between the quotes of a string.
 */
export function unescapeString(raw: string): string {
  return raw.replace(
    ESCAPE,
    (whole, four?: string, braces?: string, two?: string, letter?: string) => {
      const hex = four ?? braces ?? two;
      if (hex === undefined) return LETTERS.get(letter ?? "") ?? letter ?? whole;
      const code = parseInt(hex, 16);
      return code > 0x10ffff ? whole : String.fromCodePoint(code);
    },
  );
}

/**
 * Takes one level of HTML's escapes out of a text: those of the characters that mean something.
 *
 * @param text The text of a page, or an attribute's value.
 */
export function unescapeMarkup(text: string): string {
  return text.replace(/&(?:quot|#34|#x22);/gi, '"').replace(/&(?:apos|#39|#x27);/gi, "'")
    .replace(/&lt;/gi, "<").replace(/&gt;/gi, ">").replace(/&amp;/gi, "&");
}

function sticky(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}
