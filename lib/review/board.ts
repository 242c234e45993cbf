/**
 * What a review shows and changes: the kept images of a data folder, a person's verdicts on them,
 * and the audit.
 *
 * @module
 */

import { defined } from "../base/defined.ts";
import {
  type Audit,
  describeAudit,
  drawAudit,
  errorRate,
  readAudit,
  writeAudit,
} from "../dataset/audit.ts";
import type { Dataset } from "../dataset/dataset.ts";
import { type ImageEvent, TAKEN_BACK } from "../dataset/event.ts";
import type { KeptImage } from "../dataset/state.ts";
import { readDoubts } from "../embed/doubt.ts";
import type { SpeciesStanding } from "../report/gather.ts";
import { brief, hostOf } from "../report/html.ts";
import { type KeptLine, type SheetImage, sheetImage, withLines } from "../report/sheet.ts";
import { isSure } from "../sources/source.ts";
import { type Doubt, doubts } from "./suspicion.ts";

/** What a person says of an image; `undone` where there is no verdict, or one was taken back. */
export type Verdict = "rejected" | "accepted" | "undone";

export interface Standing {
  /** The id of the species that it counts for. */
  readonly species: string;
  readonly verdict: Verdict;
}

/** What several images may have in common. */
export const TRAITS = ["host", "query", "author"] as const;

export type Trait = typeof TRAITS[number];

type Traits = Readonly<Partial<Record<Trait, string>>>;

export interface ReviewImage extends SheetImage, Standing {
  readonly traits: Traits;
  /** How doubtful it is; 0 where a person has judged it. */
  readonly score: number;
  readonly reasons: readonly string[];
}

/** A verdict to be given: on images by their `SheetImage.file`, or on all that have a trait. */
export interface Order {
  readonly verdict: Verdict;
  /** The id of the species that they show, where it is another one. */
  readonly to?: string;
  readonly reason?: string;
  readonly images?: readonly string[];
  readonly all?: { readonly trait: Trait; readonly value: string };
  /** With `all`: of this species alone. */
  readonly species?: string;
}

/** A verdict that was given and changed something. */
export interface Change {
  readonly file: string;
  readonly before: Standing;
  readonly now: Standing;
}

export interface SpeciesCount {
  readonly id: string;
  /** Kept and not rejected. */
  readonly kept: number;
  readonly rejected: number;
  /** Not judged yet. */
  readonly open: number;
  /** The sum of its images' scores: the worst species come first. */
  readonly score: number;
}

export interface AuditCount {
  readonly judged: number;
  /** How many images its sample has; 0 where there is no audit. */
  readonly of: number;
  /** What it found so far; empty before its first verdict. */
  readonly found: string;
}

/** How many sure photos a page gets: it shows two to compare with, none the picture itself. */
const COMPARED = 3;
/** In place of the species' name in a query, so that the same query of all species is one. */
const NAME = "{latin}";

/** The kept images of an open data folder. */
export class Board {
  readonly #dataset: Dataset;
  readonly #names: ReadonlyMap<string, string>;
  /** By file. */
  readonly #traits = new Map<string, Traits>();
  /** By the name without its ending, which is the thumbnail's. */
  readonly #stems = new Map<string, string>();
  readonly #shared = new Map<string, Traits>();
  readonly #counts = new Map<string, SpeciesCount>();
  readonly #hosts = new Map<string, { all: number; rejected: number }>();
  #audit: Audit | undefined;
  /** By the images' hash. */
  readonly #doubts: ReadonlyMap<string, number>;

  private constructor(
    dataset: Dataset,
    species: readonly SpeciesStanding[],
    audit: Audit | undefined,
    doubts: ReadonlyMap<string, number>,
  ) {
    this.#doubts = doubts;
    this.#dataset = dataset;
    this.#names = new Map(species.map(({ id, name }) => [id, name]));
    this.#audit = audit;
    for (const { id, kept, rejected } of species) {
      this.#counts.set(id, { id, kept, rejected, open: kept, score: 0 });
    }
  }

  /**
   * The board of a data folder, on which no species was looked at yet: see {@linkcode Board.scan}.
   *
   * @param dataset The data folder, open for writing. No images may come while it is reviewed.
   * @throws {Failure} When its audit cannot be read.
   */
  static async open(dataset: Dataset, species: readonly SpeciesStanding[]): Promise<Board> {
    const doubts = (await readDoubts(dataset.dir))?.byHash ?? new Map<string, number>();
    return new Board(dataset, species, await readAudit(dataset.dir), doubts);
  }

  count(species: string): SpeciesCount {
    return this.#counts.get(species) ?? { id: species, kept: 0, rejected: 0, open: 0, score: 0 };
  }

  /**
   * Looks at all species, one after the other, so that the worst can come first and verdicts can
   * be given by trait.
   *
   * @param pause Resolves when the next species may be looked at.
   * @throws {Failure} When the log cannot be read.
   */
  async scan(pause: (species: string) => Promise<void>, signal: AbortSignal): Promise<void> {
    for (const species of this.#counts.keys()) {
      if (signal.aborted) return;
      this.images(species);
      await pause(species);
    }
  }

