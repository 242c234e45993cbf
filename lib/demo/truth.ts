/**
 * What must come of a run against the demo world: which candidates are tried, in which order, and
 * what becomes of each.
 *
 * @module
 */

import type { DoneWhy } from "../dataset/event.ts";
import type { Outcome } from "../base/outcome.ts";
import { type Fish, fishbaseName } from "./catalogue.ts";
import { FISHBASE } from "./hosts.ts";
import type { Photo } from "./photo.ts";
import type { Finding, Plan } from "./plan.ts";

/** What must become of one candidate. */
export interface ExpectedImage {
  readonly source: "fishbase" | "google";
  /** Its URL, FishBase's under the first mirror. */
  readonly url: string;
  /** What it is called in the demo world. */
  readonly kind: string;
  readonly outcome: Outcome;
  /** The licence it must be logged with, where the source names licences. */
  readonly license?: string;
  /** The file that is sent, where one is. */
  readonly photo: Photo;
  /** Whether it must have been tried: not where an earlier one counted for a while. */
  readonly sure: boolean;
}

/** What must become of one fish. */
export interface ExpectedFish {
  readonly fish: Fish;
  /** Its candidates, in the order they are decided. */
  readonly images: readonly ExpectedImage[];
  /** The least number of images it must have. */
  readonly least: number;
  readonly most: number;
  /** FishBase's name for it, where FishBase knows it. */
  readonly validName: string | undefined;
  /** How its jobs may end. */
  readonly done: { readonly fishbase: readonly DoneWhy[]; readonly google: readonly DoneWhy[] };
}

/** One URL for a picture, whichever mirror of FishBase it came from. */
export function canonical(url: string): string {
  const parsed = URL.parse(url);
  if (parsed === null) return url;
  const mirrors: readonly string[] = FISHBASE;
  if (mirrors.includes(parsed.hostname)) {
    parsed.hostname = FISHBASE[0];
    parsed.protocol = "https:";
  }
  return parsed.href;
}

/** What must become of a fish. */
export function expectedOf(plan: Plan, fish: Fish, wanted: number): ExpectedFish {
  const planned = plan.of(fish);
  const images: ExpectedImage[] = [];
  // `low` counts what is kept for good, `high` also what counted until another species had it too.
  let low = 0;
  let high = 0;
  const take = (finding: Finding): void => {
    if (low >= wanted) return;
    const sure = high < wanted;
    const { outcome, name, treatment } = finding.kind;
    if (treatment === "larger") replaceBefore(images, plan, finding);
    images.push({
      source: finding.source,
      url: canonical(finding.url),
      kind: name,
      outcome,
      photo: finding.photo,
      ...finding.license === undefined ? {} : { license: finding.license },
      sure,
    });
    // The larger picture takes the place of the one before it: the number stays.
    const gained = outcome === "kept" && treatment !== "larger";
    const doubtful = outcome === "ambiguous" || outcome === "placeholder";
    if (gained) low++;
    if (gained || doubtful) high++;
  };
  planned.fishbase.forEach(take);
  const afterFishbase = low;
  inOrder(planned.google, plan, fish).forEach(take);
  const kept = images.filter(({ outcome }) => outcome === "kept");
  return {
    fish,
    images,
    least: kept.filter(({ sure }) => sure).length,
    most: Math.min(wanted, kept.length),
    validName: fishbaseName(fish),
    done: {
      fishbase: fishbaseName(fish) === undefined
        ? fish.plain ? ["not-found"] : ["not-found", "no-latin-name", "exhausted"]
        : [afterFishbase >= wanted ? "enough" : "exhausted"],
      google: high >= wanted ? low >= wanted ? ["enough"] : ["enough", "exhausted"] : ["exhausted"],
    },
  };
}

/** The picture that the larger one shows again is a near-duplicate from then on. */
function replaceBefore(images: ExpectedImage[], plan: Plan, larger: Finding): void {
  const place = images.findLastIndex(({ photo, outcome }) =>
    outcome === "kept" && photo.species === larger.photo.species &&
    photo.index === larger.photo.index
  );
  const before = images[place];
  if (before !== undefined && plan.options.similar) {
    images[place] = { ...before, outcome: "near-duplicate" };
  }
}

/** Google's findings: the plain query's, then what each further query adds. */
function inOrder(google: readonly Finding[], plan: Plan, fish: Fish): readonly Finding[] {
  const planned = plan.of(fish);
  const variants = fish.common === "" ? [1, 2] : [1, 2, 3];
  const seen = new Set<string>();
  return [google, ...variants.map((variant) => planned.further(variant))].flat().filter(
    ({ url }) => !seen.has(url) && seen.add(url),
  );
}
