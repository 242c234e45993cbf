/**
 * How many varied copies a second are made: of photos in a folder, or of painted ones of 1024×768.
 *
 * `deno run -A tests/bench/augment_bench.ts [copies of each photo, 5 unless given] [folder of JPEGs]`
 *
 * @module
 */

import process from "node:process";
import { join } from "@std/path";
import { drawVariations } from "../../lib/augment/copies.ts";
import { RECIPES } from "../../lib/augment/recipe.ts";
import { compileJpegDecoder, createJpegDecoder } from "../../lib/image/jpeg.ts";
import { render } from "../../lib/image/render.ts";
import { codec, picture } from "../image/pictures.ts";

const PHOTOS = 24;
const [each = "5", folder] = Deno.args;
const files = folder === undefined ? paintPhotos() : readPhotos(folder);
const tools = {
  vips: () => Promise.resolve(codec),
  reserve: () => Promise.resolve(),
  jpegDecoder: createJpegDecoder(await compileJpegDecoder()),
};

function paintPhotos(): Uint8Array<ArrayBuffer>[] {
  return Array.from({ length: PHOTOS }, (_, at) => {
    using image = picture(at, 1024, 768);
    return new Uint8Array(image.jpegsaveBuffer({ Q: 85 }));
  });
}

function readPhotos(folder: string): Uint8Array<ArrayBuffer>[] {
  const names = Array.from(Deno.readDirSync(folder), ({ name }) => name)
    .filter((name) => /\.jpe?g$/i.test(name)).sort().slice(0, PHOTOS);
  return names.map((name) => Deno.readFileSync(join(folder, name)));
}

for (const recipe of Object.values(RECIPES)) {
  const makeAll = async (photos: readonly Uint8Array<ArrayBuffer>[]): Promise<number[]> => {
    const sizes: number[] = [];
    for (const [parent, bytes] of photos.entries()) {
      const copies = Array.from(
        { length: Number(each) },
        (_, at) => drawVariations(recipe, { seed: 1, parent: `${parent}`, number: at + 1 }),
      );
      const made = await render(tools, { kind: "copies", size: recipe.size, copies }, [bytes]);
      sizes.push(...made.map(({ bytes }) => bytes.length));
    }
    return sizes;
  };
  await makeAll(files.slice(0, 4));
  const before = process.cpuUsage();
  const sizes = await makeAll(files);
  const { user, system } = process.cpuUsage(before);
  const spent = (user + system) / 1000 / sizes.length;
  const kilobytes = sizes.reduce((sum, size) => sum + size, 0) / sizes.length / 1000;
  console.log(
    `${recipe.name}: ${sizes.length} copies, ${spent.toFixed(1)} ms of processor time each, ` +
      `that is ${(1000 / spent).toFixed(0)} a second and core; ${kilobytes.toFixed(0)} kB each`,
  );
}
Deno.exit(0);
