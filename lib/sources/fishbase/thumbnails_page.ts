/**
 * The page with a species' thumbnails: registered photos, users' uploads, FishWatcher records.
 *
 * Told by programs of 2016 to 2026: one cell a photo, with the thumbnail and, in a tooltip, the full
 * picture and `Photo by NAME`. A cell is found here by its pictures, whatever element it is.
 *
 * @module
 */

import { findLicense } from "../license.ts";
import type { HtmlDocument, HtmlElement } from "../../web/html.ts";
import { parameter, pathOf } from "./addresses.ts";
import { authorIn } from "./authors.ts";
import { badgesIn } from "./badges.ts";
import { hasFailed, isEmptyFrame, saysNoPictures } from "./frame.ts";
import { kindOfHeading, kindOfText, picturedByStage, picturedByType } from "./kinds.ts";
import { inPage, linkOf, type PageContext } from "./page_context.ts";
import { furtherPages, readPictureLink } from "./page_links.ts";
import { linesOf, linksIn } from "./page_text.ts";
import type { FoundPicture, PageShape, PictureLink, Road } from "./picture.ts";
import { type ShownPicture, shownPictures, strangePictures } from "./shown_pictures.ts";
import { isOfAnother, leadsToAnother } from "./whose.ts";

/** A thumbnails page. */
export interface ThumbnailsPage {
  /** What the page came to. */
  readonly shape: PageShape;
  /** The pictures, in the page's order. */
  readonly pictures: readonly FoundPicture[];
  /** Path and query of FishWatcher records that show no picture here. */
  readonly records: readonly string[];
  /** Path and query of further pages of the same list. */
  readonly more: readonly string[];
  /** Pictures left out because they belong to another species. */
  readonly foreign: number;
}

/** What is looked for on a thumbnails page. */
export interface ThumbnailsOf {
  /** The species' number, where it is known: pictures of others are left out. */
  readonly specCode?: string | undefined;
  /** Its valid name, where it is known: so are pictures that stand under another one. */
  readonly words?: readonly string[] | undefined;
  /** What the pictures are unless the page says otherwise. */
  readonly kind?: string;
  /** Where the pictures are said to have been found. */
  readonly road?: Road;
}

/** The elements that hold one photo each. */
const CELLS = "td, th, li, figure";
const HEADINGS = "h1, h2, h3, h4, h5, h6, th, caption, legend, b, strong";

/**
 * Reads a thumbnails page.
 *
 * @param page The page.
 * @param where Where it stands.
 * @param of What is looked for.
 */
export function readThumbnailsPage(
  page: HtmlDocument,
  where: PageContext,
  of: ThumbnailsOf = {},
): ThumbnailsPage {
  const context = inPage(page, where);
  const shown = shownPictures(page, context);
  if (shown.length > 0 && isOfAnother(page, context, of)) return strangePage(shown.length);
  const sections = sectionsOf(page);
  const pictures = new Map<string, FoundPicture>();
  const foreignKeys = new Set<string>();
  for (const group of groups(shown)) {
    const found = readCell(group, sections, context, of);
    const { key } = found.picture.address;
    if (found.foreign) foreignKeys.add(key);
    else if (!pictures.has(key)) pictures.set(key, found.picture);
  }
  const records = recordsOf(page, shown, context);
  return {
    shape: shapeOf(page, context, pictures.size + records.length + foreignKeys.size),
    pictures: [...pictures.values()],
    records,
    more: furtherPages(page, context, of.specCode),
    foreign: foreignKeys.size,
  };
}

/** Another species' page in place of the one that was asked for. */
function strangePage(foreign: number): ThumbnailsPage {
  return { shape: "unknown", pictures: [], records: [], more: [], foreign };
}

function shapeOf(page: HtmlDocument, context: PageContext, found: number): PageShape {
  if (found > 0) return "known";
  if (strangePictures(page, context) > 0 || hasPictureLinks(page)) return "unknown";
  if (hasFailed(page, context)) return "unknown";
  return saysNoPictures(page.body) || isEmptyFrame(page, context) ? "empty" : "unknown";
}

/** Links to single pictures without any picture: the thumbnails are there in a way unknown to us. */
function hasPictureLinks(page: HtmlDocument): boolean {
  return [...page.querySelectorAll("a[href]")].some((anchor) =>
    /picturessummary\.php\?.*\b(?:startrow|resultpage|totrec|pic)=/i
      .test(anchor.getAttribute("href") ?? "")
  );
}

interface Group {
  readonly shown: readonly [ShownPicture, ...ShownPicture[]];
  /** The element that speaks of this picture and no other. */
  readonly cell: HtmlElement;
}

/** Puts together what shows the same picture, with the cell around it. */
function groups(shown: readonly ShownPicture[]): readonly Group[] {
  const keys = new Map<HtmlElement, string | undefined>();
  for (const { element, address } of shown) {
    for (let at: HtmlElement | null = element; at !== null; at = at.parentElement) {
      // `undefined` marks an element around several pictures, and so are all above it marked.
      const key = keys.get(at);
      if (keys.has(at) && key === undefined) break;
      keys.set(at, !keys.has(at) || key === address.key ? address.key : undefined);
    }
  }
  const byKey = new Map<string, [ShownPicture, ...ShownPicture[]]>();
  for (const one of shown) {
    const group = byKey.get(one.address.key);
    if (group === undefined) byKey.set(one.address.key, [one]);
    else group.push(one);
  }
  return [...byKey.values()].map((group) => ({ shown: group, cell: cellOf(group[0], keys) }));
}

