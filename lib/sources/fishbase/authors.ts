/**
 * Who took a picture, as pages say it.
 *
 * @module
 */

import { type HtmlElement, parseHtml } from "../../web/html.ts";
import { linesOf } from "./page_text.ts";

const BY =
  /\b(?:photo(?:graph(?:ed)?)?|picture|image|drawing|illustration|painting|stamp|x-?ray|upload(?:ed)?)s?\s+(?:taken\s+)?by\s*:?\s*(.*)$/i;
/** What no longer belongs to the name. */
const ENDS =
  /\s*(?:\bCC[\s-]?(?:0\b|BY\b)|creative\s?commons|©|\bcopyright\b|\ball rights reserved\b|\blicen[cs]e|\bpublic domain\b|\bclick (?:here|to|on)\b|\bview (?:this|the|all|more|larger?|full|other|picture|photo|image)|\bcollaborator(?:'s)?\b|,?\s*\(?\b(?:uploaded|submitted|posted|entered|identified|checked|contributed) by\b|\||\bsize\s*(?:\(cm\))?:|\blocality:|\bsex\/stage:|\bdate:|\bcountry:).*$/i;

/** What is said where nobody is named. */
const NOBODY =
  /^(?:\W*|unknown(?: (?:photographer|author|artist))?|not (?:given|stated|known)|n\/?a|none|null|anonymous\?)$/i;

/**
 * The name behind `Photo by`, `Picture by`, `by` a collaborator's link, or the collaborator's link
 * alone.
 *
 * @param lines The text of the part of the page that speaks of the picture.
 * @param element The same part.
 */
export function authorIn(lines: readonly string[], element: HtmlElement): string | undefined {
  // In a tooltip the name ends with its element, and the next word follows without a space.
  const spans = [...element.querySelectorAll("span")].flatMap(linesOf);
  return namedIn(spans) ?? linkedIn(lines, element) ?? namedIn(lines) ?? collaborator(element);
}

function namedIn(lines: readonly string[]): string | undefined {
  for (const [index, line] of lines.entries()) {
    const match = BY.exec(line);
    if (match === null) continue;
    const name = cleanAuthor(match[1] === "" ? lines[index + 1] ?? "" : match[1] ?? "");
    if (name !== undefined) return name;
  }
  return undefined;
}

/** `Photo by` right before a collaborator's link. */
function linkedIn(lines: readonly string[], element: HtmlElement): string | undefined {
  const name = collaborator(element);
  if (name === undefined) return undefined;
  return lines.some((line) => BY.exec(line)?.[1]?.startsWith(name)) ? name : undefined;
}

function collaborator(element: HtmlElement): string | undefined {
  for (const anchor of element.querySelectorAll("a[href]")) {
    if (!/collaboratorsummary\.\w+/i.test(anchor.getAttribute("href") ?? "")) continue;
    const name = cleanAuthor(anchor.textContent ?? "");
    if (name !== undefined && !/^(?:photos?|pictures?|collaborators?|more|info)\b/i.test(name)) {
      return name;
    }
  }
  return undefined;
}

/** A name without what stands around it; nothing where there is no name. */
export function cleanAuthor(text: string): string | undefined {
  const name = plain(text).replace(/[\s\u00a0]+/g, " ").replace(ENDS, "").trim()
    .replace(/^(?:photo(?:graph)?|picture)s?\s+by\s*:?\s*/i, "")
    .replace(/^[,;:.\-\s]+|[,;:\-\s(\[]+$/g, "").slice(0, 200).trim();
  return NOBODY.test(name) ? undefined : name;
}

/** Names come with markup and with entities escaped twice. */
function plain(text: string): string {
  if (!/&(?:#\d+|#x[0-9a-f]+|[a-z]+\d?);|<\/?(?:a|b|br|em|font|i|p|span|strong|u)\b/i.test(text)) {
    return text;
  }
  return parseHtml(text.slice(0, 1000)).body.textContent ?? "";
}
