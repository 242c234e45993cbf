/**
 * Exports a made-up data folder three times: first, unchanged, and with one image more.
 *
 *     deno run --allow-all tests/bench/export_bench.ts [SPECIES] [IMAGES]
 */

import { makeUpDataset } from "./made_up.ts";

const [species = 640, images = 200] = Deno.args.map(Number);
const dir = await Deno.makeTempDir({ prefix: "aquaset-export-bench-" });
try {
  const ids = Array.from({ length: species }, (_, at) => `made_up_${at}`);
  await makeUpDataset(`${dir}/data`, ids, images);
  for (const round of ["first", "unchanged", "one more"]) {
    if (round === "one more") {
      const path = `${dir}/data/log.jsonl`;
      await makeUpDataset(`${dir}/more`, ["made_up_more"], 1);
      const lines = await Deno.readTextFile(`${dir}/more/log.jsonl`);
      await Deno.writeTextFile(path, lines, { append: true });
      await Deno.rename(`${dir}/more/images/made_up_more`, `${dir}/data/images/made_up_more`);
    }
    const began = performance.now();
    const child = new Deno.Command("/usr/bin/time", {
      args: [
        "-f",
        "%U %S %M",
        Deno.execPath(),
        "run",
        "-qA",
        "scripts/export.ts",
        "--data",
        `${dir}/data`,
      ],
      stderr: "piped",
      stdout: "piped",
    });
    const { code, stdout, stderr } = await child.output();
    const seconds = (performance.now() - began) / 1000;
    const said = new TextDecoder().decode(stdout).trim().split("\n");
    const used = new TextDecoder().decode(stderr).trim().split("\n").at(-1) ?? "";
    const [user = 0, system = 0, memory = 0] = used.split(" ").map(Number);
    console.log(
      `${round}: ${seconds.toFixed(1)} s (processors ${(user + system).toFixed(1)} s), ${
        Math.round(memory / 1024)
      } MiB, status ${code}: ${said.at(-1)}`,
    );
  }
} finally {
  await Deno.remove(dir, { recursive: true });
}
