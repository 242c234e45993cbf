/**
 * The request and response headers that the client writes and reads.
 *
 * @module
 */

import { PROJECT_URL, VERSION } from "../base/version.ts";

/** Aquaset's name in robots.txt and `X-Robots-Tag`. */
export const PRODUCT_TOKEN = "Aquaset";

/**
 * The User-Agent, with an address or URL as the contact.
 *
 * @throws {TypeError} When the contact cannot stand in a header.
 */
export function userAgent(contact: string = PROJECT_URL): string {
  if (!/^[\x20-\x7e]{1,200}$/.test(contact) || /[()]/.test(contact)) {
    throw new TypeError("takes 1 to 200 plain letters without parentheses: an address or URL");
  }
  return `${PRODUCT_TOKEN}/${VERSION} (+${contact.trim()})`;
}

/**
 * The `Referer` that a browser sends under its default policy, `strict-origin-when-cross-origin`:
 * the full URL to the same site, only the origin to others, nothing from https to http.
 */
export function referrer(page: string, target: URL): string | undefined {
  const from = URL.parse(page);
  if (from === null || (from.protocol !== "https:" && from.protocol !== "http:")) return undefined;
  if (from.origin === target.origin) {
    from.username = "";
    from.password = "";
    from.hash = "";
    return from.href;
  }
  if (from.protocol === "https:" && target.protocol !== "https:") return undefined;
  return `${from.origin}/`;
}

const LONGEST_RETRY_AFTER = 86_400_000;

/**
 * Reads `Retry-After`, seconds or an HTTP date (RFC 9110, 10.2.3), as milliseconds from `today`: a day
 * at most, 0 for a date that has passed. Some APIs send parts of a second, or an ISO date.
 */
export function readRetryAfter(value: string | null, today: number): number | undefined {
  const text = value?.trim() ?? "";
  if (/^\d+(?:\.\d+)?$/.test(text)) return Math.min(Number(text) * 1000, LONGEST_RETRY_AFTER);
  const date = readDate(text);
  return date === undefined ? undefined : Math.min(Math.max(0, date - today), LONGEST_RETRY_AFTER);
}

/** Reads an HTTP or ISO date as milliseconds since 1970. `Date.parse` alone accepts far more. */
export function readDate(text: string): number | undefined {
  if (!/^(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*[, ]|\d{4}-\d\d-\d\dT)/.test(text)) {
    return undefined;
  }
  const asctime = /^\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}$/.test(text);
  const date = Date.parse(asctime ? `${text} GMT` : text);
  return Number.isNaN(date) ? undefined : date;
}

const TRAINING_RULES: ReadonlySet<string> = new Set(["noai", "noimageai", "noml"]);

export const OPT_OUT_RULES: ReadonlySet<string> = new Set([
  ...TRAINING_RULES,
  "noindex",
  "noimageindex",
  "none",
]);

/** Rules with a value after a colon; any other word before a colon names a robot. */
const WITH_VALUE: ReadonlySet<string> = new Set([
  "unavailable_after",
  "max-snippet",
  "max-image-preview",
  "max-video-preview",
]);

/**
 * The header by which a server asks that an image is not used, if any.
 *
 * `X-Robots-Tag` with `noai`, `noimageai` or `noml` is about training; `noindex`, `noimageindex` and `none` are
 * about search engines, and honoured too: whoever does not want an image found does not want it
 * collected. `TDM-Reservation: 1` reserves the rights to text and data mining.
 *
 * @example
 * ```ts
 * optOut(new Headers({ "x-robots-tag": "googlebot: noindex" })); // undefined: not for us
 * optOut(new Headers({ "x-robots-tag": "noai" })); // "X-Robots-Tag: noai"
 * ```
 */
export function optOut(headers: Headers): string | undefined {
  const reserved = headers.get("tdm-reservation")?.split(",").some((part) => part.trim() === "1");
  if (reserved) return "TDM-Reservation: 1";
  const tag = headers.get("x-robots-tag");
  // A robot's name holds for the rules after it. Several headers arrive joined by commas, so a second
  // header for all robots looks like more rules for the first one's robot. When in doubt, a rule about
  // training counts: hardly anybody writes one for a single robot.
  let concerned = true;
  for (const part of tag?.slice(0, 8192).toLowerCase().split(",") ?? []) {
    const colon = part.indexOf(":");
    const name = part.slice(0, Math.max(0, colon)).trim();
    const named = colon >= 0 && !WITH_VALUE.has(name);
    if (named) concerned = name === PRODUCT_TOKEN.toLowerCase() || name === "*";
    const rule = (named ? part.slice(colon + 1) : part).trim();
    const counts = concerned || (!named && TRAINING_RULES.has(rule));
    if (counts && OPT_OUT_RULES.has(rule)) return `X-Robots-Tag: ${rule}`;
  }
  return undefined;
}
