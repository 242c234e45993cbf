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
/** The versions that all six licences have. */
const VERSIONS: ReadonlySet<string> = new Set(["1.0", "2.0", "2.5", "3.0", "4.0"]);
/** The versions for single countries that are in the SPDX list; there are many more. */
const PORTED: ReadonlySet<string> = new Set(
  ("BY-2.5-AU BY-3.0-AT BY-3.0-AU BY-3.0-DE BY-3.0-IGO BY-3.0-NL BY-3.0-US BY-NC-3.0-DE BY-NC-3.0-IGO " +
    "BY-NC-ND-3.0-DE BY-NC-ND-3.0-IGO BY-NC-SA-2.0-DE BY-NC-SA-2.0-FR BY-NC-SA-2.0-UK " +
    "BY-NC-SA-3.0-DE BY-NC-SA-3.0-IGO BY-ND-3.0-DE BY-SA-2.0-UK BY-SA-2.1-JP BY-SA-3.0-AT " +
    "BY-SA-3.0-DE BY-SA-3.0-IGO").split(" "),
);
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
 * `LicenseRef-All-Rights-Reserved`; `undefined` for everything else, versions for single countries
 * that have no SPDX id among them.
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
  const text = words.replace(/[_+]/g, "-").replace(/\s+/g, " ").trim();
  if (/\bcc[\s-]?0\b|publicdomain\/zero|creative commons zero|\bcc-?zero\b/i.test(text)) {
    return "CC0-1.0";
  }
  if (/publicdomain\/mark|public domain/i.test(text)) return "CC-PDM-1.0";
  const url =
    /creativecommons\.org\/licen[cs]es\/([a-z-]+)(?:\/(\d+(?:\.\d+)?))?(?:\/([a-z]{2}|igo)(?![a-z.]))?/i
      .exec(text);
  if (url !== null) {
    return creativeCommons(url[1]?.replaceAll("-", " ") ?? "", url[2], url[3]);
  }
  const named = /\bcc\b|creative ?commons|\bcc-?by\b|\bby-nc|attribution[\s-]/i.test(text);
  if (named) {
    const spaced = text.replace(/\bcc(?=by)/gi, "cc ").replaceAll("-", " ");
    // `Photo by Ann` is no attribution: what counts begins where the licence is named.
    const start = spaced.search(/\bcc\b|creative ?commons|\bby nc\b|\battribution\b/i);
    const part = start < 0 ? spaced : spaced.slice(start);
    const [, version, country] =
      /(?:^|[\sv(])([1-4](?:\.\d)?)(?:(?= (?:[a-z]{2}|igo)$) (\w+)|(?=$|[\s,;.)]))/i.exec(part) ??
        [];
    const id = creativeCommons(part, version, country);
    if (id !== undefined) return id;
  }
  return /all rights reserved/i.test(text) ? "LicenseRef-All-Rights-Reserved" : undefined;
}

/**
 * The id of a licence from the short code that an API gives.
 *
 * @param code `cc-by-nc` (iNaturalist), `cc-by-sa-3.0-de` (Commons), `by-nd` or `pdm` (Openverse).
 * @param version The version, where the code does not name it.
 * @returns The SPDX id; `undefined` for `pd`, `gfdl` and every code that has none.
 */
export function licenseIdOfCode(code: string, version?: string): string | undefined {
  const text = code.trim().toLowerCase();
  if (/^(?:cc-?0|cc-zero)(?:-1\.0)?$/.test(text)) return "CC0-1.0";
  if (text === "pdm") return "CC-PDM-1.0";
  const [, attributes, named, country] =
    /^(?:cc-)?(by(?:-(?:nc|nd|sa))*)(?:-(\d\.\d))?(?:-([a-z]{2,3}))?$/.exec(text) ?? [];
  if (attributes === undefined) return undefined;
  return creativeCommons(attributes.replaceAll("-", " "), named ?? version, country);
}

function creativeCommons(
  words: string,
  version: string | undefined,
  country: string | undefined,
): string | undefined {
  const attributes = ATTRIBUTES.filter((attribute) => ATTRIBUTE_WORDS[attribute].test(words))
    .join("-");
  if (!attributes.startsWith("BY")) return undefined;
  if (version === undefined) return `CC-${attributes}`;
  const full = version.includes(".") ? version : `${version}.0`;
  // From 4.0 on there are no versions for single countries.
  if (country === undefined || full === "4.0") {
    return VERSIONS.has(full) ? `CC-${attributes}-${full}` : undefined;
  }
  const ported = `${attributes}-${full}-${country.toUpperCase()}`;
  return PORTED.has(ported) ? `CC-${ported}` : undefined;
}

/**
 * The licence that one short text is about, such as a table's `Copyright` column or GBIF's `license`.
 *
 * @param words The text, or the URL of a deed; may be empty.
 */
export function readLicense(words: string): License {
  const text = words.replace(/\s+/g, " ").trim().slice(0, LONGEST_TEXT);
  if (text === "") return {};
  const url = deedUrl(text);
  return withId(licenseId(text), { text, ...(url !== undefined && { url }) });
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
  const url = links.map(deedUrl).find((link) => link !== undefined);
  const said = lines.map((line) => {
    const start = line.search(BEGINS);
    if (start < 0) return "";
    // `Photo by Ann CC-BY`, `CC-BY-NC by`: the photographer is not part of the licence.
    const before = /\bby\b|:\s*\S/i.test(line.slice(0, start)) ? start : 0;
    const text = line.slice(before).replace(/\s+/g, " ").trim();
    return text.replace(/(?<=\b(?:cc-?0|by)\b.*) by:?$/i, "").slice(0, LONGEST_TEXT);
  }).filter((line) => line !== "");
  // A line that names the licence says more than one that names the owner of the rights.
  const text = said.find((line) => licenseId(line) !== undefined) ?? said[0];
  if (url !== undefined) return withId(licenseId(url), { text: text ?? url, url });
  return text === undefined ? {} : withId(licenseId(text), { text });
}

/** The address of a deed of Creative Commons; `undefined` for every other link. */
function deedUrl(link: string): string | undefined {
  const url = URL.parse(link, "https://page.invalid/");
  if (url === null || !/^https?:$/.test(url.protocol)) return undefined;
  const isDeed = /^(?:www\.)?creativecommons\.org$/.test(url.hostname) &&
    /^\/(?:licen[cs]es|publicdomain)\//i.test(url.pathname);
  return isDeed ? url.href : undefined;
}

function withId(id: string | undefined, license: License): License {
  return id === undefined ? license : { id, ...license };
}

/** Which pictures are fetched: all, those for non-commercial use, those that are free for any use. */
export type LicenseRule = "any" | "nc" | "free";

/**
 * Whether a picture may be fetched under a rule. Unknown is never free, and a licence that forbids
 * derivatives forbids training data.
 *
 * @param id The SPDX id, where the licence is known.
 * @param rule `nc` takes Creative Commons and its public domain marks; `free` of these those that
 * allow commercial use.
 */
export function isAllowed(id: string | undefined, rule: LicenseRule): boolean {
  if (rule === "any") return true;
  if (id === undefined || !/^CC(?:0|-(?:BY|PDM))\b/.test(id) || /-ND\b/.test(id)) return false;
  return rule === "nc" || !/-NC\b/.test(id);
}
