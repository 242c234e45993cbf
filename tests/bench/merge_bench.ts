/**
 * What merging two data folders costs an image: `deno run -A tests/bench/merge_bench.ts [SPECIES]`,
 * 50 of each folder unless given, with 200 images each.
 *
 * @module
 */

import { mergeDatasets } from "../../lib/dataset/merge.ts";
import { readProcess } from "../processes.ts";
import { withFolder } from "../folder.ts";
import { makeUpDataset } from "./made_up.ts";

const IMAGES = 200;
const species = Number(Deno.args[0] ?? 50);

await withFolder(async (dir) => {
  for (const part of ["one", "two"]) {
    const ids = Array.from({ length: species }, (_, number) => `${part}_species${number}`);
    await makeUpDataset(`${dir}/${part}`, ids, IMAGES);
  }
  const [began, worked] = [performance.now(), processorSeconds()];
  const { images, linked } = await mergeDatasets({
    into: `${dir}/both`,
    from: [`${dir}/one`, `${dir}/two`],
    notice: console.error,
    signal: new AbortController().signal,
  });
  const wall = (performance.now() - began) / images;
  const processor = (processorSeconds() - worked) * 1000 / images;
  console.log(
    `${images} images, ${linked} linked: ${wall.toFixed(2)} ms an image, ` +
      `${processor.toFixed(2)} ms of processor time; load ${Deno.loadavg()[0]?.toFixed(1)}`,
  );
});
Deno.exit();

/** How long this process has kept processors busy, in seconds: Linux counts hundredths. */
function processorSeconds(): number {
  const [user = 0, system = 0] = readProcess(Deno.pid, "stat").replace(/^.*\) /, "")
    .split(" ").slice(11, 13).map(Number);
  return (user + system) / 100;
}
