/**
 * How well the order of doubt finds wrong pictures: `doubt_bench.ts PHOTOS OTHERS [SEEDS]`. Of the
 * photos in `PHOTOS/<species>/`, a tenth of each species is replaced by photos of other species, and a
 * tenth by those in `OTHERS`, which show no fish. Prints the area under the curve (AUC), the
 * precision in the first 20, and the share of the bad in each species' first ten, beside the most
 * that ten places can hold. `PHOTOS/junk.json`, where there is one, lists the paths within `PHOTOS`
 * of what a person saw to be no photo of a fish: it counts as bad then, too. Without folders: how
 * long 128,000 made-up embeddings of 640 species take.
 *
 * Wants `deno task model`. What was embedded is kept in `PHOTOS/embeddings.*` for the next time.
 */

import { cpuUsage } from "node:process";
import { walk } from "@std/fs";
import { basename, dirname, relative } from "@std/path";
import { sha256Of } from "../../lib/base/files.ts";
import { Seeded } from "../../lib/base/seeded.ts";
import { classFlags } from "../../lib/embed/classes.ts";
import { type Asked, doubtsOf } from "../../lib/embed/doubt.ts";
import { combineFlags } from "../../lib/embed/embed_dataset.ts";
import { Encoder } from "../../lib/embed/encoder.ts";
import { looksBy } from "../../lib/embed/looks.ts";
import { DEFAULT_MODEL, readModel } from "../../lib/embed/model.ts";
import { readRuntime } from "../../lib/embed/runtime.ts";
import { Embeddings, EmbeddingWriter, readEmbeddings } from "../../lib/embed/store.ts";
import { createRenderer } from "../../lib/image/create_renderer.ts";
import { type ImageFlag, isNoPhoto, measureFlags } from "../../lib/image/flags.ts";
import { doubts } from "../../lib/review/suspicion.ts";

/** Species of fewer photos are left out. */
const FEWEST = 15;
const SHARE = 0.1;

interface Photo {
  readonly species: string;
  readonly sha256: string;
  readonly flags: readonly ImageFlag[];
  /** The same without the encoder's word on drawings. */
  readonly pixelFlags: readonly ImageFlag[];
  /** Whether it was no photo of a fish from the beginning. */
  readonly isJunk: boolean;
}

async function embed(folder: string): Promise<{ photos: Photo[]; embeddings: Embeddings }> {
  const model = await readModel(DEFAULT_MODEL);
  const { size } = model.info;
  const encoder = await Encoder.start(model, await readRuntime(dirname(DEFAULT_MODEL)));
  const renderer = createRenderer({ workers: 1 });
  const dimensions = (await encoder.encode([new Uint8Array(size * size * 3)])).vectors[0]?.length;
  const source = { model: model.info.name, sha256: model.sha256, dimensions: dimensions ?? 0 };
  const writer = await EmbeddingWriter.open(folder, source, () => {});
  const looks = looksBy(source);
  const cache = `${folder}/flags.json`;
  const known: Record<string, ImageFlag[]> = JSON.parse(
    await Deno.readTextFile(cache).catch(() => "{}"),
  );
  const junk = new Set<string>(
    JSON.parse(await Deno.readTextFile(`${folder}/junk.json`).catch(() => "[]")),
  );
  const seen: Omit<Photo, "flags">[] = [];
  const never = new AbortController().signal;
  const paths = (await Array.fromAsync(walk(folder, { exts: ["jpg", "jpeg", "png", "webp"] })))
    .map(({ path }) => path).sort();
  let embedded = 0;
  const begun = performance.now();
  for (const path of paths) {
    const bytes = await Deno.readFile(path);
    const sha256 = await sha256Of(bytes);
    if (known[sha256] === undefined || !writer.hashes.has(sha256)) {
      const squares = await Promise.all(
        [size, 112].map((size) =>
          renderer.render({ kind: "square", size }, [bytes.slice()], never)
        ),
      );
      const [large, small] = squares.map((each) => each.ok ? each.pictures[0]?.bytes : undefined);
      if (large === undefined || small === undefined) continue;
      const { vectors: [vector], classes: [classes] } = await encoder.encode([large]);
      if (vector === undefined) continue;
      await writer.add([{ sha256, vector }]);
      known[sha256] = [
        ...measureFlags({ width: 112, height: 112, pixels: small }),
        ...classFlags(classes ?? new Float32Array()),
      ];
      embedded++;
    }
    seen.push({
      ...{ species: basename(dirname(path)), sha256, pixelFlags: known[sha256] ?? [] },
      isJunk: junk.has(relative(folder, path)),
    });
  }
  if (embedded > 0) {
    const each = (performance.now() - begun) / embedded;
    console.log(`${embedded} photos of ${folder} embedded, ${each.toFixed(0)} ms each`);
  }
  await Deno.writeTextFile(cache, JSON.stringify(known));
  writer.close();
  encoder.close();
  renderer.close();
  const embeddings = await readEmbeddings(folder);
  if (embeddings === undefined) throw new Error(`No photos in ${folder}`);
  const photos = seen.map((photo) => {
    const vector = embeddings.vector(embeddings.rowOf(photo.sha256) ?? 0);
    return { ...photo, flags: combineFlags(photo.pixelFlags, looks?.isDrawing(vector)) };
  });
  return { photos, embeddings };
}

