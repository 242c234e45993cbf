/**
 * How to tell a page of FishBase from any other page, and one with nothing on it from one that failed.
 *
 * @module
 */

import type { HtmlDocument, HtmlElement } from "../../web/html.ts";
import { linkOf, type PageContext } from "./page_context.ts";
import { linesOf } from "./page_text.ts";

/** FishBase's own scripts, which its pages link to. */
const OWN_SCRIPTS =
  /\/(?:speciessummary|thumbnailssummary|picturessummary|collaboratorsummary|fishpicslist|synonymslist|familysummary|scientificnamesearchlist|fbrefsummary|speciesstampslist|randomspecies)\.php|\/summary\/[\w-]+|\/search\.php|\/tools\/uploadphoto\//i;
/** Says that there are no pictures (told: `No image available for this species`). */
const NO_PICTURES =
  /\bno\s+(?:images?|photos?|pictures?|photographs?|records?)\b(?:[\w\s]{0,40}?\b(?:available|found|yet|on file|in fishbase|for this|exist))?|\b(?:images?|photos?|pictures?)\s+(?:is|are)\s+not\s+(?:yet\s+)?available|\bthere\s+(?:is|are)\s+(?:currently\s+)?no\s+(?:\w+\s+)?(?:images?|photos?|pictures?)/i;
/** Says that the page failed: what is missing on it says nothing. */
const TROUBLE =
  /\b(?:fatal|parse|database|server|query) error\b|\buncaught\b|\bmysqli?[_:]|\bSQLSTATE\b|\berror in your SQL\b|\bquery (?:has )?failed\b|\btoo many connections\b|\b(?:under|undergoing|down for)\s+(?:\w+\s+)?maintenance\b|\btemporarily (?:down|closed|offline|unavailable|not available|out of (?:service|order))\b|\bservice (?:is )?unavailable\b|\b(?:try|come|check|visit us) (?:back |again )?(?:later|soon)\b|\ban (?:\w+ )?error (?:has )?occurred\b/i;
/** Where a site leads whoever asks for a page that it does not have. */
const HOME = /^\/(?:(?:index|home|default|search|error|maintenance)\.\w+)?$/i;

/**
 * Whether a page is framed as FishBase's are: it names FishBase and links to two of its scripts, or
 * to one of them that only such a page links to.
 */
export function isFramed(page: HtmlDocument, context: PageContext): boolean {
  const links = new Set<string>();
  for (const element of page.querySelectorAll("a[href], form[action]")) {
    const href = element.getAttribute("href") ?? element.getAttribute("action");
    const link = linkOf(href, context);
    const script = link === undefined ? undefined : OWN_SCRIPTS.exec(link.pathname)?.[0];
    if (script !== undefined) links.add(script.toLowerCase());
  }
  const named = /fish\s?base/i.test(page.body.textContent ?? "") ||
    /fish\s?base/i.test(page.querySelector("title")?.textContent ?? "");
  const heading = [...page.querySelectorAll("title, h1, h2, h3")]
    .some((element) => /\b(?:photos?|pictures?|thumbnails?)\b/i.test(element.textContent ?? ""));
  return links.size >= 2 || (links.size === 1 && (named || heading)) || (named && heading);
}

/** Whether a part of a page says in words we know that there are no pictures. */
export function saysNoPictures(element: HtmlElement): boolean {
  return linesOf(element).some((line) => NO_PICTURES.test(line));
}

/**
 * Whether a page failed, though it came: it says so, or it is the site's front page in place of the
 * one that was asked for. That nothing stands on it says nothing of what was looked for.
 */
export function hasFailed(page: HtmlDocument, { url }: PageContext): boolean {
  return HOME.test(new URL(url).pathname) || linesOf(page.body).some((line) => TROUBLE.test(line));
}

/** Whether there is nothing on a page but what stands around everything, and all of that. */
export function isEmptyFrame(page: HtmlDocument, context: PageContext): boolean {
  return context.cutOff !== true && !hasFailed(page, context) && isFramed(page, context);
}
