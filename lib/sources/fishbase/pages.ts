/**
 * FishBase's pages: what a species' summary page, its thumbnails page and a picture's page say.
 * What is known of them, and from where, stands in the README.md of this folder.
 *
 * @module
 */

import {
  type HtmlDocument,
  type HtmlElement,
  type HtmlNode,
  isElement,
  parseHtml,
} from "../../web/html.ts";
import { defined } from "../../base/defined.ts";
import { findLicense, type License } from "../license.ts";
import {
  codeIn,
  parameter,
  pathOf,
  type PictureAddress,
  pictureAt,
  readLink,
} from "./addresses.ts";
import { readName } from "../search_name.ts";

/** The species that is looked for, as far as it is known. */
export interface Wanted {
  /** Its valid name: genus, epithet, and for a subspecies its epithet. */
  readonly words: readonly string[];
  /** FishBase's number of it. */
  readonly code?: number | undefined;
  /** Path and query of its thumbnails page, where a page linked to it. */
  readonly thumbnails?: string | undefined;
}

export type SummaryPage =
  | ({ readonly shape: "species" } & Wanted)
  | { readonly shape: "no-such-name" }
  | { readonly shape: "unknown" };

/** A picture as a page shows it. */
export interface PagePicture {
  readonly address: PictureAddress;
  readonly kind: "photo" | "other";
  readonly author?: string;
  readonly license: License;
  /** Path and query of its own page. */
  readonly page?: string;
}

export type ThumbnailsPage =
  | {
    /** `empty`: a complete page of the species that names no picture. */
    readonly shape: "pictures" | "empty";
    /** In the page's order. */
    readonly pictures: readonly PagePicture[];
    /** How many pictures were left out because they belong to another species. */
    readonly foreign: number;
  }
  | { readonly shape: "unknown" };

/** What a picture's own page says of it. */
export interface PicturePage {
  readonly author?: string;
  readonly license: License;
  readonly title?: string;
  readonly sex?: "male" | "female";
  readonly stage?: string;
}

const NO_SUCH_NAME = /species name is not in the public version of fishbase/i;
/** No pictures, in words: `No image available for this species`. */
const NO_PICTURES = /\bno\s+(?:images?|photos?|pictures?)\b/i;
/** A page with an error: that pictures are missing on it means nothing. */
const FAILED = /\b(?:fatal|parse|database|query) error\b|\bmysqli?[_:]|\bSQLSTATE\b/i;

export function readSummaryPage(text: string, url: string): SummaryPage {
  const page = parseHtml(text);
  const words = validName(page);
  if (words === undefined) {
    return { shape: NO_SUCH_NAME.test(textOf(page.body)) ? "no-such-name" : "unknown" };
  }
  const links = linksOf(page, url);
  // The list of synonyms is the page's own; other links may lead to relatives.
  const code = [
    ...links.filter(({ pathname }) => /\/synonymslist\.php$/i.test(pathname))
      .map((link) => codeIn(link, "ID")),
    ...links.map((link) => codeIn(link, "speccode")),
  ].find((one) => one !== undefined);
  const photo = page.querySelector("#ss-photo, #ss-photo-full");
  const thumbnails = (photo === null ? [] : linksOf(photo, url)).find((link) =>
    /\/thumbnailssummary\.php$/i.test(link.pathname)
  );
  // A name alone may stand on a page of any kind.
  if (code === undefined && photo === null) return { shape: "unknown" };
  return {
    shape: "species",
    words,
    ...defined({ code, thumbnails: thumbnails && pathOf(thumbnails) }),
  };
}

function validName(page: HtmlDocument): readonly string[] | undefined {
  // Genus and epithet stand in a span each.
  const spans = [...page.querySelectorAll("#ss-sciname .sciname")];
  return readName(spans.map((span) => span.textContent ?? "").join(" "));
}

