/**
 * One picture known from several places is one candidate.
 *
 * @module
 */

import type { Candidate } from "../source.ts";
import { onMirror } from "./addresses.ts";
import { picturedByFile } from "./kinds.ts";
import type { FoundPicture } from "./picture.ts";

/**
 * What two places know of the same picture. The first is believed where both say something, except
 * that any kind counts more than `photo`, and that a path read on a page counts more than one made
 * from a thumbnail's.
 *
 * @param first What one place knows: the picture's own page before others.
 * @param second What another knows.
 */
export function mergePictures(first: FoundPicture, second: FoundPicture): FoundPicture {
  const known = [first.kind, second.kind].find((kind) => kind !== undefined && kind !== "photo");
  const kind = known ?? first.kind ?? second.kind;
  const address = first.address.full || !second.address.full ? first.address : second.address;
  const licensed = [first.license, second.license].find((one) =>
    one !== undefined && one.id !== "unknown"
  );
  const license = first.license ?? second.license;
  const link = second.link?.row !== undefined && first.link?.row === undefined
    ? second.link
    : first.link ?? second.link;
  return {
    ...second,
    ...first,
    address,
    ...(kind !== undefined && { kind }),
    ...(license !== undefined && { license: licensed ?? license }),
    ...(link !== undefined && { link }),
  };
}

/**
 * Pictures without repetitions, in the order in which they were first met.
 *
 * @param pictures The pictures, those of the best informed place first.
 */
export function mergeAll(pictures: Iterable<FoundPicture>): readonly FoundPicture[] {
  const merged = new Map<string, FoundPicture>();
  for (const picture of pictures) {
    const { key } = picture.address;
    const before = merged.get(key);
    merged.set(key, before === undefined ? picture : mergePictures(before, picture));
  }
  return [...merged.values()];
}

/**
 * The candidate of a picture.
 *
 * @param picture The picture, merged.
 * @param mirror The mirror in use.
 * @param page The page it stands on, where it has none of its own.
 */
export function candidateOf(picture: FoundPicture, mirror: string, page: string): Candidate {
  const { address, author, country, kind = "photo", license, link, road, title } = picture;
  const named = picturedByFile(address.file);
  const sex = picture.sex ?? named.sex;
  const stage = picture.stage === undefined || picture.stage === "adult"
    ? named.stage ?? picture.stage
    : picture.stage;
  const told = [title, country].filter((text) => text !== undefined).join(", ");
  return {
    url: onMirror(mirror, address.path),
    page: link === undefined ? page : onMirror(mirror, link.path),
    kind,
    road,
    license: license?.id ?? "unknown",
    ...(license?.text !== undefined && { licenseText: license.text }),
    ...(author !== undefined && { author }),
    ...(told !== "" && { title: told }),
    ...(sex !== undefined && { sex }),
    ...(stage !== undefined && { stage }),
  };
}
