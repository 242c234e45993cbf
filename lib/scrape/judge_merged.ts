/**
 * Judges the pictures of merged data folders as one run would have: machines that share the work do
 * not see each other's pictures.
 *
 * @module
 */

import type { Dataset } from "../dataset/dataset.ts";
import { mirrorFingerprint } from "../image/fingerprint.ts";
import { isSure } from "../sources/source.ts";
import {
  decide,
  KeptPicture,
  loadPictures,
  type Picture,
  type PictureIndex,
  withdraw,
} from "./judge.ts";

/** How many images are not kept any more, by why. */
export type MergedVerdicts = Record<"near-duplicate" | "ambiguous" | "placeholder", number>;

/**
 * Judges all kept images against each other, in the order of the log. Within a species the better of
 * two images of the same picture stays; pictures that several species claim are left out. Judging
 * again changes nothing.
 *
 * @throws {Failure} When the log or a file cannot be written.
 * @throws The signal's reason.
 */
export async function judgeMerged(
  dataset: Dataset,
  signal: AbortSignal,
  pictures?: PictureIndex,
): Promise<MergedVerdicts> {
  const { state } = dataset;
  const kept = [...state.keptImages()];
  pictures ??= await loadPictures(state, isSure, kept.filter(({ rejected }) => rejected));
  const judged = new Map<Picture, keyof MergedVerdicts>();
  const leaveOut = async (
    picture: Picture,
    outcome: keyof MergedVerdicts,
    detail: string,
  ): Promise<void> => {
    const hadFile = await withdraw(dataset, picture, outcome, detail);
    // What was ambiguous before this merge has no file.
    if (hadFile || judged.has(picture)) judged.set(picture, outcome);
  };
  const images = kept.filter(({ rejected }) => !rejected)
    .sort((one, other) => one.place.offset - other.place.offset);
  for (const image of images) {
    signal.throwIfAborted();
    const picture = new KeptPicture(state, isSure, image);
    const same = pictures.find(
      image.fingerprint,
      mirrorFingerprint(image.fingerprint),
      image.species,
    );
    const { outcome, detail = "", replaced, withdrawn } = decide(
      same.map(({ item }) => item),
      picture,
    );
    const { url } = withdrawn.length > 0 ? picture.line() : { url: "" };
    for (const { picture: other, outcome } of withdrawn) {
      await leaveOut(other, outcome, `the same picture as ${url} of ${image.species}`);
      other.status = outcome;
    }
    if (outcome !== "kept") {
      await leaveOut(picture, outcome, detail);
      if (outcome === "near-duplicate") continue;
      picture.status = outcome;
    } else if (replaced !== undefined) {
      await leaveOut(replaced, "near-duplicate", "the same picture as one that is kept and better");
      pictures.remove(replaced);
    }
    pictures.add(image.fingerprint, picture);
  }
  await dataset.flush();
  const verdicts: MergedVerdicts = { "near-duplicate": 0, ambiguous: 0, placeholder: 0 };
  for (const outcome of judged.values()) verdicts[outcome]++;
  return verdicts;
}
