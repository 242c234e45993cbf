/**
 * What each search of the demo world finds: every picture's URL, and what must come of it.
 *
 * @module
 */

import { type Catalogue, type Fish, fishbaseName, fishbasePictures } from "./catalogue.ts";
import { FISHBASE, photoHost } from "./hosts.ts";
import {
  DRIP,
  type Finding,
  GOOD,
  type Kind,
  PLACEHOLDER,
  SHARED,
  SILENT,
  SPECIAL,
} from "./kinds.ts";
import { codeOf, type LicensedFinding, licensedPhotos, type LicensedPlan } from "./licensed.ts";
import { type Format, type Photo, photoSize, type Studio } from "./photo.ts";
import { hash, Seeded } from "../base/seeded.ts";

export type { Finding } from "./kinds.ts";

export interface FishPlan {
  readonly fish: Fish;
  /** FishBase's pictures that are candidates, in the page's order. */
  readonly fishbase: readonly Finding[];
  /** The files of FishBase's registered pictures that are no photos. */
  readonly drawings: readonly string[];
  readonly licensed: LicensedPlan;
  /** Google's results for the plain query, in the page's order. */
  readonly google: readonly Finding[];
  /** Google's results for the further query: some known ones, then others. */
  readonly further: readonly Finding[];
}

export interface PlanOptions extends Studio {
  /** How many images of each fish the scraper will be asked for; 20 unless given. */
  readonly images: number;
  /** How many results Google has for a plain query; more than enough unless given. */
  readonly results: number;
  /** How many results Google has for the further query; half as many unless given. */
  readonly furtherResults: number;
  /** Whether bad pictures are among the good ones; they are unless given. */
  readonly faults: boolean;
  /** Whether hosts that do not answer are among them; as `faults` unless given. */
  readonly slow: boolean;
  /** Whether copies, shared pictures and placeholders are among them; as `faults` unless given. */
  readonly similar: boolean;
}

/** The mirror whose URLs are FishBase's own. */
const MIRROR = FISHBASE[0];
/** The licences that FishBase's pictures get, one after the other. */
const LICENSES = {
  photo: ["CC-BY-NC-3.0", ""],
  upload: ["CC-BY-NC-3.0", "CC-BY-3.0", ""],
} as const;
const SHARED_AT = 4;
const PLACEHOLDER_AT = 7;
const SLOW_AT = 2;

/** Plans fish by fish, and remembers the last few. */
export class Plan {
  readonly #remembered = new Map<string, FishPlan>();
  readonly #special: readonly Kind[];

  constructor(readonly catalogue: Catalogue, readonly options: PlanOptions) {
    this.#special = options.similar ? SPECIAL : SPECIAL.filter((kind) => !isLikeAnother(kind));
  }

  of(fish: Fish): FishPlan {
    const known = this.#remembered.get(fish.key);
    if (known !== undefined) return known;
    const google = this.#google(fish);
    const plan: FishPlan = {
      fish,
      ...this.#fishbase(fish),
      licensed: licensedPhotos(
        this.options,
        fish,
        this.options.similar ? this.#partner(fish) : undefined,
        this.options.faults,
      ),
      google,
      further: this.#further(fish, google),
    };
    remember(this.#remembered, fish.key, plan, 60);
    return plan;
  }

  byUrl(url: URL): Finding | undefined {
    const match = /[/=]([a-z0-9_]+)\/(\d+)-([\w-]{6})/.exec(url.pathname + url.search);
    const fish = this.catalogue.byKey(match?.[1] ?? "");
    if (fish === undefined) return undefined;
    const index = Number(match?.[2]);
    if (index < FURTHER) return this.of(fish).google[index];
    return this.#finding(fish, index, GOOD);
  }

  /** The photo that has a number in its address at one of the APIs' photo hosts. */
  licensedPhoto(number: number): LicensedFinding | undefined {
    const fish = this.catalogue.fish.find(({ code }) => code === codeOf(number));
    if (fish === undefined) return undefined;
    return Object.values(this.of(fish).licensed).flat().find((one) => one.number === number);
  }

  /** The fish of which iNaturalist has a photo under this one's name too. */
  #partner(fish: Fish): Fish | undefined {
    return fish.index % 12 === 3 ? this.catalogue.fish[fish.index - 1] : undefined;
  }

