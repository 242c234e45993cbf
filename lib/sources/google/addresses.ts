/**
 * Google's addresses: what a search asks for, and which hosts are Google's own.
 *
 * @module
 */

/** What a search may say besides its query. */
export interface SearchAddress {
  /** Whether Google must not search for a spelling of its own instead (`nfpr=1`). */
  readonly forced?: boolean;
}

/**
 * Photos of at least medium size.
 *
 * `isz:m` alone means "medium and no larger" (400×300 to about a megapixel). "Medium and up" is
 * what Google calls "larger than 400×300": `isz:lt,islt:qsvga`; told since 2009, no longer in the
 * menu. Were it ignored, small pictures would come and be turned away by their size. `itp:photo`
 * leaves drawings, clip art and vector graphics out.
 */
const FILTERS = "itp:photo,isz:lt,islt:qsvga";

/**
 * The address of a search for images: English page, safe search on, photos of medium size and up.
 *
 * `udm=2` is the image search of 2024 to 2026 (seen); `hl` and `gl` make the page's words and
 * results independent of where the machine stands.
 *
 * @param query What to search for.
 * @param address Whether the spelling is forced.
 *
 * @example
 * ```ts
 * import { searchAddress } from "./addresses.ts";
 *
 * console.log(searchAddress('"Corydoras adolfoi"'));
 * ```
 */
export function searchAddress(query: string, address: SearchAddress = {}): string {
  const url = new URL("https://www.google.com/search");
  url.searchParams.set("q", query);
  url.searchParams.set("udm", "2");
  url.searchParams.set("tbs", FILTERS);
  url.searchParams.set("safe", "active");
  url.searchParams.set("hl", "en");
  url.searchParams.set("gl", "us");
  if (address.forced) url.searchParams.set("nfpr", "1");
  return url.href;
}

/**
 * The hosts the browser may reach: the search engine's own, each named in full, so that Chromium's
 * own calls to other hosts of Google stay within. Pictures stand elsewhere.
 */
export const GOOGLE_HOSTS: readonly string[] = [
  "www.google.com",
  "consent.google.com",
  // The robot check used to stand at these (unverified).
  "ipv4.google.com",
  "ipv6.google.com",
  "www.gstatic.com",
  "ssl.gstatic.com",
  "fonts.gstatic.com",
  "encrypted-tbn0.gstatic.com",
  "encrypted-tbn1.gstatic.com",
  "encrypted-tbn2.gstatic.com",
  "encrypted-tbn3.gstatic.com",
];

/**
 * Whether a host is the search engine's own.
 *
 * @param host A host name, lower case.
 */
export function isGoogleHost(host: string): boolean {
  // The robot check used to stand at ipv4.google.com and ipv6.google.com (told).
  return /^(?:(?:www|consent|apis|ogs|accounts|ipv[46])\.)?google\.com$/.test(host) ||
    /^(?:[a-z0-9-]+\.)*gstatic\.com$/.test(host) ||
    // The robot check's and consent's pages of a country: www.google.de, consent.google.co.uk.
    /^(?:www|consent)\.google\.(?:com?\.)?[a-z]{2}$/.test(host);
}

/**
 * Whether an address can be an original: http or https, on a host that is not Google's own. What
 * people publish with Google (`blogger.googleusercontent.com`, `*.blogspot.com`) is theirs.
 *
 * @param url Any text.
 */
export function isOriginal(url: string): boolean {
  const parsed = URL.parse(url);
  if (parsed === null || (parsed.protocol !== "https:" && parsed.protocol !== "http:")) {
    return false;
  }
  return !isGoogleHost(parsed.hostname) && !isThumbnail(url) && parsed.hostname.includes(".");
}

/**
 * Whether an address is one of Google's thumbnails: `encrypted-tbn0.gstatic.com` and its likes.
 *
 * @param url Any text.
 */
export function isThumbnail(url: string): boolean {
  const host = URL.parse(url)?.hostname ?? "";
  return /(?:^|\.)gstatic\.com$/.test(host) ||
    /^(?:encrypted-)?tbn\d*\.google\.com$/.test(host) ||
    /^encrypted-tbn/.test(host);
}

/** Whether an address names a vector graphic: no photo, and nothing the dataset can hold. */
export function isVector(url: string): boolean {
  return /\.svgz?$/i.test(URL.parse(url)?.pathname ?? "");
}

/** What an `/imgres` link says of its picture (seen, 2024 to 2026). */
export interface ImageLink {
  /** The original. */
  readonly url: string;
  /** The page it stands on; empty where the link does not say. */
  readonly page: string;
  /** Pixels. */
  readonly width: number | undefined;
  /** Pixels. */
  readonly height: number | undefined;
  /** The result's docid; empty where the link does not say. */
  readonly docid: string;
}

/**
 * Reads an `/imgres?imgurl=…&imgrefurl=…&tbnid=…&w=…&h=…` link.
 *
 * @param href The link, absolute or not.
 * @returns What it says, or nothing where it names no original.
 */
export function readImageLink(href: string): ImageLink | undefined {
  const link = URL.parse(href, "https://www.google.com/");
  if (link === null || !link.pathname.endsWith("/imgres")) return undefined;
  const url = link.searchParams.get("imgurl") ?? "";
  if (!isOriginal(url)) return undefined;
  return {
    url,
    page: link.searchParams.get("imgrefurl") ?? "",
    width: pixels(link.searchParams.get("w")),
    height: pixels(link.searchParams.get("h")),
    docid: (link.searchParams.get("tbnid") ?? "").replace(/:$/, ""),
  };
}

/**
 * A length in pixels, as a number or as digits.
 *
 * @param value Anything.
 * @returns The length, or nothing where the value is none.
 */
export function pixels(value: unknown): number | undefined {
  const number = typeof value === "string" && /^\d{1,6}$/.test(value) ? Number(value) : value;
  return typeof number === "number" && Number.isInteger(number) && number > 0 && number < 1e6
    ? number
    : undefined;
}

/**
 * The query of a search's address.
 *
 * @param href The address, absolute or not.
 * @returns The query, or nothing where this is no search.
 */
export function queryOf(href: string): string | undefined {
  const url = URL.parse(href, "https://www.google.com/");
  if (url === null || url.pathname !== "/search") return undefined;
  if (!/^www\.google\./.test(url.hostname) || !isGoogleHost(url.hostname)) return undefined;
  return url.searchParams.get("q") ?? undefined;
}
