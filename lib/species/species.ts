/**
 * One species of the list, and the id that names it in the log and on the disk.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { fold } from "./name_text.ts";

/** How exactly a Latin name says what the animal or plant is, from exact to not at all. */
export const RANKS = [
  "species",
  "subspecies",
  "undescribed",
  "genus",
  "hybrid",
  "unknown",
] as const;

/** One of {@linkcode RANKS}. */
export type Rank = (typeof RANKS)[number];

/** The text of a row's name cells as the page had it. */
export interface Verbatim {
  /** The cell of common names. */
  readonly common: string;
  /** The cell of the Latin name. */
  readonly latin: string;
}

/** The name under which a source knows a species. */
export interface KnownName {
  /** The name that was asked for. */
  readonly asked: string;
  /** The accepted name there. */
  readonly name: string;
  /** The number of its taxon there, where taxa have numbers. */
  readonly taxon?: number;
  /** How the one led to the other, where they differ: `synonym`, `spelling` … */
  readonly how?: string;
  /** The day it was asked for, `2026-11-27`. */
  readonly on?: string;
}

/** One species of the list: one line of `species.jsonl`. */
export interface Species {
  /** See {@linkcode isSpeciesId}. Unique in a list, and the name of the species' image folder. */
  readonly id: string;
  /** The cleaned name, for people: `Labidochromis sp. "Hongi"`. Empty if the row has none. */
  readonly latin: string;
  /** What the name stands for. */
  readonly rank: Rank;
  /** What to type into a search: `Corydoras adolfoi`. Absent if no Latin name can be searched. */
  readonly search?: string;
  /** Why it cannot be searched by a Latin name; present exactly when `search` is absent. */
  readonly reason?: string;
  /** Further Latin names in the same cell: synonyms and alternatives, in the page's order. */
  readonly also?: readonly string[];
  /** Common names without footnotes, in the page's order. */
  readonly common: readonly string[];
  /** The headings above the row, outermost first. */
  readonly group: readonly string[];
  /** The cells as they stand on the list. */
  readonly verbatim: Verbatim;
  /** The address of the page the row stands on, or `file:` and a file's name. */
  readonly page: string;
  /** Further rows with the same name, merged into this one. */
  readonly merged?: readonly Verbatim[];
  /** The names that sources know it by, by source: a cache, which runs fill. */
  readonly names?: Readonly<Record<string, KnownName>>;
}

/** A species' name for people: Latin, or common where it has no Latin one. */
export function nameOf({ latin, common, id }: Pick<Species, "latin" | "common" | "id">): string {
  return latin || common[0] || id;
}

/** A species that may not have its id yet. */
export type SpeciesDraft = Omit<Species, "id"> & { readonly id?: string };

/** The longest id, in characters: short enough for every file system and a long path before it. */
export const MAX_ID_LENGTH = 80;

/** Names that Windows reserves for devices, with or without an extension. */
const RESERVED = /^(?:con|prn|aux|nul|com[0-9]|lpt[0-9]|conin|conout)$/;

/**
 * Whether a value from outside may be the id of a species: 1 to 80 of `a-z`, `0-9` and `_`, at
 * least one of them no `_`, and not a device name of Windows.
 */
export function isSpeciesId(value: unknown): value is string {
  return typeof value === "string" && value.length <= MAX_ID_LENGTH &&
    /^_*[a-z0-9][a-z0-9_]*$/.test(value) && !RESERVED.test(value);
}

/**
 * The id of a name, whatever other names are on the list: lower case, letters without accents,
 * `_` for everything else. A name that is too long is cut and given the start of its hash, a device
 * name of Windows gets a `_` at the end, a name without any Latin letter is `unnamed_` and its hash.
 */
export function speciesId(name: string): string {
  const words = fold(name).replace(/(?<=\p{L})'(?=\p{L})/gu, "");
  const id = words.replace(/[^a-z0-9]+/g, "_").replace(/^_+|_+$/g, "");
  if (id === "") return `unnamed_${shortHash(name)}`;
  if (RESERVED.test(id)) return `${id}_`;
  return id.length <= MAX_ID_LENGTH ? id : withHash(id, words);
}

/** The id for a name whose own id is taken by another name: the same with the start of its hash. */
export function distinctSpeciesId(name: string): string {
  return withHash(speciesId(name), `distinct ${fold(name)}`);
}

function withHash(id: string, text: string): string {
  return `${id.slice(0, MAX_ID_LENGTH - 9).replace(/_+$/, "")}_${shortHash(text)}`;
}

function shortHash(text: string): string {
  return createHash("sha256").update(text.normalize("NFC")).digest("hex").slice(0, 8);
}
