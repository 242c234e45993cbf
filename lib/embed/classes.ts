/**
 * What ImageNet's classes say of an image.
 *
 * The classes were chosen on 2,759 photos of sea animals and 519 other photos, the limits on 930
 * search results for fish of Bangladesh, looked at by eye.
 *
 * @module
 */

import type { ImageFlag } from "../image/flags.ts";

/** Fish, and what photos of fish are taken for: other animals in water, reefs, rods, divers. */
const FISH = [...range(0, 6), ...range(389, 397)];
const WATER = [
  ...[...range(25, 29), ...range(33, 37), 58, 65, ...range(107, 126), ...range(147, 150)],
  ...[...range(327, 329), 758, 801, 973, 983],
];
/** Food, and what it is on. */
const DISH = [
  ...[521, 532, 567, 618, 659, 762, 766, 809, 828, 909, 910],
  ...[...range(923, 937), ...range(959, 969)],
];
/** Screens, comics, crosswords, covers, menus, envelopes, packets. */
const TEXT = [549, 692, 916, 917, 918, 921, 922];

/** Less than this of both is no fish. */
const LEAST_FISH = 0.01;
const LEAST_WATER = 0.05;
/** More than this is a dish, or a text. */
const MOST = 0.5;

/** The flags that the probabilities of ImageNet's 1,000 classes give; none for other classes. */
export function classFlags(classes: Float32Array): ImageFlag[] {
  if (classes.length !== 1000) return [];
  const sum = (of: readonly number[]): number =>
    of.reduce((sum, index) => sum + (classes[index] ?? 0), 0);
  return [
    ...sum(FISH) < LEAST_FISH && sum(WATER) < LEAST_WATER ? ["not-fish" as const] : [],
    ...sum(DISH) > MOST ? ["dish" as const] : [],
    ...sum(TEXT) > MOST ? ["text" as const] : [],
  ];
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, at) => first + at);
}
