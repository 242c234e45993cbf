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
import { acceptedName, type LicensedFinding } from "./licensed.ts";
import type { Photo } from "./photo.ts";
import type { Finding, FishPlan, Plan } from "./plan.ts";

export type SourceName = Finding["source"];

/** The sources that `scrape` asks by itself, in its order. */
export const DEFAULT_SOURCES: readonly SourceName[] = [
  "fishbase",
  "inaturalist",
  "gbif",
  "commons",
  "google",
];

export interface ExpectedImage {
  readonly source: SourceName;
  /** Its URL, FishBase's under the first mirror. */
  readonly url: string;
  readonly kind: string;
  readonly outcome: Outcome;
  /** The licence it must be logged with, where the source names licences. */
  readonly license?: string;
  readonly author?: string;
  readonly observation?: string;
  /** The file that is sent, where one is. */
  readonly photo: Photo;
  /** Whether it must have been tried: not where an earlier one counted for a while. */
  readonly sure: boolean;
}

export interface ExpectedFish {
  readonly fish: Fish;
  /** Its candidates, in the order they are decided. */
  readonly images: readonly ExpectedImage[];
  /** The least number of images it must have. */
  readonly least: number;
  readonly most: number;
  /** FishBase's name for it, where FishBase knows it. */
  readonly validName: string | undefined;
  readonly done: Readonly<Partial<Record<SourceName, readonly DoneWhy[]>>>;
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

/** What must become of a fish, where these sources were asked. */
export function expectedOf(
  plan: Plan,
  fish: Fish,
  wanted: number,
  sources: readonly SourceName[] = DEFAULT_SOURCES,
): ExpectedFish {
  const images: ExpectedImage[] = [];
  // `low` counts what is kept for good, `high` also what counted until another species had it too.
  let low = 0;
  let high = 0;
  const take = (finding: Finding | LicensedFinding): void => {
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
      ..."author" in finding ? { author: finding.author } : {},
      ..."observation" in finding ? { observation: finding.observation } : {},
      sure,
    });
    // The larger picture takes the place of the one before it: the number stays.
    const gained = outcome === "kept" && treatment !== "larger";
    const doubtful = outcome === "ambiguous" || outcome === "placeholder";
    if (gained) low++;
    if (gained || doubtful) high++;
  };
  const done: Partial<Record<SourceName, readonly DoneWhy[]>> = {};
  for (const source of sources) {
    if (low >= wanted) {
      done[source] = ["enough"];
      continue;
    }
    findingsOf(source, plan.of(fish)).forEach(take);
    done[source] = low < wanted && high >= wanted ? ["enough", "exhausted"] : [
      low >= wanted ? "enough" : "exhausted",
    ];
    if (!isKnown(source, fish)) {
      done[source] = fish.plain ? ["not-found"] : ["not-found", "no-latin-name", "exhausted"];
    }
  }
  const kept = images.filter(({ outcome }) => outcome === "kept");
  return {
    fish,
    images,
    least: kept.filter(({ sure }) => sure).length,
    most: Math.min(wanted, kept.length),
    validName: fishbaseName(fish),
    done,
  };
}

function findingsOf(
  source: SourceName,
  { fishbase, further, google, licensed }: FishPlan,
): readonly (Finding | LicensedFinding)[] {
  if (source === "fishbase") return fishbase;
  if (source !== "google") return licensed[source];
  return [...google, ...further.filter((finding) => !google.includes(finding))];
}

/** Whether a source knows a fish by its name; a search for words never says that it does not. */
function isKnown(source: SourceName, fish: Fish): boolean {
  if (source === "google") return true;
  if (source === "fishbase") return fishbaseName(fish) !== undefined;
  return acceptedName(fish) !== undefined || (source === "openverse" && fish.plain);
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