  #fishbase(fish: Fish): { fishbase: readonly Finding[]; drawings: readonly string[] } {
    const { seed } = this.options;
    const name = fishbaseName(fish) ?? fish.latin;
    const [genus = "", epithet = ""] = name.split(" ");
    const stem = `${genus.slice(0, 2)}${epithet.slice(0, 3)}`;
    const fishbase: Finding[] = [];
    const sorts = fishbasePictures(seed, fish);
    const photos = sorts.filter((sort) => sort === "photo").length;
    sorts.forEach((sort, index) => {
      const missing = this.options.faults && fish.index % 6 === 1 && index === 1;
      const gif = sort === "photo" && fish.index % 6 === 2 && index === 1;
      const photo: Photo = {
        species: fish.key,
        index: 100_000 + index,
        treatment: "plain",
        format: gif ? "gif" : "jpeg",
      };
      const path = sort === "upload"
        ? `/tools/UploadPhoto/uploads/${1_400_000_000 + fish.code * 100 + index}_10.0.0.${
          index + 1
        }.jpg`
        : `/images/species/${stem}_${index % 3 === 1 ? "m" : "u"}${fish.code}${index}.${
          gif ? "gif" : "jpg"
        }`;
      fishbase.push({
        source: "fishbase",
        index,
        url: `https://${MIRROR}${path}`,
        page: `https://${MIRROR}/photos/ThumbnailsSummary.php?ID=${fish.code}`,
        title: name,
        kind: missing
          ? { ...GOOD, name: "missing", outcome: "gone", service: { status: 404 } }
          : GOOD,
        photo,
        license: LICENSES[sort][index % LICENSES[sort].length] ?? "",
        newer: sort === "photo" &&
          (fish.index % 12 === 6 || (fish.index % 3 === 0 && index === photos - 1)),
        byScript: sort === "upload" && fish.index % 12 === 5 && index === 1,
        size: photoSize(this.options, photo),
      });
    });
    const drawings = fish.index % 3 === 0 && photos > 0 ? [`${stem}_u${fish.code}9.gif`] : [];
    return { fishbase, drawings };
  }

  #google(fish: Fish): readonly Finding[] {
    const findings: Finding[] = [];
    let special = hash(`${this.options.seed}/${fish.key}`) % this.#special.length;
    let before = 0;
    for (let index = 0; index < this.options.results; index++) {
      let kind = GOOD;
      if (this.options.faults) {
        kind = this.#fixed(fish, index) ?? GOOD;
        if (kind === GOOD && index % 3 === 1) {
          kind = this.#special[special++ % this.#special.length] ?? GOOD;
        }
      }
      findings.push(this.#finding(fish, index, kind, before));
      if (kind === GOOD) before = index;
    }
    return findings;
  }

  /** What stands at a fixed place, so that several species meet there. */
  #fixed(fish: Fish, index: number): Kind | undefined {
    const { images, slow, similar } = this.options;
    const count = this.catalogue.fish.length;
    if (similar && images >= 20) {
      if (index === SHARED_AT && this.#pair(fish) !== undefined) return SHARED;
      if (index === PLACEHOLDER_AT && count >= 9 && fish.index % 3 === 2) return PLACEHOLDER;
    }
    if (slow && index === SLOW_AT && fish.index % 12 === 0) return SILENT;
    if (slow && index === SLOW_AT && fish.index % 12 === 1) return DRIP;
    return undefined;
  }

  /**
   * The number of the pair of fish that share a picture. Of two pairs in twelve fish, one has the
   * picture from Google alone, the other has FishBase to vouch for it.
   */
  #pair(fish: Fish): { number: number; vouched: boolean; first: Fish } | undefined {
    const place = fish.index % 12;
    const vouched = place === 3;
    if (place > 1 && !vouched) return undefined;
    const first = this.catalogue.fish[fish.index - (place === 3 ? 1 : place)];
    const both = this.catalogue.fish[fish.index - place + 1];
    if (first === undefined || both === undefined) return undefined;
    return { number: Math.floor(fish.index / 12), vouched, first };
  }

  #finding(fish: Fish, index: number, kind: Kind, before = 0): Finding {
    const { seed } = this.options;
    const chance = hash(`${seed}/${fish.key}/${index}`);
    const photo = this.#photo(fish, index, kind, before);
    const host = photoHost(kind.host, `${seed}/${fish.key}/${index}/host`);
    const name = `${fish.key}/${index}-${token(`${seed}/${fish.key}/${index}`, 6)}`;
    const origin = `${kind.host === "plain-http" ? "http" : "https"}://${host}`;
    const truthful = !["tiny", "banner", "bomb", "placeholder"].includes(kind.treatment);
    return {
      source: "google",
      index,
      url: origin + pathOf(name, kind, photo.format, chance),
      page: `https://${host}/fish/${fish.key}/${index}.html`,
      title: `${fish.latin} & friends – "tank" no. ${index}`,
      kind,
      photo,
      size: photoSize(this.options, truthful ? photo : { ...photo, treatment: "plain" }),
    };
  }

  #photo(fish: Fish, index: number, kind: Kind, before: number): Photo {
    const own: Photo = {
      species: fish.key,
      index,
      treatment: kind.treatment,
      format: kind.format ?? usualFormat(index),
    };
    switch (kind.subject) {
      case "own":
        // It takes long to make, and one is like the other.
        return kind.treatment === "bomb" ? { ...own, species: "bomb", index: 0 } : own;
      case "before":
        return kind.treatment === "plain"
          ? { ...own, index: before, format: usualFormat(before) }
          : { ...own, index: before };
      case "placeholder":
        return { ...own, species: "placeholder", index: 0 };
      case "shared": {
        const pair = this.#pair(fish);
        if (pair?.vouched) return { ...own, species: pair.first.key, index: 100_000 };
        return { ...own, species: `shared${pair?.number ?? 0}`, index: 0 };
      }
    }
  }

  #further(fish: Fish, google: readonly Finding[]): readonly Finding[] {
    const known = google.slice(0, 10);
    const fresh = Array.from(
      { length: Math.max(0, this.options.furtherResults - known.length) },
      (_, place) => this.#finding(fish, FURTHER + place, GOOD),
    );
    return [...known, ...fresh];
  }
}

