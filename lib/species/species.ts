/**
 * What is looked for: one species of the list.
 *
 * @module
 */

/** How exactly a Latin name says what the fish is. */
export type Rank = "species" | "subspecies" | "undescribed" | "genus" | "hybrid" | "unknown";

/** All ranks, in the order they are told. */
export const RANKS: readonly Rank[] = [
  "species",
  "subspecies",
  "undescribed",
  "genus",
  "hybrid",
  "unknown",
];

/** The text of a row's name cells as the page had it. */
export interface Verbatim {
  /** The common-name cell. */
  readonly common: string;
  /** The Latin-name cell. */
  readonly latin: string;
}

/** One fish of the list: one line of `species.jsonl`. */
export interface Species {
  /** `[a-z0-9_]+`, unique in a list, the name of the fish's folder. */
  readonly id: string;
  /** The cleaned name, for people: `Labidochromis sp. "Hongi"`. Empty where the row has none. */
  readonly latin: string;
  /** How exactly `latin` says what the fish is. */
  readonly rank: Rank;
  /** What to type into a search: `Corydoras adolfoi`. Absent where no Latin name can be searched. */
  readonly search?: string;
  /** Why the fish cannot be searched by a Latin name; present exactly when `search` is absent. */
  readonly reason?: string;
  /** Further Latin names in the same cell: synonyms and alternatives, the page's order. */
  readonly also?: readonly string[];
  /** Common names, without footnotes, best known first as the page gives them. */
  readonly common: readonly string[];
  /** The headings above the row, outermost first. */
  readonly group: readonly string[];
  /** The row's cells as they stood on the page. */
  readonly verbatim: Verbatim;
  /** The page the row stands on. */
  readonly page: string;
  /** Further rows that name the same fish, merged into this one. */
  readonly merged?: readonly Verbatim[];
}
