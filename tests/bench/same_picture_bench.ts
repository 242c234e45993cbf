/**
 * How many natural pairs of the same picture are found, and how many others are taken for one: in
 * photographs that were collected from the web, with the pairs that a person has seen in them.
 * Prints Markdown.
 *
 * `deno run -A tests/bench/same_picture_bench.ts FOLDER PAIRS.json`
 *
 * The pairs' file has paths within the folder: `{"same": [["a/1.jpg", "b/2.jpg"]], "unsure": []}`.
 * Pairs in `unsure`, such as two photos of a series, count neither way. Files with the same bytes are
 * looked at once. Pictures in one folder count as of one species. What is found and not listed is printed, to be looked at.
 *
 * @module
 */

import { walk } from "@std/fs";
import { dirname, relative } from "@std/path";
import * as v from "valibot";
import { createExaminer } from "../../lib/image/create_examiner.ts";
import { NearIndex } from "../../lib/image/near_index.ts";
import { isSimilar } from "../../lib/image/similar.ts";

const PAIR = v.tuple([v.string(), v.string()]);
const PAIRS = v.object({ same: v.array(PAIR), unsure: v.optional(v.array(PAIR), []) });

const [folder, file] = Deno.args;
if (folder === undefined || file === undefined) {
  console.error("Give a folder of photographs and the file of pairs.");
  Deno.exit(2);
}
const pairs = v.parse(PAIRS, JSON.parse(await Deno.readTextFile(file)));
/** By name of a file: the first one with its bytes. */
const firsts = new Map<string, string>();
const keyOf = (one: string, other: string): string =>
  [one, other].map((name) => firsts.get(name) ?? name).sort().join(" | ");

const examiner = createExaminer({ workers: 1 });
const never = new AbortController().signal;
const index = new NearIndex<string>(dirname);
const prints = new Map<string, { fingerprint: string; mirrored: string }>();
const byHash = new Map<string, string>();
const found = new Set<string>();
let [looked, left] = [0, 0];
for await (
  const { path } of walk(folder, { includeDirs: false, exts: ["jpg", "jpeg", "png", "webp"] })
) {
  const bytes = new Uint8Array(await Deno.readFile(path));
  const seen = await examiner.examine(bytes, never);
  if (!seen.ok) {
    left++;
    continue;
  }
  const name = relative(folder, path);
  const first = byHash.get(seen.sha256) ?? name;
  byHash.set(seen.sha256, first);
  firsts.set(name, first);
  if (first !== name) continue;
  looked++;
  const { fingerprint, mirrored } = seen;
  for (const { item } of index.find(fingerprint, mirrored, dirname(name))) {
    found.add(keyOf(item, name));
  }
  index.add(fingerprint, name);
  prints.set(name, seen);
}
examiner.close();

const same = new Set(pairs.same.map(([one, other]) => keyOf(one, other)));
const unsure = new Set(pairs.unsure.map(([one, other]) => keyOf(one, other)));
const known = [...same].filter((pair) => pair.split(" | ").every((name) => prints.has(name)));
const right = known.filter((pair) => found.has(pair)).length;
const compared = known.filter((pair) => {
  const [one, other] = pair.split(" | ").map((name) => prints.get(name));
  return one !== undefined && other !== undefined &&
    (isSimilar(one.fingerprint, other.fingerprint) || isSimilar(one.mirrored, other.fingerprint));
}).length;
const others = [...found].filter((pair) => !same.has(pair) && !unsure.has(pair));
const share = (count: number, of: number): string => of === 0 ? "–" : (count / of).toFixed(3);
console.log("| images | pairs | found | recall | compared each with each | precision |");
console.log("| ---: | ---: | ---: | ---: | ---: | ---: |");
console.log(
  `| ${looked} | ${known.length} | ${right} | ${share(right, known.length)} | ${
    share(compared, known.length)
  } | ${share(right, right + others.length)} |`,
);
if (left > 0) console.log(`\n${left} files were left out as a run would leave them out.`);
for (const pair of others) console.log(`Not listed: ${pair}`);
Deno.exit(0);
