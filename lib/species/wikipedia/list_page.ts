/**
 * A list article: the name cells of all its fish, and the headings above them.
 *
 * @module
 */

import { dropFootnotes, fold, tidy } from "../name_text.ts";
import { parseHtml } from "../../web/html.ts";
import type { HtmlElement } from "../../web/html.ts";
import { nameText } from "./cell_text.ts";
import type { NameCells } from "./name_cells.ts";
import { readTable } from "./table.ts";

/** One row of the list. */
export interface ListRow extends NameCells {
  /** The headings above the row, outermost first. */
  readonly group: readonly string[];
}

/** What a list article holds. */
export interface ListPage {
  /** The article's title; empty where the page has none. */
  readonly title: string;
  /** The rows, in the page's order. */
  readonly rows: readonly ListRow[];
  /** How many tables the page has. */
  readonly tables: number;
  /** How many of them have a Latin-name column. */
  readonly fishTables: number;
  /** Header texts of tables that were passed over, each once. */
  readonly otherHeaders: readonly string[];
}

/** Tables and headings of the site, not of the article. */
const FURNITURE =
  ".navbox, .vertical-navbox, .infobox, .sidebar, .metadata, .ambox, .toc, #toc, nav, footer, " +
  ".vector-pinnable-header, .vector-toc, .mw-portlet, .mw-references-wrap";
const MAX_BANNER = 200;

/** The group a table stands in: one place for each level of heading, and one for a banner. */
class Headings {
  #levels: (string | undefined)[] = [];
  #banner: string | undefined;

  heading(level: number, text: string): void {
    this.#levels = this.#levels.slice(0, level);
    this.#levels[level] = text;
    this.#banner = undefined;
  }

  banner(text: string): void {
    this.#banner = text;
  }

  /** The path down to a row; a name that stands in it already is not told twice. */
  path(...further: readonly (string | undefined)[]): string[] {
    const path: string[] = [];
    for (const name of [...this.#levels, this.#banner, ...further]) {
      if (name === undefined || name === "") continue;
      if (!path.some((above) => fold(above) === fold(name))) path.push(name);
    }
    return path;
  }
}

/**
 * Reads a list article, in any shape Wikipedia serves it: with `mw-headline` headings (until 2025,
 * seen), with `div.mw-heading` (since 2025, seen), or with Parsoid's sections.
 *
 * @param html The page's markup.
 *
 * @example
 * ```ts
 * import { readListPage } from "./list_page.ts";
 *
 * const page = readListPage("<table><tr><th>Latin name<tr><td>Betta splendens</table>");
 * console.log(page.rows[0]?.latin); // Betta splendens
 * ```
 */
export function readListPage(html: string): ListPage {
  const page = parseHtml(html);
  const headings = new Headings();
  const rows: ListRow[] = [];
  const otherHeaders = new Set<string>();
  const fishTables = new Set<HtmlElement>();
  let tables = 0;
  for (const element of page.querySelectorAll("h2, h3, h4, h5, h6, table")) {
    if (element.closest(FURNITURE) !== null) continue;
    const level = /^H([2-6])$/i.exec(element.tagName)?.[1];
    if (level !== undefined) {
      headings.heading(Number(level), headingText(element));
      continue;
    }
    // A table within a cell of a fish table says more of that one fish.
    if (isWithin(element, fishTables)) continue;
    tables++;
    const table = readTable(element);
    if (table.listsFish) {
      fishTables.add(element);
      const caption = captionOf(element);
      for (const row of table.rows) {
        rows.push({ ...row, group: headings.path(caption, row.heading && shortened(row.heading)) });
      }
      continue;
    }
    const banner = bannerOf(element);
    if (banner !== undefined) headings.banner(banner);
    else for (const header of table.headers) otherHeaders.add(header.replaceAll("\n", " "));
  }
  const title = page.querySelector("h1")?.textContent ?? page.querySelector("title")?.textContent;
  return {
    title: tidy(title ?? ""),
    rows,
    tables,
    fishTables: fishTables.size,
    otherHeaders: [...otherHeaders],
  };
}

function isWithin(element: HtmlElement, tables: ReadonlySet<HtmlElement>): boolean {
  for (let above = element.parentElement; above !== null; above = above.parentElement) {
    if (tables.has(above)) return true;
  }
  return false;
}

function headingText(element: HtmlElement): string {
  const headline = element.querySelector(".mw-headline") ?? element;
  return dropFootnotes(nameText(headline).replaceAll("\n", " ")).replace(/\s*\[edit\]$/i, "");
}

function captionOf(table: HtmlElement): string | undefined {
  for (const child of table.children) {
    if (child.tagName.toUpperCase() === "CAPTION") return shortened(nameText(child));
  }
  return undefined;
}

/** The text of a table of one cell that stands like a heading before the tables of its group. */
function bannerOf(table: HtmlElement): string | undefined {
  const texts = [...table.querySelectorAll("td, th")]
    .filter((cell) => cell.closest("table") === table).map(nameText).filter((text) => text !== "");
  const [text] = texts;
  if (texts.length !== 1 || text === undefined || text.length > MAX_BANNER) return undefined;
  return shortened(text);
}

/**
 * A group's name without what it lists: `Armored catfish including Aspidoras, Brochis …` is
 * `Armored catfish` (such banners: seen 2024).
 */
function shortened(text: string): string {
  const line = dropFootnotes(text.replaceAll("\n", " "));
  const name = line.replace(/\s*\(.*$/, "").replace(/,?\s+(?:including|like|such as)\s.*$/i, "")
    .replace(/[\s:,]+$/, "");
  return name === "" ? line : name;
}
