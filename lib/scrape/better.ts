/**
 * Which of two images of the same picture is the better one.
 *
 * @module
 */

import type { ImageEvent } from "../dataset/event.ts";

/** What an image with a caption counts beside one without, of the same picture. */
const CAPTIONED = 0.5;
/** Narrower borders count as none: a row at the edge may be one in one copy and not in another. */
const LEAST_BORDER = 0.1;

/**
 * What an image is worth among others of the same picture: its pixels, without borders and margins.
 * One number, so that it does not matter in which order images come. Lines of earlier versions do
 * not say how much of an image is border: they count as if nothing were.
 */
export function worthOf(
  { width = 0, height = 0, inner = 1, flagged = [] }: Pick<
    ImageEvent,
    "width" | "height" | "inner" | "flagged"
  >,
): number {
  const shown = inner > 1 - LEAST_BORDER ? 1 : inner;
  return width * height * shown * (flagged.includes("strip") ? CAPTIONED : 1);
}
