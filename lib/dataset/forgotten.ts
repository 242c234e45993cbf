/**
 * What was forgotten on somebody's request, as keys that do not say whose it was: enough to know an
 * image again and not to fetch it a second time.
 *
 * @module
 */

import { createHash } from "node:crypto";

/** By what images are forgotten. */
export type ForgetBy = "author" | "host" | "url";

/** What of an image may have been forgotten. */
export interface Traces {
  readonly url?: string;
  readonly alternatives?: readonly string[];
  readonly page?: string;
  readonly author?: string;
  /** Of the file, 64 hex digits. */
  readonly sha256?: string;
  readonly original?: { readonly sha256: string };
}

/** A name as it is compared: case, accents' forms and punctuation do not matter. */
export function nameKey(author: string): string {
  return author.normalize("NFKC").toLowerCase().replace(/[^\p{L}\p{N}]+/gu, " ").trim();
}

/** The key of an author, a host (its subdomains count too) or an address. */
export function forgetKey(by: ForgetBy, value: string): string {
  switch (by) {
    case "author":
      return digest(by, nameKey(value));
    case "host":
      return digest(by, value.toLowerCase());
    case "url":
      return digest(by, URL.parse(value)?.href ?? value);
  }
}

/** The key of a file's content. */
export function bytesKey(sha256: string): string {
  return digest("bytes", sha256);
}

/** All keys under which an image may have been forgotten. Each is made when it is asked for. */
export function* keysOf(
  { url, alternatives, page, author, sha256, original }: Traces,
): Generator<string, void, void> {
  const addresses = [url, page, ...alternatives ?? []].filter((one) => one !== undefined);
  for (const address of addresses) yield forgetKey("url", address);
  for (const host of new Set(addresses.flatMap(hostsOf))) yield forgetKey("host", host);
  if (author !== undefined && nameKey(author) !== "") yield forgetKey("author", author);
  for (const hash of [sha256, original?.sha256]) if (hash !== undefined) yield bytesKey(hash);
}

/** Whether a text is a key. */
export function isForgetKey(value: unknown): value is string {
  return typeof value === "string" && /^[0-9a-f]{32}$/.test(value);
}

/** `www.fish.example` and `fish.example` for an address at the former. */
function hostsOf(address: string): string[] {
  const labels = URL.parse(address)?.hostname.split(".") ?? [];
  const most = Math.max(1, labels.length - 1);
  return Array.from({ length: most }, (_, at) => labels.slice(at).join("."));
}

function digest(kind: string, value: string): string {
  return createHash("sha256").update(`aquaset ${kind} ${value}`).digest("hex").slice(0, 32);
}
