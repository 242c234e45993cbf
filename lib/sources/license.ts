/**
 * Licences: from the words and links of pages, tables and APIs to SPDX ids.
 *
 * @module
 */

/** What is known of a picture's licence. All is absent where its page or record says nothing. */
export interface License {
  /**
   * The SPDX id, such as `CC-BY-NC-3.0`, or the Creative Commons name where no version is given
   * (`CC-BY`). Absent where the words come to no licence we know: unknown is never free.
   */
  readonly id?: string;
  /** The page's words, on one line. */
  readonly text?: string;
  /** The deed or licence text that the page links to. */
  readonly url?: string;
}

/** The attributes of Creative Commons licences in the order of their ids. */
const ATTRIBUTES = ["BY", "NC", "ND", "SA"] as const;
const ATTRIBUTE_WORDS: Readonly<Record<typeof ATTRIBUTES[number], RegExp>> = {
  BY: /\b(?:by|attribution)\b/i,
  NC: /\bnc\b|non-?\s?commercial/i,
  ND: /\bnd\b|no-?\s?deriv/i,
  SA: /\bsa\b|share-?\s?alike/i,
};
/** Where the words of a licence begin. */
const BEGINS =
  /\bCC[\s-]?(?:0\b|BY)|creative\s*commons|\bpublic domain\b|\ball rights reserved\b|©|\(c\)\s|&copy;|\bcopyright\b|\blicen[cs]ed?\b|\battribution[\s-]+(?:non|share|no|\d)|\bnon-?commercial use\b|\bfree use\b|\bby-nc/i;
/** The longest text of a licence that is kept, in letters. */
const LONGEST_TEXT = 500;

/**
 * The id of a licence from its words or its address.
 *
 * @param words What a page says, or the URL of a deed.
 * @returns `CC-BY-NC-3.0`, `CC-BY-SA` where no version is named, `CC0-1.0`, `CC-PDM-1.0`,
 * `LicenseRef-All-Rights-Reserved`; `undefined` for everything else.
 *
 * @example
 * ```ts
 * import { licenseId } from "./license.ts";
 *
 * console.log(licenseId("Attribution-NonCommercial 3.0 Unported")); // CC-BY-NC-3.0
 * console.log(licenseId("https://creativecommons.org/publicdomain/zero/1.0/")); // CC0-1.0
 * console.log(licenseId("free use")); // undefined
 * ```
 */
export function licenseId(words: string): string | undefined {
  const text = words.replace(/[_+]/g, "-").replace(/\s+/g, " ");
  if (/\bcc[\s-]?0\b|publicdomain\/zero|creative commons zero|\bcc-?zero\b/i.test(text)) {
    return "CC0-1.0";
  }
  if (/publicdomain\/mark|public domain/i.test(text)) return "CC-PDM-1.0";
  const url = /creativecommons\.org\/licen[cs]es\/([a-z-]+)(?:\/(\d+(?:\.\d+)?))?/i.exec(text);
  if (url !== null) return creativeCommons(url[1]?.replaceAll("-", " ") ?? "", url[2]);
  const named = /\bcc\b|creative ?commons|\bcc-?by\b|\bby-nc|attribution[\s-]/i.test(text);
  if (named) {
    const id = creativeCommons(text.replace(/\bcc(?=by)/gi, "cc ").replaceAll("-", " "), undefined);
    if (id !== undefined) return id;
  }
  return /all rights reserved/i.test(text) ? "LicenseRef-All-Rights-Reserved" : undefined;
}

function creativeCommons(words: string, known: string | undefined): string | undefined {
  // `Photo by Ann` is no attribution: what counts begins where the licence is named.
  const start = words.search(/\bcc\b|creative ?commons|\bby nc\b|\battribution\b/i);
  const text = start < 0 ? words : words.slice(start);
  const attributes = ATTRIBUTES.filter((attribute) => ATTRIBUTE_WORDS[attribute].test(text));
  if (!attributes.includes("BY")) return undefined;
  const number = /(?:^|[\sv(])([1-4](?:\.\d)?)(?=$|[\s,;.)])/.exec(text)?.[1];
  const version = known ?? number;
  const suffix = version === undefined
    ? ""
    : `-${version.includes(".") ? version : `${version}.0`}`;
  return `CC-${attributes.join("-")}${suffix}`;
}

/**
 * The licence that one short text is about, such as a table's `Copyright` column.
 *
 * @param words The text; may be empty.
 */
export function readLicense(words: string): License {
  const text = words.replace(/\s+/g, " ").trim().slice(0, LONGEST_TEXT);
  return text === "" ? {} : withId(licenseId(text), { text });
}

/**
 * Finds the licence in lines of text and in the addresses they link to.
 *
 * The text given back is the line that speaks of it, from where the licence begins. Where words and
 * link name different versions, the link counts, being the more exact of the two.
 *
 * @param lines A page's or a cell's text, line by line.
 * @param links The addresses that the same part of the page links to.
 */
export function findLicense(lines: readonly string[], links: readonly string[] = []): License {
  const url = links.find((link) =>
    /creativecommons\.org\/(?:licen[cs]es|publicdomain)\//i.test(link)
  );
  const said = lines.map((line) => {
    const start = line.search(BEGINS);
    if (start < 0) return "";
    // `Photo by Ann CC-BY`: the photographer is not part of the licence.
    const before = /\bby\b|:\s*\S/i.test(line.slice(0, start)) ? start : 0;
    return line.slice(before).replace(/\s+/g, " ").trim().slice(0, LONGEST_TEXT);
  }).filter((line) => line !== "");
  // A line that names the licence says more than one that names the owner of the rights.
  const text = said.find((line) => licenseId(line) !== undefined) ?? said[0];
  if (url !== undefined) return withId(licenseId(url), { text: text ?? url, url });
  return text === undefined ? {} : withId(licenseId(text), { text });
}

function withId(id: string | undefined, license: License): License {
  return id === undefined ? license : { id, ...license };
}
