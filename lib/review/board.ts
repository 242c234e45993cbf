/**
 * What a review shows and changes: the kept images of a data folder and a person's verdicts.
 *
 * @module
 */

import type { Dataset } from "../dataset/dataset.ts";
import type { KeptImage } from "../dataset/state.ts";
import { webAddress } from "../report/html.ts";
import { hostOf } from "../report/host_table.ts";
import { fileName, keptLines, type SheetImage, sheetImage } from "../report/sheet.ts";
import { type Doubt, doubts, type HostRecord } from "./suspicion.ts";

/** What a person says of an image; `undone` is no verdict, or one that was taken back. */
export type Verdict = "rejected" | "accepted" | "undone";

/** The reason in the log of an `accepted` that only takes a verdict back. */
const TAKEN_BACK = "verdict taken back";

/** An image, named as the page names it. */
export interface ImageName {
  /** The species' id. */
  readonly species: string;
  /** The file's name within the species' folder. */
  readonly name: string;
}

/** One image in a review. */
export interface ReviewImage extends SheetImage {
  /** The host its file is from. */
  readonly host: string;
  /** The verdict that stands on it. */
  readonly verdict: Verdict;
  /** How doubtful it is; 0 where a person has accepted it. */
  readonly score: number;
  /** What is said against it. */
  readonly reasons: readonly string[];
}

/** A verdict to be given. */
export interface VerdictOrder {
  /** What is said. */
  readonly verdict: Verdict;
  /** Why. */
  readonly reason?: string;
  /** Of these images… */
  readonly images?: readonly ImageName[];
  /** …or of all images from a host… */
  readonly host?: string;
  /** …of this species, where it is named. */
  readonly species?: string;
}

/** A verdict that was given and changed something. */
export interface VerdictChange extends ImageName {
  /** What stands now. */
  readonly verdict: Verdict;
  /** What stood before. */
  readonly before: Verdict;
}

/** How many images of a species stand. */
export interface SpeciesCount {
  /** Its id. */
  readonly id: string;
  /** Kept and not rejected. */
  readonly kept: number;
  /** Rejected. */
  readonly rejected: number;
}

/** The kept images of an open data folder. */
export class Board {
  readonly #dataset: Dataset;
  /** By species: the host of each image by its file's name. */
  readonly #hosts = new Map<string, Map<string, string>>();
  readonly #stems = new Map<string, ImageName>();
  readonly #records = new Map<string, { all: number; rejected: number }>();

  /**
   * Reads where each kept image is from.
   *
   * @param dataset The data folder, open for writing. No images may come while it is reviewed.
   * @throws {Failure} When the log cannot be read.
   */
  constructor(dataset: Dataset) {
    this.#dataset = dataset;
    for (const species of dataset.state.species) {
      const hosts = new Map<string, string>();
      for (const { image, line } of keptLines(dataset.state, species)) {
        // A search engine's own copy is from the page it stands on.
        const host = hostOf(webAddress(line.page) ?? line.url);
        const name = fileName(image);
        hosts.set(name, host);
        this.#stems.set(name.slice(0, name.lastIndexOf(".")), { species, name });
        const record = this.#records.get(host) ?? { all: 0, rejected: 0 };
        record.all++;
        record.rejected += Number(image.rejected);
        this.#records.set(host, record);
      }
      this.#hosts.set(species, hosts);
    }
  }

  /** The kept image of a name; nothing where there is none. */
  image({ species, name }: ImageName): KeptImage | undefined {
    for (const image of this.#dataset.state.keptImages(species)) {
      if (fileName(image) === name) return image;
    }
    return undefined;
  }

  /** The kept image whose file has a name without its ending, of whatever species. */
  named(stem: string): KeptImage | undefined {
    const place = this.#stems.get(stem);
    return place === undefined ? undefined : this.image(place);
  }

  /** How many images of a species stand. */
  count(species: string): SpeciesCount {
    let rejected = 0;
    for (const image of this.#dataset.state.keptImages(species)) rejected += Number(image.rejected);
    return { id: species, kept: this.#dataset.state.kept(species), rejected };
  }

  /** The images of a species in the log's order, with what is said against them. */
  images(species: string): ReviewImage[] {
    const { state } = this.#dataset;
    const lines = keptLines(state, species);
    const looked = lines.map(({ image }) => ({
      dhash: image.fingerprint,
      width: image.width,
      height: image.height,
      host: this.#hostOf(species, fileName(image)),
    }));
    const found = doubts(looked, (host) => this.#record(host));
    return lines.map((each, at) => {
      const verdict = this.#standing(each.image);
      const doubt: Doubt = found[at] ?? { score: 0, reasons: [] };
      const settled = verdict === "accepted";
      return {
        ...sheetImage(each),
        host: looked[at]?.host ?? "",
        verdict,
        score: settled ? 0 : doubt.score,
        reasons: settled ? [] : doubt.reasons,
      };
    });
  }

  /**
   * Gives a verdict. What has it already is left alone, so that the same order twice, from one tab
   * or two, changes nothing the second time.
   *
   * @param order The verdict.
   * @returns What changed; it is on the disk by then.
   * @throws {Failure} When the log cannot be written.
   */
  async give(order: VerdictOrder): Promise<VerdictChange[]> {
    const { verdict, reason } = order;
    const changes: VerdictChange[] = [];
    for (const image of this.#meant(order)) {
      const { species, sha256 } = image;
      const before = this.#standing(image);
      if (before === verdict) continue;
      // The log knows no third event: what is taken back counts as accepted.
      const why = verdict === "undone" ? TAKEN_BACK : reason;
      this.#dataset.append({
        event: verdict === "rejected" ? "rejected" : "accepted",
        species,
        sha256,
        ...(why === undefined ? {} : { reason: why }),
      });
      const name = fileName(image);
      const record = this.#records.get(this.#hostOf(species, name));
      if (record !== undefined) {
        record.rejected += Number(verdict === "rejected") - Number(before === "rejected");
      }
      changes.push({ species, name, verdict, before });
    }
    await this.#dataset.flush();
    return changes;
  }

  #meant({ images, host, species, verdict }: VerdictOrder): KeptImage[] {
    if (images !== undefined) return this.#named(images);
    if (host === undefined) return [];
    const of = species === undefined ? this.#dataset.state.species : [species];
    return of.flatMap((id) =>
      [...this.#dataset.state.keptImages(id)].filter((image) =>
        this.#hostOf(id, fileName(image)) === host &&
        // What a person has accepted one by one is not meant by a word about its host.
        (verdict !== "rejected" || this.#standing(image) !== "accepted")
      )
    );
  }

  #named(names: readonly ImageName[]): KeptImage[] {
    const known = new Map<string, Map<string, KeptImage>>();
    for (const { species } of names) {
      if (known.has(species)) continue;
      const images = [...this.#dataset.state.keptImages(species)];
      known.set(species, new Map(images.map((image) => [fileName(image), image])));
    }
    return names.map(({ species, name }) => known.get(species)?.get(name))
      .filter((image) => image !== undefined);
  }

  #standing({ species, sha256 }: KeptImage): Verdict {
    const verdict = this.#dataset.state.verdict(species, sha256);
    if (verdict === undefined || verdict.reason === TAKEN_BACK) return "undone";
    return verdict.event === "rejected" ? "rejected" : "accepted";
  }

  #hostOf(species: string, name: string): string {
    return this.#hosts.get(species)?.get(name) ?? "";
  }

  #record(host: string): HostRecord {
    return this.#records.get(host) ?? { all: 0, rejected: 0 };
  }
}
