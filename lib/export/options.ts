/**
 * How a data folder is exported.
 *
 * @module
 */

import type { CopyOptions } from "../augment/copies.ts";
import type { Fit } from "../image/render.ts";
import type { SplitOptions } from "../split/split_dataset.ts";
import type { ClassRules } from "./classes.ts";
import type { MadeBy } from "./manifest.ts";

/** The formats that `--format` takes. */
export const FORMATS = ["imagefolder", "webdataset", "parquet", "csv", "jsonl", "list"] as const;

/** A format of an export. */
export type Format = typeof FORMATS[number];

/**
 * Which licences an export takes: all, those of Creative Commons, of these those that allow changes (`nc`)
 * and any use (`free`), or those listed.
 */
export type LicenseChoice = "all" | "cc" | "nc" | "free" | readonly string[];

/** How a data folder is exported. */
export interface ExportOptions extends SplitOptions {
  /** What the training code reads. */
  readonly format: Format;
  /** The export's folder. */
  readonly out: string;
  /** Which licences an image may have. */
  readonly license: LicenseChoice;
  /** Whether pictures that a program has made up are exported too. */
  readonly allowSynthetic: boolean;
  /** Which species are classes; all where not given. */
  readonly classes?: ClassRules;
  /** Whether pictures with flags are left out. */
  readonly photosOnly: boolean;
  /** Pixels a side and how they are reached; as they are where not given. */
  readonly resize?: { readonly size: number; readonly fit: Fit };
  /** Everything as JPEG, or each image as it was kept. */
  readonly type: "jpeg" | "as-is";
  /** A second name for the kept file, or a file of its own. */
  readonly link: "hard" | "copy";
  /** The greatest size of a shard, in bytes. */
  readonly shardSize: number;
  /** How the side for validation is called; fastai wants `valid`. */
  readonly validationName: "validation" | "valid";
  /** Varied copies for training; none where not given. */
  readonly copies?: CopyOptions;
  /** Which script made it and how, for `forget`, which makes it again. */
  readonly madeBy?: MadeBy;
  /** Threads that render; one a processor where not given. */
  readonly workers?: number;
  /** Asks before copies are removed because fewer are wanted now. */
  confirm?(surplus: number): Promise<boolean>;
  /** Called with the number of files that are done. */
  progress(done: number, of: number): void;
}
