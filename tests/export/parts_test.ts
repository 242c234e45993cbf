import { assert, assertEquals, assertThrows } from "@std/assert";
import { join } from "@std/path";
import type { ImageFacts } from "../../lib/split/facts.ts";
import { findGroups } from "../../lib/split/groups.ts";
import { formatLabels, makeLabels, readLabelIds } from "../../lib/split/labels.ts";
import { isLicensed, parseLicenseChoice } from "../../lib/export/licences.ts";
import { dealShards } from "../../lib/export/shards.ts";
import { readSplits } from "../../lib/split/split_file.ts";
import { Failure } from "../../lib/base/failure.ts";
import { fingerprint, mirrorFingerprint } from "../../lib/image/fingerprint.ts";
import { sampleOf } from "../../lib/image/sample.ts";
import { Seeded } from "../../lib/base/seeded.ts";
import { withFolder } from "../dataset/folder.ts";
import { codec, picture } from "../image/pictures.ts";

Deno.test("mirrorFingerprint() is the fingerprint of the mirrored picture", () => {
  for (const number of [1, 2, 3]) {
    using image = picture(number, 200, 150);
    using framed = image.embed(20, 20, 240, 190, { extend: "white" });
    for (const each of [image, framed]) {
      const { fingerprint: dhash, mirrored } = fingerprint(sampleOf(each));
      // A wave of no height keeps its sign: a bit or two of 270 may differ.
      const made = mirrorFingerprint(dhash);
      const other = [...mirrored].filter((digit, at) => digit !== made[at]).length;
      assert(other <= 2, `${other} digits differ`);
      assert(dhash !== mirrored);
    }
  }
  for (const bad of ["", "0123", "x".repeat(362), "0".repeat(64)]) {
    assertEquals(mirrorFingerprint(bad), "");
  }
});

Deno.test("findGroups() finds the mirrored and the compressed picture, of one species and of two", async () => {
  const factsOf = (species: string, number: number, mirrored: boolean): ImageFacts => {
    using painted = picture(number, 200, 150);
    using image = mirrored ? painted.flipHor() : painted.copy();
    using again = codec.Image.newFromBuffer(image.writeToBuffer(".jpg", { Q: 60 }));
    const { fingerprint: dhash } = fingerprint(sampleOf(again));
    const name = `${species}${number}${mirrored}`;
    const page = `https://a.example/${name}`;
    const texts = { source: "", url: page, author: "", license: "", licenseText: "", title: "" };
    const sizes = { bytes: 1, width: 1, height: 1 };
    const file = `images/${name}.jpg`;
    const hashes = { sha256: name, dhash, mirrored: mirrorFingerprint(dhash) };
    return { species, file, page, ...texts, ...sizes, ...hashes };
  };
  const facts = [
    factsOf("a", 1, false),
    factsOf("a", 1, true),
    factsOf("a", 2, false),
    factsOf("b", 2, true),
    factsOf("b", 3, false),
  ];
  const groups = await findGroups(facts, new AbortController().signal);
  assertEquals(groups, [[0, 1], [2, 3], [4]]);
});

Deno.test("isLicensed() takes Creative Commons, or what is listed, with or without a version", () => {
  const cc = parseLicenseChoice("cc");
  for (const id of ["CC0-1.0", "CC-BY-NC-3.0", "CC-PDM-1.0"]) assert(isLicensed(id, cc), id);
  for (const id of ["unknown", "LicenseRef-All-Rights-Reserved", "MIT"]) {
    assert(!isLicensed(id, cc), id);
  }
  const list = parseLicenseChoice("cc-by, CC-BY-SA-4.0");
  for (const id of ["CC-BY-4.0", "CC-BY", "CC-BY-SA-4.0"]) assert(isLicensed(id, list), id);
  for (const id of ["CC-BY-NC-4.0", "CC-BY-SA-3.0", "unknown"]) assert(!isLicensed(id, list), id);
  for (const bad of ["", ",", "CC BY", "a/b"]) {
    assertThrows(() => parseLicenseChoice(bad), TypeError);
  }
});

Deno.test("dealShards() bounds each shard, and one sample more changes one shard", () => {
  const samples = Array.from({ length: 300 }, (_, at) => ({
    place: new Seeded(String(at)).next(),
    weight: 1000 + at,
  }));
  const shards = dealShards(samples, 20_000);
  assertEquals(shards.flat().length, 300);
  for (const shard of shards) {
    assert(shard.reduce((sum, { weight }) => sum + weight, 0) <= 20_000);
    assert(shard.length > 0);
  }
  const more = dealShards([...samples, { place: 0.5, weight: 1 }], 20_000).map((one) => one.length);
  const changed = shards.map((one) => one.length).filter((length, at) => length !== more[at]);
  assert(changed.length <= 1, `${changed.length} shards changed`);
  assertEquals(dealShards([{ place: 0.3, weight: 99 }, { place: 0.3, weight: 99 }], 10).length, 1);
  assertEquals(dealShards([], 10), []);
});

Deno.test("makeLabels() keeps the numbers there are, those of lost species too", () => {
  const species = (id: string) => ({
    id,
    latin: id === "c" ? "" : `Latin ${id}`,
    rank: "species" as const,
    common: [],
    group: [],
    verbatim: { common: "", latin: "" },
    page: "",
  });
  const first = makeLabels([], new Set(["c", "b"]), ["b", "c", "d"].map(species));
  assertEquals(first.map(({ id, latin }) => [id, latin]), [["b", "Latin b"], ["c", "c"]]);
  const ids = first.map(({ id }) => id);
  const second = makeLabels(ids, new Set(["c", "a", "z"]), ["a", "b", "c"].map(species));
  assertEquals(second.map(({ index, id }) => [index, id]), [[0, "b"], [1, "c"], [2, "a"], [
    3,
    "z",
  ]]);
});

Deno.test("readLabelIds() and readSplits() refuse files that somebody has mangled", async () => {
  await withFolder(async (dir) => {
    assertEquals(await readLabelIds(dir), []);
    await Deno.writeTextFile(
      join(dir, "labels.json"),
      formatLabels(makeLabels([], new Set(["a"]), [])),
    );
    assertEquals(await readLabelIds(dir), ["a"]);
    for (const bad of ["", "{}", "[1]", '[{"index":1,"id":"a"}]', '[{"index":0,"id":"../a"}]']) {
      await Deno.writeTextFile(join(dir, "labels.json"), bad);
      await readLabelIds(dir).then(
        () => assert(false, bad),
        (thrown) => assert(thrown instanceof Failure, bad),
      );
    }
    for (const bad of ["x", '{"v":1,"split":"80/10/10","seed":1}\n{"species":"a"}\n', '{"v":2}']) {
      await Deno.writeTextFile(join(dir, "splits.jsonl"), bad);
      await readSplits(dir).then(
        () => assert(false, bad),
        (thrown) => assert(thrown instanceof Failure, bad),
      );
    }
  });
});
