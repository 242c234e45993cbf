/**
 * The photo service: a species' registered pictures as XML.
 *
 * The link to it was seen on a summary page of 2019; what it answers is told: a `fishbase` element
 * with one `species` (`status="valid"`) and a `pictures` element for each picture, or for several of
 * one `type`, with `picname`, `actual`, `thumbnail`, `author`.
 *
 * @module
 */

import { cleanAuthor } from "./authors.ts";
import { picturedByType } from "./kinds.ts";
import { type PageContext, pictureOf } from "./page_context.ts";
import type { FoundPicture, PageShape } from "./picture.ts";
import { readName } from "./summary_page.ts";

/** What the service answered. */
export interface PhotoService {
  /** What the answer came to. */
  readonly shape: PageShape;
  /** The pictures, in the service's order. */
  readonly pictures: readonly FoundPicture[];
  /** The species' number, where it is told. */
  readonly specCode?: string;
  /** Genus and epithet of the species, where both are told. */
  readonly words?: readonly string[];
}

/** How much of an answer is read, in characters; the longest lists are a tenth of it. */
const MOST_TEXT = 500_000;

type Field = "picname" | "actual" | "thumbnail" | "author";
const FIELDS: ReadonlySet<string> = new Set<Field>(["picname", "actual", "thumbnail", "author"]);

/**
 * Reads the service's answer. The XML need not be sound: what stands in known elements is taken,
 * closed or not.
 *
 * @param text The answer.
 * @param context Where it stands.
 */
export function readPhotoService(text: string, context: PageContext): PhotoService {
  if (saysNone(text)) return { shape: "empty", pictures: [] };
  if (
    !/<\s*(?:\w+:)?(?:fishbase|pictures|species|speccode)\b/i.test(text) || /<html\b/i.test(text)
  ) {
    return { shape: text.trim() === "" ? "empty" : "unknown", pictures: [] };
  }
  const pictures = new Map<string, FoundPicture>();
  let specCode: string | undefined;
  let genus = "";
  let epithet = "";
  let type = "";
  let record: Partial<Record<Field, string>> = {};
  const finish = (): void => {
    const picture = pictureFrom(record, type, context);
    const key = picture?.address.key ?? "";
    if (picture !== undefined && !pictures.has(key)) pictures.set(key, picture);
    record = {};
  };
  for (const { name, attributes, value } of elements(text)) {
    if (name === "pictures") {
      finish();
      type = attributes;
    } else if (isField(name)) {
      // A field for the second time: the next picture of the same group.
      if (record[name] !== undefined) finish();
      record[name] = value;
    } else if (name === "speccode" && /^\d+$/.test(value)) specCode ??= value;
    else if (/^genus(?:name)?$/.test(name)) genus ||= value;
    else if (/^species(?:name)?$/.test(name)) epithet ||= value;
  }
  finish();
  const words = readName(`${genus} ${epithet}`);
  // An answer that breaks off before its first picture says nothing.
  const cutOff = /<(?:\w+:)?fishbase\b[^>]*(?<!\/)>/i.test(text) &&
    !/<\/\s*(?:\w+:)?fishbase\b/i.test(text);
  const none = cutOff ? "unknown" : "empty";
  return {
    shape: pictures.size > 0 ? "known" : none,
    pictures: [...pictures.values()],
    ...(specCode !== undefined && { specCode }),
    ...(words !== undefined && { words }),
  };
}

/** Whether the answer is but a sentence that says that there is nothing. */
function saysNone(text: string): boolean {
  return text.length < 300 && !text.includes("<") &&
    /^\s*no (?:pictures?|photos?|images?|records?)\b/i.test(text);
}

function isField(name: string): name is Field {
  return FIELDS.has(name);
}

/** The opening tags with the text right behind them, in order. */
function* elements(
  text: string,
): Generator<{ readonly name: string; readonly attributes: string; readonly value: string }> {
  const plain = text.slice(0, MOST_TEXT).replace(/<!--[\s\S]*?-->/g, "");
  const tag = /<([A-Za-z_][\w.:-]*)([^<>]*)>((?:<!\[CDATA\[[\s\S]*?\]\]>|[^<])*)/g;
  for (const [, name = "", attributes = "", value = ""] of plain.matchAll(tag)) {
    const type = /\btype\s*=\s*["']?([\w-]+)/i.exec(attributes)?.[1] ?? "";
    yield {
      name: name.toLowerCase().replace(/^\w+:/, ""),
      attributes: type,
      value: attributes.endsWith("/") ? "" : unescape(value).trim(),
    };
  }
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
};

function unescape(text: string): string {
  return text.replace(/<!\[CDATA\[([\s\S]*?)\]\]>/g, "$1")
    .replace(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(\w{2,4}));/gi, (whole, hex, decimal, name) => {
      const code = hex ? parseInt(hex, 16) : decimal ? Number(decimal) : undefined;
      if (code !== undefined) return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
      return ENTITIES[String(name).toLowerCase()] ?? whole;
    });
}

function pictureFrom(
  record: Readonly<Partial<Record<Field, string>>>,
  type: string,
  context: PageContext,
): FoundPicture | undefined {
  const { picname = "", actual = "", thumbnail = "" } = record;
  const named = picname === "" ? undefined : `/images/species/${picname}`;
  const address = [actual, thumbnail, named]
    .map((link) => pictureOf(link, context))
    .find((found) => found !== undefined);
  if (address === undefined) return undefined;
  const pictured = picturedByType(type);
  const kind = address.kind === "photo" ? pictured.kind ?? "photo" : address.kind;
  const author = record.author === undefined ? undefined : cleanAuthor(record.author);
  return {
    address,
    road: "service",
    kind,
    ...(author !== undefined && { author }),
    ...(pictured.stage !== undefined && { stage: pictured.stage }),
  };
}
