/**
 * Where to look for images: the sources that there are, and what one of your own is made of.
 *
 * A source finds candidates for one species at a time. Downloading, checking, duplicates, logging
 * and resuming are the pipeline's work, see `scrape()` in `mod.ts`.
 *
 * @example A source with one photo a species
 * ```ts
 * import type { ImageSource } from "./sources.ts";
 *
 * const museum: ImageSource = {
 *   name: "museum",
 *   vouches: true,
 *   async *candidates({ id }, _demand, signal) {
 *     signal.throwIfAborted();
 *     yield await Promise.resolve({
 *       url: `https://photos.museum.example/${id}.jpg`,
 *       page: `https://museum.example/${id}`,
 *     });
 *     return { why: "exhausted" };
 *   },
 *   close: () => Promise.resolve(),
 * };
 * console.log(museum.name);
 * ```
 *
 * @module
 */

export {
  type Candidate,
  type Demand,
  type ImageSource,
  licenseFields,
  type SourceEnd,
  StageStop,
} from "./lib/sources/source.ts";
export {
  type ApiOptions,
  type ApiRequests,
  type ApiSearch,
  type ApiSource,
  createApiSource,
  type Found,
  type NoTaxon,
  type Taxon,
  type TaxonSearch,
} from "./lib/sources/api.ts";
export { nameKey } from "./lib/dataset/forgotten.ts";
export type { AccessOptions, ApiSite, Reading, Schema } from "./lib/sources/api_access.ts";
export { type License, type LicenseRule, readLicense } from "./lib/sources/license.ts";
export type { ApiTerms } from "./lib/sources/apis.ts";
export { Budget, type Spent } from "./lib/sources/budget.ts";
export { createCommons } from "./lib/sources/commons.ts";
export {
  createFishBase,
  type FishBaseOptions,
  type FishBaseParts,
} from "./lib/sources/fishbase/fishbase.ts";
export { createGbif } from "./lib/sources/gbif.ts";
export { createGoogle, type GoogleOptions } from "./lib/sources/google/google.ts";
export type {
  Pace as GooglePace,
  PaceParts as GooglePaceParts,
  RunParts as GoogleRunParts,
} from "./lib/sources/google/run.ts";
export { createINaturalist } from "./lib/sources/inaturalist.ts";
export { createOpenverse } from "./lib/sources/openverse.ts";
