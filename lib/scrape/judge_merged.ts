/**
 * Judges the pictures of merged data folders as one run would have: machines that share the work do
 * not see each other's pictures.
 *
 * @module
 */

import type { Dataset } from "../dataset/dataset.ts";
import type { DatasetState, KeptImage } from "../dataset/state.ts";
import { mirrorFingerprint } from "../image/fingerprint.ts";
import { isSure } from "../sources/source.ts";
import { worthOf } from "./better.ts";
import {
  decide,
  type Decision,
  lineInLog,
  type Picture,
  type PictureIndex,
  Pictures,
  SETTLED,
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
  pictures ??= await Pictures.load(state, isSure, kept.filter(({ rejected }) => rejected));
  const judged = new Map<Pick<Picture, "line">, keyof MergedVerdicts>();
  const log = async (
    picture: Pick<Picture, "line">,
    outcome: keyof MergedVerdicts,
    detail: string,
  ): Promise<void> => {
    const { file, replaces: _replaces, ...line } = picture.line();
    dataset.append({ ...line, outcome, detail });
    picture.line = () => line;
    // What was ambiguous before this merge has no file.
    if (file !== undefined || judged.has(picture)) judged.set(picture, outcome);
    if (file !== undefined) await dataset.removeFile(file);
  };
  const images = kept.filter(({ rejected }) => !rejected)
    .sort((one, other) => one.place.offset - other.place.offset);
  for (const image of images) {
    signal.throwIfAborted();
    const picture = pictureOf(state, image);
    const same = pictures.same(image.fingerprint, mirrorFingerprint(image.fingerprint));
    const decision: Decision = decide(same, picture);
    const { url } = decision.withdrawn.length > 0 ? picture.line() : { url: "" };
    for (const { picture: other, outcome } of decision.withdrawn) {
      await log(other, outcome, `the same picture as ${url} of ${image.species}`);
      other.status = outcome;
    }
    if (decision.outcome !== "kept") {
      await log(picture, decision.outcome, decision.detail);
      if (decision.outcome === "near-duplicate") continue;
      picture.status = decision.outcome;
    } else if (decision.replaced !== undefined) {
      const detail = "the same picture as one that is kept and better";
      await log(decision.replaced, "near-duplicate", detail);
      pictures.remove(decision.replaced);
    }
    pictures.add(image.fingerprint, picture);
  }
  await dataset.flush();
  const verdicts: MergedVerdicts = { "near-duplicate": 0, ambiguous: 0, placeholder: 0 };
  for (const outcome of judged.values()) verdicts[outcome]++;
  return verdicts;
}

function pictureOf(state: DatasetState, image: KeptImage): Picture {
  const { species, sha256, source } = image;
  return {
    species,
    get worth() {
      return worthOf(this.line());
    },
    vouched: isSure(source) || state.isAccepted(image),
    status: "kept",
    line: lineInLog(state, species, sha256),
    settled: SETTLED,
  };
}
