/**
 * The id of a species: its name as a folder name on any system.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { fold } from "./name_text.ts";

/** The longest id, in characters: short enough for every file system and long paths before it. */
export const MAX_ID_LENGTH = 80;

/** Names that Windows keeps for devices, whatever ending they have. */
const RESERVED = /^(?:con|prn|aux|nul|com[0-9]|lpt[0-9]|conin|conout)$/;

/**
 * Whether a text may be the id of a species.
 *
 * @example
 * ```ts
 * import { isSpeciesId } from "./species_id.ts";
 *
 * console.log(isSpeciesId("betta_splendens"), isSpeciesId("../betta"), isSpeciesId("nul"));
 * ```
 */
export function isSpeciesId(text: string): boolean {
  return /^[a-z0-9_]+$/.test(text) && text.length <= MAX_ID_LENGTH && !RESERVED.test(text) &&
    /[a-z0-9]/.test(text);
}

/**
 * The id that a name gets, whatever other names are on the list.
 *
 * Accents and ligatures become plain letters, `×` becomes `x`, everything else that is no letter
 * or digit becomes one `_`. A name that is too long is cut and given the start of its hash, a name
 * that Windows keeps for a device gets a `_` behind it, a name without any Latin letter becomes
 * `unnamed_` and its hash.
 *
 * @param name The cleaned Latin name, or whatever stands for it.
 *
 * @example
 * ```ts
 * import { speciesId } from "./species_id.ts";
 *
 * console.log(speciesId('Labidochromis sp. "Hongi"')); // labidochromis_sp_hongi
 * ```
 */
export function speciesId(name: string): string {
  const words = fold(name).replace(/(?<=\p{L})'(?=\p{L})/gu, "");
  const plain = words.replace(/[^a-z0-9]+/g, "_").replace(/^_+|_+$/g, "");
  if (plain === "") return `unnamed_${shortHash(name)}`;
  if (RESERVED.test(plain)) return `${plain}_`;
  if (plain.length <= MAX_ID_LENGTH) return plain;
  return `${plain.slice(0, MAX_ID_LENGTH - 9).replace(/_+$/, "")}_${shortHash(words)}`;
}

/**
 * The id for a name whose own id another name has taken: the same with the start of its hash.
 *
 * @param name The same as for {@linkcode speciesId}.
 */
export function distinctSpeciesId(name: string): string {
  const id = speciesId(name);
  return `${id.slice(0, MAX_ID_LENGTH - 9).replace(/_+$/, "")}_${
    shortHash(`distinct ${fold(name)}`)
  }`;
}

function shortHash(text: string): string {
  return createHash("sha256").update(text.normalize("NFC")).digest("hex").slice(0, 8);
}