  /**
   * The images of a species in the log's order, with what is said against them.
   *
   * @throws {Failure} When the log cannot be read.
   */
  images(species: string): ReviewImage[] {
    const { state } = this.#dataset;
    const lines = withLines(state, [...state.keptImages(species)]);
    const looked = lines.map(({ image, line }) => ({
      ...image,
      host: this.#traitsOf(image, line).host ?? "",
      doubt: this.#doubts.get(image.sha256),
    }));
    const found = doubts(looked, (host) => this.#hosts.get(host) ?? { all: 0, rejected: 0 });
    const images = lines.map((each, at) => this.#review(each, found[at]));
    this.#recount(species, images.reduce((sum, { score }) => sum + score, 0));
    return images;
  }

  /**
   * Photos of a species to compare with: of sources that name species, or accepted by a person.
   * Flagged ones are taken where there are no others.
   */
  vouched(species: string): SheetImage[] {
    const images = [...this.#dataset.state.keptImages(species)].filter(({ rejected }) => !rejected)
      .sort((one, other) => Number(one.flags.length > 0) - Number(other.flags.length > 0));
    const sure = images.filter(({ source }) => isSure(source));
    const accepted = sure.length >= COMPARED
      ? []
      : images.filter((image) =>
        !isSure(image.source) && this.#standing(image).verdict === "accepted"
      );
    const chosen = [...sure, ...accepted].slice(0, COMPARED);
    return withLines(this.#dataset.state, chosen).map(sheetImage);
  }

  /** Whether a path is that of a kept image's file, and not of another one on the disk. */
  has(file: string): boolean {
    return this.#traits.has(file) || this.#byFile([file]).length > 0;
  }

  /** The file that a thumbnail is of, by the thumbnail's name without its ending. */
  fileOf(stem: string): string | undefined {
    return this.#stems.get(stem);
  }

  /**
   * Gives a verdict. What has it already is left alone, so that the same order twice, from one tab
   * or two, changes nothing the second time.
   *
   * @returns What changed; it is on the disk by then.
   * @throws {Failure} When the log cannot be written.
   */
  async give(order: Order): Promise<Change[]> {
    const changes: Change[] = [];
    const touched = new Set<string>();
    for (const image of this.#imagesOf(order)) {
      const before = this.#standing(image);
      const now = { species: order.to ?? before.species, verdict: order.verdict };
      if (now.species === before.species && now.verdict === before.verdict) continue;
      this.#set(image, now, order.reason);
      const file = image.file.slice("images/".length);
      changes.push({ file, before, now });
      touched.add(before.species).add(now.species);
      const host = this.#hosts.get(this.#traits.get(file)?.host ?? "");
      if (host !== undefined) host.rejected += badness(now, file) - badness(before, file);
    }
    await this.#dataset.flush();
    for (const species of touched) this.#recount(species, this.count(species).score);
    const judged = new Map(changes.map((change) => [change.file, change.now]));
    if (this.#audit?.sample.some(({ file }) => judged.has(file.slice("images/".length)))) {
      await this.#judgeSample(this.#audit, (file) => judged.get(file));
    }
    return changes;
  }

  auditCount(): AuditCount {
    const audit = this.#audit;
    if (audit === undefined) return { judged: 0, of: 0, found: "" };
    const judged = errorRate(audit)?.judged ?? 0;
    return { judged, of: audit.sample.length, found: describeAudit(audit) ?? "" };
  }

  /** The images of the audit's sample that are still kept, in its order. */
  auditImages(): ReviewImage[] {
    const sample = this.#audit?.sample ?? [];
    const kept = this.#byFile(sample.map(({ file }) => file.slice("images/".length)));
    return withLines(this.#dataset.state, kept).map((each) => this.#review(each));
  }

  /**
   * Draws the sample of a new audit. Images that a person has judged already may be in it: their
   * verdicts count.
   *
   * @throws {Failure} When it cannot be written.
   */
  async startAudit(now = new Date()): Promise<void> {
    const audit = drawAudit(this.#dataset.state, now);
    await this.#judgeSample(audit, (file) => {
      const [image] = this.#byFile([file]);
      return image && this.#standing(image);
    });
  }

  /** Takes what stands on images of an audit's sample into it, where that is known. */
  async #judgeSample(
    audit: Audit,
    standingOf: (file: string) => Standing | undefined,
  ): Promise<void> {
    const sample = audit.sample.map(({ species, file, verdict }) => {
      const standing = standingOf(file.slice("images/".length));
      const judged = standing === undefined ? verdict : sampleVerdict(standing, species);
      return { species, file, ...defined({ verdict: judged }) };
    });
    this.#audit = { ...audit, sample };
    await writeAudit(this.#dataset.dir, this.#audit);
  }

  #imagesOf({ images, all, species, verdict }: Order): KeptImage[] {
    if (images !== undefined) return this.#byFile(images);
    if (all === undefined) return [];
    const files = [...this.#traits].filter(([, traits]) => traits[all.trait] === all.value)
      .map(([file]) => file);
    return this.#byFile(files).filter((image) => {
      const standing = this.#standing(image);
      return (species === undefined || standing.species === species) &&
        // What a person has accepted one by one is not rejected along with others.
        (verdict !== "rejected" || standing.verdict !== "accepted");
    });
  }

  #byFile(files: readonly string[]): KeptImage[] {
    const folders = new Map<string, Map<string, KeptImage>>();
    return files.flatMap((file) => {
      const folder = file.split("/")[0] ?? "";
      const known = folders.get(folder) ?? new Map(
        this.#dataset.state.imagesIn(folder).map((image) => [image.file, image]),
      );
      folders.set(folder, known);
      return known.get(`images/${file}`) ?? [];
    });
  }

  /** The species that an image has counted for, the first and the present one at the ends. */
  #stays({ file, sha256 }: KeptImage): string[] {
    const stays = [file.split("/")[1] ?? ""];
    for (;;) {
      const verdict = this.#dataset.state.verdict(stays.at(-1) ?? "", sha256);
      if (verdict?.event !== "relabelled") return stays;
      const isBack = stays.includes(verdict.to);
      stays.push(verdict.to);
      if (isBack) return stays;
    }
  }