/** All embeddings of two folders in one. */
function join(one: Embeddings, other: Embeddings): Embeddings {
  const hashes = [...new Set([...one.hashes, ...other.hashes])];
  const { dimensions } = one.source;
  const numbers = new Float16Array(hashes.length * dimensions);
  hashes.forEach((hash, at) => {
    const from = one.rowOf(hash) === undefined ? other : one;
    numbers.set(from.vector(from.rowOf(hash) ?? 0), at * dimensions);
  });
  return new Embeddings(one.source, hashes, numbers);
}

type Kind = "right" | "junk" | "wrong species" | "no fish";
type Mixed = Photo & { readonly kind: Kind };

/** Replaces a tenth of each species by each kind of wrong picture; no picture is there twice. */
function mix(photos: readonly Photo[], others: readonly Photo[], seed: number): Mixed[] {
  const random = new Seeded(`doubt ${seed}`);
  const shuffled = <T>(list: readonly T[]): T[] =>
    list.map((each) => ({ each, place: random.next() })).sort((a, b) => a.place - b.place)
      .map(({ each }) => each);
  const without = shuffled(others);
  const strays: { readonly photo: Photo; readonly from: string }[] = [];
  const mixed: Mixed[] = [];
  const groups = [...Map.groupBy(photos, ({ species }) => species)]
    .filter(([, own]) => own.length >= FEWEST);
  // A photo that leaves its species goes to the next but one, so that nobody gets its own back.
  const left = groups.map(([, own]) => shuffled(own));
  left.forEach((own, at) => {
    const count = Math.max(1, Math.round(own.length * SHARE));
    const to = groups[(at + 1 + random.below(groups.length - 1)) % groups.length]?.[0] ?? "";
    for (const photo of own.splice(0, count)) strays.push({ photo, from: to });
    own.splice(0, count);
    const species = groups[at]?.[0] ?? "";
    for (const photo of without.splice(0, count)) {
      mixed.push({ ...photo, species, kind: "no fish" });
    }
    for (const photo of own) mixed.push({ ...photo, kind: photo.isJunk ? "junk" : "right" });
  });
  for (const { photo, from } of strays) {
    mixed.push({ ...photo, species: from, kind: "wrong species" });
  }
  return shuffled(mixed);
}

function auc(scored: readonly { readonly score: number; readonly bad: boolean }[]): number {
  const sorted = [...scored].sort((one, other) => one.score - other.score);
  let [sum, bad] = [0, 0];
  for (let at = 0; at < sorted.length;) {
    let end = at;
    while (end < sorted.length && sorted[end]?.score === sorted[at]?.score) end++;
    const own = sorted.slice(at, end).filter((each) => each.bad).length;
    sum += own * (at + end + 1) / 2;
    bad += own;
    at = end;
  }
  return (sum - bad * (bad + 1) / 2) / (bad * (sorted.length - bad));
}

function measure(mixed: readonly Mixed[], scores: readonly number[], right: Kind[]): number[] {
  const scored = mixed.map((photo, at) => ({ ...photo, score: scores[at] ?? 0 }))
    .map((photo) => ({ ...photo, bad: !right.includes(photo.kind) }));
  const against = (kind: Kind): number =>
    auc(scored.filter((photo) => !photo.bad || photo.kind === kind));
  const first = [...scored].sort((one, other) => other.score - one.score).slice(0, 20);
  let [found, possible, all] = [0, 0, 0];
  for (const own of Map.groupBy(scored, ({ species }) => species).values()) {
    const bad = own.filter((each) => each.bad).length;
    found += own.sort((one, other) => other.score - one.score).slice(0, 10)
      .filter((each) => each.bad).length;
    possible += Math.min(10, bad);
    all += bad;
  }
  return [
    auc(scored),
    against("no fish"),
    against("wrong species"),
    first.filter(({ bad }) => bad).length / first.length,
    found / all,
    possible / all,
  ];
}

