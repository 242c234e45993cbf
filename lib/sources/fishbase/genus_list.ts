/**
 * The list of names that FishBase's search for a genus or an epithet gives.
 *
 * Told, with a sample of 2010: a row a name, with the name as it was published, a link to its
 * species, the author, the valid name, the family. A genus that is not known gives a page without
 * rows or leads to `NoRecord.php`.
 *
 * @module
 */

import type { HtmlDocument, HtmlElement } from "../../web/html.ts";
import { parameter } from "./addresses.ts";
import { isEmptyFrame } from "./frame.ts";
import { inPage, linkOf, type PageContext } from "./page_context.ts";
import type { PageShape } from "./picture.ts";
import { readName, readSummaryPage } from "./summary_page.ts";

/** A name of the list. */
export interface ListedName {
  /** The name as it is listed: valid or a synonym. */
  readonly words: readonly string[];
  /** The valid name it stands for. */
  readonly valid: readonly string[];
  /** The number of that species, where the row tells. */
  readonly specCode?: string;
}

/** A list of names. */
export interface NameList {
  /** What the page came to. */
  readonly shape: PageShape;
  /** The names, in the page's order. */
  readonly names: readonly ListedName[];
}

/**
 * Reads a list of names.
 *
 * @param page The page.
 * @param where Where it stands.
 */
export function readNameList(page: HtmlDocument, where: PageContext): NameList {
  const context = inPage(page, where);
  // A search that finds one name may answer with its page at once.
  const summary = readSummaryPage(page, context);
  if (summary.shape === "species") {
    const { words, specCode } = summary;
    const one = { words, valid: words, ...(specCode !== undefined && { specCode }) };
    return { shape: "known", names: [one] };
  }
  const names: ListedName[] = [];
  const rows = [...page.querySelectorAll("tr")].filter((row) => row.querySelector("tr") === null);
  let columns: Columns = {};
  for (const row of rows) {
    const headings = columnsOf(row);
    if (headings !== undefined) {
      columns = headings;
      continue;
    }
    const name = readRow(row, columns, context);
    if (name !== undefined) names.push(name);
  }
  if (names.length === 0) names.push(...linkedNames(page, context));
  if (names.length > 0) return { shape: "known", names };
  const says =
    /please wait\. searching|possible typos|no (?:matching )?(?:records?|names?|match(?:es)?|species)\b|not found/i
      .test(page.body.textContent ?? "");
  const empty = says || summary.shape === "no-such-name" || isEmptyFrame(page, context);
  return { shape: empty ? "empty" : "unknown", names };
}

interface Columns {
  readonly listed?: number;
  readonly valid?: number;
}

/** Where the names stand, if a row is one of headings. */
function columnsOf(row: HtmlElement): Columns | undefined {
  // A cell may say `accepted name` of the name beside it.
  if (row.querySelector("th") === null && row.querySelector("a[href*=ummary], i") !== null) {
    return undefined;
  }
  const cells = [...row.children].map((cell) =>
    (cell.textContent ?? "").replace(/\s+/g, " ").trim()
  );
  const valid = cells.findIndex((text) =>
    /^(?:valid|accepted|current)\b.*name|^valid$/i.test(text)
  );
  const listed = cells.findIndex((text, index) =>
    index !== valid && /^(?:scientific name|name|species|synonym)/i.test(text)
  );
  if (valid < 0 && listed < 0) return undefined;
  return { ...(listed >= 0 && { listed }), ...(valid >= 0 && { valid }) };
}

function readRow(row: HtmlElement, columns: Columns, context: PageContext): ListedName | undefined {
  const cells = [...row.children];
  const at = (column: number | undefined) =>
    column === undefined ? undefined : readName(cells[column]?.textContent ?? "");
  // English names look like Latin ones (`Emerald catfish`): only what is set in italics, linked or
  // under a heading is believed.
  const marked = [...row.querySelectorAll("i, em, a[href*=ummary], .sciname")]
    .map((element) => readName(element.textContent ?? "")).filter((words) => words !== undefined);
  const link = speciesLink(row, context);
  const words = at(columns.listed) ?? marked[0] ?? link?.words;
  if (words === undefined) return undefined;
  const other = marked.find((name) => name.join(" ") !== words.join(" "));
  const valid = at(columns.valid) ?? other ?? link?.words ?? words;
  return {
    words,
    valid,
    ...(link?.specCode !== undefined && { specCode: link.specCode }),
  };
}

function speciesLink(
  element: HtmlElement,
  context: PageContext,
): { readonly specCode?: string; readonly words?: readonly string[] } | undefined {
  let specCode: string | undefined;
  let words: readonly string[] | undefined;
  let found = false;
  for (const anchor of element.querySelectorAll("a[href]")) {
    const link = linkOf(anchor.getAttribute("href"), context);
    if (link === undefined) continue;
    if (!/\/summary\/|speciessummary\.php|synonymsummary\.php/i.test(link.pathname)) continue;
    const code = parameter(link, "speccode") ??
      (/speciessummary\.php$/i.test(link.pathname) ? parameter(link, "ID") : undefined) ??
      /\/summary\/(\d+)/.exec(link.pathname)?.[1];
    const named = `${parameter(link, "genusname") ?? ""} ${parameter(link, "speciesname") ?? ""}`;
    const path = /\/summary\/([A-Z][a-z-]+-[a-z-]+)(?:\.html)?$/.exec(link.pathname)?.[1];
    found = true;
    if (code !== undefined && /^\d+$/.test(code)) specCode ??= code;
    words ??= readName(named) ?? readName((path ?? "").replaceAll("-", " "));
  }
  if (!found) return undefined;
  return { ...(specCode !== undefined && { specCode }), ...(words !== undefined && { words }) };
}

/** Names linked to outside of any table. */
function linkedNames(page: HtmlDocument, context: PageContext): readonly ListedName[] {
  const names: ListedName[] = [];
  for (const item of page.querySelectorAll("li, p, div, td")) {
    if (item.querySelector("li, p, div, td") !== null) continue;
    const link = speciesLink(item, context);
    const anchor = item.querySelector("a[href*=ummary]");
    const words = readName(anchor?.textContent ?? "") ?? link?.words;
    if (link === undefined || words === undefined) continue;
    const { specCode } = link;
    names.push({ words, valid: words, ...(specCode !== undefined && { specCode }) });
  }
  return names;
}
