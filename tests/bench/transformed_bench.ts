/**
 * How many transformed copies are known again: the transformations of imagededup's benchmark, on
 * other photographs than its own, of which its repository has only ten. Prints Markdown.
 *
 * `deno run -A tests/bench/transformed_bench.ts FOLDER [photographs, 300 unless given] [OUT]`
 *
 * Each photograph is brought to 640 × 480 pixels at most and makes a group of six: itself, a random
 * crop of 7/8 of each side, its mirror image, one upside down, one turned by 25 degrees, and one
 * squeezed into a square. The 15 pairs of a group are duplicates, all others are
 * not; photographs that are taken for one are named, to be looked at. With OUT the
 * files are written there, `<number>-<name>.jpg`, for other programs to be run on.
 *
 * @module
 */

import { join } from "@std/path";
import { walk } from "@std/fs";
import { Seeded } from "../../lib/base/seeded.ts";
import type { CodecImage } from "../../lib/image/codec.ts";
import { type Fingerprint, fingerprint } from "../../lib/image/fingerprint.ts";
import { NearIndex } from "../../lib/image/near_index.ts";
import { sampleOf } from "../../lib/image/sample.ts";
import { codec } from "../image/pictures.ts";

const [folder, count = "300", out] = Deno.args;
if (folder === undefined) {
  console.error("Give a folder of photographs.");
  Deno.exit(2);
}
const chance = new Seeded("transformed");

const CHANGES: Readonly<Record<string, (image: CodecImage) => CodecImage>> = {
  original: (image) => image.copy(),
  crop: (image) => {
    const [width, height] = [image.width, image.height].map((side) => Math.round(side * 7 / 8));
    const [left, top] = [image.width, image.height].map((side) => chance.whole(0, side >> 3));
    return image.crop(left ?? 0, top ?? 0, width ?? 1, height ?? 1);
  },
  mirrored: (image) => image.flipHor(),
  "upside down": (image) => image.flipVer(),
  turned: (image) => image.rotate(25, { background: [0, 0, 0] }),
  square: (image) => {
    const side = Math.min(image.width, image.height);
    return image.resize(side / image.width, { vscale: side / image.height });
  },
};
const NAMES = Object.keys(CHANGES);

interface Made {
  readonly group: number;
  readonly path: string;
  readonly name: string;
  readonly print: Fingerprint;
}

const paths: string[] = [];
for await (const { path } of walk(folder, { includeDirs: false, exts: ["jpg", "jpeg"] })) {
  paths.push(path);
}
paths.sort();
const made: Made[] = [];
let groups = 0;
for (const path of paths) {
  if (groups === Number(count)) break;
  try {
    using photo = codec.Image.thumbnailBuffer(await Deno.readFile(path), 640, { height: 480 });
    using plain = photo.colourspace("srgb");
    if (plain.bands !== 3 || Math.min(plain.width, plain.height) < 200) continue;
    using whole = plain.copyMemory();
    for (const [name, change] of Object.entries(CHANGES)) {
      using changed = change(whole);
      const jpeg = changed.jpegsaveBuffer({ Q: 90 });
      using again = codec.Image.newFromBuffer(jpeg);
      made.push({ group: groups, path, name, print: fingerprint(sampleOf(again)) });
      if (out !== undefined) {
        const file = `${groups}-${name.replace(" ", "_")}.jpg`;
        await Deno.writeFile(join(out, file), jpeg);
      }
    }
    groups++;
  } catch (thrown) {
    console.error(`${path}: ${thrown}`);
  }
}

const index = new NearIndex<Made>();
const found = new Map<string, number>();
const others = new Set<string>();
let [right, wrong] = [0, 0];
for (const one of made) {
  for (const { item } of index.find(one.print.fingerprint, one.print.mirrored)) {
    if (item.group !== one.group) {
      wrong++;
      others.add(`${item.path}, ${item.name} | ${one.path}, ${one.name}`);
    } else {
      right++;
      const pair = `${item.name} | ${one.name}`;
      found.set(pair, (found.get(pair) ?? 0) + 1);
    }
  }
  index.add(one.print.fingerprint, one);
}
const pairs = groups * NAMES.length * (NAMES.length - 1) / 2;
console.log(
  `${groups} photographs, ${pairs} pairs: precision ${(right / (right + wrong)).toFixed(3)}`,
);
console.log(`(${wrong} of other photographs), recall ${(right / pairs).toFixed(3)}\n`);
console.log("| one | other | found |\n| --- | --- | ---: |");
for (const [pair, times] of found) console.log(`| ${pair} | ${(times / groups).toFixed(3)} |`);
for (const pair of others) console.log(`Taken for the same: ${pair}`);
Deno.exit(0);
