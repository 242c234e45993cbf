import { assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { Failure } from "../../lib/base/failure.ts";
import { sha256Of } from "../../lib/base/files.ts";
import { type Dataset, openUnswept } from "../../lib/dataset/dataset.ts";
import { embedDataset, type EmbedOptions } from "../../lib/embed/embed_dataset.ts";
import { Encoder } from "../../lib/embed/encoder.ts";
import { readModel } from "../../lib/embed/model.ts";
import { readEmbeddings } from "../../lib/embed/store.ts";
import { SIZE, testRuntime, tinyModel } from "./tiny_model.ts";
import { fromPixels } from "../image/pictures.ts";

/** A photo of one colour and some noise, so that it is no drawing. */
function photo(colour: readonly number[]): Uint8Array<ArrayBuffer> {
  const side = 120;
  const pixels = Uint8Array.from(
    { length: side * side * 3 },
    (_, at) => (colour[at % 3] ?? 0) + (at * 7919 >> 3) % 23,
  );
  using raw = fromPixels(pixels, side, side);
  return new Uint8Array(raw.writeToBuffer(".jpg", { Q: 90 }));
}

async function withImages(
  run: (dataset: Dataset, hashes: readonly string[]) => Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir();
  const dataset = await openUnswept({
    dir,
    script: "test",
    version: "0",
    flags: {},
    notice: () => {},
  });
  try {
    const hashes: string[] = [];
    for (const colour of [[200, 20, 20], [20, 200, 20], [20, 20, 200]] as const) {
      const bytes = photo(colour);
      const sha256 = await sha256Of(bytes);
      const species = "betta_splendens";
      const file = await dataset.place(species, { sha256, type: "jpeg", bytes });
      const url = `https://a.example/${colour.join("-")}.jpg`;
      const more = { source: "google", url, page: url, outcome: "kept" } as const;
      dataset.append({ event: "image", species, ...more, file, sha256 });
      hashes.push(sha256);
    }
    await run(dataset, hashes);
  } finally {
    await dataset.close();
    await Deno.remove(dir, { recursive: true });
  }
}

async function embed(dataset: Dataset, more: Partial<EmbedOptions> = {}) {
  return await embedDataset({
    dataset,
    model: await tinyModel(),
    runtime: await testRuntime(),
    workers: 1,
    signal: new AbortController().signal,
    notice: () => {},
    progress: () => {},
    ...more,
  });
}

Deno.test("what runs the network has no permission at all", async () => {
  const script = `
    for (const name of ["read", "write", "net", "env", "run", "sys", "ffi", "import"]) {
      const { state } = await Deno.permissions.query({ name });
      if (state === "granted") throw new Error(name + " is granted");
    }
    throw new Error("nothing is granted");`;
  const model = await tinyModel();
  const runtime = { script, machineCode: new Uint8Array() };
  await assertRejects(() => Encoder.start(model, runtime), Failure, "nothing is granted");
});

Deno.test("an encoder gives a network's numbers", async () => {
  const encoder = await Encoder.start(await tinyModel(), await testRuntime());
  try {
    const pixels = (...colour: number[]): Uint8Array =>
      Uint8Array.from({ length: SIZE * SIZE * 3 }, (_, at) => colour[at % 3] ?? 0);
    const { vectors, classes } = await encoder.encode([pixels(255, 0, 0), pixels(0, 51, 255)]);
    const rounded = vectors.map((vector) => [...vector].map((each) => each.toFixed(3)));
    assertEquals(rounded, [["1.000", "0.000", "0.000"], ["0.000", "0.200", "1.000"]]);
    assertEquals(classes.map((each) => each.indexOf(Math.max(...each))), [0, 2]);
  } finally {
    encoder.close();
  }
});

Deno.test("a network without the output that its JSON names, and bytes that are none, are refused", async () => {
  const model = await tinyModel();
  const runtime = await testRuntime();
  const info = { ...model.info, output: "features" };
  await assertRejects(
    () => Encoder.start({ ...model, info }, runtime),
    Failure,
    "it has no output features, but embedding, classes",
  );
  await assertRejects(
    () => Encoder.start({ ...model, bytes: new Uint8Array(100) }, runtime),
    Failure,
    "Cannot run tiny",
  );
});

Deno.test("embedDataset() embeds each image once, goes on where it was stopped, and logs flags", async () => {
  await withImages(async (dataset, hashes) => {
    const first = await embed(dataset);
    assertEquals([first.embedded, first.before, first.unreadable], [3, 0, []]);
    const read = await readEmbeddings(dataset.dir);
    assertEquals([...read?.hashes ?? []].sort(), [...hashes].sort());
    const strongest = hashes.map((hash) => {
      const vector = read?.vector(read.rowOf(hash) ?? 0) ?? new Float32Array();
      return vector.indexOf(Math.max(...vector));
    });
    assertEquals(strongest, [0, 1, 2]);
    const again = await embed(dataset);
    assertEquals([again.embedded, again.before], [0, 3]);
    const other = await embed(dataset, { model: await tinyModel("other") });
    assertEquals([other.embedded, other.before], [3, 0]);
    const gone = [...dataset.state.keptImages()][0]?.file ?? "";
    await Deno.remove(join(dataset.dir, gone));
    assertEquals((await embed(dataset)).unreadable, [gone]);
  });
});

Deno.test("readModel() names what is missing or wrong", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const path = join(dir, "own.onnx");
    await assertRejects(() => readModel(path), Failure, `There is no model ${path}`);
    const { bytes, info } = await tinyModel();
    await Deno.writeFile(path, bytes);
    await assertRejects(() => readModel(path), Failure, "own.onnx.json is missing");
    await Deno.writeTextFile(`${path}.json`, JSON.stringify({ ...info, layout: "HWC" }));
    await assertRejects(() => readModel(path), Failure, "layout");
    await Deno.writeTextFile(`${path}.json`, JSON.stringify(info));
    assertEquals((await readModel(path)).info.name, "tiny");
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
