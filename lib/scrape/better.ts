/**
 * Which of two images of the same picture is the better one.
 *
 * @module
 */

import type { ImageEvent } from "../dataset/event.ts";

/** What an image with a caption counts beside one without, of the same picture. */
const CAPTIONED = 0.5;

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
  return width * height * inner * (flagged.includes("strip") ? CAPTIONED : 1);
}
