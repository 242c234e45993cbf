/**
 * What splits and exports know of each image: what the log says of those that are kept.
 *
 * @module
 */

import { diskFailure } from "../base/disk_failure.ts";
import { readIfThere } from "../base/files.ts";
import { fileInside } from "../base/inside.ts";
import { pooled } from "../base/pooled.ts";
import type { ImageEvent } from "../dataset/event.ts";
import type { DatasetState, KeptImage } from "../dataset/state.ts";
import type { ImageFlag } from "../image/flags.ts";
import { createExaminer } from "../image/create_examiner.ts";
import { mirrorFingerprint } from "../image/fingerprint.ts";

/** One kept image. Texts that are not known are empty. */
export interface ImageFacts {
  readonly species: string;
  /** Of the file, 64 hex digits. */
  readonly sha256: string;
  /** The path within the data folder, with `/`. */
  readonly file: string;
  /** The size on disk; 0 where the log does not say. */
  readonly bytes: number;
  /** Pixels; 0 where the log does not say. */
  readonly width: number;
  readonly height: number;
  /** In hex; empty where there is none. */
  readonly fingerprint: string;
  /** The fingerprint of the mirrored picture. */
  readonly mirrored: string;
  readonly source: string;
  readonly url: string;
  readonly page: string;
  readonly author: string;
  /** SPDX or Creative Commons id, or `unknown`. */
  readonly license: string;
  /** The licence in the page's words. */
  readonly licenseText: string;
  readonly title: string;
  /** `synthetic`, `drawing` …; empty for a photo. */
  readonly kind: string;
  /** What is to be said against it. */
  readonly flags: readonly ImageFlag[];
  /** The sighting it belongs to; empty where unknown. */
  readonly observation: string;
  /** The day it was taken, `2024-05-11`. */
  readonly observed: string;
}

/** How many lines are read from the log at a time. */
const BATCH = 2_000;
/** How many files are read at a time. */
const AT_ONCE = 4;

/**
 * Collects what the log says of all images that are kept and not rejected.
 *
 * @returns Sorted by species and hash.
 */
export function collectFacts(state: DatasetState): ImageFacts[] {
  const images = [...state.keptImages()].filter((image) => !image.rejected);
  const facts: ImageFacts[] = [];
  for (let from = 0; from < images.length; from += BATCH) {
    const batch = images.slice(from, from + BATCH);
    const lines = state.lines(batch);
    batch.forEach((image, at) => {
      const line = lines[at];
      if (line !== undefined) facts.push(factsOf(image, line));
    });
  }
  return facts.sort((one, other) =>
    compareTexts(one.species, other.species) || compareTexts(one.sha256, other.sha256)
  );
}

function factsOf(image: KeptImage, line: ImageEvent): ImageFacts {
  const { species, sha256, file, bytes, width, height, fingerprint: dhash, source } = image;
  return {
    species,
    sha256,
    file,
    bytes,
    width,
    height,
    source,
    ...fingerprints(dhash),
    url: wellFormed(line.url),
    page: wellFormed(line.page),
    author: wellFormed(line.author),
    license: wellFormed(line.license) || "unknown",
    licenseText: wellFormed(line.licenseText),
    title: wellFormed(line.title),
    kind: wellFormed(line.kind),
    flags: image.flags,
    observation: wellFormed(line.observation),
    observed: wellFormed(line.observed),
  };
}

/** JSON readers of other languages refuse half a surrogate pair. */
function wellFormed(text: string | undefined): string {
  return (text ?? "").toWellFormed().trim();
}

/** A fingerprint and its mirror image; both empty where it has another format than today's. */
function fingerprints(fingerprint: string): { fingerprint: string; mirrored: string } {
  const mirrored = mirrorFingerprint(fingerprint);
  return { fingerprint: mirrored === "" ? "" : fingerprint, mirrored };
}

/** Compares by code units, so that the order is the same on every machine. */
export function compareTexts(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** The facts with missing fingerprints added. */
interface Fingerprinted {
  /** In the order they were given. */
  readonly facts: readonly ImageFacts[];
  /** How many fingerprints were computed. */
  readonly computed: number;
  /** Files that are missing or do not decode. */
  readonly unreadable: readonly string[];
}

/**
 * Adds the fingerprints that the log does not have, or has in an older format.
 *
 * @param before What was computed before.
 * @throws {Failure} When a file cannot be read for another reason than that it is gone.
 */
export async function addFingerprints(
  dir: string,
  facts: readonly ImageFacts[],
  before: Iterable<{ readonly sha256: string; readonly dhash?: string }>,
  signal: AbortSignal,
): Promise<Fingerprinted> {
  if (facts.every(({ fingerprint }) => fingerprint !== "")) {
    return { facts, computed: 0, unreadable: [] };
  }
  const known = new Map<string, string>();
  for (const { sha256, dhash } of before) if (dhash !== undefined) known.set(sha256, dhash);
  const examiner = createExaminer();
  let computed = 0;
  const unreadable: string[] = [];
  const complete = async (image: ImageFacts): Promise<ImageFacts> => {
    if (image.fingerprint !== "") return image;
    signal.throwIfAborted();
    const remembered = fingerprints(known.get(image.sha256) ?? "");
    if (remembered.fingerprint !== "") return { ...image, ...remembered };
    const bytes = await readKept(dir, image.file);
    const seen = bytes === undefined ? undefined : await examiner.examine(bytes, signal);
    if (seen?.ok !== true) {
      unreadable.push(image.file);
      return image;
    }
    computed++;
    return { ...image, fingerprint: seen.fingerprint, mirrored: seen.mirrored };
  };
  try {
    const completed = await Array.fromAsync(pooled(AT_ONCE, facts, complete));
    return { facts: completed, computed, unreadable: unreadable.sort() };
  } finally {
    examiner.close();
  }
}

/**
 * Reads an image of a data folder.
 *
 * @returns Undefined where there is no such plain file.
 * @throws {Failure} When a folder on the way is a link, or the disk refuses.
 */
export async function readKept(
  dir: string,
  file: string,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    const path = await fileInside(dir, file);
    return path === undefined ? undefined : await readIfThere(path);
  } catch (thrown) {
    throw diskFailure(`read the image ${file} in ${dir}`, thrown);
  }
}
