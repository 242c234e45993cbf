/**
 * The text of a page line by line, as a reader sees it.
 *
 * @module
 */

import { type HtmlElement, type HtmlNode, isElement } from "../../web/html.ts";

/** Elements that begin a new line. */
const BLOCKS: ReadonlySet<string> = new Set(
  ("ADDRESS ARTICLE BLOCKQUOTE BR CAPTION CENTER DD DIV DL DT FIELDSET FIGCAPTION FIGURE FOOTER " +
    "FORM H1 H2 H3 H4 H5 H6 HEADER HR LI MAIN NAV OL P PRE SECTION TABLE TBODY TD TFOOT TH THEAD " +
    "TR UL").split(" "),
);
/** Elements whose text nobody reads. */
const SILENT: ReadonlySet<string> = new Set(["SCRIPT", "STYLE", "NOSCRIPT", "TEMPLATE", "HEAD"]);

/**
 * The lines of an element's text: each trimmed, inner space made one, empty ones left out.
 *
 * @param element The element.
 */
export function linesOf(element: HtmlElement): readonly string[] {
  const parts: string[] = [];
  gather(element, parts);
  return parts.join("").split("\n")
    .map((line) => line.replace(/[\s\u00a0\u2000-\u200b\u202f\u3000\ufeff]+/g, " ").trim())
    .filter((line) => line !== "");
}

function gather(root: HtmlElement, parts: string[]): void {
  // With a stack of its own: broken pages nest deeper than the machine's goes.
  const waiting: (HtmlNode | string)[] = [root];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (typeof node === "string") parts.push(node);
    else if (isElement(node)) {
      const name = node.tagName.toUpperCase();
      if (SILENT.has(name)) continue;
      const isBlock = BLOCKS.has(name);
      if (isBlock) waiting.push("\n");
      // One by one: a call takes only so many arguments, and an element may have more children.
      for (const child of [...node.childNodes].reverse()) waiting.push(child);
      if (isBlock) waiting.push("\n");
    } else if (node.nodeType === 3) parts.push((node.textContent ?? "").replace(/\s+/g, " "));
  }
}

/**
 * The value behind a label: in the same line, or in the next one where the label stands alone.
 *
 * @param lines The text.
 * @param label The label, without its colon.
 */
export function labelled(lines: readonly string[], label: RegExp): string | undefined {
  for (const [index, line] of lines.entries()) {
    const colon = line.indexOf(":");
    if (colon < 0 || !label.test(line.slice(0, colon).trim())) continue;
    const value = line.slice(colon + 1).trim();
    if (value !== "") return value;
    const next = lines[index + 1];
    // The next label is no value.
    return next === undefined || /^[\p{L} /()]{2,30}:/u.test(next) ? undefined : next;
  }
  return undefined;
}

/** The addresses an element links to, as written. */
export function linksIn(element: HtmlElement): readonly string[] {
  const links = [...element.querySelectorAll("a[href], link[rel=license]")];
  return links.map((link) => link.getAttribute("href") ?? "").filter((href) => href !== "");
}
