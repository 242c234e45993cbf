import { assert, assertEquals, assertThrows } from "@std/assert";
import { Seeded } from "../../lib/base/seeded.ts";
import { mirrorFingerprint } from "../../lib/image/fingerprint.ts";
import type { ImageFacts } from "../../lib/split/facts.ts";
import { findGroups } from "../../lib/split/groups.ts";
import { pageKey, seriesKey } from "../../lib/split/groups.ts";
import { DEFAULT_SHARES, parseShares, type Side } from "../../lib/split/side.ts";
import { makeSplit, type Split } from "../../lib/split/split.ts";

const NEVER = new AbortController().signal;

/** An image whose page and hash are of its own. */
function image(species: string, number: number, more: Partial<ImageFacts> = {}): ImageFacts {
  return {
    species,
    sha256: `${species}${number}`.split("").map((sign) => sign.charCodeAt(0).toString(16)).join("")
      .padEnd(64, "0").slice(0, 64),
    file: `images/${species}/${number}.jpg`,
    bytes: 1,
    width: 1,
    height: 1,
    fingerprint: "",
    mirrored: "",
    source: "google",
    url: `https://a.example/${species}/${number}.jpg`,
    page: `https://a.example/${species}/${number}`,
    author: "",
    license: "unknown",
    licenseText: "",
    title: "",
    kind: "",
    flags: [],
    observation: "",
    observed: "",
    ...more,
  };
}

function images(species: string, count: number): ImageFacts[] {
  return Array.from({ length: count }, (_, at) => image(species, at));
}

async function split(
  facts: readonly ImageFacts[],
  options: { seed?: number; before?: ReadonlyMap<string, Side> } = {},
): Promise<Split> {
  return makeSplit({
    facts,
    groups: await findGroups(facts, NEVER),
    shares: DEFAULT_SHARES,
    seed: options.seed ?? 1,
    sideBefore: (each) => options.before?.get(each.sha256),
  });
}

function count(sides: readonly Side[], side: Side): number {
  return sides.filter((each) => each === side).length;
}

Deno.test("findGroups() joins by page, by series and by bytes, across species, and nothing else", async () => {
  const same = "ab".repeat(32);
  const facts = [
    image("a", 1, { page: "https://x.example/fish#1" }),
    image("a", 2),
    image("b", 1, { page: "https://x.example/fish/#2", sha256: same }),
    image("c", 1, { sha256: same }),
    image("c", 2, { page: "https://f.example/p?ID=7&StartRow=0", author: "Randall, J.E." }),
    image("c", 3, { page: "https://f.example/p?ID=7&StartRow=9", author: "randall  j e" }),
    image("c", 4, { page: "https://f.example/p?ID=8&StartRow=9", author: "Randall, J.E." }),
    image("c", 5, { page: "https://f.example/p?ID=7&StartRow=3", author: "Ann" }),
    image("d", 1, { page: "" }),
    image("d", 2, { page: "" }),
  ];
  assertEquals(await findGroups(facts, NEVER), [[0, 2, 3], [1], [4, 5], [6], [7], [8], [9]]);
});

Deno.test("findGroups() joins one observation, and one photographer's photos of a species on a day", async () => {
  const facts = [
    image("a", 1, { observation: "inaturalist:1" }),
    image("a", 2, { observation: "inaturalist:1" }),
    image("a", 3, { observation: "inaturalist:2", author: "Ann", observed: "2024-05-11" }),
    image("a", 4, { observation: "inaturalist:3", author: "ann", observed: "2024-05-11" }),
    image("a", 5, { author: "Ann", observed: "2024-05-12" }),
    image("a", 6, { author: "", observed: "2024-05-11" }),
    image("b", 1, { author: "Ann", observed: "2024-05-11" }),
  ];
  assertEquals(await findGroups(facts, NEVER), [[0, 1], [2, 3], [4], [5], [6]]);
});

Deno.test("findGroups() finds the same picture in a species of many images too, and its mirror image", async () => {
  const random = new Seeded("many");
  const digits = () => Array.from({ length: 362 }, () => random.below(16).toString(16)).join("");
  const prints = Array.from({ length: 700 }, digits);
  const mirrored = mirrorFingerprint(prints[3] ?? "");
  assert(mirrored !== "");
  const facts = [...prints, prints[7] ?? "", mirrored].map((fingerprint, at) =>
    image("a", at, { fingerprint, mirrored: mirrorFingerprint(fingerprint) })
  );
  const groups = await findGroups(facts, NEVER);
  assertEquals(groups.filter(({ length }) => length > 1), [[3, 701], [7, 700]]);
});

