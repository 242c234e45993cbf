/**
 * What images have in common that must not stand on two sides: the page, and the photographer's
 * series.
 *
 * @module
 */

/** What a page is asked for besides which page it is: where in a list, which picture, whence. */
const PLACE_IN_LIST =
  /^(?:startrow|totrec|start|offset|from|page|pg|p|pos|index|i|n|nr|num|photo|photoid|pic|picid|picname|image|img|imageid|slide|utm_\w+|fbclid|gclid)$/i;

/**
 * The page an image stands on, as a key: images with the same are of one page.
 *
 * @param page The page's URL as the log has it.
 * @returns The key; empty where there is no page.
 *
 * @example
 * ```ts
 * import { pageKey } from "./keys.ts";
 *
 * pageKey("https://www.example.org/fish/#photo-3"); // "www.example.org/fish"
 * ```
 */
export function pageKey(page: string): string {
  const url = parse(page);
  if (url === undefined) return page.trim();
  return `${url.host}${trimmed(url.pathname)}${url.search}`;
}

/**
 * The series an image belongs to, as a key: those that one photographer has on one page, also where
 * each picture, or each ten, has an address of its own there.
 *
 * @param page The page's URL as the log has it.
 * @param author Who took the image.
 * @returns The key; empty where page or photographer are not known.
 */
export function seriesKey(page: string, author: string): string {
  const name = author.normalize("NFKC").toLowerCase().replace(/[^\p{L}\p{N}]+/gu, " ").trim();
  const url = parse(page);
  if (name === "" || name === "unknown" || url === undefined) return "";
  const query = [...url.searchParams].filter(([field]) => !PLACE_IN_LIST.test(field))
    .map(([field, value]) => `${field}=${value}`).sort().join("&");
  const path = trimmed(url.pathname).replace(/\/page[/-]?\d+$/i, "");
  return `${name} @ ${url.host}${path}?${query}`;
}

function parse(page: string): URL | undefined {
  const url = URL.parse(page);
  return url === null || url.host === "" ? undefined : url;
}

function trimmed(path: string): string {
  return path.replace(/\/+$/, "");
}
