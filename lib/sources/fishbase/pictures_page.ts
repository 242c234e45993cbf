/**
 * The page with one picture and all that FishBase knows of it.
 *
 * Told, in two shapes. Until about 2020: the picture, then its caption, `by` a collaborator,
 * `Size (cm):`, the country, for some a copyright line. Since: the comments `image section`, `image
 * caption section` and `page navigation` with `1 of 5`, and lines such as `Locality:` and
 * `Sex/Stage:`. Beyond the last picture there is a page without one.
 *
 * @module
 */

import { findLicense, type License } from "../license.ts";
import type { HtmlDocument } from "../../web/html.ts";
import { parameter, type PictureAddress } from "./addresses.ts";
import { authorIn, cleanAuthor } from "./authors.ts";
import { hasFailed } from "./frame.ts";
import { kindOfText, type Pictured, picturedByStage, picturedByType } from "./kinds.ts";
import { inPage, type PageContext, pictureOf } from "./page_context.ts";
import { labelled, linesOf } from "./page_text.ts";
import type { FoundPicture, PageShape } from "./picture.ts";
import { shownPictures, strangePictures } from "./shown_pictures.ts";
import { readPictureLink } from "./page_links.ts";
import { isOfAnother, type Wanted } from "./whose.ts";

/** A picture's page. */
export interface PicturesPage {
  /** What the page came to. */
  readonly shape: PageShape;
  /** The picture, where there is one. */
  readonly picture?: FoundPicture;
  /** How many pictures the species has, where the page tells. */
  readonly total?: number;
  /** Whether it is the page of another species' picture, which is then left out. */
  readonly foreign?: true;
}

/**
 * Reads a picture's page.
 *
 * @param page The page.
 * @param where Where it stands.
 * @param wanted The species whose picture it should be.
 */
export function readPicturesPage(
  page: HtmlDocument,
  where: PageContext,
  wanted: Wanted = {},
): PicturesPage {
  const context = inPage(page, where);
  // Led to the list instead: what stands there is said of all pictures, not of the one asked for.
  if (/thumbnails\w*\.php$/i.test(new URL(context.url).pathname)) return { shape: "empty" };
  const lines = linesOf(page.body);
  const address = mainPicture(page, context) ?? namedPicture(lines, context);
  if (address === undefined) {
    // A page without any picture is how the site answers a row that is not there (told).
    const strange = strangePictures(page, context) > 0 || hasFailed(page, context);
    return { shape: strange ? "unknown" : "empty" };
  }
  if (isOfAnother(page, context, wanted)) return { shape: "empty", foreign: true };
  const total = /\b\d{1,4}\s+of\s+(\d{1,4})\b/i.exec(lines.join("\n"))?.[1];
  return {
    shape: "known",
    picture: detailsOf(page, context, lines, address),
    ...(total !== undefined && { total: Number(total) }),
  };
}

/** The first picture that is no thumbnail: thumbnails lead to other pictures. */
function mainPicture(page: HtmlDocument, context: PageContext): PictureAddress | undefined {
  const shown = shownPictures(page, context)
    .filter(({ element }) => element.tagName.toUpperCase() !== "A");
  const best = shown.find(({ address }) => address.full) ??
    shown.find(({ element }) => element.matches("#fishpic, [name=fishpic]")) ?? shown[0];
  return best?.address;
}

/** The picture by its name alone: in the address, or as `Genus species (Name_u0.jpg) by`. */
function namedPicture(lines: readonly string[], context: PageContext): PictureAddress | undefined {
  const named = parameter(new URL(context.url), "pic") ??
    /\(([A-Za-z0-9_.-]+\.(?:jpe?g|png|gif))\)\s*(?:by\b|$)/im.exec(lines.join("\n"))?.[1];
  return named === undefined ? undefined : pictureOf(`/images/species/${named}`, context);
}