function cellOf(
  { element, address }: ShownPicture,
  keys: ReadonlyMap<HtmlElement, string | undefined>,
): HtmlElement {
  let cell = element;
  while (!cell.matches(CELLS)) {
    const above = cell.parentElement;
    if (above === null || above.tagName.toUpperCase() === "BODY") break;
    if (keys.get(above) !== address.key) break;
    cell = above;
  }
  return cell;
}

function readCell(
  { shown, cell }: Group,
  sections: ReadonlyMap<HtmlElement, string>,
  context: PageContext,
  of: ThumbnailsOf,
): { readonly picture: FoundPicture; readonly foreign: boolean } {
  const lines = linesOf(cell);
  const full = shown.find(({ address }) => address.full) ?? shown[0];
  const link = pictureLink(cell, context);
  const told = link === undefined ? {} : picturedByType(link.what);
  const section = sections.get(shown[0].element);
  const titles = [cell, ...cell.querySelectorAll("[alt], [title]")].flatMap((element) => [
    element.getAttribute("alt") ?? "",
    element.getAttribute("title") ?? "",
  ]);
  const said = [...lines, ...titles].map(kindOfText).find((kind) => kind !== undefined);
  const folder = full.address.kind === "photo" ? undefined : full.address.kind;
  const heading = section === undefined ? undefined : kindOfHeading(section);
  const kind = folder ?? told.kind ?? said ?? heading ?? of.kind ?? "photo";
  const author = authorIn(lines, cell);
  const aside = lines.filter((line) => author === undefined || !line.includes(author));
  const stage = picturedByStage([...aside, section ?? ""].join(" "));
  const license = findLicense([...lines, ...badgesIn(cell)], linksIn(cell));
  const picture: FoundPicture = {
    address: full.address,
    road: of.road ?? "thumbnails",
    kind,
    ...(author !== undefined && { author }),
    ...(license.text !== undefined && { license }),
    ...(stage.sex !== undefined && { sex: stage.sex }),
    ...((told.stage ?? stage.stage) !== undefined && { stage: told.stage ?? stage.stage ?? "" }),
    ...(link !== undefined && { link: link.link }),
  };
  const other = of.specCode !== undefined && link?.id !== undefined && link.id !== of.specCode;
  return { picture, foreign: other || leadsToAnother(shown[0].element, cell, context, of) };
}

/** The link of a cell to the picture's own page. */
function pictureLink(
  cell: HtmlElement,
  context: PageContext,
): { readonly link: PictureLink; readonly what: string; readonly id?: string } | undefined {
  const anchors = [...cell.querySelectorAll("a[href]")];
  const around = cell.closest("a[href]");
  for (const anchor of around === null ? anchors : [around, ...anchors]) {
    const url = linkOf(anchor.getAttribute("href"), context);
    if (url === undefined) continue;
    if (/\/diseases?\//i.test(url.pathname)) {
      return { link: { path: pathOf(url) }, what: "disease" };
    }
    if (/\/speciesstamps\w*\.php$/i.test(url.pathname)) {
      return { link: { path: pathOf(url) }, what: "stamp" };
    }
    const other = /\/\w*?(larva|egg|stamp)\w*(?:pictures?|photos?|pics?|info)\w*\.php$/i.exec(
      url.pathname,
    );
    if (other !== null) return { link: { path: pathOf(url) }, what: other[1]?.toLowerCase() ?? "" };
    if (!/\/picturessummary\.php$/i.test(url.pathname)) continue;
    const id = parameter(url, "ID");
    const said = parameter(url, "what") ?? "species";
    const what = said === "species" ? parameter(url, "type") ?? said : said;
    const link = readPictureLink(url);
    return { link, what, ...(id !== undefined && /^\d+$/.test(id) && { id }) };
  }
  return undefined;
}

/** For each image: the heading last read before it. */
function sectionsOf(page: HtmlDocument): ReadonlyMap<HtmlElement, string> {
  const sections = new Map<HtmlElement, string>();
  let section: string | undefined;
  for (const element of page.querySelectorAll(`img, input[type=image], a[href], ${HEADINGS}`)) {
    if (!element.matches(HEADINGS)) {
      if (section !== undefined) sections.set(element, section);
      continue;
    }
    // Menus link to other pages of pictures: `Photos | Stamps` is no heading.
    if (element.querySelector("img, a[href]") !== null || element.closest("a[href]")) continue;
    const text = (element.textContent ?? "").replace(/\s+/g, " ").trim();
    // Names and notes in bold do not end a section; a heading proper does.
    if (kindOfHeading(text) !== undefined || /^H[1-6]$/i.test(element.tagName)) section = text;
  }
  return sections;
}

/** FishWatcher records whose cell shows no picture that we can place. */
function recordsOf(
  page: HtmlDocument,
  shown: readonly ShownPicture[],
  context: PageContext,
): readonly string[] {
  const records = new Set<string>();
  for (const anchor of page.querySelectorAll("a[href]")) {
    const link = linkOf(anchor.getAttribute("href"), context);
    if (link === undefined || !/\/fishwatcher\/record\.php$/i.test(link.pathname)) continue;
    if (parameter(link, "autoctr") === undefined) continue;
    const cell = anchor.closest(CELLS) ?? anchor;
    const seen = shown.some(({ element }) => element.closest(CELLS) === cell);
    if (!seen) records.add(pathOf(link));
  }
  return [...records];
}