const BY_EYE = "and junk by eye";
/** What counts as right: without and with a person's look at what was there. */
const COUNTS: [string, Kind[]][] = [["what was put in", ["right", "junk"]], [BY_EYE, ["right"]]];
const PIXEL_FLAGS: ReadonlySet<ImageFlag> = new Set(["drawing", "strip", "blurred", "grey"]);
const NAMES = ["AUC", "no fish", "wrong species", "first 20", "first ten", "of at most"];

function show(name: string, runs: readonly (readonly number[])[]): void {
  const means = NAMES.map((_, at) =>
    runs.reduce((sum, run) => sum + (run[at] ?? 0), 0) / runs.length
  );
  console.log(`${name}: ${NAMES.map((each, at) => `${each} ${means[at]?.toFixed(3)}`).join(", ")}`);
}

function time(): void {
  const [species, each, dimensions] = [640, 200, 1280];
  const random = new Seeded("made up");
  const centres = Array.from(
    { length: species },
    () => Float32Array.from({ length: dimensions }, () => random.next()),
  );
  const numbers = new Float16Array(species * each * dimensions);
  const images: Asked[] = [];
  for (let at = 0; at < species * each; at++) {
    const centre = centres[at % species];
    const noise = random.next();
    for (let place = 0; place < dimensions; place++) {
      const wave = Math.sin(at * 7.3 + place * (1 + noise)) * 0.3;
      numbers[at * dimensions + place] = ((centre?.[place] ?? 0) + wave) / 25;
    }
    const sha256 = at.toString(16).padStart(64, "0");
    images.push({
      sha256,
      species: `species_${at % species}`,
      vouched: at % 9 === 0,
      isNoPhoto: at % 10 === 0,
    });
  }
  const source = { model: "made up", sha256: "0".repeat(64), dimensions };
  const made = new Embeddings(source, images.map(({ sha256 }) => sha256), numbers);
  const begun = performance.now();
  const before = cpuUsage();
  doubtsOf(images, made);
  const seconds = (performance.now() - begun) / 1000;
  const { user, system } = cpuUsage(before);
  const busy = (user + system) / 1e6;
  console.log(
    `${images.length} made-up embeddings put in order in ${seconds.toFixed(1)} s, ` +
      `${busy.toFixed(1)} s of processor time`,
  );
}

const [folder, other, seeds = "3"] = Deno.args;
if (folder !== undefined && other !== undefined) {
  const photos = await embed(folder);
  const others = await embed(other);
  const embeddings = join(photos.embeddings, others.embeddings);
  const runs = new Map<string, number[][]>();
  for (let seed = 1; seed <= Number(seeds); seed++) {
    const mixed = mix(photos.photos, others.photos, seed);
    const doubt = (flagged: boolean): Map<string, number> => {
      const asked = mixed.map((photo) => ({
        ...{ ...photo, vouched: false, isNoPhoto: flagged && isNoPhoto(photo.flags) },
      }));
      return doubtsOf(asked, embeddings);
    };
    const [plain, found] = [doubt(false), doubt(true)];
    const shown = (flags: (photo: Mixed) => readonly ImageFlag[], byModel: boolean): number[] =>
      doubts(
        mixed.map((photo) => ({
          ...{ fingerprint: "", width: 800, height: 600, host: "", flags: flags(photo) },
          doubt: byModel ? found.get(photo.sha256) : undefined,
        })),
        () => ({ all: 1, rejected: 0 }),
      ).map(({ score }) => score);
    const orders = {
      "embeddings alone": mixed.map(({ sha256 }) => plain.get(sha256) ?? 0),
      "with flags, as review has it": shown(({ flags }) => flags, true),
      "without a model": shown(
        ({ pixelFlags }) => pixelFlags.filter((flag) => PIXEL_FLAGS.has(flag)),
        false,
      ),
    };
    for (const [name, scores] of Object.entries(orders)) {
      for (const [of, right] of COUNTS) {
        const key = `${name}, ${of}`;
        runs.set(key, [...runs.get(key) ?? [], measure(mixed, scores, right)]);
      }
    }
  }
  const junk = photos.photos.filter(({ isJunk }) => isJunk).length;
  console.log(
    `${photos.photos.length} photos of ${folder} (junk by eye: ${junk}), others of ${other}, ${seeds} seeds`,
  );
  for (const [name, each] of runs) if (junk > 0 || !name.endsWith(BY_EYE)) show(name, each);
} else time();