Deno.test("findGroups() joins embeddings that are much alike, the surest first, to no more than a tenth", async () => {
  const facts = images("a", 100);
  // A fan of directions: neighbours have a cosine of 0.99, and would chain to one group.
  const vectors = new Map(facts.map(({ sha256 }, at) => [
    sha256,
    Float32Array.of(Math.cos(at * 0.14), Math.sin(at * 0.14)),
  ]));
  const chained = await findGroups(facts, NEVER, (sha256) => vectors.get(sha256));
  assert(chained.length < 40, `${chained.length} groups`);
  assert(chained.every(({ length }) => length <= 10));
  const few = images("b", 20);
  const pair = [few[4]?.sha256, few[9]?.sha256];
  const groups = await findGroups(
    few,
    NEVER,
    (sha256) => pair.includes(sha256) ? Float32Array.of(1, 0) : undefined,
  );
  assertEquals(groups.filter(({ length }) => length > 1), [[4, 9]]);
});

Deno.test("findGroups() ends when it is told to", async () => {
  const stop = new AbortController();
  stop.abort(new Error("enough"));
  const facts = [image("a", 1, { fingerprint: "0".repeat(362), mirrored: "0".repeat(362) })];
  let told = "";
  await findGroups(facts, stop.signal).catch((error: Error) => told = error.message);
  assertEquals(told, "enough");
});

Deno.test("pageKey() and seriesKey() bear whatever a log says", () => {
  for (
    const page of ["", "nonsense", "https://", "javascript:alert(1)", "https://ä.example/%zz?%"]
  ) {
    pageKey(page);
    assertEquals(seriesKey(page, ""), "");
  }
  assertEquals(pageKey("nonsense"), "nonsense");
  assertEquals(seriesKey("https://a.example/", "Unknown"), "");
  assert(seriesKey("https://a.example/x/page/2", "魚") === seriesKey("https://a.example/x", "魚"));
});

Deno.test("makeSplit() gives each species its shares, and another seed gives others", async () => {
  const facts = [...images("a", 100), ...images("b", 37), ...images("c", 3)];
  const { sides, small, lacking } = await split(facts);
  assertEquals([small, lacking], [[], []]);
  assertEquals(
    ["train", "validation", "test"].map((side) => count(sides.slice(0, 100), side as Side)),
    [80, 10, 10],
  );
  assertEquals(count(sides.slice(100, 137), "test"), 4);
  assertEquals(new Set(sides.slice(137)).size, 3);
  assertEquals((await split(facts)).sides, sides);
  assert((await split(facts, { seed: 2 })).sides.join() !== sides.join());
});

Deno.test("makeSplit() trains with species of fewer than three groups, and says so", async () => {
  const page = "https://one.example/";
  const facts = [...images("a", 2), ...images("b", 9).map((each) => ({ ...each, page }))];
  const { sides, small } = await split(facts);
  assertEquals(small, ["a", "b"]);
  assertEquals(new Set(sides), new Set(["train"]));
});

Deno.test("makeSplit() never divides a group, also of several species, and fills every side", async () => {
  const facts = [
    ...images("a", 30).map((each, at) =>
      at < 24 ? { ...each, page: "https://big.example/" } : each
    ),
    ...images("b", 30).map((each, at) => at < 4 ? { ...each, page: "https://big.example/" } : each),
  ];
  const { sides, groupIds, lacking } = await split(facts);
  const sideOf = new Map<string, Side>();
  groupIds.forEach((id, at) => {
    const side = sides[at] ?? "train";
    assertEquals(sideOf.get(id) ?? side, side);
    sideOf.set(id, side);
  });
  assertEquals(lacking, []);
  for (const from of [0, 30]) assertEquals(new Set(sides.slice(from, from + 30)).size, 3);
  assertEquals(sides[0], "train");
});

Deno.test("makeSplit() leaves images where they were as the dataset grows", async () => {
  const facts = images("a", 50);
  const first = await split(facts);
  const before = new Map(facts.map((each, at) => [each.sha256, first.sides[at] ?? "train"]));
  const grown = [...images("a", 90), ...images("b", 20)];
  const second = await split(grown, { before });
  assertEquals(second.sides.slice(0, 50), first.sides);
  assertEquals(second.moved, 0);
  assertEquals(count(second.sides.slice(0, 90), "test"), 9);
});

Deno.test("makeSplit() lets test win where a new image joins two sides, and tells how many moved", async () => {
  const facts = [
    image("a", 1, { page: "https://p.example/" }),
    image("a", 2),
    image("a", 3, { page: "https://p.example/" }),
    ...images("a", 9).slice(4),
  ];
  const before = new Map<string, Side>([
    [facts[0]?.sha256 ?? "", "train"],
    [facts[2]?.sha256 ?? "", "test"],
  ]);
  const { sides, moved } = await split(facts, { before });
  assertEquals([sides[0], sides[2], moved], ["test", "test", 1]);
});

Deno.test("parseShares() takes three shares that sum up to 100", () => {
  assertEquals(parseShares("70/0/30"), { train: 70, validation: 0, test: 30 });
  for (
    const bad of ["", "80/10", "80/10/11", "0/50/50", "80,10,10", "-80/90/90", "33.3/33.3/33.4"]
  ) {
    assertThrows(() => parseShares(bad), TypeError, "80/10/10");
  }
});
