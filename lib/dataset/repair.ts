/**
 * Repairs what a verification found, without fetching anything.
 *
 * @module
 */

import { dirname, join } from "@std/path";
import { diskFailure, ifThere } from "../base/disk_failure.ts";
import {
  readIfThere,
  removeIfThere,
  sha256Of,
  syncFolder,
  temporaryName,
  writeFileAtomic,
} from "../base/files.ts";
import { imagesAreElsewhere, makeFolderInside, pathInside } from "../base/inside.ts";
import { isTransient } from "../base/outcome.ts";
import type { Dataset } from "./dataset.ts";
import type { ImageEvent, LogLine } from "./event.ts";
import { LOG_NAME, readLog } from "./log_reader.ts";
import type { KeptImage } from "./state.ts";
import { type Finding, missingEvent, namedInLog, verifyFiles } from "./verify.ts";

/** What a repair came to. */
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
  { prune, signal }: { readonly prune: boolean; readonly signal: AbortSignal },
): Promise<Repair> {
  const { findings } = await verifyFiles(dataset.dir, dataset.state, signal);
  try {
    await dataset.flush();
    const isElsewhere = await imagesAreElsewhere(dataset.dir);
    return await new Repairer(dataset, isElsewhere).repair(findings, prune && !isElsewhere);
  } catch (error) {
    throw diskFailure(`repair the data folder ${dataset.dir}`, error);
  }
}

/** A file that no kept image has at its place. */
interface Candidate {
  readonly file: string;
  /** It stays when no image is missing it. */
  readonly stays: boolean;
}

class Repairer {
  readonly #dataset: Dataset;
  readonly #isElsewhere: boolean;
  /** By hash; what was put to use is taken out. */
  readonly #candidates = new Map<string, Candidate[]>();

  constructor(dataset: Dataset, isElsewhere: boolean) {
    this.#dataset = dataset;
    this.#isElsewhere = isElsewhere;
  }

  async repair(findings: readonly Finding[], prune: boolean): Promise<Repair> {
    const { dir, state } = this.#dataset;
    const named = await namedInLog(
      dir,
      findings.flatMap((each) => each.kind === "unlogged" ? [each.file] : []),
    );
    const wanted: KeptImage[] = [];
    const rubbish: string[] = [];
    for (const finding of findings) {
      switch (finding.kind) {
        case "altered":
          // Perhaps another image's bytes.
          this.#add(finding.sha256, await this.#setAside(finding.image.file), false);
          wanted.push(finding.image);
          break;
        case "missing":
        case "linked":
          wanted.push(finding.image);
          break;
        case "unlogged":
          this.#add(finding.sha256, finding.file, !named.has(finding.file) && !prune);
          break;
        case "stranger":
          // Perhaps somebody's own: what has no place among the images stays.
          this.#add(finding.sha256, finding.file, true);
          break;
        case "not-a-file":
          if (!finding.isFolder && prune) rubbish.push(finding.file);
          break;
        case "temporary":
          if (!this.#isElsewhere) rubbish.push(finding.file);
          break;
      }
    }
    const lost: KeptImage[] = [];
    for (const image of wanted) {
      if (!await this.#restore(image.file, image.sha256)) lost.push(image);
    }
    const relinked = await this.#relink();
    const missed = lost.filter(({ rejected }) => !rejected);
    for (const line of state.lines(missed)) {
      this.#dataset.append(missingEvent(line, "file lost or altered in the data folder"));
    }
    await this.#dataset.flush();
    const rest = [...this.#candidates.values()].flat().filter(({ file }) => !state.isTaken(file));
    rubbish.push(...rest.filter(({ stays }) => !stays).map(({ file }) => file));
    for (const file of rubbish) await removeIfThere(await pathInside(dir, file));
    return {
      moved: wanted.length - lost.length,
      relinked,
      lost: missed.length,
      removed: rubbish.length,
      left: rest.filter(({ stays }) => stays).length,
    };
  }

  #add(sha256: string, file: string, stays: boolean): void {
    this.#candidates.getOrInsertComputed(sha256, () => []).push({ file, stays });
  }

  async #setAside(file: string): Promise<string> {
    const { dir } = this.#dataset;
    const aside = `${dirname(file)}/${temporaryName()}`;
    await Deno.rename(await pathInside(dir, file), await pathInside(dir, aside));
    return aside;
  }

  /** Brings a file with these bytes into a place, or a copy of another image's. */
  async #restore(file: string, sha256: string): Promise<boolean> {
    const { dir } = this.#dataset;
    const candidates = this.#candidates.get(sha256);
    const found = candidates?.at(-1);
    const from = found && await pathInside(dir, found.file);
    const bytes = from === undefined
      ? await this.#copyOf(sha256)
      : this.#isElsewhere && found?.stays
      ? await Deno.readFile(from)
      : undefined;
    const path = await this.#makeWay(file);
    if (path === undefined) return false;
    candidates?.pop();
    if (bytes !== undefined) await writeFileAtomic(path, bytes);
    else if (from === undefined) return false;
    else {
      await Deno.rename(from, path);
      await syncFolder(dirname(path));
    }
    return true;
  }

  /** The path of a file's place, free for it; `undefined` where a folder of a stranger has it. */
  async #makeWay(file: string): Promise<string | undefined> {
    const { dir } = this.#dataset;
    await makeFolderInside(dir, dirname(file));
    const path = await pathInside(dir, file);
    const found = await ifThere(Deno.lstat(path));
    if (found?.isDirectory) {
      if (this.#isElsewhere) return undefined;
      await Deno.rename(path, `${path}.folder`);
    } else if (found !== undefined && !found.isFile) await Deno.remove(path);
    return path;
  }

  /** These bytes from a file of any species' image, or from what a link in its place leads to. */
  async #copyOf(sha256: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const { state, dir } = this.#dataset;
    for (const { file } of state.imagesWithBytes(sha256)) {
      const bytes = await readIfThere(await pathInside(dir, file));
      if (bytes && await sha256Of(bytes) === sha256) return bytes;
    }
    return undefined;
  }

  /** Logs images as kept again that were given up as lost and whose file has turned up. */
  async #relink(): Promise<number> {
    const { dir, state } = this.#dataset;
    if (this.#candidates.size === 0) return 0;
    const kept: (LogLine & ImageEvent)[] = [];
    const hasFile = (sha256 = "") => (this.#candidates.get(sha256)?.length ?? 0) > 0;
    await readLog(join(dir, LOG_NAME), (line) => {
      if (line.event === "image" && line.outcome === "kept" && hasFile(line.sha256)) {
        kept.push(line);
      }
    });
    let relinked = 0;
    for (const { v: _version, time: _time, ...event } of kept.reverse()) {
      const { species, url, file = "", sha256 = "" } = event;
      const now = state.decided(species, url);
      const isLost = now !== undefined && isTransient(now) &&
        state.image(species, sha256) === undefined &&
        state.verdict(species, sha256)?.event !== "rejected";
      if (!isLost || !hasFile(sha256) || !await this.#restore(file, sha256)) continue;
      this.#dataset.append(event);
      relinked++;
    }
    return relinked;
  }
}
