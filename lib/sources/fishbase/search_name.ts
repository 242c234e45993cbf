/**
 * What of a fish's name FishBase can be asked for.
 *
 * @module
 */

import type { Species } from "../../species/species.ts";
import type { How } from "./near_names.ts";
import { readName } from "./summary_page.ts";

/** What to ask for, or why there is nothing to ask for. */
export type SearchName =
  | {
    readonly found: true;
    /** Genus, epithet, and for a subspecies its epithet. */
    readonly words: readonly string[];
    /** How the name was made of the list's, where it is not the same. */
    readonly how?: How;
  }
  | { readonly found: false; readonly why: "no-latin-name" | "not-found"; readonly reason: string };

/**
 * What of a fish's name FishBase can be asked for: it lists described species and subspecies, no
 * genera, no undescribed fishes and no hybrids.
 *
 * @param species The fish.
 */
export function searchName(species: Species): SearchName {
  const { latin, rank, search } = species;
  if (search === undefined || search.trim() === "") {
    const reason = species.reason ?? "the list gives no Latin name";
    return { found: false, why: "no-latin-name", reason };
  }
  if (rank === "hybrid") return hybridName(latin);
  if (rank === "undescribed") return undescribedName(latin);
  // The rank of a species stands in some names: `Betta splendens var. alba`, `subsp.`
  const plain = search.replace(/\b(?:var|subsp|ssp|f|forma)\.?\s+/g, "").trim();
  const words = readName(plain);
  if (words !== undefined && rank !== "genus") return { found: true, words };
  return notFound(`“${latin}” names a genus, and FishBase's photos are sorted by species`);
}

function hybridName(latin: string): SearchName {
  const named = /^(\p{Lu}[\p{Ll}-]+) (?:[×x]\s*)(\p{Ll}[\p{Ll}-]+)$/u.exec(latin.trim());
  const [, genus, epithet] = named ?? [];
  if (genus !== undefined && epithet !== undefined) {
    return { found: true, words: [genus, epithet], how: "hybrid name" };
  }
  return notFound(`“${latin}” is a hybrid, and FishBase lists no hybrids`);
}

function undescribedName(latin: string): SearchName {
  const compared = /^(\p{Lu}[\p{Ll}-]+) cf\.? (\p{Ll}[\p{Ll}-]+)/u.exec(latin.trim());
  const [, genus, epithet] = compared ?? [];
  if (genus !== undefined && epithet !== undefined) {
    return { found: true, words: [genus, epithet], how: "cf." };
  }
  const near = /\baff\.? /.test(latin)
    ? "is near a described species but not it"
    : "is not described";
  return notFound(`“${latin}” ${near}, and FishBase lists described species only`);
}

function notFound(reason: string): SearchName {
  return { found: false, why: "not-found", reason };
}
