/**
 * Wikimedia Commons: the files in a species' category.
 *
 * A species costs one request for each 50 files, and a few more where the answer comes in parts.
 *
 * @module
 */

import * as v from "valibot";
import { defined } from "../base/defined.ts";
import { parseHtml } from "../web/html.ts";
import { ID, NUMBER, optional, TEXT } from "./api_access.ts";
import { type ApiOptions, type ApiSearch, createApiSource, type Found } from "./api.ts";
import { COMMONS_API, endpoint } from "./apis.ts";
import { type License, licenseId, licenseIdOfCode } from "./license.ts";
import { photoOf } from "./same_photo.ts";
import { type Candidate, type ImageSource, licenseFields, StageStop } from "./source.ts";

/** The hosts of files and of their smaller renderings. */
const FILE_HOSTS: ReadonlySet<string> = new Set(["upload.wikimedia.org", "thumb.wikimedia.org"]);
/** The width of the rendering that is kept; only some widths exist. */
const WIDTH = 1280;
/** How often, and how long, a request waits for servers that lag behind. */
const MOST_WAITS = 5;
/** How many answers in a row may bring nothing new. */
const MOST_EMPTY = 20;
const LAG_WAIT = 5000;

const FIELD = optional(v.object({ value: v.unknown() }));
const IMAGE = v.object({
  url: v.string(),
  thumburl: TEXT,
  thumbwidth: NUMBER,
  thumbheight: NUMBER,
  mime: TEXT,
  extmetadata: optional(v.object({
    Artist: FIELD,
    Credit: FIELD,
    License: FIELD,
    LicenseShortName: FIELD,
    LicenseUrl: FIELD,
  })),
});
const PAGE = v.object({
  pageid: ID,
  title: v.string(),
  // In one round of an answer in parts it may be missing.
  imageinfo: optional(v.array(v.unknown())),
});
const ANSWER = v.object({
  error: v.nullish(v.object({ code: v.string(), info: TEXT })),
  continue: v.nullish(v.record(
    v.string(),
    v.pipe(
      v.union([v.string(), v.number()]),
      v.transform(String),
    ),
  )),
  // A list in format version 2, an object by number before.
  query: v.nullish(v.object({
    pages: v.nullish(v.union([v.array(v.unknown()), v.record(v.string(), v.unknown())])),
  })),
});

type Answer = v.InferOutput<typeof ANSWER>;
type Next = Readonly<Record<string, string>>;
type Image = v.InferOutput<typeof IMAGE>;

/**
 * Wikimedia Commons as a source of images.
 *
 * @param options How it is asked.
 */
export function createCommons(options: ApiOptions): ImageSource {
  return createApiSource({
    name: "commons",
    title: "Wikimedia Commons",
    api: COMMONS_API,
    // Categories also hold what is only near to the species: drawings, tanks, relatives.
    vouches: false,
    search,
  }, options);
}

async function* search(context: ApiSearch): Found {
  const category = `Category:${context.words.join(" ")}`;
  const titles = new Map<number, string>();
  const images = new Map<number, Image>();
  const given = new Set<number>();
  const asked = new Set<string>();
  let further: Next | undefined = {};
  let empty = 0;
  while (further !== undefined) {
    asked.add(JSON.stringify(further));
    const before = titles.size + images.size;
    const url = endpoint(COMMONS_API, "", {
      action: "query",
      format: "json",
      formatversion: "2",
      generator: "categorymembers",
      gcmtitle: category,
      gcmtype: "file",
      gcmlimit: "50",
      prop: "imageinfo",
      iiprop: "url|size|mime|extmetadata",
      iiurlwidth: String(WIDTH),
      maxlag: "5",
      ...further,
    });
    const answer = await askWithoutLag(context, url);
    if (answer.error) {
      const { code, info } = answer.error;
      const said = `${code}: ${info ?? ""}`.slice(0, 300);
      if (/^(?:maxlag|ratelimited|readonly)$/.test(code)) {
        const reason = `Wikimedia Commons wants no more requests now (${said}). ` +
          "Everything found so far is kept; run again later.";
        throw new StageStop(code === "ratelimited" ? "rate-limited" : "unreachable", reason);
      }
      return { why: "failed", reason: `Wikimedia Commons answers ${said}` };
    }
    for (const value of Object.values(answer.query?.pages ?? [])) {
      const page = v.safeParse(PAGE, value);
      if (!page.success) continue;
      const { imageinfo, pageid, title } = page.output;
      titles.set(pageid, title);
      const image = v.safeParse(IMAGE, imageinfo?.[0]);
      if (image.success) images.set(pageid, image.output);
    }
    for (const [id, image] of images) {
      if (given.has(id)) continue;
      given.add(id);
      const candidate = candidateOf(titles.get(id) ?? "", image, context.fullSize);
      if (candidate !== undefined) yield candidate;
    }
    const next: Next | undefined = answer.continue ?? undefined;
    // The same place again would be asked for without end.
    empty = titles.size + images.size > before ? 0 : empty + 1;
    const isNew: boolean = !asked.has(JSON.stringify(next)) && empty < MOST_EMPTY;
    further = isNew ? next : undefined;
  }
  if (titles.size === 0) {
    return { why: "not-found", reason: `Wikimedia Commons has no files in ${category}` };
  }
  return { why: "exhausted", detail: { category, files: titles.size } };
}

