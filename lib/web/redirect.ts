/**
 * From one URL to the next.
 *
 * @module
 */

import { type Ask, failed } from "./ask.ts";
import type { NotReceived } from "./client.ts";
import type { Redirected } from "./exchange.ts";

/** The most redirects that are followed. */
export const MOST_REDIRECTS = 10;

/**
 * Reads a URL that is to be fetched: http or https, without the user's name and password, which are
 * never sent, and without the fragment, which is none of the server's business.
 *
 * @param text The URL, or what a `Location` header says.
 * @param base What it is relative to, if it may be relative.
 * @returns The URL, or why it is none.
 *
 * @example
 * ```ts
 * readUrl("//b.example/2.jpg", "https://a.example/1.jpg"); // https://b.example/2.jpg
 * readUrl("ftp://a.example/"); // "ftp: cannot be fetched"
 * ```
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
/** Longer URLs nobody serves; servers refuse them from 8 KiB on. */
const LONGEST_URL = 16_384;

/** Whether a status says to go elsewhere. */
export function isRedirect(status: number): boolean {
  return status === 301 || status === 302 || status === 303 || status === 307 || status === 308;
}

/**
 * Where a redirect leads, or why it is not followed.
 *
 * @param redirected The answer.
 * @param from What was asked for.
 * @param seen Everything that was asked for so far.
 * @param ask The rules.
 */
export function nextUrl(
  redirected: Redirected,
  from: URL,
  seen: ReadonlySet<string>,
  ask: Ask,
): URL | NotReceived {
  const { status, location } = redirected;
  const { hosts, redirects } = ask;
  if (location === null) return failed("redirect-loop", `HTTP ${status} leads nowhere`, from.href);
  const next = readUrl(escapedBytes(location), from.href);
  if (typeof next === "string") return failed("bad-url", `redirected: ${next}`, from.href);
  if (seen.has(next.href)) return failed("redirect-loop", "redirected in a circle", next.href);
  if (seen.size > redirects) {
    return failed("redirect-loop", `more than ${redirects} redirects`, next.href);
  }
  if (hosts !== undefined && !hosts.has(next.host)) {
    return failed("redirect-loop", `redirected away, to ${next.host}`, next.href);
  }
  return next;
}

/**
 * A header's bytes beyond ASCII as a browser escapes them: the platform gives each as a letter of
 * its own, and most are UTF-8.
 */
function escapedBytes(header: string): string {
  return header.replace(
    /[\x80-\xff]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
