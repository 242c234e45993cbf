/**
 * The request and response headers that the client writes and reads.
 *
 * @module
 */

import { PROJECT_URL, VERSION } from "../base/version.ts";

/** The name that robots.txt and `X-Robots-Tag` know Aquaset by. */
export const PRODUCT_TOKEN = "Aquaset";

/**
 * The User-Agent: the product, its version and whom to write to.
 *
 * @param contact An address or URL; the project's own unless given.
 * @returns Such as `Aquaset/0.1.0 (+https://github.com/aquaset/aquaset)`.
 * @throws {TypeError} When the contact cannot stand in a header.
 *
 * @example
 * ```ts
 * userAgent("mailto:fish@example.org"); // "Aquaset/0.1.0 (+mailto:fish@example.org)"
 * ```
 */
export function userAgent(contact: string = PROJECT_URL): string {
  if (!/^[\x20-\x7e]{1,200}$/.test(contact) || /[()]/.test(contact)) {
    throw new TypeError("takes 1 to 200 plain letters without parentheses: an address or URL");
  }
  return `${PRODUCT_TOKEN}/${VERSION} (+${contact.trim()})`;
}

/**
 * The `Referer` that a browser sends under its default policy, `strict-origin-when-cross-origin`:
 * the whole page to its own site, the site alone to others, nothing from https to http.
 *
 * @param page The page the image stands on.
 * @param target The image.
 *
 * @example
 * ```ts
 * referrer("https://a.example/tank?x#y", new URL("https://b.example/1.jpg")); // "https://a.example/"
 * ```
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

/** The longest wait that `Retry-After` is believed, in milliseconds: a day. */
const LONGEST_RETRY_AFTER = 86_400_000;

/**
 * Reads `Retry-After`: a whole number of seconds or an HTTP date (RFC 9110, 10.2.3).
 *
 * @param value The header, or null where there is none.
 * @param today Milliseconds since 1970, by the server's clock where it sends one.
 * @returns Milliseconds, 0 for a date that has passed, a day at most; `undefined` for other texts.
 *
 * @example
 * ```ts
 * readRetryAfter("120", Date.now()); // 120000
 * ```
 */
export function readRetryAfter(value: string | null, today: number): number | undefined {
  const text = value?.trim() ?? "";
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1000, LONGEST_RETRY_AFTER);
  const date = readDate(text);
  return date === undefined ? undefined : Math.min(Math.max(0, date - today), LONGEST_RETRY_AFTER);
}

/** An HTTP date in milliseconds since 1970. `Date.parse` alone takes far more than the standard. */
export function readDate(text: string): number | undefined {
  if (!/^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*[, ]/.test(text)) return undefined;
  const asctime = /^\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}$/.test(text);
  const date = Date.parse(asctime ? `${text} GMT` : text);
  return Number.isNaN(date) ? undefined : date;
}

const TRAINING_RULES: ReadonlySet<string> = new Set(["noai", "noimageai"]);

const OPT_OUT_RULES: ReadonlySet<string> = new Set([
  ...TRAINING_RULES,
  "noindex",
  "noimageindex",
  "none",
]);

/** Rules that have a value after a colon; any other word before a colon names a robot. */
const WITH_VALUE: ReadonlySet<string> = new Set([
  "unavailable_after",
  "max-snippet",
  "max-image-preview",
  "max-video-preview",
]);

/**
 * Whether a server asks that an image is not used.
 *
 * `X-Robots-Tag` with `noai` or `noimageai` speaks of training; `noindex`, `noimageindex` and `none`
 * speak of search engines, and are honoured too: whoever does not want a picture found does not want
 * it collected. `TDM-Reservation: 1` reserves the rights to text and data mining.
 *
 * @param headers The response's headers.
 * @returns The header that says so, or `undefined`.
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
  // header, for all robots, looks like more rules of the first one's robot. In doubt a rule about
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
