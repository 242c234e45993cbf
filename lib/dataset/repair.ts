/**
 * Repairs what a verification found, without fetching anything.
 *
 * @module
 */

import { dirname, join, relative } from "@std/path";
import { diskFailure, isMissing } from "../base/disk_failure.ts";
import {
  lstatIfThere,
  readIfThere,
  sha256Of,
  syncFolder,
  TEMPORARY_PREFIX,
} from "../base/files.ts";
import { imagesAreElsewhere, makeFolderInside, pathInside } from "../base/inside.ts";
import { isTransient } from "../base/outcome.ts";
import { type Dataset, LOG_NAME } from "./dataset.ts";
import type { ImageEvent, LogLine } from "./event.ts";
import { readLog } from "./log_reader.ts";
import type { KeptImage } from "./state.ts";
import { missingEvent, namedInLog } from "./sweep.ts";
import { verifyFiles } from "./verify.ts";

export interface Repair {
  /** Files that were brought to the place the log names for them. */
  readonly moved: number;
  /** Images that were given up as lost, found again and logged as kept again. */
  readonly relinked: number;
  /** Kept images whose file is lost: the next run fetches them again. */
  readonly lost: number;
  /** Files that were removed because no image is theirs any more. */
  readonly removed: number;
  /** Files that no line of the log names: they stay. */
  readonly left: number;
}

export interface RepairOptions {
  /** Whether files that no line of the log names are removed. */
  readonly prune: boolean;
  readonly signal: AbortSignal;
}

/** A file that no kept image has at its place. */
interface Loose {
  file: string;
  readonly sha256: string;
  /** It stays when no image is missing it. */
  readonly stays: boolean;
}

/**
 * Repairs a data folder: brings files to where the log names them, logs what is lost so that the
 * next run fetches it, and removes the files of images that are not kept any more. What no line of
 * the log names stays unless `prune` is set, and always where `images` is a link to elsewhere.
 *
 * @param dataset The data folder, opened without a sweep.
 * @throws {Failure} When a file cannot be read or written. What was repaired until then stays so.
 */
export async function repairFiles(
  dataset: Dataset,
  { prune, signal }: RepairOptions,
): Promise<Repair> {
  const { dir, state } = dataset;
  const { findings } = await verifyFiles(dir, state, signal);
  try {
    await dataset.flush();
    const isElsewhere = await imagesAreElsewhere(dir);
    const mayPrune = prune && !isElsewhere;
    const unlogged = findings.flatMap((each) => each.kind === "unlogged" ? [each.file] : []);
    const named = await namedInLog(dir, unlogged);
    const wanted: KeptImage[] = [];
    const loose: Loose[] = [];
    const rubbish: string[] = [];
    for (const finding of findings) {
      switch (finding.kind) {
        case "missing":
        case "linked":
          wanted.push(finding.image);
          break;
        case "altered":
          wanted.push(finding.image);
          loose.push({ file: finding.image.file, sha256: finding.sha256, stays: false });
          break;
        case "unlogged":
          loose.push({ ...finding, stays: !named.has(finding.file) && !mayPrune });
          break;
        case "stranger":
          // Perhaps somebody's own: what has no place among the images stays.
          loose.push({ ...finding, stays: true });
          break;
        case "not-a-file":
          if (!finding.isFolder && mayPrune) rubbish.push(finding.file);
          break;
        case "temporary":
          if (!isElsewhere) rubbish.push(finding.file);
          break;
        case "bad-line":
        case "torn-log":
          break;
      }
    }
    return await new Repairer(dataset, loose, isElsewhere).repair(wanted, rubbish);
  } catch (error) {
    throw diskFailure(`repair the data folder ${dir}`, error);
  }
}

class Repairer {
  readonly #dataset: Dataset;
  /** By hash; what was put to use is taken out. */
  readonly #loose: Map<string, Loose[]>;
  readonly #isElsewhere: boolean;
  #aside = 0;

  constructor(dataset: Dataset, loose: readonly Loose[], isElsewhere: boolean) {
    this.#dataset = dataset;
    this.#isElsewhere = isElsewhere;
    this.#loose = Map.groupBy(loose, ({ sha256 }) => sha256);
  }

