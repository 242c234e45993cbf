/**
 * Which species are classes of an export: those with enough images, and one class for near relatives
 * of them that have too few.
 *
 * @module
 */

import { compareTexts } from "../split/facts.ts";
import { type Label, UNKNOWN_ID } from "../split/labels.ts";
import type { SplitImage } from "../split/split_dataset.ts";

/** Which species are classes. */
export interface ClassRules {
  /** A species with fewer images is left out. */
  readonly minImages: number;
  /**
   * Whether a species that is left out becomes a part of the class `unknown`, if its genus or family
   * is there under another species.
   */
  readonly unknown: boolean;
}

/** The classes of an export. */
export interface Classes {
  readonly photos: readonly SplitImage[];
  /** Those that have photos, numbered by the alphabet. */
  readonly labels: readonly Label[];
  /** Latin names of species with too few images. */
  readonly leftOut: readonly string[];
  /** Latin names of the species in the class `unknown`. */
  readonly unknown: readonly string[];
}

/**
 * Divides photos into classes.
 *
 * @param labels Of all species of the data folder.
 * @param stable The stable number of the class `unknown`.
 */
export function chooseClasses(
  photos: readonly SplitImage[],
  labels: readonly Label[],
  { minImages, unknown }: ClassRules,
  stable: number,
): Classes {
  const counts = new Map<string, number>();
  for (const { species } of photos) counts.set(species, (counts.get(species) ?? 0) + 1);
  const present = labels.filter(({ id }) => counts.has(id));
  const own = present.filter(({ id }) => (counts.get(id) ?? 0) >= minImages);
  const few = present.filter(({ id }) => (counts.get(id) ?? 0) < minImages);
  const kin = new Set(own.flatMap(kinOf));
  const relatives = few.filter((label) => unknown && kinOf(label).some((each) => kin.has(each)));
  const isRelative = new Map(relatives.map((label) => [label.id, label]));
  const isOwn = new Set(own.map(({ id }) => id));
  const classes = [...own, ...(relatives.length === 0 ? [] : [unknownLabel(stable)])];
  return {
    photos: photos.flatMap((photo) => {
      const of = isRelative.get(photo.species);
      if (of !== undefined) return [{ ...photo, species: UNKNOWN_ID, of }];
      return isOwn.has(photo.species) ? [photo] : [];
    }),
    labels: classes.sort((one, other) => compareTexts(one.id, other.id))
      .map((label, index) => ({ ...label, index })),
    leftOut: few.filter(({ id }) => !isRelative.has(id)).map(({ latin }) => latin),
    unknown: relatives.map(({ latin }) => latin),
  };
}

function kinOf({ genus, family }: Label): string[] {
  return [genus, family].filter((name) => name !== "");
}

function unknownLabel(stable: number): Label {
  const nowhere = { genus: "", family: "", order: "" };
  return { index: -1, stable, id: UNKNOWN_ID, latin: UNKNOWN_ID, common: [], ...nowhere };
}
