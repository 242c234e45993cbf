/**
 * How to tell a page of FishBase from any other page.
 *
 * @module
 */

import type { HtmlDocument, HtmlElement } from "../../web/html.ts";
import { type PictureAddress, pictureAt, readLink } from "./addresses.ts";
import { linesOf } from "./page_text.ts";

/** What every reader of a page is given besides the page. */
export interface PageContext {
  /** The page's own URL. */
  readonly url: string;
  /** The mirrors' hosts. */
  readonly hosts: ReadonlySet<string>;
}

/** What stands for no species: maps, and the pictograms of families. */
const NEVER_SHOWN: ReadonlySet<string> = new Set(["map", "pictogram"]);
/** FishBase's own scripts, which its pages link to. */
const OWN_SCRIPTS =
  /\/(?:speciessummary|thumbnailssummary|picturessummary|collaboratorsummary|fishpicslist|synonymslist|familysummary|scientificnamesearchlist|fbrefsummary|speciesstampslist|randomspecies)\.php|\/summary\/[\w-]+|\/search\.php|\/tools\/uploadphoto\//i;
/** Says that there are no pictures (told: `No image available for this species`). */
const NO_PICTURES =
  /\bno\s+(?:images?|photos?|pictures?|photographs?|records?)\b(?:[\w\s]{0,40}?\b(?:available|found|yet|on file|in fishbase|for this|exist))?|\b(?:images?|photos?|pictures?)\s+(?:is|are)\s+not\s+(?:yet\s+)?available|\bthere\s+(?:is|are)\s+(?:currently\s+)?no\s+(?:\w+\s+)?(?:images?|photos?|pictures?)/i;

/**
 * Whether a page is framed as FishBase's are: it names FishBase and links to two of its scripts, or
 * to one of them that only such a page links to.
 */
export function isFramed(page: HtmlDocument, { url, hosts }: PageContext): boolean {
  const links = new Set<string>();
  for (const element of page.querySelectorAll("a[href], form[action]")) {
    const href = element.getAttribute("href") ?? element.getAttribute("action");
    const link = readLink(href, url, hosts);
    const script = link === undefined ? undefined : OWN_SCRIPTS.exec(link.pathname)?.[0];
    if (script !== undefined) links.add(script.toLowerCase());
  }
  const named = /fish\s?base/i.test(page.body.textContent ?? "") ||
    /fish\s?base/i.test(page.querySelector("title")?.textContent ?? "");
  const heading = [...page.querySelectorAll("title, h1, h2, h3")]
    .some((element) => /\b(?:photos?|pictures?|thumbnails?)\b/i.test(element.textContent ?? ""));
  return links.size >= 2 || (links.size === 1 && (named || heading)) || (named && heading);
}

/** Whether a part of a page says in words we know that there are no pictures. */
export function saysNoPictures(element: HtmlElement): boolean {
  return linesOf(element).some((line) => NO_PICTURES.test(line));
}

/** An image element of a page, with what picture it stands for. */
export interface ShownPicture {
  /** Its place in the list of the page's images and links. */
  readonly element: HtmlElement;
  /** The picture. */
  readonly address: PictureAddress;
}

/** All pictures a page shows or links to, in document order; maps and logos are not among them. */
export function shownPictures(page: HtmlDocument, context: PageContext): readonly ShownPicture[] {
  const shown: ShownPicture[] = [];
  const selector = "img, input[type=image], a[href]";
  for (const element of page.querySelectorAll(selector)) {
    for (const name of ["src", "data-src", "href"]) {
      const address = pictureAt(element.getAttribute(name), context.url, context.hosts);
      if (address !== undefined && !NEVER_SHOWN.has(address.kind)) {
        shown.push({ element, address });
        break;
      }
    }
  }
  return shown;
}

/**
 * Pictures that look like photos on the mirrors and that we cannot place: a page that has some and
 * none that we know has changed its shape.
 */
export function strangePictures(page: HtmlDocument, { url, hosts }: PageContext): number {
  let strange = 0;
  for (const image of page.querySelectorAll("img")) {
    const source = image.getAttribute("src") ?? image.getAttribute("data-src");
    const link = readLink(source, url, hosts);
    if (link === undefined || pictureAt(source, url, hosts) !== undefined) continue;
    if (!/\.(?:jpe?g|webp)$|image|photo|pic|thumb/i.test(link.pathname)) continue;
    if (
      /logo|banner|sponsor|button|icon|flag|spacer|aquamaps|\/(?:gifs?|png|jpg)\//i.test(
        link.pathname,
      )
    ) {
      continue;
    }
    strange++;
  }
  return strange;
}
