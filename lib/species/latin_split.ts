/**
 * A Latin name as words.
 *
 * @module
 */

import { QUALIFIERS } from "./latin_vocabulary.ts";

/** A name all in capitals, in the usual letters; trade names in quotes stay as they are. */
export function uncapped(text: string): string {
  const plain = text.replace(/"[^"]*"/g, "").replace(/\b(?:SP|SPP|CF|AFF)\b\.?/g, "");
  if (/\p{Ll}/u.test(plain) || !/^\p{Lu}{3,}/u.test(plain.trim())) return text;
  return text.replace(/"[^"]*"|[^"]+/g, (part) => part.startsWith('"') ? part : part.toLowerCase())
    .replace(/^\p{Ll}/u, (letter) => letter.toUpperCase());
}

/** The words of a name; what stands in quotation marks is one word and keeps them. */
export function words(text: string): string[] {
  const split = text.match(/"[^"]*"|[^\s"]+/g) ?? [];
  return split.map((word, index) => {
    // Quotation marks round a genus of doubtful standing, or round a whole name, mark no trade name.
    const held = /^"(.*)"$/.exec(word)?.[1];
    return index === 0 && held !== undefined ? held : word;
  }).flatMap((word) => word.startsWith('"') ? [word] : word.split(" ")).map(withoutTail)
    .filter((word) => /[\p{L}\p{N}]/u.test(word));
}

/** An epithet without the full stop or the footnote's number that sticks to it: `splendens1.` */
function withoutTail(word: string): string {
  const bare = /^(\p{Ll}{4,}?)(?:\d{1,3})?\.?$/u.exec(word)?.[1];
  return bare === undefined || Object.hasOwn(QUALIFIERS, bare) ? word : bare;
}
