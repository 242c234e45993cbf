/**
 * Where a page stands, for its readers: what its links are relative to, and whether it is whole.
 *
 * @module
 */

import type { HtmlDocument } from "../../web/html.ts";
import { type PictureAddress, pictureAt, readLink } from "./addresses.ts";

/** What every reader of a page is given besides the page. */
export interface PageContext {
  /** The page's own URL. */
  readonly url: string;
  /** The mirrors' hosts. */
  readonly hosts: ReadonlySet<string>;
  /** What its links are relative to, where its `base` says something else than its URL. */
  readonly base?: string;
  /** Whether its text ends before the page does. */
  readonly cutOff?: boolean;
}

/**
 * Where a page that was received stands.
 *
 * @param answer The page.
 * @param mirrors The mirrors, whose hosts are meant.
 */
export function contextOf(
  { text, url }: { readonly text: string; readonly url: string },
  { hosts }: { readonly hosts: ReadonlySet<string> },
): PageContext {
  // Every page seen or told of closes its body; a server that gave up in the middle does not.
  const cutOff = !/<\/\s*(?:body|html)\s*>/i.test(text);
  return { url, hosts, ...(cutOff && { cutOff }) };
}

/** The same context with what the page's `base` says; one that leads off the mirrors is none. */
export function inPage(page: HtmlDocument, context: PageContext): PageContext {
  const href = page.querySelector("base[href]")?.getAttribute("href");
  const base = readLink(href, context.url, context.hosts)?.href;
  return base === undefined ? context : { ...context, base };
}

/** A link of a page; nothing when it leads off the mirrors. */
export function linkOf(href: string | null | undefined, context: PageContext): URL | undefined {
  return readLink(href, context.base ?? context.url, context.hosts);
}

/** The picture a link of a page stands for. */
export function pictureOf(
  href: string | null | undefined,
  context: PageContext,
): PictureAddress | undefined {
  return pictureAt(href, context.base ?? context.url, context.hosts);
}
