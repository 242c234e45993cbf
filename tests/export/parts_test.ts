import { assert, assertEquals, assertThrows } from "@std/assert";
import { join } from "@std/path";
import type { ImageFacts } from "../../lib/split/facts.ts";
import { findGroups } from "../../lib/split/groups.ts";
import { makeLabels, readStableIds, writeStableIds } from "../../lib/split/labels.ts";
import { plainText } from "../../lib/export/card.ts";
import { isLicensed, parseLicenseChoice } from "../../lib/export/figures.ts";
import { csvLine } from "../../lib/export/rows.ts";
import { divideIntoShards } from "../../lib/export/shards.ts";
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
    const texts = {
      source: "",
      url: page,
      author: "",
      license: "",
      licenseText: "",
      title: "",
      observed: "",
    };
    const more = { kind: "", observation: "", flags: [] };
    const sizes = { bytes: 1, width: 1, height: 1 };
    const file = `images/${name}.jpg`;
    const hashes = { sha256: name, fingerprint: dhash, mirrored: mirrorFingerprint(dhash) };
    return { species, file, page, ...more, ...texts, ...sizes, ...hashes };
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
  assertEquals(parseLicenseChoice("any"), "all");
  assert(isLicensed("CC-BY-NC-4.0", parseLicenseChoice("nc")));
  for (const id of ["CC-BY-NC-4.0", "CC-BY-ND-4.0", "unknown"]) {
    assert(!isLicensed(id, parseLicenseChoice("free")), id);
  }
  const list = parseLicenseChoice("cc-by, CC-BY-SA-4.0");
  for (const id of ["CC-BY-4.0", "CC-BY", "CC-BY-SA-4.0"]) assert(isLicensed(id, list), id);
  for (const id of ["CC-BY-NC-4.0", "CC-BY-SA-3.0", "unknown"]) assert(!isLicensed(id, list), id);
  for (const bad of ["", ",", "CC BY", "a/b"]) {
    assertThrows(() => parseLicenseChoice(bad), TypeError);
  }
});

Deno.test("divideIntoShards() bounds each shard, and one sample more changes one shard", () => {
  const samples = Array.from({ length: 300 }, (_, at) => ({
    place: new Seeded(String(at)).next(),
    weight: 1000 + at,
  }));
  const shards = divideIntoShards(samples, 20_000);
  assertEquals(shards.flat().length, 300);
  for (const shard of shards) {
    assert(shard.reduce((sum, { weight }) => sum + weight, 0) <= 20_000);
    assert(shard.length > 0);
  }
  const more = divideIntoShards([...samples, { place: 0.5, weight: 1 }], 20_000).map((one) =>
    one.length
  );
  const changed = shards.map((one) => one.length).filter((length, at) => length !== more[at]);
  assert(changed.length <= 1, `${changed.length} shards changed`);
  assertEquals(
    divideIntoShards([{ place: 0.3, weight: 99 }, { place: 0.3, weight: 99 }], 10).length,
    1,
  );
  assertEquals(divideIntoShards([], 10), []);
});

Deno.test("makeLabels() numbers by the alphabet, and keeps the stable numbers there are", () => {
  const species = (id: string) => ({
    id,
    latin: id === "c" ? "" : `Latin ${id}`,
    rank: "species" as const,
    common: [],
    group: [],
    verbatim: { common: "", latin: "" },
    page: "",
  });
  const first = makeLabels([], new Set(["d", "b"]), ["d", "b", "e"].map(species));
  assertEquals(first.labels.map(({ index, stable, id }) => [index, stable, id]), [
    [0, 1, "b"],
    [1, 0, "d"],
  ]);
  assertEquals(first.stableIds, ["d", "b"]);
  const second = makeLabels(first.stableIds, new Set(["d", "a", "c"]), ["a", "c"].map(species));
  assertEquals(second.stableIds, ["d", "b", "a", "c"]);
  assertEquals(second.labels.map(({ stable, latin }) => [stable, latin]), [
    [2, "Latin a"],
    [3, "c"],
    [0, "d"],
  ]);
  assertEquals(second.labels.map(({ genus }) => genus), ["Latin", "", ""]);
});

Deno.test("plainText() leaves nothing that Markdown, HTML or a terminal would act on", () => {
  const text = plainText("<img src=x onerror=1>\r\n# [a](javascript:b) `c` \u001b[8m\u202e | *d*");
  for (const sign of "<>`*[]|\r\n\u001b\u202e") assert(!text.includes(sign), text);
  assertEquals(plainText("Wels (Ölsardine) 魚"), "Wels (Ölsardine) 魚");
});

Deno.test("csvLine() disarms formulas and lone carriage returns", () => {
  assertEquals(
    csvLine(["=1+1", " @x", "a\r=2", "-5 °C", 'say "hi"', -5, "＝1+1", "\r=1"]),
    '\'=1+1,\' @x,a =2,\'-5 °C,"say ""hi""",-5,\'＝1+1,\' =1\r\n',
  );
});

Deno.test("readStableIds() and readSplits() refuse files that somebody has changed", async () => {
  await withFolder(async (dir) => {
    assertEquals(await readStableIds(dir), []);
    await writeStableIds(dir, ["a"], []);
    assertEquals(await readStableIds(dir), ["a"]);
    for (const bad of ["", "{}", "[1]", '[{"index":1,"id":"a"}]', '[{"index":0,"id":"../a"}]']) {
      await Deno.writeTextFile(join(dir, "labels.json"), bad);
      await readStableIds(dir).then(
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