  #standing(image: KeptImage): Standing {
    const stays = this.#stays(image);
    const species = stays.at(-1) ?? "";
    const verdict = this.#dataset.state.verdict(species, image.sha256);
    if (verdict === undefined || verdict.event === "relabelled") {
      // Whoever said which species it is has judged it.
      return { species, verdict: stays.length > 1 ? "accepted" : "undone" };
    }
    return { species, verdict: verdict.reason === TAKEN_BACK ? "undone" : verdict.event };
  }

  /** Logs what makes a standing so. */
  #set(image: KeptImage, { species, verdict }: Standing, reason: string | undefined): void {
    const { sha256 } = image;
    const stays = this.#stays(image);
    const now = stays.at(-1) ?? "";
    if (!stays.includes(species)) {
      const to = species;
      this.#dataset.append({
        event: "relabelled",
        species: now,
        sha256,
        to,
        ...defined({ reason }),
      });
      const standing = this.#standing(image);
      // Unless a verdict from an earlier stay there holds again.
      if (standing.species === species && standing.verdict === verdict) return;
    }
    // Back to a species it was relabelled from: the new verdict there takes that back. The log has no
    // third event: what is taken back counts as accepted.
    const why = verdict === "undone" ? TAKEN_BACK : reason;
    const event = verdict === "rejected" ? "rejected" : "accepted";
    this.#dataset.append({ event, species, sha256, ...defined({ reason: why }) });
  }

  #recount(species: string, score: number): void {
    let [kept, rejected, open] = [0, 0, 0];
    for (const image of this.#dataset.state.keptImages(species)) {
      if (image.rejected) rejected++;
      else kept++;
      if (this.#standing(image).verdict === "undone") open++;
    }
    this.#counts.set(species, { id: species, kept, rejected, open, score: open && score });
  }

  #review(
    { image, line }: KeptLine,
    { score, reasons }: Doubt = { score: 0, reasons: [] },
  ): ReviewImage {
    const standing = this.#standing(image);
    const isOpen = standing.verdict === "undone";
    return {
      ...sheetImage({ image, line }),
      ...standing,
      traits: this.#traitsOf(image, line),
      score: isOpen ? score : 0,
      reasons: isOpen ? reasons : [],
    };
  }

  #traitsOf(image: KeptImage, line: ImageEvent): Traits {
    const file = image.file.slice("images/".length);
    const known = this.#traits.get(file);
    if (known !== undefined) return known;
    // A search engine's own copy is from the page it stands on.
    const host = brief(hostOf(URL.canParse(line.page) ? line.page : line.url), 100);
    const name = this.#names.get(line.species) ?? "";
    const query = name === "" ? line.query : line.query?.replaceAll(name, NAME);
    const traits = {
      host,
      ...(query !== undefined && { query: brief(query, 100) }),
      ...(line.author !== undefined && { author: brief(line.author, 100) }),
    };
    // Thousands of images have the same: they share one object.
    const key = JSON.stringify(traits);
    const shared = this.#shared.get(key) ?? traits;
    this.#shared.set(key, shared);
    this.#traits.set(file, shared);
    this.#stems.set(file.slice(file.indexOf("/") + 1, file.lastIndexOf(".")), file);
    const record = this.#hosts.get(host) ?? { all: 0, rejected: 0 };
    record.all++;
    record.rejected += badness(this.#standing(image), file);
    this.#hosts.set(host, record);
    return shared;
  }
}

/** What an image says against its host: 1 where it was rejected or shows another species. */
function badness({ species, verdict }: Standing, file: string): number {
  return Number(verdict === "rejected" || !file.startsWith(`${species}/`));
}

function sampleVerdict(standing: Standing, species: string): "right" | "wrong" | undefined {
  if (standing.verdict === "rejected" || standing.species !== species) return "wrong";
  return standing.verdict === "accepted" ? "right" : undefined;
}
