/**
 * A list article: the name cells of all its rows, and the headings above them.
 *
 * @module
 */

import { dropFootnotes, fold, tidy } from "../name_text.ts";
import { parseHtml } from "../../web/html.ts";
import type { HtmlElement } from "../../web/html.ts";
import { nameText } from "./cell.ts";
import { readTable } from "./table.ts";
import type { NameCells } from "./table.ts";

/** One row of the list. */
export interface ListRow extends NameCells {
  /** The headings above the row, outermost first. */
  readonly group: readonly string[];
}

/** What a list article holds. */
export interface ListPage {
  /** The article's title; empty if the page has none. */
  readonly title: string;
  /** The rows, in the page's order. */
  readonly rows: readonly ListRow[];
  /** How many tables the page has. */
  readonly tables: number;
  /** How many of them have a Latin-name column. */
  readonly speciesTables: number;
  /** Header texts of the other tables, each once. */
  readonly otherHeaders: readonly string[];
}

/** Tables and headings of the site, not of the article. */
const FURNITURE =
  ".navbox, .vertical-navbox, .infobox, .sidebar, .metadata, .ambox, .toc, #toc, nav, footer, " +
  ".vector-pinnable-header, .vector-toc, .mw-portlet, .mw-references-wrap";
/** Longer texts are no banner. */
const MAX_BANNER = 200;

/** The headings above a place in the page: one for each level, and one banner below them. */
class Headings {
  #levels: (string | undefined)[] = [];
  #banner: string | undefined;

  heading(level: number, text: string): void {
    this.#levels.length = level;
    this.#levels[level] = text;
    this.#banner = undefined;
  }

  banner(text: string): void {
    this.#banner = text;
  }

  /** The path to a row, each name once. */
  path(...further: readonly (string | undefined)[]): string[] {
    const byKey = new Map<string, string>();
    for (const name of [...this.#levels, this.#banner, ...further]) {
      if (name && !byKey.has(fold(name))) byKey.set(fold(name), name);
    }
    return [...byKey.values()];
  }
}

/**
 * Reads a list article, with `mw-headline` headings (until 2025, seen), with `div.mw-heading` (since
 * 2025, seen), or with Parsoid's sections.
 *
 * @param html The page's markup.
 */
export function readListPage(html: string): ListPage {
  const page = parseHtml(html);
  const headings = new Headings();
  const rows: ListRow[] = [];
  const otherHeaders = new Set<string>();
  const speciesTables = new Set<HtmlElement>();
  let tables = 0;
  for (const element of page.querySelectorAll("h2, h3, h4, h5, h6, table")) {
    if (element.closest(FURNITURE) !== null) continue;
    const level = /^H([2-6])$/i.exec(element.tagName)?.[1];
    if (level !== undefined) {
      headings.heading(Number(level), headingText(element));
      continue;
    }
    // A table within a species' cell says more of that species.
    const outer = element.parentElement?.closest("table") ?? null;
    if (outer !== null && speciesTables.has(outer)) continue;
    tables++;
    const table = readTable(element);
    const banner = table.rows === undefined ? bannerOf(element) : undefined;
    if (table.rows !== undefined) {
      speciesTables.add(element);
      const caption = captionOf(element);
      for (const row of table.rows) {
        rows.push({ ...row, group: headings.path(caption, row.heading && shorten(row.heading)) });
      }
    } else if (banner !== undefined) headings.banner(banner);
    else for (const header of table.headers) otherHeaders.add(header.replaceAll("\n", " "));
  }
  const title = page.querySelector("h1") ?? page.querySelector("title");
  return {
    title: tidy(title?.textContent ?? ""),
    rows,
    tables,
    speciesTables: speciesTables.size,
    otherHeaders: [...otherHeaders],
  };
}

function headingText(element: HtmlElement): string {
  const headline = element.querySelector(".mw-headline") ?? element;
  return dropFootnotes(nameText(headline).replaceAll("\n", " "));
}

function captionOf(table: HtmlElement): string | undefined {
  const caption = [...table.children].find(({ tagName }) => /^caption$/i.test(tagName));
  return caption === undefined ? undefined : shorten(nameText(caption));
}

/** The text of a table of one cell that stands like a heading before the tables of its group. */
function bannerOf(table: HtmlElement): string | undefined {
  const [text, ...others] = [...table.querySelectorAll("td, th")]
    .filter((cell) => cell.closest("table") === table).map(nameText).filter((text) => text !== "");
  const isBanner = text !== undefined && others.length === 0 && text.length <= MAX_BANNER;
  return isBanner ? shorten(text) : undefined;
}

/**
 * A group's name without what it lists: `Armored catfish including Aspidoras, Brochis …` is
 * `Armored catfish` (seen 2024).
 */
function shorten(text: string): string {
  const line = dropFootnotes(text.replaceAll("\n", " "));
  const name = line.replace(/\s*\(.*$/, "").replace(/,?\s+(?:including|like|such as)\s.*$/i, "")
    .replace(/[\s:,]+$/, "");
  return name === "" ? line : name;
}
