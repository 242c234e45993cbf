/**
 * How many images for testing have a twin, or a shot of the same series, on another side:
 * `leak_bench.ts PHOTOS [PAIRS.json] [SEEDS]`. Splits the photos in `PHOTOS/<species>/` as `export`
 * does, several times, and beside it by chance; says of how many images for testing another side has
 * what looks the same by the details of the pictures, and prints those pairs, to be looked at.
 *
 * `PAIRS.json` has what a person has seen: `{"same": [["a/1.jpg", "b/2.jpg"]], "unsure": []}`, paths
 * within `PHOTOS`; `unsure` are shots of one series. Then the share is given by them, too. Embeddings
 * are used where `doubt_bench.ts` has left some in `PHOTOS`.
 *
 * @module
 */

import { walk } from "@std/fs";
import { basename, dirname, relative } from "@std/path";
import * as v from "valibot";
import { readEmbeddings } from "../../lib/embed/store.ts";
import { createExaminer } from "../../lib/image/create_examiner.ts";
import { createRenderer } from "../../lib/image/create_renderer.ts";
import type { ImageFacts } from "../../lib/split/facts.ts";
import { findGroups } from "../../lib/split/groups.ts";
import {
  detailsInCommon,
  type Look,
  LOOK_SIDE,
  lookAt,
  SAME_DETAILS,
} from "../../lib/split/patches.ts";
import { DEFAULT_SHARES, type Side } from "../../lib/split/side.ts";
import { makeSplit } from "../../lib/split/split.ts";

/** In larger sets only pictures of one species are compared. */
const MOST_PAIRWISE = 3_000;

const PAIR = v.tuple([v.string(), v.string()]);
const PAIRS = v.object({ same: v.array(PAIR), unsure: v.optional(v.array(PAIR), []) });

const [folder, file = "", seeds = "5"] = Deno.args;
if (folder === undefined) {
  console.error("Give a folder of photographs, a folder for each species.");
  Deno.exit(2);
}
const never = new AbortController().signal;

interface Photo {
  readonly facts: ImageFacts;
  readonly look: Look;
}

async function read(folder: string): Promise<Photo[]> {
  const [examiner, renderer] = [createExaminer({ workers: 1 }), createRenderer({ workers: 1 })];
  const paths = await Array.fromAsync(walk(folder, { exts: ["jpg", "jpeg", "png", "webp"] }));
  const photos = new Map<string, Photo>();
  for (const { path } of paths.sort((one, other) => one.path < other.path ? -1 : 1)) {
    const seen = await examiner.examine(await Deno.readFile(path), never);
    if (!seen.ok) continue;
    const { sha256, fingerprint, mirrored, width, height, bytes } = seen;
    const size = bytes.length;
    const square = await renderer.render({ kind: "square", size: LOOK_SIDE }, [bytes], never);
    const pixels = square.ok ? square.pictures[0]?.bytes : undefined;
    if (pixels === undefined) continue;
    const species = basename(dirname(path));
    const name = relative(folder, path);
    photos.set(`${species} ${sha256}`, {
      look: lookAt(pixels),
      facts: {
        ...{ species, sha256, file: name, bytes: size, width, height, fingerprint, mirrored },
        ...{ source: "google", url: name, page: name, author: "", license: "unknown" },
        ...{ licenseText: "", title: "", kind: "", flags: [], observation: "", observed: "" },
      },
    });
  }
  examiner.close();
  renderer.close();
  return [...photos.values()].sort((one, other) =>
    one.facts.species < other.facts.species ? -1 : one.facts.species > other.facts.species ? 1 : 0
  );
}

type Pair = readonly [one: number, other: number];

/** Pictures alike in their details, with how much. */
function alikeIn(photos: readonly Photo[]): (readonly [...Pair, number])[] {
  const found: (readonly [...Pair, number])[] = [];
  for (const [at, one] of photos.entries()) {
    for (const [place, other] of photos.slice(0, at).entries()) {
      if (photos.length > MOST_PAIRWISE && one.facts.species !== other.facts.species) continue;
      const alike = detailsInCommon(one.look, other.look);
      if (alike >= SAME_DETAILS) found.push([place, at, alike]);
    }
  }
  return found;
}

const photos = await read(folder);
const names = photos.map(({ facts }) => facts.file);
const places = new Map(names.map((name, at) => [name, at]));
const alike = alikeIn(photos);
const listed = file === ""
  ? undefined
  : v.parse(PAIRS, JSON.parse(await Deno.readTextFile(file)), { abortEarly: true });
const placed = (pairs: readonly (readonly [string, string])[]): Pair[] =>
  pairs.flatMap(([one, other]): Pair[] => {
    const [first, second] = [places.get(one), places.get(other)];
    return first === undefined || second === undefined ? [] : [[first, second]];
  });
const kinds: [name: string, pairs: readonly (readonly [number, number, number?])[]][] = [
  ["alike in details", alike],
  ...(listed === undefined ? [] : [
    ["the same, by eye", placed(listed.same)],
    ["the same or one series, by eye", placed([...listed.same, ...listed.unsure])],
  ] satisfies [string, Pair[]][]),
];

const embeddings = await readEmbeddings(folder);
const facts = photos.map((photo) => photo.facts);
const groups = await findGroups(facts, never, (sha256) => {
  const row = embeddings?.rowOf(sha256);
  return row === undefined ? undefined : embeddings?.vector(row);
});
console.log(
  `${photos.length} photos, ${groups.length} groups, ${
    embeddings === undefined ? "without" : "with"
  } embeddings`,
);
const ways = { "as export does": groups, "by chance": facts.map((_, at) => [at]) };
const apart = new Set<string>();
for (const [way, groups] of Object.entries(ways)) {
  const [leaking, tested] = [kinds.map(() => 0), { count: 0 }];
  for (let seed = 1; seed <= Number(seeds); seed++) {
    const { sides } = makeSplit({
      ...{ facts, groups, seed, shares: DEFAULT_SHARES, sideBefore: () => undefined },
    });
    const isTest = (side: Side | undefined): boolean => side === "test";
    tested.count += sides.filter(isTest).length;
    kinds.forEach(([, pairs], at) => {
      const leaks = new Set<number>();
      for (const [one, other] of pairs) {
        if (sides[one] === sides[other]) continue;
        if (isTest(sides[one])) leaks.add(one);
        if (isTest(sides[other])) leaks.add(other);
        if (way === "as export does") apart.add(`${names[one]} | ${names[other]}`);
      }
      leaking[at] = (leaking[at] ?? 0) + leaks.size;
    });
  }
  for (const [at, [kind]] of kinds.entries()) {
    const count = leaking[at] ?? 0;
    console.log(
      `${way}, ${kind}: ${count} of ${tested.count} images for testing in ${seeds} splits, ${
        (count / tested.count * 100).toFixed(1)
      } %`,
    );
  }
}
for (const pair of apart) console.log(`On two sides: ${pair}`);
