import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { type Dataset, LOG_NAME, openUnswept, readDataset } from "../../lib/dataset/dataset.ts";
import { mergeDatasets } from "../../lib/dataset/merge.ts";
import type { Picture, PictureIndex } from "../../lib/scrape/judge.ts";
import { judgeMerged, type MergedVerdicts } from "../../lib/scrape/judge_merged.ts";
import { imageOf, keptEvent, keptFiles, opened, treeOf, withFolder } from "../dataset/folder.ts";

const BETTA = "betta_splendens";
const DANIO = "danio_rerio";
const BARBUS = "barbus_barbus";
const SIGNAL = new AbortController().signal;

/** Pictures are the same when their fingerprints are the same text. */
class TextIndex implements PictureIndex {
  readonly #pictures: { print: string; picture: Picture }[] = [];

  find(print: string): { item: Picture }[] {
    return this.#pictures.filter((one) => one.print === print)
      .map(({ picture }) => ({ item: picture }));
  }

  add(print: string, picture: Picture): void {
    this.#pictures.push({ print, picture });
  }

  remove(picture: Picture): void {
    this.#pictures.splice(this.#pictures.findIndex((one) => one.picture === picture), 1);
  }
}

/** Keeps an image of its own bytes: `shows` says which picture it shows. */
async function keepPicture(
  dataset: Dataset,
  number: number,
  species: string,
  shows: string,
  more: { width?: number; source?: string } = {},
): Promise<void> {
  const image = await imageOf(number);
  const file = await dataset.place(species, image);
  dataset.append({ ...keptEvent(number, image.sha256, file, species), dhash: shows, ...more });
}

async function judge(dir: string): Promise<MergedVerdicts> {
  const given = { script: "merge", version: "0", flags: {}, notice: () => {} };
  const dataset = await openUnswept({ dir, ...given });
  try {
    return await judgeMerged(dataset, SIGNAL, new TextIndex());
  } finally {
    await dataset.close();
  }
}

Deno.test("judgeMerged() decides about pictures of several folders as one run would have, once", async () => {
  await withFolder(async (dir) => {
    const [a, b, c] = ["a", "b", "c"].map((name) => join(dir, name)) as [string, string, string];
    const one = await opened(a);
    await keepPicture(one, 1, BETTA, "aa"); // In b again, larger.
    await keepPicture(one, 2, BETTA, "bb"); // Of another species in b.
    await keepPicture(one, 3, BETTA, "cc"); // Of three species.
    await keepPicture(one, 4, BETTA, "dd", { source: "fishbase" }); // Vouched for here alone.
    await keepPicture(one, 5, BETTA, "ee");
    await one.close();
    const two = await opened(b);
    await keepPicture(two, 11, BETTA, "aa", { width: 1000 });
    await keepPicture(two, 12, DANIO, "bb");
    await keepPicture(two, 13, DANIO, "cc");
    await keepPicture(two, 14, DANIO, "dd");
    await two.close();
    const three = await opened(c);
    await keepPicture(three, 23, BARBUS, "cc");
    await three.close();
    const into = join(dir, "all");
    await mergeDatasets({ into, from: [a, b, c], notice: () => {}, signal: SIGNAL });
    assertEquals(await judge(into), { "near-duplicate": 1, ambiguous: 3, placeholder: 3 });
    const { state } = await readDataset(into);
    const shown = [...state.keptImages()].map(({ species, fingerprint, width }) =>
      `${species} ${fingerprint} ${width}`
    );
    assertEquals(shown, [`${BETTA} dd 640`, `${BETTA} ee 640`, `${BETTA} aa 1000`]);
    assertEquals(state.outcomes(), {
      kept: 3,
      "near-duplicate": 1,
      ambiguous: 3,
      placeholder: 3,
    });
    const files = Object.keys(await treeOf(into));
    assertEquals(files, keptFiles(state, BETTA).toSorted());
    const tree = await treeOf(into);
    assertEquals(await judge(into), { "near-duplicate": 0, ambiguous: 0, placeholder: 0 });
    assertEquals(await treeOf(into), tree);
    const lines = (await Deno.readTextFile(join(into, LOG_NAME))).match(/the same picture as/g);
    assertEquals(lines?.length, 9);
  });
});
