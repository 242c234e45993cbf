/**
 * Repairs what a verification found, without fetching anything.
 *
 * @module
 */

import { dirname, join, relative } from "@std/path";
import { type Dataset, LOG_NAME } from "./dataset.ts";
import { diskFailure, isMissing } from "../base/disk_failure.ts";
import { imagesAreElsewhere, makeFolderInside, pathInside } from "../base/inside.ts";
import type { ImageEvent, LogLine } from "./event.ts";
import { readLog } from "./log_reader.ts";
import type { KeptImage } from "./state.ts";
import { isTransient } from "../base/outcome.ts";
import { readIfThere, sha256Of, syncFolder, TEMPORARY_PREFIX } from "../base/files.ts";
import { missingEvent, namedInLog } from "./sweep.ts";
import { type Finding, verifyFiles } from "./verify.ts";

/** What a repair did. */
export interface Repair {
  /** Files that were brought to the place the log names for them. */
  readonly moved: number;
  /** Images that were given up as lost, found again and logged as kept again. */
  readonly relinked: number;
  /** Kept images whose file is lost: the next run fetches them again. */
  readonly lost: number;
  /** Files that were removed because no image is theirs any more. */
  readonly removed: number;
  /** Files that no line of the log speaks of: they are left alone unless `prune` is asked for. */
  readonly left: number;
}

/** How a data folder is repaired. */
export interface RepairOptions {
  /** Whether files that no line of the log speaks of are removed. */
  readonly prune: boolean;
  /** Ends the verification that comes first. */
  readonly signal: AbortSignal;
}

interface Loose {
  readonly file: string;
  readonly sha256: string;
  /** Whether it stays when no image is missing it. */
  readonly stays: boolean;
}

/**
 * Repairs a data folder: brings files to where the log names them, logs what is lost so that the
 * next run fetches it, and removes what belonged to an image that is not kept any more. What no line
 * of the log speaks of stays unless `prune` is asked for, and always where `images` is a link to
 * elsewhere.
 *
 * @param dataset The data folder, opened without a sweep.
 * @param options How.
 * @throws {Failure} When the disk does not let us. What was repaired until then stays so.
 */
export async function repairFiles(
  dataset: Dataset,
  { prune, signal }: RepairOptions,
): Promise<Repair> {
  const { findings } = await verifyFiles(dataset.dir, dataset.state, signal);
  try {
    const isElsewhere = await imagesAreElsewhere(dataset.dir);
    await dataset.flush();
    const unlogged = findings.flatMap((each) => each.kind === "unlogged" ? [each.file] : []);
    const named = await namedInLog(dataset.dir, new Set(unlogged));
    const known = { named, prune: prune && !isElsewhere, isElsewhere };
    const { wanted, loose, rubbish } = sortFindings(findings, known);
    const left = loose.filter(({ stays }) => stays).map(({ file }) => file);
    return await new Repairer(dataset, loose, isElsewhere).repair(wanted, rubbish, left);
  } catch (error) {
    throw diskFailure(`repair the data folder ${dataset.dir}`, error);
  }
}

/** What a verification found, by what is to be done about it. */
function sortFindings(
  findings: readonly Finding[],
  known: {
    readonly named: ReadonlySet<string>;
    readonly prune: boolean;
    readonly isElsewhere: boolean;
  },
): { wanted: KeptImage[]; loose: Loose[]; rubbish: string[] } {
  const wanted: KeptImage[] = [];
  const loose: Loose[] = [];
  const rubbish: string[] = [];
  for (const finding of findings) {
    switch (finding.kind) {
      case "missing":
        wanted.push(finding.image);
        break;
      case "altered":
        wanted.push(finding.image);
        loose.push({ file: finding.image.file, sha256: finding.sha256, stays: false });
        break;
      case "linked":
        wanted.push(finding.image);
        break;
      case "unlogged":
        loose.push({ ...finding, stays: !known.named.has(finding.file) && !known.prune });
        break;
      case "stranger":
        // Perhaps somebody's own: what has no place among the images stays.
        loose.push({ ...finding, stays: true });
        break;
      case "not-a-file":
        if (!finding.isFolder && known.prune) rubbish.push(finding.file);
        break;
      case "temporary":
        if (!known.isElsewhere) rubbish.push(finding.file);
        break;
      case "bad-line":
      case "torn-log":
        break;
    }
  }
  return { wanted, loose, rubbish };
}

class Repairer {
  readonly #dataset: Dataset;
  /** Loose files by hash. */
  readonly #loose = new Map<string, string[]>();
  readonly #staying: ReadonlySet<string>;
  readonly #isElsewhere: boolean;
  #aside = 0;
  #moved = 0;
  #relinked = 0;

  constructor(dataset: Dataset, loose: readonly Loose[], isElsewhere: boolean) {
    this.#dataset = dataset;
    this.#isElsewhere = isElsewhere;
    this.#staying = new Set(loose.filter(({ stays }) => stays).map(({ file }) => file));
    for (const { file, sha256 } of loose) {
      const files = this.#loose.get(sha256);
      if (files === undefined) this.#loose.set(sha256, [file]);
      else files.push(file);
    }
  }

