/**
 * How long to wait before asking again.
 *
 * @module
 */

/**
 * Exponential back-off with full jitter: anything from nothing to the double of last time's most,
 * so that many who failed together do not come back together.
 *
 * @param failures How often it has failed, from 1.
 * @param random From 0 up to, not including, 1.
 * @param base The most after the first failure, in milliseconds.
 * @param most The most ever, in milliseconds.
 * @returns Milliseconds.
 */
export function backOff(
  failures: number,
  random: () => number = Math.random,
  base = 1000,
  most = 30_000,
): number {
  return random() * Math.min(most, base * 2 ** (failures - 1));
}
