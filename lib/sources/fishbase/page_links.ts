/**
 * Links from a page of pictures to a picture's own page and to the next page of the list.
 *
 * @module
 */

import type { HtmlDocument } from "../../web/html.ts";
import { parameter, pathOf } from "./addresses.ts";
import { linkOf, type PageContext, pictureOf } from "./page_context.ts";
import type { PictureLink } from "./picture.ts";

/** What the address of a picture's page tells. */
export function readPictureLink(url: URL): PictureLink {
  const start = Number(parameter(url, "StartRow") ?? NaN);
  const page = Number(parameter(url, "resultPage") ?? NaN);
  const total = Number(parameter(url, "TotRec") ?? NaN);
  const row = Number.isInteger(start) ? start : Number.isInteger(page) ? page - 1 : undefined;
  return {
    path: pathOf(url),
    ...(row !== undefined && row >= 0 && { row }),
    ...(Number.isInteger(total) && total >= 0 && { total }),
    ...(row !== undefined && { style: Number.isInteger(start) ? "StartRow" : "resultPage" }),
  };
}

/** What has to be the same in the address of a further page. */
const SAME_NAME = ["Genus", "Species"];

function isEqual(one: URL, other: URL, name: string): boolean {
  return parameter(one, name)?.toLowerCase() === parameter(other, name)?.toLowerCase();
}

/**
 * Further pages of the same list, where it is cut into pages.
 *
 * @param page The page.
 * @param context Where it stands.
 * @param specCode The species' number, where it is known.
 */
export function furtherPages(
  page: HtmlDocument,
  context: PageContext,
  specCode: string | undefined,
): readonly string[] {
  const here = new URL(context.url);
  const own = pathOf(here).toLowerCase();
  const more = new Map<string, string>();
  for (const anchor of page.querySelectorAll("a[href]")) {
    const link = linkOf(anchor.getAttribute("href"), context);
    if (link === undefined || pictureOf(link.href, context) !== undefined) continue;
    const [name] = link.pathname.toLowerCase().split("/").slice(-1);
    if (name !== here.pathname.toLowerCase().split("/").at(-1)) continue;
    const paged = [...link.searchParams.keys()].some((key) =>
      /^(?:start|startrow|start_row|page|pageno|resultpage|offset|from)$/i.test(key)
    );
    if (!paged || pathOf(link).toLowerCase() === own) continue;
    const id = parameter(link, "ID");
    if (id !== undefined && specCode !== undefined && id !== specCode) continue;
    if (id === undefined && !SAME_NAME.every((name) => isEqual(link, here, name))) continue;
    more.set(pathOf(link).toLowerCase(), pathOf(link));
  }
  return [...more.values()];
}
