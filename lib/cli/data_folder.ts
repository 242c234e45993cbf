/**
 * Opening a data folder for a script's work.
 *
 * @module
 */

import { VERSION } from "../base/version.ts";
import {
  checkDataFolder,
  type Dataset,
  type DatasetOptions,
  openUnswept,
} from "../dataset/dataset.ts";
import type { ScriptContext } from "./script.ts";

/** How a script opens a data folder. */
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