function detailsOf(
  page: HtmlDocument,
  context: PageContext,
  lines: readonly string[],
  address: PictureAddress,
): FoundPicture {
  const caption = captionOf(lines, address);
  const author = authorOf(page, lines);
  const license = licenseOf(page, lines);
  const country = labelled(lines, /^country$/i) ?? labelled(lines, /^locality$/i);
  const pictured = picturedOn(lines, context, address, caption);
  return {
    address,
    road: "pictures",
    kind: pictured.kind ?? "photo",
    ...(author !== undefined && { author }),
    ...(license.text !== undefined && { license }),
    ...(caption !== undefined && { title: caption }),
    ...(country !== undefined && { country: country.slice(0, 200) }),
    ...(pictured.sex !== undefined && { sex: pictured.sex }),
    ...(pictured.stage !== undefined && { stage: pictured.stage }),
    link: readPictureLink(new URL(context.url)),
  };
}

function picturedOn(
  lines: readonly string[],
  context: PageContext,
  address: PictureAddress,
  caption: string | undefined,
): Pictured {
  const stage = labelled(lines, /^(?:sex\s*\/\s*(?:life\s*)?stage|sex|life\s*stage|stage)$/i) ?? "";
  const byStage = picturedByStage(stage);
  const byType = picturedByType(parameter(new URL(context.url), "what") ?? "");
  const type = labelled(lines, /^(?:type|picture type|category)$/i) ?? "";
  const said = [caption ?? "", type, labelled(lines, /^remarks?$/i) ?? ""].map(kindOfText)
    .find((kind) => kind !== undefined);
  const by = lines.map((line) =>
    /^(?!photo)\p{L}[\p{L}-]+ by /iu.test(line) ? kindOfText(line) : undefined
  )
    .find((kind) => kind !== undefined);
  const folder = address.kind === "photo" ? undefined : address.kind;
  const kind = folder ?? byType.kind ?? byStage.kind ?? said ?? by;
  return { ...byType, ...byStage, ...(kind !== undefined && { kind }) };
}

/** What the page says of the picture: the line behind `Caption:`, or the one that names its file. */
function captionOf(lines: readonly string[], { file }: PictureAddress): string | undefined {
  const labelledCaption = labelled(lines, /^(?:caption|title)$/i);
  const line = labelledCaption ?? lines.find((text) => text.includes(`(${file})`)) ??
    labelled(lines, /^(?:image|picture)$/i);
  const text = line?.replace(/\s+by\s+.*$/i, "").replace(`(${file})`, "").replace(/^All\s+/, "")
    .trim().slice(0, 300);
  return text === "" ? undefined : text;
}

function authorOf(page: HtmlDocument, lines: readonly string[]): string | undefined {
  const labelledAuthor = labelled(lines, /^(?:photographer|author|artist|photo by|picture by)$/i);
  const named = labelledAuthor === undefined ? undefined : cleanAuthor(labelledAuthor);
  if (named !== undefined) return named;
  for (const [index, line] of lines.entries()) {
    // `All Gadus morhua (Gamor_u3.jpg) by Morris, P.`
    const match = /(?:\)\s*|^)by\b\s*(.*)$/i.exec(line);
    if (match === null) continue;
    const author = cleanAuthor(match[1] === "" ? lines[index + 1] ?? "" : match[1] ?? "");
    if (author !== undefined) return author;
  }
  // Who entered and who checked the record stands behind the picture's author.
  return authorIn(lines, page.body);
}

/** The picture's licence: what a page says of FishBase as a whole is not said of its pictures. */
function licenseOf(page: HtmlDocument, lines: readonly string[]): License {
  const site = /fish\s?base/i;
  const footer = "footer, [id*=footer], [class*=footer]";
  const links: string[] = [];
  for (const anchor of page.querySelectorAll("a[href]")) {
    const around = `${anchor.parentElement?.textContent ?? ""} ${anchor.textContent ?? ""}`;
    const short = around.length < 500 && site.test(around);
    if (!short && anchor.closest(footer) === null) links.push(anchor.getAttribute("href") ?? "");
  }
  const below = new Set([...page.querySelectorAll(footer)].flatMap(linesOf));
  return findLicense(lines.filter((line) => !site.test(line) && !below.has(line)), links);
}
