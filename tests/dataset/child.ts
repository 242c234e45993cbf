/**
 * A process of its own that opens a data folder, for the tests that kill, stop or confine one.
 *
 * `open DIR` opens and closes it. `hold DIR` says `held` and holds it until its input ends.
 * `write DIR FROM` keeps images from that number on until it is killed, and says each number that
 * is on the disk. `fill DIR` keeps images of 100 kB until the disk is full.
 *
 * @module
 */

import { Failure } from "../../lib/base/failure.ts";
import { imageOf, keep, keptEvent, opened } from "./folder.ts";

const [mode = "", dir = "", from = "0"] = Deno.args;

try {
  const dataset = await opened(dir);
  try {
    if (mode === "hold") {
      console.log("held");
      await Deno.stdin.read(new Uint8Array(1));
    }
    for (let number = Number(from); mode === "write"; number++) {
      await keep(dataset, number, `fish_${number % 3}`);
      if (number % 5 === 0) {
        await dataset.flush();
        console.log(number);
      }
    }
    for (let number = 0; mode === "fill"; number++) {
      const { sha256 } = await imageOf(number);
      const bytes = new Uint8Array(100_000).fill(number);
      const file = await dataset.place("betta_splendens", { bytes, sha256, type: "jpeg" });
      dataset.append(keptEvent(number, sha256, file));
      // Otherwise it hangs on the machine's speed how many lines are in the batch that is lost.
      await dataset.flush();
    }
  } finally {
    await dataset.close();
  }
  console.log("closed");
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  console.log(error.message);
  Deno.exit(error.status);
}
