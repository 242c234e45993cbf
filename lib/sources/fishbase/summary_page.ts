/**
 * The summary page of a species.
 *
 * Seen in a capture of 2019; the ids `ss-sciname` and `ss-photo` or `ss-photo-full` are told to hold
 * in 2026. Asked for a synonym, the site answers with the page of the valid name (told).
 *
 * @module
 */

import type { HtmlDocument } from "../../web/html.ts";
import { parameter, pathOf } from "./addresses.ts";
import { saysNoPictures } from "./frame.ts";
import { authorIn } from "./authors.ts";
import { NEVER_KINDS } from "./kinds.ts";
import { inPage, linkOf, type PageContext, pictureOf } from "./page_context.ts";
import { linesOf } from "./page_text.ts";
import type { FoundPicture } from "./picture.ts";

/** A species' summary page. */
export interface SpeciesPage {
  /** It is the page of a species. */
  readonly shape: "species";
  /** The valid name: genus, epithet, and for a subspecies its epithet. */
  readonly words: readonly string[];
  /** FishBase's number of the species, where the page tells. */
  readonly specCode?: string;
  /** Path and query of the thumbnails page, where there is a link to it. */
  readonly thumbnails?: string;
  /** The picture shown on the page. */
  readonly preferred?: FoundPicture;
  /** Whether the page says that there is no picture. */
  readonly saysNone: boolean;
}

/** What a summary page may be. */
export type SummaryPage =
  | SpeciesPage
  /** FishBase does not know the name. */
  | { readonly shape: "no-such-name" }
  /** Not a page as we know it. */
  | { readonly shape: "unknown" };

const NO_SUCH_NAME =
  /not in the public version of fishbase|species name is not in|no (?:such )?(?:species|record)s? (?:was |were )?found|please check (?:the |your )?spelling/i;

/**
 * Reads a summary page.
 *
 * @param page The page.
 * @param where Where it stands.
 */
export function readSummaryPage(page: HtmlDocument, where: PageContext): SummaryPage {
  const context = inPage(page, where);
  const words = validName(page, context);
  if (words === undefined) {
    const unknown = NO_SUCH_NAME.test(linesOf(page.body).join(" ")) ||
      /\/norecord\.php$/i.test(new URL(context.url).pathname);
    return { shape: unknown ? "no-such-name" : "unknown" };
  }
  const specCode = codeOf(page, context);
  const photo = page.querySelector("#ss-photo, #ss-photo-full");
  const thumbnails = thumbnailsLink(page, context, { specCode, words });
  // Without any of these the name may stand on a page of any kind.
  if (specCode === undefined && photo === null && thumbnails === undefined) {
    return { shape: "unknown" };
  }
  const preferred = preferredPicture(page, context);
  const near = photo ?? page.querySelector("#ss-photomap-container");
  return {
    shape: "species",
    words,
    ...(specCode !== undefined && { specCode }),
    ...(thumbnails !== undefined && { thumbnails }),
    ...(preferred !== undefined && { preferred }),
    saysNone: preferred === undefined && near !== null && saysNoPictures(near),
  };
}

function validName(page: HtmlDocument, context: PageContext): readonly string[] | undefined {
  const heading = page.querySelector("#ss-sciname");
  if (heading !== null) {
    // Genus and epithet stand in spans of their own (seen) or in one.
    const spans = [...heading.querySelectorAll(".sciname")]
      .filter((span) => !span.parentElement?.closest(".sciname"));
    const text = (spans.length > 0 ? spans : [heading]).map((span) => span.textContent ?? "");
    const words = readName(text.join(" "));
    if (words !== undefined) return words;
  }
  for (const meta of page.querySelectorAll("meta[property]")) {
    const property = meta.getAttribute("property")?.toLowerCase();
    const content = meta.getAttribute("content") ?? "";
    if (property === "og:url") {
      const path = /\/summary\/([A-Z][a-z-]+-[a-z-]+)(?:\.html)?$/.exec(content)?.[1];
      const words = path === undefined ? undefined : readName(path.replaceAll("-", " "));
      if (words !== undefined) return words;
    }
  }
  for (const anchor of page.querySelectorAll("a[href]")) {
    const link = linkOf(anchor.getAttribute("href"), context);
    if (link === undefined || !/synonymslist\.php$/i.test(link.pathname)) continue;
    const genus = parameter(link, "GenusName");
    const species = parameter(link, "SpeciesName");
    if (genus !== undefined && species !== undefined) return readName(`${genus} ${species}`);
  }
  return undefined;
}

