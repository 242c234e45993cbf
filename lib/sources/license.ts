/**
 * Licences in the words of pages, and the ids they come to.
 *
 * @module
 */

/** A licence: what a page says and what that comes to. */
export interface License {
  /** SPDX or Creative Commons id such as `CC-BY-NC-3.0`; `unknown` where that cannot be told. */
  readonly id: string;
  /** The page's words, on one line; absent where it says nothing. */
  readonly text?: string;
}

/** What is said of a picture whose page says nothing. */
export const UNKNOWN_LICENSE: License = { id: "unknown" };

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
  /\bCC[\s-]?(?:0\b|BY)|creative\s*commons|\bpublic domain\b|\ball rights reserved\b|©|\(c\)\s|&copy;|\bcopyright\b|\blicen[cs]ed?\b|\battribution[\s-]+(?:non|share|no|\d)|\bnon-?commercial use\b|\bby-nc/i;

/**
 * The id of a licence from its words or its address.
 *
 * @param words What a page says, or the URL of a deed.
 * @returns `CC-BY-NC-3.0`, `CC-BY-SA` where no version is named, `CC0-1.0`, `CC-PDM-1.0`,
 * `LicenseRef-All-Rights-Reserved`; `unknown` for whatever else.
 *
 * @example
 * ```ts
 * import { licenseId } from "./license.ts";
 *
 * console.log(licenseId("Attribution-NonCommercial 3.0 Unported")); // CC-BY-NC-3.0
 * console.log(licenseId("https://creativecommons.org/publicdomain/zero/1.0/")); // CC0-1.0
 * ```
 */
export function licenseId(words: string): string {
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
    if (id !== "unknown") return id;
  }
  return /all rights reserved/i.test(text) ? "LicenseRef-All-Rights-Reserved" : "unknown";
}

function creativeCommons(words: string, known: string | undefined): string {
  // `Photo by Ann` is no attribution: what counts begins where the licence is named.
  const start = words.search(/\bcc\b|creative ?commons|\bby nc\b|\battribution\b/i);
  const text = start < 0 ? words : words.slice(start);
  const attributes = ATTRIBUTES.filter((attribute) => ATTRIBUTE_WORDS[attribute].test(text));
  if (!attributes.includes("BY")) return "unknown";
  const number = /(?:^|[\sv(])([1-4](?:\.\d)?)(?=$|[\s,;.)])/.exec(text)?.[1];
  const version = known ?? number;
  const suffix = version === undefined
    ? ""
    : `-${version.includes(".") ? version : `${version}.0`}`;
  return `CC-${attributes.join("-")}${suffix}`;
}

/**
 * Finds the licence in lines of text and in the addresses they link to.
 *
 * The text given back is the line that speaks of it, from where it begins to. Where words and link
 * say different versions of it, the link counts, which is the more exact of the two.
 *
 * @param lines A page's or a cell's text, line by line.
 * @param links The addresses that the same part of the page links to.
 */
export function findLicense(lines: readonly string[], links: readonly string[] = []): License {
  const deed = links.find((link) =>
    /creativecommons\.org\/(?:licen[cs]es|publicdomain)\//i.test(link)
  );
  const said = lines.map((line) => {
    const start = line.search(BEGINS);
    if (start < 0) return "";
    // `Photo by Ann CC-BY`: the photographer is no part of the licence.
    const before = /\bby\b|:\s*\S/i.test(line.slice(0, start)) ? start : 0;
    return line.slice(before).replace(/\s+/g, " ").trim().slice(0, 500);
  }).filter((line) => line !== "");
  // A line that names the licence says more than one that names the owner of the rights.
  const text = said.find((line) => licenseId(line) !== "unknown") ?? said[0];
  if (deed !== undefined) return { id: licenseId(deed), text: text ?? deed };
  return text === undefined ? UNKNOWN_LICENSE : { id: licenseId(text), text };
}
