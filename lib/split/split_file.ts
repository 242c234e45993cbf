/**
 * The split on disk: `splits.jsonl` in the data folder. Because of it, an image that was once for
 * testing stays so when the dataset grows.
 *
 * @module
 */

import { join } from "@std/path";
import * as v from "valibot";
import { Failure } from "../base/failure.ts";
import { readTextIfThere, replaceFile } from "../base/files.ts";
import { isSha256 } from "../dataset/event.ts";
import { isSpeciesId } from "../species/species.ts";
import { compareTexts } from "./facts.ts";
import { formatShares, parseShares, type Shares, SIDES } from "./side.ts";

/** The file's name within the data folder. */
export const SPLITS_FILE = "splits.jsonl";

const SHA256 = v.custom<string>(isSha256);
const LINE = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({
    species: v.custom<string>(isSpeciesId),
    sha256: SHA256,
    side: v.picklist(SIDES),
    /** The group's smallest hash when it was assigned. */
    group: SHA256,
    /** Where the log has no fingerprint of today's format. The field's name is older than its content. */
    dhash: v.exactOptional(v.string()),
  }),
);

/** One image's line. */
export type SplitLine = Readonly<v.InferOutput<typeof LINE>>;

/** A split as it is stored. */
export interface SplitRecord {
  readonly shares: Shares;
  readonly seed: number;
  /** One line an image, those included that are not kept any more. */
  readonly lines: readonly SplitLine[];
}

/**
 * Reads the split of a data folder.
 *
 * @returns Undefined where there is no split yet.
 * @throws {Failure} When the file cannot be read or a line of it is wrong.
 */
export async function readSplits(dir: string): Promise<SplitRecord | undefined> {
  const path = join(dir, SPLITS_FILE);
  const text = await readTextIfThere(path);
  if (text === undefined) return undefined;
  const [head, ...lines] = text.split("\n").filter((line) => line !== "");
  const wrong = (number: number): Failure =>
    new Failure(
      `Cannot read the split ${path}: line ${number} is wrong. Restore the file; ` +
        "or assign all images anew, test images among them, with: deno task export --resplit",
    );
  const first = parseHead(head ?? "");
  if (first === undefined) throw wrong(1);
  return {
    ...first,
    lines: lines.map((line, at) => {
      const parsed = v.safeParse(LINE, line);
      if (!parsed.success) throw wrong(at + 2);
      return parsed.output;
    }),
  };
}

/**
 * Writes the split of a data folder, unless the file says the same already.
 *
 * @throws {Failure} When the file cannot be written.
 */
export async function writeSplits(dir: string, split: SplitRecord): Promise<void> {
  const lines = [...split.lines].sort((one, other) =>
    compareTexts(one.species, other.species) || compareTexts(one.sha256, other.sha256)
  );
  const head = { v: 1, split: formatShares(split.shares), seed: split.seed };
  const text = [head, ...lines].map((line) => `${JSON.stringify(line)}\n`).join("");
  const path = join(dir, SPLITS_FILE);
  if (await readTextIfThere(path) !== text) await replaceFile(path, text);
}

/** Parses a line as a JSON object. @returns Undefined when it is not one. */
export function parseRecord(line: string): Readonly<Record<string, unknown>> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return undefined;
    throw thrown;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return { ...value };
}

function parseHead(line: string): { shares: Shares; seed: number } | undefined {
  const { v, split, seed } = parseRecord(line) ?? {};
  if (v !== 1 || typeof split !== "string" || typeof seed !== "number") return undefined;
  try {
    return { shares: parseShares(split), seed };
  } catch (thrown) {
    if (thrown instanceof TypeError) return undefined;
    throw thrown;
  }
}