  async repair(wanted: readonly KeptImage[], rubbish: readonly string[]): Promise<Repair> {
    const lost: KeptImage[] = [];
    let moved = 0;
    for (const image of wanted) {
      if (await this.#restore(image.file, image.sha256)) moved++;
      else {
        await this.#makeWay(image.file);
        if (!image.rejected) lost.push(image);
      }
    }
    const relinked = await this.#relink();
    for (const line of this.#dataset.state.lines(lost)) {
      this.#dataset.append(missingEvent(line, "file lost or altered in the data folder"));
    }
    await this.#dataset.flush();
    const rest = this.#rest();
    const left = rest.filter(({ stays }) => stays).length;
    const useless = rest.filter(({ stays }) => !stays).map(({ file }) => file);
    for (const file of [...rubbish, ...useless]) await this.#remove(file);
    return { moved, relinked, lost: lost.length, removed: rubbish.length + useless.length, left };
  }

  async #remove(file: string): Promise<void> {
    try {
      await Deno.remove(await this.#path(file));
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }

  #rest(): Loose[] {
    return [...this.#loose.values()].flat();
  }

  /** Brings a file with these bytes into a place, or a copy of another species' file. */
  async #restore(file: string, sha256: string): Promise<boolean> {
    if (this.#isElsewhere && await this.#isFolder(file)) return false;
    const from = this.#loose.get(sha256)?.pop();
    if (from === undefined) return await this.#copyInto(file, sha256);
    await this.#moveAside(file);
    if (this.#isElsewhere && from.stays) {
      await this.#write(await Deno.readFile(await this.#path(from.file)), file);
    } else await this.#moveInto(from.file, file);
    return true;
  }

  async #copyInto(file: string, sha256: string): Promise<boolean> {
    const { state, dir } = this.#dataset;
    for (const species of state.speciesWithBytes(sha256)) {
      const other = state.image(species, sha256)?.file;
      const bytes = other === undefined ? undefined : await readInside(dir, other);
      if (bytes === undefined || await sha256Of(bytes) !== sha256) continue;
      await this.#moveAside(file);
      await this.#write(bytes, file);
      return true;
    }
    return false;
  }

  async #write(bytes: Uint8Array, file: string): Promise<void> {
    const aside = this.#asideName(file);
    await makeFolderInside(this.#dataset.dir, dirname(aside));
    await Deno.writeFile(await this.#path(aside), bytes, { createNew: true });
    await this.#moveInto(aside, file);
  }

  async #path(file: string): Promise<string> {
    return await pathInside(this.#dataset.dir, file);
  }

  async #isFolder(file: string): Promise<boolean> {
    return (await lstatIfThere(await this.#path(file)))?.isDirectory === true;
  }

  /** Renames a loose file that is in the way: another image may have its bytes. */
  async #moveAside(file: string): Promise<void> {
    for (const each of this.#rest()) {
      if (each.file !== file) continue;
      const aside = this.#asideName(file);
      await Deno.rename(await this.#path(file), await this.#path(aside));
      each.file = aside;
    }
  }

  /** A folder in an image's place gets another name, with all in it; a link or a pipe goes. */
  async #makeWay(file: string): Promise<void> {
    const path = await this.#path(file);
    const found = await lstatIfThere(path);
    if (found === undefined || found.isFile) return;
    if (!found.isDirectory) await Deno.remove(path);
    else if (!this.#isElsewhere) await Deno.rename(path, `${path}.folder`);
  }

  #asideName(file: string): string {
    return `${dirname(file)}/${TEMPORARY_PREFIX}repair-${this.#aside++}`;
  }

  async #moveInto(from: string, to: string): Promise<void> {
    await makeFolderInside(this.#dataset.dir, dirname(to));
    const path = await this.#path(to);
    await this.#makeWay(to);
    await Deno.rename(await this.#path(from), path);
    await syncFolder(dirname(path));
  }

  /** Logs images as kept again that were given up as lost and whose file has turned up. */
  async #relink(): Promise<number> {
    const lines: (LogLine & ImageEvent)[] = [];
    if (this.#rest().length === 0) return 0;
    await this.#dataset.flush();
    await readLog(join(this.#dataset.dir, LOG_NAME), (line) => {
      if (line.event !== "image" || line.outcome !== "kept") return;
      if ((this.#loose.get(line.sha256 ?? "")?.length ?? 0) > 0) lines.push(line);
    });
    let relinked = 0;
    for (const { v: _version, time: _time, ...event } of lines.reverse()) {
      if (event.event !== "image" || !this.#wasLost(event)) continue;
      const { file, sha256 } = event;
      if (file === undefined || sha256 === undefined) continue;
      if (!await this.#restore(file, sha256)) continue;
      this.#dataset.append(event);
      relinked++;
    }
    return relinked;
  }

  /** Whether a once kept image is not kept now only because its file was gone. */
  #wasLost({ species, url, sha256 = "" }: ImageEvent): boolean {
    const { state } = this.#dataset;
    const now = state.decided(species, url);
    return now !== undefined && isTransient(now) && !state.hasBytes(species, sha256) &&
      !state.rejected(species, sha256);
  }
}

/** The bytes of a file, or of what a link in its place leads to within the data folder. */
async function readInside(dir: string, file: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    const real = await Deno.realPath(await pathInside(dir, file));
    const roots = [await Deno.realPath(dir), await Deno.realPath(join(dir, "images"))];
    const isInside = roots.some((root) => !relative(root, real).startsWith(".."));
    return isInside ? await readIfThere(real) : undefined;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
