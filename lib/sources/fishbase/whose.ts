/**
 * Whose pictures a page or a part of it shows: those of the species that was asked for, or another's.
 *
 * @module
 */

import type { HtmlDocument, HtmlElement } from "../../web/html.ts";
import { parameter } from "./addresses.ts";
import { linkOf, type PageContext } from "./page_context.ts";
import { readName } from "./summary_page.ts";

/** The species that is looked for, as far as it is known. */
export interface Wanted {
  /** Its number. */
  readonly specCode?: string | undefined;
  /** Its valid name. */
  readonly words?: readonly string[] | undefined;
}

/** Where a page says whose it is. */
const HEADINGS = "h1 i, h2 i, h3 i, h1 em, h2 em, h3 em, .sciname";
/** Words in italics that look like a name and are none. */
const NO_NAME = /^(?:photos?|pictures?|images?|thumbnails?|fish|species|no|all|the|click|view)\b/i;
/** `All Gadus morhua (Gamor_u3.jpg) by`: whose picture a picture's page shows (told). */
const CAPTION =
  /(\p{Lu}\p{Ll}+ \p{Ll}[\p{Ll}-]+)(?: \p{Ll}[\p{Ll}-]+)?\s*\([\w.-]+\.(?:jpe?g|gif|png)\)/u;

/** Longer parts of a page speak of more than one picture, in letters. */
const LONGEST_CELL = 300;

/** Whether something is the species that is looked for: nothing where it does not tell. */
type Same = boolean | undefined;

/**
 * Whether a page is another species' page: it links to another, or names one in its headings or
 * beneath its picture, and says nothing of the one that is looked for.
 *
 * @param page The page.
 * @param context Where it stands.
 * @param wanted The species.
 */
export function isOfAnother(page: HtmlDocument, context: PageContext, wanted: Wanted): boolean {
  const anchors = [...page.querySelectorAll("a[href]")];
  const linked = anchors.map((anchor) => linkedSpecies(anchor, context, wanted));
  if (linked.includes(true) || namesSpecies(page.body, wanted)) return false;
  const title = page.querySelector("title");
  if (title !== null && namesSpecies(title, wanted)) return false;
  if (linked.includes(false)) return true;
  if (wanted.words === undefined) return false;
  return CAPTION.test(plainText(page.body)) ||
    [...page.querySelectorAll(HEADINGS)].some((element) => {
      const text = (element.textContent ?? "").trim();
      return !NO_NAME.test(text) && readName(text) !== undefined;
    });
}

/**
 * Whether the part of a page around a picture links to another species and not to the wanted one.
 *
 * @param element The picture.
 * @param cell What stands around it.
 * @param context Where the page stands.
 * @param wanted The species.
 */
export function leadsToAnother(
  element: HtmlElement,
  cell: HtmlElement,
  context: PageContext,
  wanted: Wanted,
): boolean {
  const around = element.closest("a[href]");
  if (around !== null && linkedSpecies(around, context, wanted) === false) return true;
  if ((cell.textContent ?? "").length > LONGEST_CELL) return false;
  const linked = [...cell.querySelectorAll("a[href]")]
    .map((anchor) => linkedSpecies(anchor, context, wanted));
  return linked.includes(false) && !linked.includes(true);
}

/** Whether a link to a species' page or pictures leads to the wanted one. */
function linkedSpecies(anchor: HtmlElement, context: PageContext, wanted: Wanted): Same {
  const link = linkOf(anchor.getAttribute("href"), context);
  if (link === undefined) return undefined;
  const path = /\/summary\/([^/]+?)(?:\.html?)?$/i.exec(link.pathname)?.[1];
  const numbered = /\/(?:species|thumbnails|pictures)summary\.php$/i.test(link.pathname);
  if (path === undefined && !numbered) return undefined;
  const code = /^\d+$/.exec(path ?? "")?.[0] ?? parameter(link, "speccode") ??
    (numbered ? parameter(link, "ID") : undefined);
  const genus = parameter(link, "Genus") ?? parameter(link, "GenusName");
  const epithet = parameter(link, "Species") ?? parameter(link, "SpeciesName");
  const inQuery = genus !== undefined && epithet !== undefined;
  const named = readName(inQuery ? `${genus} ${epithet}` : path?.replaceAll("-", " ") ?? "");
  if (code !== undefined && /^\d+$/.test(code) && wanted.specCode !== undefined) {
    return code === wanted.specCode;
  }
  if (named === undefined || wanted.words === undefined) return undefined;
  return isSame(named, wanted.words);
}

/** Whether two names are the same species', a subspecies being its species. */
export function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.slice(0, 2).join(" ").toLowerCase() === other.slice(0, 2).join(" ").toLowerCase();
}

function namesSpecies(element: HtmlElement, { words }: Wanted): boolean {
  if (words === undefined) return false;
  return plainText(element).toLowerCase().includes(words.slice(0, 2).join(" ").toLowerCase());
}

function plainText(element: HtmlElement): string {
  return (element.textContent ?? "").replace(/[\s\u00a0]+/g, " ");
}