/** Words that follow a name, or look like one's second word, and are none of it. */
const NO_EPITHET =
  /^(?:aff|auct|and|bei|by|cf|da|de|del|della|den|der|des|di|do|dos|du|et|ex|from|in|la|le|nec|non|of|sensu|ssp|subsp|ter|und|van|var|vom|von|y|zu|zur)$/;

/**
 * `Gadus morhua Linnaeus, 1758` as its words, a subgenus left out; nothing where there are not two at
 * least.
 */
export function readName(text: string): readonly string[] | undefined {
  const clean = text.replace(/[\s\u00a0]+/g, " ").replace(/^(\S+) \(\p{Lu}\p{Ll}+\) /u, "$1 ")
    .trim();
  const match = /^(\p{Lu}[\p{Ll}-]+) (\p{Ll}[\p{Ll}-]+)(?: (\p{Ll}[\p{Ll}-]+))?(?=$|[\s,;.(])/u
    .exec(
      clean,
    );
  const [, genus = "", epithet = "", third = ""] = match ?? [];
  if (match === null || NO_EPITHET.test(epithet)) return undefined;
  return third === "" || NO_EPITHET.test(third) ? [genus, epithet] : [genus, epithet, third];
}

/** The number that most links agree upon: a page also links to other species. */
function codeOf(page: HtmlDocument, context: PageContext): string | undefined {
  const votes = new Map<string, number>();
  for (const anchor of page.querySelectorAll("a[href], form[action]")) {
    const href = anchor.getAttribute("href") ?? anchor.getAttribute("action");
    const link = linkOf(href, context);
    if (link === undefined) continue;
    const code = parameter(link, "speccode") ??
      (/\/(?:speciessummary|synonymslist|commonnameslist|countrylist|thumbnailssummary)\.php$/i
          .test(link.pathname)
        ? parameter(link, "ID")
        : undefined);
    if (code === undefined || !/^\d{1,7}$/.test(code)) continue;
    // The list of synonyms is the page's own alone.
    const weight = /synonymslist\.php$/i.test(link.pathname) ? 5 : 1;
    votes.set(code, (votes.get(code) ?? 0) + weight);
  }
  const [best] = [...votes].sort(([, one], [, other]) => other - one);
  return best?.[0] ?? /\/summary\/(\d+)(?:\.html)?$/.exec(new URL(context.url).pathname)?.[1];
}

function thumbnailsLink(
  page: HtmlDocument,
  context: PageContext,
  { specCode, words }: { readonly specCode: string | undefined; readonly words: readonly string[] },
): string | undefined {
  const anchors = [
    ...page.querySelectorAll("#ss-photo a[href], #ss-photo-full a[href]"),
    ...page.querySelectorAll("a[href]"),
  ];
  for (const anchor of anchors) {
    const link = linkOf(anchor.getAttribute("href"), context);
    if (link === undefined || !/\/thumbnailssummary\.php$/i.test(link.pathname)) continue;
    const id = parameter(link, "ID");
    const species = parameter(link, "Species");
    if (id === undefined && species === undefined) continue;
    // Pages lead to the pictures of relatives as well.
    const name = `${parameter(link, "Genus") ?? words[0]} ${species}`.toLowerCase();
    const own = id === undefined
      ? name === words.join(" ").toLowerCase()
      : specCode === undefined || id === specCode;
    if (own) return pathOf(link);
  }
  return undefined;
}

function preferredPicture(page: HtmlDocument, context: PageContext): FoundPicture | undefined {
  const holder = page.querySelector("#ss-photo, #ss-photo-full");
  // In place of a photo there may be the drawing of a relative (told).
  if (holder === null || saysNoPictures(holder)) return undefined;
  for (const image of holder.querySelectorAll("img")) {
    const address = pictureOf(image.getAttribute("src"), context);
    if (address === undefined || NEVER_KINDS.has(address.kind)) continue;
    const author = authorIn(linesOf(holder), holder);
    return {
      address,
      road: "summary",
      kind: address.kind,
      ...(author !== undefined && { author }),
    };
  }
  return undefined;
}
