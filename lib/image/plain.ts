/**
 * Making an image plain: upright, eight bits, red, green and blue as screens show them (sRGB).
 *
 * @module
 */

import { createHash } from "node:crypto";
import type { Codec, CodecImage } from "./codec.ts";
import type { Frame } from "./container.ts";
import { openPixels } from "./sample.ts";

const PROFILE = "icc-profile-data";
const ORIENTATION = "orientation";

/** How far a profile's colours may lie from sRGB's, of 255, to count as the same. */
const PROFILE_TOLERANCE = 4;

/** Verdicts on the last profiles, by their hashes. */
const seen = new Map<string, boolean>();
const REMEMBERED = 64;

/** Whether an opened image's pixels are plain as they are; only its header is read. */
export function isPlain(codec: Codec, image: CodecImage): boolean {
  return image.bands === 3 && image.format === "uchar" && image.interpretation === "srgb" &&
    orientationOf(image) === 1 && !hasForeignProfile(codec, image);
}

/** The EXIF orientation: 1 is upright, 5 to 8 have the sides exchanged. */
export function orientationOf(image: CodecImage): number {
  return image.getTypeof(ORIENTATION) === 0 ? 1 : Math.max(1, image.getInt(ORIENTATION));
}

/**
 * Decodes an image wholly and makes it plain.
 *
 * @throws Whatever libvips throws where the image does not decode.
 */
export function makePlain(codec: Codec, image: CodecImage, frame?: Frame): CodecImage {
  // As it is read it is made plain, strip by strip, but where a step needs all of it at once.
  const isWholeNeeded = orientationOf(image) > 1 || image.interpretation === "cmyk";
  const steps = new Steps(isWholeNeeded ? image.copyMemory() : image.copy());
  if (orientationOf(image) > 1) steps.take((now) => now.autorot());
  if (hasForeignProfile(codec, steps.now)) {
    steps.try((now) => now.iccTransform("srgb", { embedded: true, depth: 8 }));
  }
  if (steps.now.interpretation === "cmyk") steps.take(inksAsSeen);
  if (steps.now.interpretation !== "srgb") steps.try((now) => now.colourspace("srgb"));
  if (steps.now.format !== "uchar") steps.take((now) => now.cast("uchar"));
  if (steps.now.bands === 2 || steps.now.bands >= 4) {
    steps.take((now) => now.flatten({ background: [255] }));
  }
  if (steps.now.bands === 1) steps.take((now) => codec.Image.bandjoin([now, now, now]));
  if (steps.now.bands !== 3) steps.take((now) => now.extractBand(0, { n: 3 }));
  if (frame !== undefined) steps.take((now) => whiteAround(now, frame));
  return steps.take((now) => now.copyMemory());
}

/** An image on its way through operations; each disposes of what was before it. */
class Steps {
  constructor(public now: CodecImage) {}

  take(step: (now: CodecImage) => CodecImage): CodecImage {
    const before = this.now;
    try {
      return this.now = step(before);
    } finally {
      before.delete();
    }
  }

  /** A step that may fail for a broken profile or an unusual colour space: then it is left out. */
  try(step: (now: CodecImage) => CodecImage): void {
    let after: CodecImage;
    try {
      after = step(this.now);
    } catch {
      return;
    }
    this.now.delete();
    this.now = after;
  }
}

/**
 * Inks without a profile, as browsers show them: each takes away of its own light, black of all.
 * libvips takes them for inks of a certain press, in whose colours no screen shows them.
 */
function inksAsSeen(image: CodecImage): CodecImage {
  const full = image.format === "ushort" ? 65_535 : 255;
  using inks = image.extractBand(0, { n: 3 });
  using black = image.extractBand(3);
  using colours = inks.linear([-1, -1, -1], [full, full, full]);
  using light = black.linear([-1], [full]);
  using seen = colours.multiply(light);
  const scale = 255 / full ** 2;
  using bytes = seen.linear([scale, scale, scale], [0.5, 0.5, 0.5], { uchar: true });
  return bytes.copy({ interpretation: "srgb" });
}

/** An animation's first frame, white where it leaves its page empty. */
function whiteAround(image: CodecImage, { left, top, width, height }: Frame): CodecImage {
  using frame = image.crop(left, top, width, height);
  return frame.embed(left, top, image.width, image.height, {
    extend: "background",
    background: [255, 255, 255],
  });
}

/** Whether an image carries a colour profile under which it looks different than under sRGB. */
function hasForeignProfile(codec: Codec, image: CodecImage): boolean {
  if (image.getTypeof(PROFILE) === 0) return false;
  if (image.bands < 3 || image.interpretation === "cmyk") return true;
  return isForeign(codec, image.getBlob(PROFILE));
}

/** Whether pictures look different under a colour profile than under sRGB. */
export function isForeign(codec: Codec, profile: Uint8Array): boolean {
  const key = createHash("sha256").update(profile).digest("hex");
  const known = seen.get(key);
  if (known !== undefined) return known;
  if (seen.size >= REMEMBERED) seen.clear();
  const verdict = changesColours(codec, profile);
  seen.set(key, verdict);
  return verdict;
}

/** Sends a cube of colours through a profile and sees whether they come out as they went in. */
function changesColours(codec: Codec, profile: Uint8Array): boolean {
  const cube = new Uint8Array(9 * 81 * 3);
  for (let at = 0; at < 729; at++) {
    cube[at * 3] = Math.min(255, at % 9 * 32);
    cube[at * 3 + 1] = Math.min(255, Math.floor(at / 9) % 9 * 32);
    cube[at * 3 + 2] = Math.min(255, Math.floor(at / 81) * 32);
  }
  using image = openPixels(codec, { width: 9, height: 81, pixels: cube });
  image.setBlob(PROFILE, profile);
  try {
    using seenAs = image.iccTransform("srgb", { embedded: true, depth: 8 });
    const colours = seenAs.writeToMemory();
    return colours.some((value, at) => Math.abs(value - (cube[at] ?? 0)) > PROFILE_TOLERANCE);
  } catch {
    // A profile that cannot be used is used by nobody.
    return false;
  }
}
