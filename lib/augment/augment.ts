/**
 * Makes varied copies of the photos that a network is trained with.
 *
 * @module
 */

import { join } from "@std/path";
import { checkDataFolder } from "../dataset/dataset.ts";
import { diskFailure } from "../base/disk_failure.ts";
import { Failure } from "../base/failure.ts";
import { fileInside, makeFolderInside, pathInside } from "../base/inside.ts";
import { takeLock } from "../dataset/lock.ts";
import { readIfThere, sha256Of, sizeOf, writeFileAtomic } from "../base/files.ts";
import { pooled } from "../base/pooled.ts";
import { splitDataset, type SplitImage, type SplitOptions } from "../split/split_dataset.ts";
import { createRenderer, type Renderer } from "../image/create_renderer.ts";
import { VERSION } from "../base/version.ts";
import { drawVariations } from "./draw.ts";
import { COPIES_FOLDER, type CopyLine, Ledger, type RunLine } from "./ledger.ts";
import { planSpecies } from "./plan.ts";
import type { Recipe } from "./recipe.ts";
import { sweepCopies } from "./sweep.ts";

/** How copies are made. */
export interface AugmentOptions extends Omit<SplitOptions, "seed" | "shares" | "anew"> {
  /** What is done, and how much. */
  readonly recipe: Recipe;
  /** How many images for training each species is to have, copies included. */
  readonly to: number;
  /** How many copies one parent yields at the most; any number unless given. */
  readonly maxCopies?: number;
  /** What decides the draws. */
  readonly seed: number;
  /** How many workers; as many as the machine has processors unless given. */
  readonly workers?: number;
  /** Asks before copies that are no longer wanted are removed; they are unless it says no. */
  confirm?(surplus: number): Promise<boolean>;
  /** Is told after each parent how many copies were made. */
  progress(made: number, of: number): void;
}

/** What making copies came to. */
export interface AugmentReport {
  /** How many species have images for training. */
  readonly species: number;
  /** How many photos they are made from. */
  readonly parents: number;
  /** How many copies there are now. */
  readonly copies: number;
  /** How many of them were made now. */
  readonly made: number;
  /** How many were removed. */
  readonly removed: number;
  /** The bytes of those that were made now. */
  readonly bytes: number;
  /** Photos that no copies could be made of, and why. */
  readonly bad: readonly { readonly file: string; readonly why: string }[];
  /** How many images are missing to what was wanted. */
  readonly short: number;
}

/** The memory that a worker's codec may keep, in bytes; one that has taken more is replaced. */
export const WORKER_MEMORY: number = 160 * 2 ** 20;
/** Copies made of one decoding of the parent: what a worker gives back at once. */
const AT_ONCE = 8;
/** Copies of one parent from which on it is told of. */
const MANY_COPIES = 20;

/**
 * Makes copies until each species has as many images for training as wanted. Those that there are
 * stay; those whose parent is gone or no longer for training, or that were made otherwise, go.
 *
 * @param options How.
 * @throws {Failure} With a sentence for a person.
 * @throws The signal's reason. What was made so far is used by the next run.
 */
export async function augment(options: AugmentOptions): Promise<AugmentReport> {
  const { dir, signal, notice } = options;
  await checkDataFolder(dir);
  const lock = await takeLock(dir, "augment");
  try {
    const { images } = await splitDataset({ dir, signal, notice });
    const ledger = await Ledger.open(dir);
    try {
      const report = await new Augmenter(options, ledger).run(images);
      await ledger.close();
      return report;
    } catch (thrown) {
      await ledger.close().catch((second: unknown) => {
        // What went wrong first is what is told.
        if (!(second instanceof Error)) throw second;
      });
      throw thrown;
    }
  } catch (thrown) {
    signal.throwIfAborted();
    throw diskFailure(`make copies in ${join(dir, COPIES_FOLDER)}`, thrown);
  } finally {
    await lock.release();
  }
}

/** A photo, and which copies of it there are to be. */
interface Parent {
  readonly image: SplitImage;
  readonly quota: number;
}

/** A copy that is missing. */
interface MissingCopy {
  readonly file: string;
  readonly number: number;
}

/** The digest of what decides how a copy looks. */
async function runLine(seed: number, recipe: Recipe): Promise<RunLine> {
  const text = JSON.stringify({ version: VERSION, seed, recipe });
  const run = (await sha256Of(new TextEncoder().encode(text))).slice(0, 16);
  return { event: "run", run, version: VERSION, seed, recipe };
}

/**
 * The path of a copy within the data folder.
 *
 * @param image The parent.
 * @param number Which copy of it, from 1.
 */
export function copyFile(image: SplitImage, number: number): string {
  const name = image.file.slice(image.file.lastIndexOf("/") + 1, image.file.lastIndexOf("."));
  return `${COPIES_FOLDER}/${image.species}/${name}-${String(number).padStart(4, "0")}.jpg`;
}

class Augmenter {
  readonly #options: AugmentOptions;
  readonly #ledger: Ledger;
  readonly #bad: { file: string; why: string }[] = [];
  #made = 0;
  #bytes = 0;
  #short = 0;

  constructor(options: AugmentOptions, ledger: Ledger) {
    this.#options = options;
    this.#ledger = ledger;
  }

