/**
 * A list article: the name cells of all its rows, and the headings above them.
 *
 * @module
 */

import { dropFootnotes, fold, tidy } from "../name_text.ts";
import { parseHtml } from "../../web/html.ts";
import type { HtmlElement } from "../../web/html.ts";
import { bulletHeading, type NamedCells, nameText, readBullet, withGenus } from "./names.ts";
import { readTable } from "./table.ts";

export interface ListRow extends NamedCells {
  /** The headings above the row, outermost first. */
  readonly group: readonly string[];
}

/** What a list article holds. */
export interface ListPage {
  /** Empty if the page has none. */
  readonly title: string;
  /** In the page's order. */
  readonly rows: readonly ListRow[];
  readonly tables: number;
  /** How many of the tables have a Latin-name column. */
  readonly speciesTables: number;
  /** How many bullet lists name species. */
  readonly bulletLists: number;
  /** Header texts of the other tables, each once. */
  readonly otherHeaders: readonly string[];
}

/** Tables and headings of the site, not of the article. */
const FURNITURE =
  ".navbox, .vertical-navbox, .infobox, .sidebar, .metadata, .ambox, .toc, #toc, nav, footer, " +
  ".vector-pinnable-header, .vector-toc, .mw-portlet, .mw-references-wrap, .reflist, .refbegin, " +
  ".references, .hatnote, .catlinks, .gallery, .clade";
/** Sections whose bullet lists name other articles, books and sites. */
const BACK_MATTER =
  /^(?:see also|references|notes|footnotes|further reading|bibliography|sources|external links)$/i;
/** How many items around an item are read; the list of mammals has 6. */
const MAX_NESTING = 12;
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

  /** Whether the place is in a section such as "See also". */
  isBackMatter(): boolean {
    return this.#levels.some((text) => text !== undefined && BACK_MATTER.test(text));
  }

  /** The path to a row, each name once. */
  path(...further: readonly string[]): string[] {
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
 */
export function readListPage(html: string): ListPage {
  const page = parseHtml(html);
  const furniture = new Set(page.querySelectorAll(FURNITURE));
  const headings = new Headings();
  const rows: ListRow[] = [];
  const otherHeaders = new Set<string>();
  const speciesTables = new Set<HtmlElement>();
  let tables = 0;
  const bulletLists = new Set<HtmlElement | null>();
  const add = (row: NamedCells, above: readonly string[]) =>
    rows.push({
      ...row,
      latin: withGenus(row.latin, generaIn(headings.path(...above))),
      group: headings.path(...above.map(shorten)),
    });
  for (const element of page.querySelectorAll("h2, h3, h4, h5, h6, table, ul > li")) {
    if (isWithin(element, furniture)) continue;
    const tag = element.tagName.toUpperCase();
    // Tables and lists within a species' cell belong to that species.
    const outer = element.parentElement?.closest("table") ?? null;
    if (outer !== null && speciesTables.has(outer)) continue;
    if (tag.startsWith("H")) headings.heading(Number(tag.slice(1)), headingText(element));
    else if (tag === "LI") {
      const row = headings.isBackMatter() ? undefined : readBullet(element);
      if (row === undefined) continue;
      bulletLists.add(element.parentElement);
      add(row, outerItems(element).map(bulletHeading));
    } else {
      tables++;
      const table = readTable(element);
      const banner = table.rows === undefined ? bannerOf(element) : undefined;
      if (table.rows !== undefined) {
        speciesTables.add(element);
        const caption = captionOf(element);
        for (const row of table.rows) add(row, [caption, row.heading ?? ""]);
      } else if (banner !== undefined) headings.banner(banner);
      else for (const header of table.headers) otherHeaders.add(header.replaceAll("\n", " "));
    }
  }
  const title = page.querySelector("h1") ?? page.querySelector("title");
  return {
    title: tidy(title?.textContent ?? ""),
    rows,
    tables,
    speciesTables: speciesTables.size,
    bulletLists: bulletLists.size,
    otherHeaders: [...otherHeaders],
  };
}

function isWithin(element: HtmlElement, outer: ReadonlySet<HtmlElement>): boolean {
  let next: HtmlElement | null = element;
  while (next !== null && !outer.has(next)) next = next.parentElement;
  return next !== null;
}

function headingText(element: HtmlElement): string {
  const headline = element.querySelector(".mw-headline") ?? element;
  return dropFootnotes(nameText(headline).replaceAll("\n", " "));
}

function captionOf(table: HtmlElement): string {
  const caption = [...table.children].find(({ tagName }) => /^caption$/i.test(tagName));
  return caption === undefined ? "" : nameText(caption);
}

/** The items that an item is nested in, outermost first. */
function outerItems(item: HtmlElement): HtmlElement[] {
  const outer: HtmlElement[] = [];
  let next = item.parentElement?.closest("li") ?? null;
  while (next !== null && outer.length < MAX_NESTING) {
    outer.unshift(next);
    next = next.parentElement?.closest("li") ?? null;
  }
  return outer;
}

/** The genera that headings, captions and items name, the nearest first: `Genus: Sciurus`. */
function generaIn(above: readonly string[]): string[] {
  return above.flatMap((text) => /\bgenus:? (\p{Lu}\p{Ll}+)/iu.exec(text)?.[1] ?? []).toReversed();
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
  const name = line.replace(/\s*\(.*$/, "").replace(
    /\s[–—]\s.*$|,?\s+(?:including|like|such as)\s.*$/i,
    "",
  )
    .replace(/[\s:,]+$/, "");
  return name === "" ? line : name;
}
