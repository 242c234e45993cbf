/**
 * Brackets in Latin-name cells: authors, synonyms, subgenera, crosses, remarks.
 *
 * @module
 */

import { isAuthorship } from "./authorship.ts";
import { isTradeCode, takeTradeCodes } from "./trade_code.ts";

/** Words before a further name of the same fish. */
export const SYNONYM: RegExp =
  /^(?:(?:also|formerly|previously|earlier|syn|synonyms?|was|were|ex|now|aka|a\.k\.a|old name|or|as)(?![\p{L}-])\.?|=)[:\s]*/iu;

/** A cell without its brackets. */
export interface Unbracketed {
  /** What is left of the text, with what belonged to the name. */
  readonly rest: string;
  /** Names that brackets gave as synonyms. */
  readonly synonyms: string[];
  /** Trade numbers that stood in brackets. */
  readonly codes: string[];
  /** Whether brackets said that it is a hybrid. */
  readonly hybrid: boolean;
}

/** Takes the brackets out of a cell, and of what they hold what belongs to the name. */
export function withoutBrackets(text: string): Unbracketed {
  const synonyms: string[] = [];
  const codes: string[] = [];
  let hybrid = false;
  let rest = text;
  // Brackets round the whole, as round the hybrids of the list, hold the name itself.
  for (let depth = 0; depth < 4; depth++) {
    const whole = /^\(([^()]*(?:\([^()]*\)[^()]*)*)\)$/.exec(rest.trim())?.[1];
    if (whole === undefined) break;
    rest = whole.trim();
  }
  const bracket = /\(([^()]*)(?:\)|$)/;
  for (let found = bracket.exec(rest); found !== null; found = bracket.exec(rest)) {
    const held = (found[1] ?? "").trim();
    const before = rest.slice(0, found.index);
    let stays = " ";
    if (/^hybrids?$/i.test(held)) hybrid = true;
    else if (isTradeCode(held)) stays = ` ${held} `;
    else if (belongs(held, before)) stays = ` ${held} `;
    else if (isSynonym(held)) {
      synonyms.push(
        ...held.replace(SYNONYM, "").split(/[,;/]| or | and /).map((one) => one.trim()),
      );
    } else codes.push(...takeTradeCodes(held).codes);
    rest = `${before}${stays}${rest.slice(found.index + found[0].length)}`;
  }
  rest = rest.replace(/[()]/g, " ").replace(/[^\S\n]+/g, " ").trim();
  return { rest, synonyms, codes, hybrid };
}

/** Whether what brackets hold is a part of the name: a cross, a qualifier, a trade name. */
function belongs(held: string, before: string): boolean {
  if (/×| [xX] /.test(held)) return true;
  if (/^(?:cf|aff|sp|spp|var|subsp|ssp)\b\.?/i.test(held)) return true;
  if (/^"[^"]+"$/.test(held)) return true;
  if (before.trim() === "") return /^\p{L}{3,} \p{Ll}{3,}$/u.test(held) && !isAuthorship(held);
  const undescribed = /\bspp?\.? *$/i.test(before);
  return undescribed && !isAuthorship(held) && /^[\p{Lu}\p{N}]/u.test(held) &&
    !SYNONYM.test(held);
}

function isSynonym(held: string): boolean {
  if (isAuthorship(held)) return false;
  if (SYNONYM.test(held)) return true;
  return /^\p{Lu}(?:\p{Ll}{2,} |\. ?)\p{Ll}{3,}/u.test(held);
}
