/**
 * Licences that a page shows as a picture: a button with the letters of Creative Commons.
 *
 * @module
 */

import type { HtmlElement } from "../../web/html.ts";

/** `/l/by-nc/3.0/88x31.png`, `cc-by-nc-sa.gif`, `CC_BY.png`. */
const FILE =
  /\/(?:cc[-_]?)?(by(?:[-_](?:nc|nd|sa))*)(?:\/(\d\.\d)\/[^/]*)?(?:[-_]?\d+x\d+)?\.(?:gif|png|svg|jpe?g)$/i;
const ZERO = /\/(?:cc-?0|cc-?zero|zero)(?:\/(?:\d\.\d)\/[^/]*)?\.(?:gif|png|svg|jpe?g)$/i;
const WORDS = /\bcc[\s-]?(?:0\b|by\b)|creative\s?commons|\bpublic domain\b/i;

/**
 * The licences that buttons within an element stand for, in words.
 *
 * @param element The part of a page that speaks of one picture.
 */
export function badgesIn(element: HtmlElement): readonly string[] {
  const said: string[] = [];
  for (const image of element.querySelectorAll("img")) {
    const texts = [image.getAttribute("alt") ?? "", image.getAttribute("title") ?? ""];
    said.push(...texts.filter((text) => WORDS.test(text)));
    const source = `/${image.getAttribute("src") ?? ""}`;
    const [, attributes = "", version] = FILE.exec(source) ?? [];
    if (attributes !== "") {
      const id = `CC-${attributes.toUpperCase().replaceAll("_", "-")}`;
      said.push(version === undefined ? id : `${id} ${version}`);
    } else if (ZERO.test(source)) said.push("CC0");
  }
  return said;
}
