/**
 * Counts of an export, and which licences it takes.
 *
 * @module
 */

import { isAllowed } from "../sources/license.ts";
import { UNKNOWN_ID } from "../split/labels.ts";
import type { Side } from "../split/side.ts";
import type { LicenseChoice } from "./options.ts";
import type { Row } from "./rows.ts";

/** How many images a species has. */
export interface SpeciesFigures {
  /** The species' id. */
  readonly species: string;
  /** Its Latin name. */
  readonly latin: string;
  /** Common names, separated by semicolons. */
  readonly common: string;
  /** Its number for training, from 0. */
  readonly label: number;
  /** Images on each side. */
  readonly sides: Readonly<Record<Side, number>>;
}

/** Counts of an export. */
export interface Figures {
  /** Copies included. */
  readonly images: number;
  /** Varied copies among them. */
  readonly copies: number;
  /** Bytes of all images. */
  readonly bytes: number;
  /** Images on each side. */
  readonly sides: Readonly<Record<Side, number>>;
  /** Photos by source, most first. */
  readonly sources: readonly (readonly [string, number])[];
  /** Photos by licence, most first. */
  readonly licenses: readonly (readonly [string, number])[];
  /** Photos by flag, most first; one may have several. */
  readonly flags: readonly (readonly [string, number])[];
  /** Photos whose photographer is unknown. */
  readonly anonymous: number;
  /** Images by file type, most first. */
  readonly types: readonly (readonly [string, number])[];
  /** By label. */
  readonly species: readonly SpeciesFigures[];
}

/** Counts rows. */
export function countRows(rows: Iterable<Row>): Figures {
  const species = new Map<string, { row: Row; sides: Record<Side, number> }>();
  const [sources, licenses, types] = [new Counter(), new Counter(), new Counter()];
  const flags = new Counter();
  const sides = { train: 0, validation: 0, test: 0 };
  let [images, copies, bytes, anonymous] = [0, 0, 0, 0];
  for (const row of rows) {
    images++;
    bytes += row.bytes;
    sides[row.split]++;
    const known = species.get(row.species) ?? { row, sides: { train: 0, validation: 0, test: 0 } };
    known.sides[row.split]++;
    species.set(row.species, known);
    types.add(row.file_name.slice(row.file_name.lastIndexOf(".") + 1));
    if (row.parent !== "") {
      copies++;
      continue;
    }
    sources.add(row.source);
    licenses.add(row.license);
    for (const flag of row.flags.split("; ")) if (flag !== "") flags.add(flag);
    if (row.author === "") anonymous++;
  }
  return {
    images,
    copies,
    bytes,
    sides,
    sources: sources.sorted(),
    licenses: licenses.sorted(),
    flags: flags.sorted(),
    anonymous,
    types: types.sorted(),
    species: [...species.values()].sort((one, other) => one.row.label - other.row.label)
      .map(({ row, sides }) => ({
        species: row.species,
        latin: row.species === UNKNOWN_ID ? UNKNOWN_ID : row.latin,
        common: row.species === UNKNOWN_ID ? "" : row.common_names,
        label: row.label,
        sides,
      })),
  };
}

class Counter {
  readonly #counts = new Map<string, number>();

  add(name: string): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }

  /** Most first. */
  sorted(): [string, number][] {
    return [...this.#counts].sort(([name, one], [other, count]) =>
      count - one || (name < other ? -1 : 1)
    );
  }
}

/** What a choice of licences left out. */
export interface LicenseReport {
  /** Images left out. */
  readonly leftOut: number;
  /** Images that there were. */
  readonly of: number;
  /** How many of each licence, most first. */
  readonly licenses: readonly (readonly [string, number])[];
}

/**
 * Parses a choice as a user types it.
 *
 * @param value `all` or `any`, `cc`, `nc`, `free`, or SPDX ids with commas between.
 * @throws {TypeError} Saying what the flag takes.
 */
export function parseLicenseChoice(value: string | undefined): LicenseChoice {
  const words = (value ?? "all").split(",").map((word) => word.trim()).filter((word) =>
    word !== ""
  );
  if (words.length === 0 || words.some((word) => !/^[A-Za-z0-9][A-Za-z0-9.+-]*$/.test(word))) {
    throw new TypeError(
      "takes all, cc, nc, free, or SPDX ids with commas between, such as CC0-1.0,CC-BY-4.0",
    );
  }
  const only = words.length === 1 ? words[0]?.toLowerCase() : undefined;
  if (only === "all" || only === "any") return "all";
  return only === "cc" || only === "nc" || only === "free" ? only : words;
}

/**
 * Whether a licence is among those chosen. `cc` takes all of Creative Commons with its public domain
 * marks; `nc` and `free` take what a scrape with the same word fetches; an id without a version, such as `CC-BY`, takes every version.
 */
export function isLicensed(license: string, choice: LicenseChoice): boolean {
  if (choice === "all") return true;
  if (choice === "nc" || choice === "free") return isAllowed(license, choice);
  if (choice === "cc") return /^CC(?:0|-)/i.test(license);
  const id = license.toLowerCase();
  const withoutVersion = id.replace(/-\d+(?:\.\d+)*$/, "");
  return choice.some((wanted) => [id, withoutVersion].includes(wanted.toLowerCase()));
}

/** Counts what a choice leaves out. */
export function countUnlicensed(
  images: readonly { readonly license: string }[],
  choice: LicenseChoice,
): LicenseReport {
  const licenses = new Counter();
  let leftOut = 0;
  for (const { license } of images) {
    if (isLicensed(license, choice)) continue;
    licenses.add(license);
    leftOut++;
  }
  return { leftOut, of: images.length, licenses: licenses.sorted() };
}

/** What a choice of licences left out, for a sentence. */
export function describeUnlicensed({ leftOut, of, licenses }: LicenseReport): string {
  const share = of === 0 ? 0 : Math.round(leftOut * 1000 / of) / 10;
  const list = licenses.map(([name, count]) => `${count} ${name}`).join(", ");
  return `${leftOut} of ${of} images (${share} %${list === "" ? "" : `: ${list}`})`;
}

/** Counts of an export and of what it left out. */
export interface ExportCounts {
  /** Images and species, by side and licence. */
  readonly figures: Figures;
  /** What the licence left out. */
  readonly unlicensed: LicenseReport;
  /** How many groups of related images there are: each is on one side. */
  readonly groups: number;
  /** Latin names of the species that were left out for too few images. */
  readonly fewImages: readonly string[];
  /** Latin names of the species in the class `unknown`. */
  readonly unknown: readonly string[];
  /** How many images are missing to what `copies` asked for. */
  readonly short: number;
  /** How many pictures were left out because a program has made them up. */
  readonly synthetic: number;
  /** How many pictures with flags were left out. */
  readonly flagged: number;
}
