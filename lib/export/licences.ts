/**
 * Which licences an export takes.
 *
 * @module
 */

import type { ImageFacts } from "../split/facts.ts";

/** Which licences an export takes: all, those of Creative Commons, or those listed. */
export type LicenseChoice = "all" | "cc" | readonly string[];

/** What a choice of licences left out. */
export interface LicenseReport {
  /** How many images. */
  readonly leftOut: number;
  /** Of how many. */
  readonly of: number;
  /** How many of each licence, the most first. */
  readonly licenses: readonly (readonly [string, number])[];
}

/**
 * Reads a choice as it is typed.
 *
 * @param value `all`, `cc`, or SPDX ids with commas between.
 * @throws {TypeError} With what a flag takes.
 */
export function parseLicenseChoice(value: string | undefined): LicenseChoice {
  const words = (value ?? "all").split(",").map((word) => word.trim()).filter((word) =>
    word !== ""
  );
  if (words.length === 0 || words.some((word) => !/^[A-Za-z0-9][A-Za-z0-9.+-]*$/.test(word))) {
    throw new TypeError(
      "takes all, cc, or SPDX ids with commas between, such as CC0-1.0,CC-BY-4.0",
    );
  }
  const [only] = words;
  if (words.length === 1 && only?.toLowerCase() === "all") return "all";
  if (words.length === 1 && only?.toLowerCase() === "cc") return "cc";
  return words;
}

/**
 * Whether a licence is among those chosen. `cc` takes all of Creative Commons, its public domain
 * marks included; a listed id without a version, such as `CC-BY`, takes every version of it.
 *
 * @param license The id in the log.
 * @param choice The choice.
 */
export function isLicensed(license: string, choice: LicenseChoice): boolean {
  if (choice === "all") return true;
  if (choice === "cc") return /^CC(?:0|-)/i.test(license);
  const id = license.toLowerCase();
  const bare = id.replace(/-\d+(?:\.\d+)*$/, "");
  return choice.some((wanted) => [id, bare].includes(wanted.toLowerCase()));
}

/**
 * Counts what a choice leaves out.
 *
 * @param facts The images.
 * @param choice The choice.
 */
export function countUnlicensed(
  facts: readonly ImageFacts[],
  choice: LicenseChoice,
): LicenseReport {
  const counts = new Map<string, number>();
  for (const { license } of facts) {
    if (!isLicensed(license, choice)) counts.set(license, (counts.get(license) ?? 0) + 1);
  }
  const licenses = [...counts].sort(([, one], [, other]) => other - one);
  return {
    leftOut: licenses.reduce((sum, [, count]) => sum + count, 0),
    of: facts.length,
    licenses,
  };
}
