/**
 * Who took a picture, as pages say it.
 *
 * @module
 */

import type { HtmlElement } from "../../web/html.ts";
import { linesOf } from "./page_text.ts";

const BY =
  /\b(?:photo(?:graph(?:ed)?)?|picture|image|drawing|illustration|painting|stamp|x-?ray|upload(?:ed)?)s?\s+(?:taken\s+)?by\s*:?\s*(.*)$/i;
/** What no longer belongs to the name. */
const ENDS =
  /\s*(?:\bCC[\s-]?(?:0\b|BY\b)|creative\s?commons|©|\bcopyright\b|\ball rights reserved\b|\blicen[cs]e|\bpublic domain\b|\bclick (?:here|to|on)\b|\bview\b|\bcollaborator\b|\||\bsize\s*(?:\(cm\))?:|\blocality:|\bsex\/stage:|\bdate:|\bcountry:).*$/i;

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
    if (!/collaboratorsummary\.php/i.test(anchor.getAttribute("href") ?? "")) continue;
    const name = cleanAuthor(anchor.textContent ?? "");
    if (name !== undefined && !/^(?:photos?|pictures?|collaborators?|more|info)\b/i.test(name)) {
      return name;
    }
  }
  return undefined;
}

/** A name without what stands around it; nothing where there is no name. */
export function cleanAuthor(text: string): string | undefined {
  const name = text.replace(/[\s\u00a0]+/g, " ").replace(ENDS, "").trim()
    .replace(/^(?:photo(?:graph)?|picture)s?\s+by\s*:?\s*/i, "")
    .replace(/^[,;:.\-\s]+|[,;:\-\s]+$/g, "").slice(0, 200);
  return name === "" || /^(?:unknown|not (?:given|stated)|n\/?a|anonymous\?|-+)$/i.test(name)
    ? undefined
    : name;
}