export function readThumbnailsPage(text: string, url: string, wanted: Wanted): ThumbnailsPage {
  const page = parseHtml(text);
  // The site may answer with the page of another species.
  const named = textOf(page.querySelector("html") ?? page.body).toLowerCase()
    .includes(wanted.words.slice(0, 2).join(" ").toLowerCase());
  if (!named && isOfAnother(linksOf(page, url), wanted)) return { shape: "unknown" };
  const pictures = new Map<string, PagePicture>();
  const foreign = new Set<string>();
  let strange = false;
  for (const image of page.querySelectorAll("img")) {
    const address = pictureAt(image.getAttribute("src"), url);
    if (address === undefined) strange ||= isStrange(image, url);
    // The thumbnail and the full picture of one photo stand in one cell.
    else if (!pictures.has(address.key) && !foreign.has(address.key)) {
      const cell = image.closest("td") ?? image.parentElement ?? image;
      const links = linksOf(cell, url);
      if (isOfAnother(links, wanted)) foreign.add(address.key);
      else pictures.set(address.key, pictureIn(cell, address, links));
    }
  }
  if (pictures.size + foreign.size > 0) {
    return { shape: "pictures", pictures: [...pictures.values()], foreign: foreign.size };
  }
  // Only a complete page that names no picture in any way is known to be empty.
  const said = linesOf(page.body).join(" ");
  const complete = /<\/(?:body|html)\s*>/i.test(text) && !FAILED.test(said);
  const hidden =
    /\/(?:species|uploads)\/[^"'\s/]+\.(?:jpe?g|png|gif)|picturessummary\.php|photo by /i
      .test(text.replaceAll("\\/", "/"));
  const empty = complete && !strange && !hidden && (named || NO_PICTURES.test(said));
  return empty ? { shape: "empty", pictures: [], foreign: 0 } : { shape: "unknown" };
}

/** Whether links lead to pages of another species, and none to the wanted one's. */
function isOfAnother(links: readonly URL[], { code }: Wanted): boolean {
  const codes = links
    .filter(({ pathname }) => /\/(?:species|pictures|thumbnails)summary\.php$/i.test(pathname))
    .map((link) => codeIn(link, "ID")).filter((one) => one !== undefined);
  return code !== undefined && codes.length > 0 && !codes.includes(code);
}

function pictureIn(
  cell: HtmlElement,
  address: PictureAddress,
  links: readonly URL[],
): PagePicture {
  const lines = linesOf(cell);
  const author = authorIn(lines) ?? linkedAuthor(cell);
  const own = links.find((link) => /\/picturessummary\.php$/i.test(link.pathname));
  const what = own === undefined ? undefined : parameter(own, "what");
  return {
    address,
    kind: what === undefined || /^species$/i.test(what) ? "photo" : "other",
    license: findLicense(lines, hrefsOf(cell)),
    ...defined({ author, page: own && pathOf(own) }),
  };
}

/** Whether an unknown image looks like a photo: then the page has changed its shape. */
function isStrange(image: HtmlElement, url: string): boolean {
  const link = readLink(image.getAttribute("src"), url);
  return link !== undefined && /photo|upload|thumb|display_image|\/species\//i.test(link.pathname);
}

export function readPicturePage(text: string, url: string, file: string): PicturePage | undefined {
  const page = parseHtml(text);
  const shown = [...page.querySelectorAll("img")]
    .some((image) =>
      pictureAt(image.getAttribute("src"), url)?.file.toLowerCase() === file.toLowerCase()
    );
  if (!shown) return undefined;
  // Licence and author in the footer are FishBase's, not the picture's.
  const said = linesOf(page.body, BLOCKS).filter((line) => !/fish\s?base/i.test(line));
  const lines = linesOf(page.body);
  const links = [...page.querySelectorAll("a[href]")]
    .filter((anchor) => !/fish\s?base/i.test(anchor.parentElement?.textContent ?? ""))
    .map((anchor) => anchor.getAttribute("href") ?? "");
  const author = cleanAuthor(labelled(lines, /^(?:photographer|author|artist)$/i) ?? "") ??
    authorIn(lines);
  const country = labelled(lines, /^(?:country|locality)$/i);
  const stage = labelled(lines, /^(?:sex\s*\/\s*)?(?:life\s*)?stage$|^sex$/i) ?? "";
  const male = /\bmale/i.test(stage);
  const female = /\bfemale/i.test(stage);
  return {
    license: findLicense(said, links),
    ...defined({
      author,
      title: country?.slice(0, 200),
      sex: male === female ? undefined : male ? "male" : "female",
      stage: /\badult/i.test(stage) ? "adult" : /\bjuv/i.test(stage) ? "juvenile" : undefined,
    }),
  };
}

/** The value behind a label: in the same line, or in the next one where the label stands alone. */
function labelled(lines: readonly string[], label: RegExp): string | undefined {
  for (const [index, line] of lines.entries()) {
    const colon = line.indexOf(":");
    if (colon < 0 || !label.test(line.slice(0, colon).trim())) continue;
    const next = lines[index + 1] ?? "";
    const value = line.slice(colon + 1).trim() || (next.includes(":") ? "" : next);
    return value === "" ? undefined : value;
  }
  return undefined;
}

/** `Photo by NAME`, `Genus species (File_u0.jpg) by` or `by` alone; but not `Entered by`. */
const BY = /(?:^|\)\s*|\b(?:photo|picture|image|drawing)\s+)by\b\s*:?\s*(.*)$/i;
/** What no longer belongs to the name. */
const AFTER_NAME =
  /\s*(?:\bCC[\s-]?(?:0\b|BY\b)|creative\s?commons|©|\bcopyright\b|\ball rights reserved\b|\blicen[cs]e|,?\s*\(?\b(?:uploaded|submitted|identified|checked) by\b).*$/i;

/** The name after the word `by`: in the same line, or in the next. */
function authorIn(lines: readonly string[]): string | undefined {
  return lines.map((line, index) => {
    const name = BY.exec(line)?.[1];
    return name === undefined
      ? undefined
      : cleanAuthor(name === "" ? lines[index + 1] ?? "" : name);
  }).find((name) => name !== undefined);
}

/** The name in the link to a collaborator or an uploader. */
function linkedAuthor(cell: HtmlElement): string | undefined {
  return [...cell.querySelectorAll("a[href]")]
    .filter((anchor) =>
      /(?:collaboratorsummary|uploadedby)\.php/i.test(anchor.getAttribute("href") ?? "")
    )
    .map((anchor) => cleanAuthor(anchor.textContent ?? "")).find((name) => name !== undefined);
}

/** A name without what stands around it; `undefined` where nobody is named. */
export function cleanAuthor(text: string): string | undefined {
  const name = text.replace(/[\s\u00a0]+/g, " ").replace(AFTER_NAME, "")
    .replace(/^[,;:.\-\s]+|[,;:\-\s(\[]+$/g, "").slice(0, 200).trim();
  return /^(?:\W*|unknown(?: (?:photographer|author))?|n\/?a|none|anonymous|photos?|pictures?|more|info)$/i
      .test(name)
    ? undefined
    : name;
}

/** The links of a page or a part of it that lead to FishBase. */
function linksOf(within: HtmlDocument | HtmlElement, url: string): readonly URL[] {
  return [...within.querySelectorAll("a[href]")]
    .map((anchor) => readLink(anchor.getAttribute("href"), url))
    .filter((link) => link !== undefined);
}

function hrefsOf(within: HtmlElement): readonly string[] {
  return [...within.querySelectorAll("a[href]")].map((anchor) => anchor.getAttribute("href") ?? "");
}

function textOf(element: HtmlElement): string {
  return (element.textContent ?? "").replace(/[\s\u00a0]+/g, " ");
}

/** Elements that begin a new line for a reader. */
const BLOCKS =
  /^(?:BR|CENTER|DIV|FOOTER|FORM|H[1-6]|HEADER|HR|LI|OL|P|SECTION|TABLE|TBODY|TD|TH|TR|UL)$/;
/** The same with links and spans: in a tooltip the next word follows a name without a space. */
const PIECES = new RegExp(`${BLOCKS.source}|^(?:A|SPAN)$`);

/** The lines of an element's text. */
function linesOf(root: HtmlElement, breaks: RegExp = PIECES): readonly string[] {
  const parts: string[] = [];
  // Not recursive: broken pages nest deeper than the call stack allows.
  const waiting: (HtmlNode | string)[] = [root];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (typeof node === "string") parts.push(node);
    else if (node.nodeType === 3) parts.push((node.textContent ?? "").replace(/\s+/g, " "));
    else if (isElement(node) && !/^(?:SCRIPT|STYLE|NOSCRIPT)$/i.test(node.tagName)) {
      const isBlock = breaks.test(node.tagName.toUpperCase());
      if (isBlock) waiting.push("\n");
      for (const child of [...node.childNodes].reverse()) waiting.push(child);
      if (isBlock) waiting.push("\n");
    }
  }
  return parts.join("").split("\n").map((line) => line.replace(/[\s\u00a0]+/g, " ").trim())
    .filter((line) => line !== "");
}
