/**
 * The pictures a page shows: those we can place, and those we cannot.
 *
 * @module
 */

import type { HtmlDocument, HtmlElement } from "../../web/html.ts";
import type { PictureAddress } from "./addresses.ts";
import { linkOf, type PageContext, pictureOf } from "./page_context.ts";

/** An image element of a page, with what picture it stands for. */
export interface ShownPicture {
  /** Its place in the list of the page's images and links. */
  readonly element: HtmlElement;
  /** The picture. */
  readonly address: PictureAddress;
}

/** What stands for no species: maps, and the pictograms of families. */
const NEVER_SHOWN: ReadonlySet<string> = new Set(["map", "pictogram"]);
/** Where an element names its picture; pages that load pictures late name them in other places. */
const SOURCES = ["src", "data-src", "data-original", "data-lazy", "data-lazy-src", "data-full"];
const SETS = ["srcset", "data-srcset"];
const IMAGES = "img, input[type=image], source[srcset], [style*='url(']";
/** The files of pictures, anywhere in a page's markup. */
const NAMED_FILES =
  /[^\s"'<>(),;]*(?:\/images\/(?:species|photos|pictures|thumbnails)\/|\/uploads?\/|workimagethumb\.php|display_image\.php)[^\s"'<>(),;]*\.(?:jpe?g|png|gif|webp)/gi;
/** What belongs to the frame of a page. */
const FRAME_IMAGE =
  /(?:logo|banner|button|icon|spacer)s?(?:_\w*)?(?=[^a-z]|$)|sponsor|(?:^|[^a-z])flags?(?=[^a-z]|$)|aquamaps|^\/images\/(?:gifs?|png|jpg)\//i;

/** All pictures a page shows or links to, in document order; maps and logos are not among them. */
export function shownPictures(page: HtmlDocument, context: PageContext): readonly ShownPicture[] {
  const shown: ShownPicture[] = [];
  for (const element of page.querySelectorAll(`${IMAGES}, a[href]`)) {
    const named = addressesOf(element).map((link) => pictureOf(link, context))
      .filter((address) => address !== undefined && !NEVER_SHOWN.has(address.kind));
    const address = named.find((one) => one?.full) ?? named[0];
    if (address !== undefined) shown.push({ element, address });
  }
  return shown;
}

/** All the addresses an element names a picture by, the plainest first. */
function addressesOf(element: HtmlElement): readonly string[] {
  const plain = [...SOURCES, "href"].map((name) => element.getAttribute(name) ?? "");
  const sets = SETS.flatMap((name) => (element.getAttribute(name) ?? "").split(/,\s+|\s+/));
  const style = element.getAttribute("style") ?? "";
  const backgrounds = [...style.matchAll(/url\(\s*["']?([^"')]+)/gi)].map(([, link = ""]) => link);
  return [...plain, ...sets, ...backgrounds].filter((link) => link !== "");
}

/**
 * How many pictures there are that look like photos and that we cannot place: a page that has some
 * and none that we know has changed its shape.
 */
export function strangePictures(page: HtmlDocument, context: PageContext): number {
  let strange = 0;
  for (const image of page.querySelectorAll(IMAGES)) {
    const addresses = addressesOf(image);
    if (addresses.some((link) => pictureOf(link, context) !== undefined)) continue;
    if (addresses.some((link) => isStrange(link, image, context))) strange++;
  }
  return strange > 0 ? strange : strangeFiles(page, context);
}

function isStrange(address: string, image: HtmlElement, context: PageContext): boolean {
  const base = context.base ?? context.url;
  if (!URL.canParse(address, base)) return false;
  const { pathname, protocol } = new URL(address, base);
  if (!/^https?:$/.test(protocol) || FRAME_IMAGE.test(pathname)) return false;
  const photo = /\.(?:jpe?g|webp)$|image|photo|pic|thumb/i.test(pathname);
  if (linkOf(address, context) !== undefined) return photo;
  // Elsewhere sponsors have their pictures too: only what is credited is taken for a photo.
  const cell = image.closest("td, li, figure, div")?.textContent ?? "";
  return photo && cell.length < 500 && /\b(?:photo|picture|image)\s+by\b/i.test(cell);
}

/** Files of pictures that stand in scripts and the like, where no element shows them. */
function strangeFiles(page: HtmlDocument, context: PageContext): number {
  const named = page.body.innerHTML.replaceAll("\\/", "/").match(NAMED_FILES) ?? [];
  return named.filter((link) => {
    const address = pictureOf(link, context);
    return address === undefined ? !FRAME_IMAGE.test(link) : !NEVER_SHOWN.has(address.kind);
  }).length;
}
