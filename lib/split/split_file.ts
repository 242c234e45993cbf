/**
 * The split on the disk: `splits.jsonl` in the data folder. It is why an image that was once for
 * testing stays so when the dataset grows.
 *
 * @module
 */

import { join } from "@std/path";
import { diskFailure, isMissing } from "../base/disk_failure.ts";
import { isSha256, isSpeciesId } from "../dataset/log_line.ts";
import { Failure } from "../base/failure.ts";
import { replaceFile } from "../base/files.ts";
import { compare } from "./facts.ts";
import { parseRecord } from "./record.ts";
import { formatShares, isSide, parseShares, type Shares, type Side } from "./side.ts";

/** The file's name within the data folder. */
export const SPLITS_FILE = "splits.jsonl";

/** One image's line. */
export interface SplitLine {
  /** The species' id. */
  readonly species: string;
  /** The image's hash, 64 hex digits. */
  readonly sha256: string;
  /** Where it stands. */
  readonly side: Side;
  /** Its group: the least hash in it when it was dealt out. */
  readonly group: string;
  /** The fingerprint, where the log has none of today's kind. */
  readonly dhash?: string;
}

/** A split as it is kept. */
export interface SplitRecord {
  /** How many of a hundred each side has. */
  readonly shares: Shares;
  /** What decided the dealing. */
  readonly seed: number;
  /** The images, those that are not kept any more included. */
  readonly lines: readonly SplitLine[];
}

/**
 * Reads the split of a data folder.
 *
 * @param dir The data folder.
 * @returns The split; nothing where none was made yet.
 * @throws {Failure} When the file cannot be read or a line of it is wrong.
 */
export async function readSplits(dir: string): Promise<SplitRecord | undefined> {
  const path = join(dir, SPLITS_FILE);
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (thrown) {
    if (isMissing(thrown)) return undefined;
    throw diskFailure(`read the split ${path}`, thrown);
  }
  const [head, ...lines] = text.split("\n").filter((line) => line !== "");
  const wrong = (number: number): Failure =>
    new Failure(
      `Cannot read the split ${path}: line ${number} is wrong. Put the file back as it was; ` +
        "to deal all images out anew, test images among them, use --resplit.",
    );
  const first = readHead(head ?? "");
  if (first === undefined) throw wrong(1);
  return {
    ...first,
    lines: lines.map((line, at) => {
      const read = readLine(line);
      if (read === undefined) throw wrong(at + 2);
      return read;
    }),
  };
}

/**
 * Writes the split of a data folder, at once or not at all. Where it says the same already, nothing
 * is written.
 *
 * @param dir The data folder.
 * @param split The split.
 * @throws {Failure} When the file cannot be written.
 */
export async function writeSplits(dir: string, split: SplitRecord): Promise<void> {
  const lines = [...split.lines].sort((one, other) =>
    compare(one.species, other.species) || compare(one.sha256, other.sha256)
  );
  const head = { v: 1, split: formatShares(split.shares), seed: split.seed };
  const text = [head, ...lines].map((line) => `${JSON.stringify(line)}\n`).join("");
  const path = join(dir, SPLITS_FILE);
  try {
    if (await Deno.readTextFile(path) === text) return;
  } catch (thrown) {
    if (!isMissing(thrown)) throw diskFailure(`read the split ${path}`, thrown);
  }
  await replaceFile(path, text);
}

function readHead(line: string): { shares: Shares; seed: number } | undefined {
  const { v, split, seed } = parseRecord(line) ?? {};
  if (v !== 1 || typeof split !== "string" || typeof seed !== "number") return undefined;
  try {
    return { shares: parseShares(split), seed };
  } catch (thrown) {
    if (thrown instanceof TypeError) return undefined;
    throw thrown;
  }
}

function readLine(line: string): SplitLine | undefined {
  const { species, sha256, side, group, dhash } = parseRecord(line) ?? {};
  if (!isSpeciesId(species) || !isSha256(sha256) || !isSide(side) || !isSha256(group)) {
    return undefined;
  }
  return { species, sha256, side, group, ...(typeof dhash === "string" ? { dhash } : {}) };
}
