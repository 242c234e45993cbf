/**
 * Opening the data folder and reading the files that a script is given.
 *
 * @module
 */

import { Failure, reason } from "../base/failure.ts";
import { VERSION } from "../base/version.ts";
import {
  checkDataFolder,
  type Dataset,
  type DatasetOptions,
  openUnswept,
} from "../dataset/dataset.ts";
import type { ScriptContext } from "./script.ts";

export function datasetOptions(dir: string, context: ScriptContext): DatasetOptions {
  const { given: flags, name: script, say: notice } = context;
  return { dir, script, version: VERSION, flags, notice };
}

/**
 * Opens a data folder until the script ends; its image files are left as they are.
 *
 * @throws {Failure} When there is no such folder, or it cannot be written.
 */
export async function openFolder(dir: string, context: ScriptContext): Promise<Dataset> {
  await checkDataFolder(dir);
  return context.use(await openUnswept(datasetOptions(dir, context)));
}

/**
 * The text of a file that a person has named.
 *
 * @throws {Failure} With status 2, when it cannot be read.
 */
export async function readGivenFile(what: string, path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotCapable) throw thrown;
    throw new Failure(`Cannot read the ${what} ${path}: ${reason(thrown)}.`, 2, thrown);
  }
}
