/**
 * One sheet with photos and copies of them side by side, for a person to look at.
 *
 * @module
 */

import { join } from "@std/path";
import { readDataset } from "../dataset/dataset.ts";
import { diskFailure } from "../base/disk_failure.ts";
import { makeFolderInside, pathInside } from "../base/inside.ts";
import { collectFacts } from "../split/facts.ts";
import { writeFileAtomic } from "../base/files.ts";
import { Failure } from "../base/failure.ts";
import { createRenderer } from "../image/create_renderer.ts";
import { readSpeciesList } from "../species/file.ts";
import { createLookup } from "../species/lookup.ts";
import { CopyMaker } from "./copies.ts";
import type { Recipe } from "./recipe.ts";

/** The folder of the sheets within the data folder. */
export const PREVIEW_FOLDER = "preview";

/** What a sheet shows. */
export interface PreviewOptions {
  readonly dir: string;
  /** The species: its id, a Latin or a common name. */
  readonly name: string;
  readonly recipe: Recipe;
  readonly seed: number;
  readonly signal: AbortSignal;
}

export interface Preview {
  readonly file: string;
  /** The photos, one a row, from the top: paths within the data folder. */
  readonly parents: readonly string[];
  /** How many copies are beside each. */
  readonly copies: number;
}

const ROWS = 8;
const COPIES = 6;
/** Pixels a side of a cell. */
const CELL = 176;

/**
 * Makes a sheet: in each row a photo and, beside it, the first copies of it, as a run with this
 * recipe and seed makes them. Nothing else is changed.
 *
 * @param options What it shows.
 * @throws {Failure} With status 2 where there is no such species or no photo of it.
 */
export async function preview(options: PreviewOptions): Promise<Preview> {
  const { dir, name, recipe, seed, signal } = options;
  using state = (await readDataset(dir)).state;
  const found = createLookup(await readSpeciesList(dir) ?? [])(name);
  const species = found.kind === "found"
    ? found.species.id
    : state.species.find((id) => id === name);
  if (species === undefined) throw new Failure(`There is no species "${name}" in ${dir}.`, 2);
  const parents = collectFacts(state).filter((image) => image.species === species).slice(0, ROWS);
  if (parents.length === 0) throw new Failure(`There are no photos of ${name} in ${dir} yet.`, 2);
  const renderer = createRenderer();
  try {
    const maker = new CopyMaker({ recipe, seed });
    const cells: Uint8Array<ArrayBuffer>[] = [];
    for (const parent of parents) {
      const copies = Array.from(
        { length: COPIES },
        (_, at) => maker.copy(parent, at + 1).operations(),
      );
      const path = await pathInside(dir, parent.file);
      const task = { kind: "copies", size: recipe.size, copies: [[], ...copies] } as const;
      const made = await renderer.render(task, [await Deno.readFile(path)], signal);
      if (!made.ok) throw new Failure(`Cannot show ${path}: ${made.why}. Run verify.`);
      cells.push(...made.pictures.map(({ bytes }) => bytes));
    }
    const task = { kind: "sheet", size: CELL, columns: COPIES + 1 } as const;
    const sheet = await renderer.render(task, cells, signal);
    const picture = sheet.ok ? sheet.pictures[0] : undefined;
    if (picture === undefined) throw new Failure(`Cannot make the sheet of ${name}.`);
    const file = join(await makeFolderInside(dir, PREVIEW_FOLDER), `${species}.jpg`);
    await writeFileAtomic(file, picture.bytes);
    return { file, parents: parents.map((parent) => parent.file), copies: COPIES };
  } catch (thrown) {
    signal.throwIfAborted();
    throw diskFailure(`make the sheet of ${name}`, thrown);
  } finally {
    renderer.close();
  }
}
