/**
 * Openverse: freely licensed photos of Flickr, by a free-text search. The search looks anywhere, so
 * only photos whose title or tags have the whole name are taken.
 *
 * A species costs one request for each 20 results, 12 at most.
 *
 * @module
 */

import * as v from "valibot";
import { COUNT, NUMBER, optional, recordsOf, TEXT } from "./api_access.ts";
import { type ApiOptions, type ApiSearch, createApiSource, type Found } from "./api.ts";
import { endpoint, OPENVERSE_API } from "./apis.ts";
import { licenseId, licenseIdOfCode } from "./license.ts";
import { type Candidate, type ImageSource, licenseFields } from "./source.ts";

/** How many results a page has, and how many pages are answered without a key. */
const PAGE_SIZE = 20;
const MOST_PAGES = 12;
/** Where Flickr's photos lie. */
const PHOTOS = "https://live.staticflickr.com";

const RESULT = v.object({
  url: v.string(),
  foreign_landing_url: v.string(),
  title: TEXT,
  creator: TEXT,
  license: v.string(),
  license_version: TEXT,
  license_url: TEXT,
  attribution: TEXT,
  width: NUMBER,
  height: NUMBER,
  tags: optional(v.array(v.object({ name: TEXT }))),
});
const RESULTS = v.object({ page_count: COUNT, results: recordsOf(RESULT) });

type Result = v.InferOutput<typeof RESULT>;

/**
 * Openverse as a source of images.
 *
 * @param options How it is asked.
 */
export function createOpenverse(options: ApiOptions): ImageSource {
  return createApiSource({
    name: "openverse",
    title: "Openverse",
    api: OPENVERSE_API,
    // Whoever put the photo there has named it, and nobody has looked at the name.
    vouches: false,
    search,
  }, options);
}

async function* search(context: ApiSearch): Found {
  const name = context.words.join(" ");
  const counts = { results: 0, otherName: 0, unlicensed: 0 };
  for (let page = 1; page <= MOST_PAGES; page++) {
    const url = endpoint(OPENVERSE_API, "images/", {
      q: `"${name}"`,
      license: "by,by-sa,cc0,pdm",
      source: "flickr",
      page_size: String(PAGE_SIZE),
      page: String(page),
    });
    const { page_count, results } = await context.get(url, RESULTS);
    for (const result of results.records) {
      counts.results++;
      const candidate = candidateOf(result);
      if (!isNamed(result, name)) counts.otherName++;
      else if (candidate === undefined) counts.unlicensed++;
      else yield candidate;
    }
    if (results.count === 0 || page >= (page_count ?? MOST_PAGES)) break;
  }
  return { why: "exhausted", detail: { ...counts } };
}

/** Whether title or tags have the whole name, be it written as `Betta splendens` or `bettasplendens`. */
function isNamed({ tags, title }: Result, name: string): boolean {
  const wordsOf = (text = "") => ` ${text.toLowerCase().replace(/[^\p{L}]+/gu, " ").trim()} `;
  const words = wordsOf(name);
  return [title, ...(tags ?? []).map((tag) => tag.name)].map(wordsOf)
    .some((text) => text.includes(words) || text.includes(` ${words.replaceAll(" ", "")} `));
}

/** The candidate of a result; `undefined` where its licence or one of its addresses is not valid. */
function candidateOf(result: Result): Candidate | undefined {
  const { attribution, creator, height, license, license_url, license_version, title, width } =
    result;
  const [url, page] = [URL.parse(result.url), URL.parse(result.foreign_landing_url)];
  const deed = URL.parse(license_url ?? "");
  // The address is the more exact: it names the country of a version that has one.
  const id = deed === null ? licenseIdOfCode(license, license_version) : licenseId(deed.href);
  if (id === undefined || url?.origin !== PHOTOS || !isWeb(page)) return undefined;
  const text = attribution || `${license} ${license_version ?? ""}`.trim();
  return {
    url: url.href,
    page: page.href,
    ...licenseFields({
      id,
      text: text.slice(0, 500),
      ...(isWeb(deed) && { url: deed.href }),
    }),
    ...(title ? { title: title.slice(0, 300) } : {}),
    ...(creator ? { author: creator.slice(0, 200) } : {}),
    ...(width && height ? { width, height } : {}),
  };
}

function isWeb(url: URL | null): url is URL {
  return url !== null && /^https?:$/.test(url.protocol);
}