const FORMATS: Readonly<Record<number, Format>> = { 2: "webp", 5: "png", 8: "gif", 10: "webp" };

function usualFormat(index: number): Format {
  return FORMATS[index % 12] ?? "jpeg";
}

/** Whether a kind is another picture in disguise; equal bytes are not meant. */
function isLikeAnother(kind: Kind): boolean {
  return kind.subject === "before" && kind.treatment !== "plain";
}

/** Indices from here on belong to the further query. */
const FURTHER = 10_000;

function pathOf(name: string, kind: Kind, format: Format, chance: number): string {
  const ending = format === "jpeg" ? "jpg" : format;
  if (kind.service === "robots") return `/private/${name}.${ending}`;
  if (kind.service === "page" || kind.service === "drawing") return `/uploads/${name}.jpg`;
  switch (chance % 8) {
    case 0:
      return `/image.php?w=1024&id=${name}&fm=${ending}`;
    case 1:
      return `/media/${name}`;
    case 2:
      return `/photos/${name}.${ending}?crop=1.00xw:0.8xh&resize=1200:*`;
    case 3:
      return `/Fotos%20(alt)/${name}.${ending.toUpperCase()}`;
    default:
      return `/wp-content/uploads/2021/04/${name}.${ending}`;
  }
}

/** Puts something into a map as its newest entry, and forgets the oldest where there are too many. */
export function remember<T>(map: Map<string, T>, key: string, value: T, most: number): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= most) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** A made-up id of the kind sites use: letters, digits, `-` and `_`; the same for the same seed. */
export function token(seed: string, length: number): string {
  const chance = new Seeded(`token/${seed}`);
  return Array.from({ length }, () => LETTERS.charAt(chance.below(64))).join("");
}
