/**
 * An audit: a random sample of the kept images that a person judges, and the dataset's error rate
 * that follows from it. It is kept in `audit.json`; its verdicts stand in the log too.
 *
 * @module
 */

import * as v from "valibot";
import { Failure } from "../base/failure.ts";
import { readTextIfThere, replaceFile } from "../base/files.ts";
import { fileInside, writableInside } from "../base/inside.ts";
import { Seeded } from "../base/seeded.ts";
import { isSpeciesId } from "../species/species.ts";
import { isImageFile } from "./event.ts";
import type { DatasetState } from "./state.ts";

export const AUDIT_NAME = "audit.json";
export const AUDIT_SIZE = 100;

const AUDIT = v.object({
  v: v.literal(1),
  /** When it began, ISO 8601. */
  started: v.pipe(v.string(), v.isoTimestamp()),
  /** How many images the dataset had then. */
  images: v.pipe(v.number(), v.integer(), v.minValue(0)),
  /** The images in random order, each with the species that it counted for. */
  sample: v.array(v.pipe(
    v.object({
      species: v.custom<string>(isSpeciesId),
      file: v.string(),
      verdict: v.optional(v.picklist(["right", "wrong"])),
    }),
    v.check(({ file }) => isImageFile(file, file.split("/")[1] ?? "")),
  )),
});

/** A random sample of the kept images with the verdicts on it so far. */
export type Audit = Readonly<v.InferOutput<typeof AUDIT>>;

/** How many of a dataset's images are wrong, as far as a sample says. Shares from 0 to 1. */
export interface ErrorRate {
  readonly judged: number;
  readonly wrong: number;
  /** The share of wrong ones in the sample. */
  readonly rate: number;
  /** The bounds of the 95 % confidence interval (Wilson's score interval). */
  readonly low: number;
  readonly high: number;
}

/**
 * Draws the sample of a new audit from the images that are kept and not rejected.
 *
 * @param started The seed too.
 */
export function drawAudit(state: DatasetState, started: Date, size = AUDIT_SIZE): Audit {
  const time = started.toISOString();
  const random = new Seeded(`audit ${time}`);
  const drawn = state.keptImages().filter(({ rejected }) => !rejected)
    .map(({ species, file }) => ({ key: random.next(), image: { species, file } })).toArray()
    .sort((one, other) => one.key - other.key);
  const sample = drawn.slice(0, size).map(({ image }) => image);
  return { v: 1, started: time, images: drawn.length, sample };
}

/**
 * The error rate that an audit gives; `undefined` before the first verdict. The sample is in random
 * order, so a part of it that was judged from the start is a sample too.
 */
export function errorRate({ sample }: Pick<Audit, "sample">): ErrorRate | undefined {
  const judged = sample.filter(({ verdict }) => verdict !== undefined).length;
  if (judged === 0) return undefined;
  const wrong = sample.filter(({ verdict }) => verdict === "wrong").length;
  return { judged, wrong, rate: wrong / judged, ...wilson(wrong, judged) };
}

/** Wilson's score interval at 95 % for `hits` of `all`, which is at least 1. */
export function wilson(hits: number, all: number): { readonly low: number; readonly high: number } {
  const z = 1.959964;
  const share = hits / all;
  const middle = share + z * z / (2 * all);
  const half = z * Math.sqrt(share * (1 - share) / all + z * z / (4 * all * all));
  const scale = 1 + z * z / all;
  // Rounding must not push the bound of 0 or of all beyond what there is.
  return {
    low: hits === 0 ? 0 : (middle - half) / scale,
    high: hits === all ? 1 : (middle + half) / scale,
  };
}

/** What an audit found, as a sentence; `undefined` before its first verdict. */
export function describeAudit(audit: Audit): string | undefined {
  const rate = errorRate(audit);
  if (rate === undefined) return undefined;
  const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
  const drawn = `${rate.judged} of ${audit.images} images, drawn at random on ${
    audit.started.slice(0, 10)
  }, were judged by a person`;
  return `${drawn}: ${rate.wrong} ${rate.wrong === 1 ? "was" : "were"} wrong, an error rate of ${
    percent(rate.rate)
  } (95 % confidence interval ${percent(rate.low)} to ${percent(rate.high)}).`;
}

/** Reads the audit of a data folder, if there is one. Throws a `Failure` when it is damaged. */
export async function readAudit(dir: string): Promise<Audit | undefined> {
  const path = await fileInside(dir, AUDIT_NAME);
  const text = path === undefined ? undefined : await readTextIfThere(path);
  if (text === undefined) return undefined;
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), AUDIT), text);
  if (parsed.success) return parsed.output;
  throw new Failure(
    `Cannot read the audit ${path}: ${
      parsed.issues[0].message
    }. Remove the file; its verdicts stand in the log.`,
  );
}

/** Writes the audit of a data folder. Throws a `Failure` when that fails. */
export async function writeAudit(dir: string, audit: Audit): Promise<void> {
  await replaceFile(await writableInside(dir, AUDIT_NAME), `${JSON.stringify(audit)}\n`);
}