  async repair(
    wanted: readonly KeptImage[],
    rubbish: readonly string[],
    left: readonly string[],
  ): Promise<Repair> {
    const lost: KeptImage[] = [];
    for (const image of wanted) {
      if (await this.#restore(image.file, image.sha256)) this.#moved++;
      else {
        await this.#free(image.file);
        if (!image.rejected) lost.push(image);
      }
    }
    await this.#relink();
    for (const line of this.#dataset.state.lines(lost)) {
      this.#dataset.append(missingEvent(line, "file lost or altered in the data folder"));
    }
    await this.#dataset.flush();
    const remaining = [...rubbish, ...[...this.#loose.values()].flat()]
      .filter((file) => !this.#staying.has(file));
    for (const file of remaining) await this.#remove(file);
    return {
      moved: this.#moved,
      relinked: this.#relinked,
      lost: lost.length,
      removed: remaining.length,
      left: left.filter((file) => [...this.#loose.values()].flat().includes(file)).length,
    };
  }

  /**
   * Brings a loose file with these bytes to its place, or a copy: of another species' file, or of
   * what is linked to in that place.
   */
  async #restore(file: string, sha256: string): Promise<boolean> {
    if (this.#isElsewhere && await this.#isFolder(file)) return false;
    const from = this.#loose.get(sha256)?.pop();
    if (from === undefined) return await this.#copyInto(file, sha256);
    await this.#clear(file);
    if (this.#isElsewhere && this.#staying.has(from)) {
      await this.#write(await Deno.readFile(await this.#path(from)), file);
    } else await this.#intoPlace(from, file);
    return true;
  }

  async #copyInto(file: string, sha256: string): Promise<boolean> {
    const { state, dir } = this.#dataset;
    for (const species of state.speciesWithBytes(sha256)) {
      const other = state.image(species, sha256)?.file;
      if (other === undefined) continue;
      const bytes = await readInside(dir, other);
      if (bytes === undefined || await sha256Of(bytes) !== sha256) continue;
      await this.#clear(file);
      await this.#write(bytes, file);
      return true;
    }
    return false;
  }

  async #write(bytes: Uint8Array, file: string): Promise<void> {
    const aside = this.#asideName(file);
    await makeFolderInside(this.#dataset.dir, dirname(aside));
    await Deno.writeFile(await this.#path(aside), bytes, { createNew: true });
    await this.#intoPlace(aside, file);
  }

  async #path(file: string): Promise<string> {
    return await pathInside(this.#dataset.dir, file);
  }

  async #isFolder(file: string): Promise<boolean> {
    try {
      return (await Deno.lstat(await this.#path(file))).isDirectory;
    } catch (error) {
      if (!isMissing(error)) throw error;
      return false;
    }
  }

  /** Moves what stands in a place aside, where it may still be wanted elsewhere. */
  async #clear(file: string): Promise<void> {
    for (const [sha256, files] of this.#loose) {
      const at = files.indexOf(file);
      if (at < 0) continue;
      const aside = this.#asideName(file);
      await Deno.rename(await this.#path(file), await this.#path(aside));
      files[at] = aside;
      this.#loose.set(sha256, files);
    }
  }

  /**
   * What is no file keeps an image out of its place: a folder gets another name, with all in it,
   * a link or a pipe goes.
   */
  async #free(file: string): Promise<void> {
    const path = await this.#path(file);
    try {
      const { isDirectory, isFile } = await Deno.lstat(path);
      if (isDirectory && this.#isElsewhere) return;
      if (isDirectory) await Deno.rename(path, `${path}.folder`);
      else if (!isFile) await Deno.remove(path);
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }

  #asideName(file: string): string {
    return `${file.slice(0, file.lastIndexOf("/"))}/${TEMPORARY_PREFIX}mend-${this.#aside++}`;
  }

  async #intoPlace(from: string, to: string): Promise<void> {
    await makeFolderInside(this.#dataset.dir, dirname(to));
    const path = await this.#path(to);
    await this.#free(to);
    await Deno.rename(await this.#path(from), path);
    await syncFolder(dirname(path));
  }

  /** Logs images as kept again that were given up as lost and whose file has turned up. */
  async #relink(): Promise<void> {
    const lines: (LogLine & ImageEvent)[] = [];
    if ([...this.#loose.values()].every((files) => files.length === 0)) return;
    await this.#dataset.flush();
    await readLog(join(this.#dataset.dir, LOG_NAME), (line) => {
      if (line.event !== "image" || line.outcome !== "kept") return;
      if ((this.#loose.get(line.sha256 ?? "")?.length ?? 0) > 0) lines.push(line);
    });
    for (const { v: _version, time: _time, ...event } of lines.reverse()) {
      if (event.event !== "image" || !this.#wasLost(event)) continue;
      const { file, sha256 } = event;
      if (file === undefined || sha256 === undefined) continue;
      if (!await this.#restore(file, sha256)) continue;
      this.#dataset.append(event);
      this.#relinked++;
    }
  }

  /** Whether a once kept image is not kept now only because its file was gone. */
  #wasLost(event: ImageEvent): boolean {
    const { state } = this.#dataset;
    const now = state.decided(event.species, event.url);
    return now !== undefined && isTransient(now) &&
      !state.hasBytes(event.species, event.sha256 ?? "") &&
      !state.rejected(event.species, event.sha256 ?? "");
  }

  async #remove(file: string): Promise<void> {
    try {
      await Deno.remove(await this.#path(file));
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
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
