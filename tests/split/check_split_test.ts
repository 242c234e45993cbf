import { join } from "@std/path";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { readDataset } from "../../lib/dataset/dataset.ts";
import { checkSplit, joinSides, type SplitCheck } from "../../lib/split/check_split.ts";
import { readSplits, type SplitLine, writeSplits } from "../../lib/split/split_file.ts";
import { splitDataset } from "../../lib/split/split_dataset.ts";
import { addPhotos, photosOf } from "../export/fish_folder.ts";
import { runOn } from "../export/run_script.ts";

const signal = new AbortController().signal;

async function check(dir: string): Promise<SplitCheck> {
  using state = (await readDataset(dir)).state;
  const seen: number[] = [];
  const found = await checkSplit({ dir, state, signal, progress: (done) => seen.push(done) });
  if (found === undefined) throw new Error("There is no split");
  assertEquals(seen.slice(0, found.images), seen.slice(0, found.images).map((_, at) => at + 1));
  return found;
}

async function withFish(test: (dir: string, files: string[]) => Promise<void>): Promise<void> {
  const dir = await Deno.realPath(await Deno.makeTempDir());
  try {
    // The fingerprints say nothing: the check must not need them.
    const line = { dhash: "0" };
    const photos = [...photosOf("a_fish", 10), ...photosOf("b_fish", 10, 11)];
    photos.push({ species: "b_fish", painting: 1, mirrored: true }, {
      species: "a_fish",
      painting: 2,
      mirrored: true,
    });
    const files = await addPhotos(dir, photos.map((photo) => ({ ...photo, line })));
    await splitDataset({ dir, signal, notice: () => {} });
    await test(dir, files);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** Gives images sides and groups of their own, by their place among the files. */
async function place(
  dir: string,
  files: readonly string[],
  sides: Readonly<Record<number, SplitLine["side"]>>,
): Promise<void> {
  const record = await readSplits(dir);
  if (record === undefined) throw new Error("There is no split");
  const lines = record.lines.map((line) => {
    const at = files.findIndex((file) => file.includes(line.sha256.slice(0, 16)));
    return { ...line, group: line.sha256, side: sides[at] ?? "train" };
  });
  await writeSplits(dir, { ...record, lines });
}

Deno.test("checkSplit() finds a picture again on another side, also of another species, without a fingerprint", () =>
  withFish(async (dir, files) => {
    const [first = "", second = "", across = "", mirrored = ""] = [0, 1, 20, 21].map((at) =>
      files[at]
    );
    await place(dir, files, { 0: "test", 1: "validation" });
    const { images, leaks, unreadable } = await check(dir);
    assertEquals([images, unreadable], [22, []]);
    const pairs = leaks.map(({ why, files, sides }) => [why, ...files, ...sides]);
    assertEquals(
      pairs.map(([why, ...rest]) => [why, rest.sort()]).sort(),
      [
        ["near-duplicate", [across, first, "test", "train"].sort()],
        ["near-duplicate", [mirrored, second, "train", "validation"].sort()],
      ].sort(),
    );
    await place(dir, files, { 0: "test", 1: "validation", 20: "test", 21: "validation" });
    assertEquals((await check(dir)).leaks, []);
  }));

Deno.test("joinSides() brings what belongs together to one side, test first, and the next split keeps it", () =>
  withFish(async (dir, files) => {
    await place(dir, files, { 1: "validation", 20: "test" });
    assertEquals(await joinSides(dir, (await check(dir)).leaks), 2);
    assertEquals((await check(dir)).leaks, []);
    const sideOf = async (): Promise<unknown[]> => {
      const lines = (await readSplits(dir))?.lines ?? [];
      return [0, 1, 20, 21].map((at) =>
        lines.find(({ sha256 }) => files[at]?.includes(sha256.slice(0, 16)))?.side
      );
    };
    assertEquals(await sideOf(), ["test", "validation", "test", "validation"]);
    await addPhotos(dir, photosOf("a_fish", 3, 40));
    await splitDataset({ dir, signal, notice: () => {} });
    assertEquals(await sideOf(), ["test", "validation", "test", "validation"]);
  }));

Deno.test("verify --splits says what it found and how, and with --repair joins it", () =>
  withFish(async (dir, files) => {
    await place(dir, files, { 0: "test", 1: "validation" });
    await Deno.writeTextFile(join(dir, files[5] ?? ""), "no picture");
    const found = await runOn("verify", dir, "--splits");
    assertEquals(found.code, 1);
    assertStringIncludes(found.stdout, "0 pairs on two sides by bytes, page");
    assertStringIncludes(found.stdout, "2 pairs by the details of the pictures");
    assertStringIncludes(found.stdout, "1 picture could not be read");
    assertStringIncludes(found.stdout, `verify --data ${dir} --splits --repair`);
    const joined = await runOn("verify", dir, "--splits", "--repair");
    assertStringIncludes(joined.stdout, "2 images changed sides");
    assertEquals(joined.code, 0);
    const clean = await runOn("verify", dir, "--splits");
    assertStringIncludes(clean.stdout, "0 pairs by the details of the pictures");
    assertEquals(clean.code, 0);
  }));
