/**
 * From a data folder to what training code reads: split by groups of what is related, in the usual formats, with a
 * card that says where everything came from.
 *
 * @module
 */

export type { Chance, Range, Recipe } from "./lib/augment/recipe.ts";
export type { CopyOptions } from "./lib/augment/copies.ts";
export { exportDataset, type ExportReport } from "./lib/export/export.ts";
export {
  type ExportOptions,
  type Format,
  FORMATS,
  type LicenseChoice,
} from "./lib/export/options.ts";
export type { ClassRules } from "./lib/export/classes.ts";
export type { ExportCounts, Figures, LicenseReport, SpeciesFigures } from "./lib/export/figures.ts";
export type { LeftOut } from "./lib/export/images.ts";
export type { ExportedFile, FileFacts, MadeBy } from "./lib/export/manifest.ts";
export type { TreeChanges } from "./lib/export/tree.ts";
export type { Fit } from "./lib/image/render.ts";
export type { Shares, Side } from "./lib/split/side.ts";
export type { SplitOptions } from "./lib/split/split_dataset.ts";
