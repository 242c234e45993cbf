/**
 * URLs to fetch, and where redirects lead.
 *
 * @module
 */

/** Servers refuse longer URLs; most do so from 8 KiB on. */
const LONGEST_URL = 16_384;

/**
 * An address as it may be written down and published: without a login, and where it is too long to be
 * fetched, cut to one that is still too long.
 */
export function addressToKeep(text: string): string {
  if (text.length > LONGEST_URL) return text.slice(0, LONGEST_URL + 1);
  const url = text.includes("@") ? URL.parse(text) : null;
  if (url === null || (url.username === "" && url.password === "")) return text;
  url.username = "";
  url.password = "";
  return url.href;
}

/**
 * Reads a URL to fetch: http or https, without user name, password and fragment. Gives why it cannot
 * be fetched otherwise.
 */
export function readUrl(text: string, base?: string): URL | string {
  const url = URL.parse(text, base);
  if (url === null) return "not a URL";
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    return `${url.protocol.slice(0, 40)} cannot be fetched`;
  }
  if (url.hostname === "") return "a URL without a host";
  if (url.href.length > LONGEST_URL) return `a URL of ${url.href.length} letters`;
  url.username = "";
  url.password = "";
  url.hash = "";
  return url;
}

/** Whether a status is a redirect that has a `Location`. */
export function isRedirect(status: number): boolean {
  return [301, 302, 303, 307, 308].includes(status);
}

/**
 * Reads a `Location` header. The platform decodes it as Latin-1, while most servers mean UTF-8; so
 * bytes beyond ASCII are escaped, as browsers do.
 */
export function readLocation(location: string, from: URL): URL | string {
  const escaped = location.replace(
    /[\x80-\xff]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return readUrl(escaped, from.href);
}
