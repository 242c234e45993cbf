/**
 * Brings the folders of images in step with the log at the start of a run, by names alone.
 *
 * @module
 */

import { join } from "@std/path";
import { diskFailure } from "../base/disk_failure.ts";
import type { Notice } from "../base/failure.ts";
import { readIfThere, removeIfThere, sha256Of, TEMPORARY_PREFIX } from "../base/files.ts";
import { imagesAreElsewhere, pathInside } from "../base/inside.ts";
import { pooled } from "../base/pooled.ts";
import type { ImageEvent, LogLine } from "./event.ts";
import { bytesKey } from "./forgotten.ts";
import { LOG_NAME, readLog } from "./log_reader.ts";
import type { DatasetState, KeptImage } from "./state.ts";
import { entriesOf, lookInto, type LooseFile, speciesFolders } from "./verify.ts";

const FOLDERS_AT_ONCE = 8;

/**
 * Removes temporary files, files that were placed but never logged, and files whose image is not
 * kept any more. What no line names stays, and where `images` is a link to elsewhere, everything
 * stays but what was forgotten. Content is for `verifyFiles()` to look at.
 *
 * @param dir The data folder, locked by this process.
 * @returns The kept images, not rejected, whose file is gone.
 * @throws {Failure} When a folder cannot be read or a file not be removed, or a species' folder is
 * a link.
 */
export async function sweep(
  dir: string,
  state: DatasetState,
  notice: Notice,
): Promise<KeptImage[]> {
  try {
    const loose: LooseFile[] = [];
    const missing: KeptImage[] = [];
    const all = new Set([...state.species, ...await speciesFolders(dir)]);
    const looks = pooled(FOLDERS_AT_ONCE, all, async (species) => {
      const kept = state.filesIn(species);
      return { species, kept, ...await lookInto(dir, species, kept) };
    });
    for await (const { species, kept, present, loose: others } of looks) {
      loose.push(...others);
      if (present.size === kept.size) continue;
      missing.push(
        ...state.imagesIn(species).filter(({ file, rejected }) => !rejected && !present.has(file)),
      );
    }
    const isElsewhere = await imagesAreElsewhere(dir);
    const forgotten = await forgottenFiles(dir, state, loose);
    const unknown = loose.filter((each) => !each.isTemporary && !each.isUnlogged);
    const named = await namedInLog(dir, isElsewhere ? [] : unknown.map(({ file }) => file));
    const isUseless = ({ file, isTemporary, isUnlogged }: LooseFile): boolean =>
      forgotten.has(file) || (!isElsewhere && (isTemporary || isUnlogged || named.has(file)));
    const halves = (await entriesOf(dir)).filter(({ name, isFile }) =>
      isFile && name.startsWith(TEMPORARY_PREFIX)
    );
    const useless = loose.filter(isUseless);
    for (const file of [...halves.map(({ name }) => name), ...useless.map(({ file }) => file)]) {
      await removeIfThere(await pathInside(dir, file));
    }
    const half = halves.length + useless.filter(({ isTemporary }) => isTemporary).length;
    if (half > 0) notice(`Removed ${half} half-written files of an earlier run.`);
    const removed = useless.filter(({ isTemporary }) => !isTemporary);
    if (removed[0] !== undefined) {
      notice(`Removed ${removed.length} files that no kept image has, such as ${removed[0].file}.`);
    }
    const strays = loose.filter((each) => !each.isTemporary && !isUseless(each));
    if (strays[0] !== undefined) {
      const prune = `deno task verify --data ${dir} --repair --prune`;
      notice(
        `${strays.length} files are not in the log, such as ${
          strays[0].file
        }; they are left alone. To remove them: ${prune}`,
      );
    }
    return missing;
  } catch (error) {
    throw diskFailure(`tidy the data folder ${dir}`, error);
  }
}

/** Files of images that the log has forgotten: whoever removed their lines was stopped before. */
async function forgottenFiles(
  dir: string,
  state: DatasetState,
  loose: readonly LooseFile[],
): Promise<Set<string>> {
  const forgotten = new Set<string>();
  if (!state.hasForgotten) return forgotten;
  for (const { file } of loose) {
    const bytes = await readIfThere(await pathInside(dir, file));
    if (bytes !== undefined && state.isForgotten([bytesKey(await sha256Of(bytes))])) {
      forgotten.add(file);
    }
  }
  return forgotten;
}

/** Which of some files, as paths within the data folder, any line of the log names. */
export async function namedInLog(dir: string, files: readonly string[]): Promise<Set<string>> {
  const asked = new Set(files);
  const named = new Set<string>();
  if (asked.size === 0) return named;
  await readLog(join(dir, LOG_NAME), (line) => {
    if (line.event === "image" && line.file !== undefined && asked.has(line.file)) {
      named.add(line.file);
    }
  });
  return named;
}

/** The event for a kept image whose file is gone: its URL is to be fetched again. */
export function missingEvent(line: LogLine & ImageEvent, detail: string): ImageEvent {
  const { v: _v, time: _time, file: _file, sha256: _sha256, dhash: _dhash, ...rest } = line;
  const { bytes: _bytes, width: _width, height: _height, type: _type, ...more } = rest;
  const { original: _original, replaces: _replaces, ...base } = more;
  return { ...base, outcome: "truncated", detail };
}