/** Asks, and waits while the servers lag behind; after the last wait, the lag is the answer. */
async function askWithoutLag(context: ApiSearch, url: URL): Promise<Answer> {
  for (let waits = 0;; waits++) {
    const answer = await context.get(url, ANSWER);
    if (answer.error?.code !== "maxlag" || waits >= MOST_WAITS) return answer;
    await context.wait(LAG_WAIT);
  }
}

/** The candidate of a file; `undefined` for what is no picture of a camera. */
function candidateOf(title: string, image: Image, fullSize: boolean): Candidate | undefined {
  const { extmetadata, mime, thumbheight, thumburl, thumbwidth } = image;
  const url = URL.parse(fullSize ? image.url : thumburl ?? image.url);
  if (url === null || url.protocol !== "https:" || !FILE_HOSTS.has(url.hostname)) return undefined;
  const isPhoto = mime
    ? /^image\/(?:jpeg|png|webp|tiff)$/.test(mime)
    : /\.(?:jpe?g|png|webp|tiff?)$/i.test(title);
  if (!isPhoto) return undefined;
  const author = plainText(textOf(extmetadata?.Artist));
  const origin = originOf(textOf(extmetadata?.Credit));
  const name = encodeURIComponent(title.toWellFormed().replaceAll(" ", "_"));
  return {
    url: url.href,
    page: `https://commons.wikimedia.org/wiki/${name.replaceAll("%3A", ":")}`,
    title: title.replace(/^File:/, "").slice(0, 300),
    ...licenseFields(licenseOf(image)),
    ...defined({ author: author || undefined, origin }),
    ...(thumbwidth && thumbheight && !fullSize ? { width: thumbwidth, height: thumbheight } : {}),
  };
}

/** The licence; works in the public domain have an address seldom, and an id never. */
function licenseOf({ extmetadata }: Image): License {
  const text = textOf(extmetadata?.LicenseShortName) || textOf(extmetadata?.License);
  const url = URL.parse(textOf(extmetadata?.LicenseUrl));
  const id = licenseIdOfCode(textOf(extmetadata?.License)) ??
    (url === null ? undefined : licenseId(url.href));
  const isWeb = url !== null && /^https?:$/.test(url.protocol);
  return defined({ id, text: text || undefined, url: isWeb ? url.href : undefined });
}

/** The page of a photo that was taken over from Flickr or iNaturalist. */
function originOf(credit: string): string | undefined {
  const links = credit.match(/https?:\/\/[^\s"'<>]+/g) ?? [];
  return links.find((link) => photoOf(link) !== undefined);
}

function textOf(field: v.InferOutput<typeof FIELD>): string {
  return typeof field?.value === "string" ? field.value.slice(0, 2000) : "";
}

/** The text of a piece of HTML on one line: authors come as links, boxes and sentences. */
function plainText(html: string): string {
  if (html === "") return "";
  return (parseHtml(html).body.textContent ?? "").replace(/\s+/g, " ").trim().slice(0, 200);
}
