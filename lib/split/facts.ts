/**
 * What an export knows of each image: what the log says of those that are kept and not rejected.
 *
 * @module
 */

import { join } from "@std/path";
import { diskFailure, isMissing } from "../base/disk_failure.ts";
import type { ImageEvent } from "../dataset/event.ts";
import type { KeptImage } from "../dataset/state.ts";
import type { DatasetState } from "../dataset/state.ts";
import { mirrorFingerprint } from "../image/fingerprint.ts";
import type { Examiner } from "../image/examine.ts";
import { pooled } from "../base/pooled.ts";

/** One kept image. */
export interface ImageFacts {
  /** The species' id. */
  readonly species: string;
  /** Of the file, 64 hex digits. */
  readonly sha256: string;
  /** The path within the data folder, with `/`. */
  readonly file: string;
  /** The size on disk; 0 where the log has none. */
  readonly bytes: number;
  /** Pixels; 0 where the log has none. */
  readonly width: number;
  /** Pixels; 0 where the log has none. */
  readonly height: number;
  /** The fingerprint in hex; empty where there is none. */
  readonly dhash: string;
  /** That of the mirrored picture. */
  readonly mirrored: string;
  /** The source that found it. */
  readonly source: string;
  /** The image's URL. */
  readonly url: string;
  /** The page it stands on. */
  readonly page: string;
  /** Who took it; empty where unknown. */
  readonly author: string;
  /** SPDX or Creative Commons id, or `unknown`. */
  readonly license: string;
  /** The licence in the page's words; empty where it says nothing. */
  readonly licenseText: string;
  /** Caption or page title; empty where there is none. */
  readonly title: string;
}

/** Images a batch of lines is read from the log for. */
const BATCH = 2_000;
/** Files read at a time. */
const AT_ONCE = 4;

/**
 * Collects what is known of all images that are kept and not rejected.
 *
 * @param state What the log says.
 * @returns Species by species in the order of their ids, each by hash.
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
    compare(one.species, other.species) || compare(one.sha256, other.sha256)
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
    url: text(line.url),
    page: text(line.page),
    author: text(line.author),
    license: text(line.license) || "unknown",
    licenseText: text(line.licenseText),
    title: text(line.title),
  };
}

/** A stranger's text as readers of JSON take it: half a surrogate pair makes them give up. */
function text(given: string | undefined): string {
  return (given ?? "").toWellFormed().trim();
}

/** A fingerprint and its mirror image's; both empty where it is of another kind than today's. */
function fingerprints(dhash: string): { dhash: string; mirrored: string } {
  const mirrored = mirrorFingerprint(dhash);
  return { dhash: mirrored === "" ? "" : dhash, mirrored };
}

/** Compares by code units: the same on every machine. */
export function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** What taking missing fingerprints came to. */
export interface Fingerprinting {
  /** The facts, completed, in the same order. */
  readonly facts: readonly ImageFacts[];
  /** How many fingerprints were taken. */
  readonly taken: number;
  /** The files that could not be looked at. */
  readonly blind: readonly string[];
}

/**
 * Completes the facts: takes the fingerprints that the log does not have, or has of an older kind.
 *
 * @param dir The data folder.
 * @param facts What is known.
 * @param known Fingerprints that were taken before, by hash.
 * @param examiner Looks at the files.
 * @param signal Ends it.
 * @throws {Failure} When a file cannot be read for another reason than that it is gone.
 */
export async function takeFingerprints(
  dir: string,
  facts: readonly ImageFacts[],
  known: ReadonlyMap<string, string>,
  examiner: Examiner,
  signal: AbortSignal,
): Promise<Fingerprinting> {
  let taken = 0;
  const blind: string[] = [];
  const complete = async (image: ImageFacts): Promise<ImageFacts> => {
    if (image.dhash !== "") return image;
    signal.throwIfAborted();
    const remembered = fingerprints(known.get(image.sha256) ?? "");
    if (remembered.dhash !== "") return { ...image, ...remembered };
    const bytes = await readIfThere(join(dir, image.file));
    const seen = bytes === undefined ? undefined : await examiner.examine(bytes, signal);
    if (seen?.ok !== true) {
      blind.push(image.file);
      return image;
    }
    taken++;
    return { ...image, dhash: seen.fingerprint, mirrored: seen.mirrored };
  };
  const completed: ImageFacts[] = [];
  for await (const image of pooled(AT_ONCE, facts, complete)) completed.push(image);
  return { facts: completed, taken, blind: blind.sort() };
}

async function readIfThere(path: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    return await Deno.readFile(path);
  } catch (thrown) {
    if (isMissing(thrown)) return undefined;
    throw diskFailure(`read the image ${path}`, thrown);
  }
}