  async run(images: readonly SplitImage[]): Promise<AugmentReport> {
    const { dir, seed, recipe } = this.#options;
    const run = await runLine(seed, recipe);
    const parents = await this.#plan(images.filter((image) => image.side === "train"));
    const wanted = new Map<string, string>();
    for (const { image, quota } of parents) {
      for (let number = 1; number <= quota; number++) {
        wanted.set(copyFile(image, number), image.sha256);
      }
    }
    const surplus = [...this.#ledger.copies.keys()].filter((file) => !wanted.has(file)).length;
    if (surplus > 0 && await this.#options.confirm?.(surplus) === false) {
      throw new Failure("No copy was removed and none made: you said no.");
    }
    const removed = await sweepCopies(dir, this.#ledger, wanted, run.run, this.#options.signal);
    await this.#ledger.append([run]);
    const renderer = createRenderer({
      workers: this.#workers,
      heapLimit: WORKER_MEMORY,
    });
    try {
      await this.#make(parents, wanted.size, run, renderer);
    } finally {
      renderer.close();
    }
    return {
      species: new Set(parents.map(({ image }) => image.species)).size,
      parents: parents.length,
      copies: this.#ledger.copies.size,
      made: this.#made,
      removed,
      bytes: this.#bytes,
      bad: this.#bad,
      short: this.#short,
    };
  }

  get #workers(): number {
    return this.#options.workers ?? navigator.hardwareConcurrency;
  }

  /** The photos whose files are there, species by species, with their quotas. */
  async #plan(images: readonly SplitImage[]): Promise<Parent[]> {
    const { dir, to, maxCopies = Infinity, seed, notice } = this.#options;
    const bySpecies = new Map<string, SplitImage[]>();
    for (const image of images) {
      const size = await sizeOf(await pathInside(dir, image.file));
      const own = bySpecies.get(image.species) ?? [];
      bySpecies.set(image.species, own);
      if (size === undefined) this.#leave(image, "its file is not there");
      else if (image.bytes > 0 && size !== image.bytes) {
        this.#leave(image, "its file is not as long as the log says");
      } else own.push(image);
    }
    const many: string[] = [];
    const parents: Parent[] = [];
    for (const [species, own] of bySpecies) {
      const plan = planSpecies(own.map(({ sha256 }) => sha256), to, maxCopies, seed);
      if (plan.most > MANY_COPIES) many.push(`${species}: ${own.length}, ${plan.most} copies each`);
      this.#short += plan.short;
      own.forEach((image, at) => parents.push({ image, quota: plan.quotas[at] ?? 0 }));
    }
    if (many.length > 0) {
      notice(
        `${many.length} species have few photos for training, so that a network may learn these by heart (${
          many.slice(0, 3).join("; ")
        }${many.length > 3 ? " …" : ""}): --max-copies caps it.`,
      );
    }
    return parents;
  }

  async #make(
    parents: readonly Parent[],
    of: number,
    run: RunLine,
    renderer: Renderer,
  ): Promise<void> {
    const { dir, signal, progress } = this.#options;
    const todo = parents.map((parent) => ({ parent, missing: this.#missing(parent) }))
      .filter(({ missing }) => missing.length > 0);
    for (const species of new Set(todo.map(({ parent }) => parent.image.species))) {
      await makeFolderInside(dir, `${COPIES_FOLDER}/${species}`);
    }
    // One more than there are workers: so none waits for a file to be read.
    const each = pooled(this.#workers + 1, todo, async ({ parent, missing }) => {
      signal.throwIfAborted();
      return await this.#copy(parent.image, missing, run, renderer);
    });
    for await (const lines of each) {
      await this.#ledger.append(lines);
      this.#made += lines.length;
      for (const { bytes } of lines) this.#bytes += bytes;
      progress(this.#ledger.copies.size, of);
    }
  }

  #missing({ image, quota }: Parent): MissingCopy[] {
    const missing: MissingCopy[] = [];
    for (let number = 1; number <= quota; number++) {
      const file = copyFile(image, number);
      if (!this.#ledger.copies.has(file)) missing.push({ file, number });
    }
    return missing;
  }

  /** Makes copies of one photo, each whole or not at all; those of a broken one are none. */
  async #copy(
    image: SplitImage,
    missing: readonly MissingCopy[],
    run: RunLine,
    renderer: Renderer,
  ): Promise<CopyLine[]> {
    const { dir, recipe, seed, signal } = this.#options;
    const path = await fileInside(dir, image.file);
    const bytes = path === undefined ? undefined : await readIfThere(path);
    if (bytes === undefined) return this.#leave(image, "its file is not there");
    if (await sha256Of(bytes) !== image.sha256) {
      return this.#leave(image, "its file has other bytes than the log says");
    }
    const lines: CopyLine[] = [];
    for (let from = 0; from < missing.length; from += AT_ONCE) {
      signal.throwIfAborted();
      const part = missing.slice(from, from + AT_ONCE).map((copy) => ({
        ...copy,
        operations: drawVariations(recipe, { seed, parent: image.sha256, number: copy.number }),
      }));
      const task = {
        kind: "copies",
        size: recipe.size,
        copies: part.map(({ operations }) => operations),
      } as const;
      const made = await renderer.render(task, [bytes.slice()], signal);
      if (!made.ok) {
        this.#leave(image, made.why);
        return lines;
      }
      for (const [at, { file, number, operations }] of part.entries()) {
        const picture = made.pictures[at];
        if (picture === undefined) continue;
        const target = await pathInside(dir, file);
        await writeFileAtomic(target, picture.bytes, { flush: "file" });
        lines.push({
          event: "copy",
          file,
          species: image.species,
          parent: image.sha256,
          number,
          operations,
          run: run.run,
          seed,
          sha256: await sha256Of(picture.bytes),
          bytes: picture.bytes.length,
          width: picture.width,
          height: picture.height,
        });
      }
    }
    return lines;
  }

  #leave({ file }: SplitImage, why: string): [] {
    this.#bad.push({ file, why });
    return [];
  }
}
