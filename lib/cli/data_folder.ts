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
 * Works on a data folder, whose image files are left as they are when it is opened.
 *
 * @throws {Failure} When there is no such folder, or it cannot be written.
 */
export async function withDataset<Result>(
  dir: string,
  context: ScriptContext,
  work: (dataset: Dataset) => Promise<Result>,
): Promise<Result> {
  await checkDataFolder(dir);
  const dataset = await openUnswept(datasetOptions(dir, context));
  try {
    return await work(dataset);
  } finally {
    await dataset.close();
  }
}
