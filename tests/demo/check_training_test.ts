import { assertEquals, assertStringIncludes } from "@std/assert";
import { checkTraining } from "../../lib/demo/check_training.ts";
import { sha256 } from "./fake_world.ts";

const SIDES = ["train", "train", "train", "validation", "test"] as const;

interface Made {
  readonly folder: string;
  readonly hashes: readonly string[];
}

/** A data folder with five images of one fish, exported and with one copy made. */
async function make(): Promise<Made> {
  const folder = await Deno.makeTempDir();
  const exported = `${folder}/export/imagefolder`;
  const log: string[] = [];
  const hashes: string[] = [];
  for (const side of new Set(SIDES)) {
    await Deno.mkdir(`${exported}/${side}/a_b`, { recursive: true });
  }
  for (const folders of ["images/a_b", "report"]) {
    await Deno.mkdir(`${folder}/${folders}`, { recursive: true });
  }
  for (const [index, side] of SIDES.entries()) {
    const bytes = new TextEncoder().encode(`image ${index}`);
    const hash = await sha256(bytes);
    const name = `a_b/${hash.slice(0, 16)}.jpg`;
    hashes.push(hash);
    await Deno.writeFile(`${folder}/images/${name}`, bytes);
    await Deno.writeFile(`${exported}/${side}/${name}`, bytes);
    const line = JSON.stringify({ file_name: name }) + "\n";
    await Deno.writeTextFile(`${exported}/${side}/metadata.jsonl`, line, { append: true });
    log.push(JSON.stringify({
      event: "image",
      species: "a_b",
      url: `https://x.example/${index}`,
      page: `https://x.example/page${Math.max(1, index)}`,
      outcome: "kept",
      file: `images/${name}`,
      sha256: hash,
    }));
  }
  await Deno.writeTextFile(`${folder}/log.jsonl`, log.join("\n") + "\n");
  await Deno.writeTextFile(`${folder}/species.jsonl`, '{"id":"a_b","latin":"A b"}\n');
  await Deno.writeTextFile(`${folder}/report/index.html`, "<!doctype html>");
  await Deno.writeTextFile(`${exported}/train/a_b/x-0001.jpg`, "copy");
  await copyOf(folder, hashes[0] ?? "");
  return { folder, hashes };
}

/** Says whose copy the copy is. */
async function copyOf(folder: string, parent: string): Promise<void> {
  const path = `${folder}/export/imagefolder/train/metadata.jsonl`;
  const others = (await Deno.readTextFile(path)).split("\n")
    .filter((line) => line !== "" && !line.includes("x-0001"));
  const line = JSON.stringify({ file_name: "a_b/x-0001.jpg", parent });
  await Deno.writeTextFile(path, [...others, line, ""].join("\n"));
}

const CASES: Readonly<Record<string, readonly [(made: Made) => Promise<void>, string]>> = {
  "an image that is on no side": [
    async ({ folder, hashes }) =>
      await Deno.remove(`${folder}/export/imagefolder/test/a_b/${hashes[4]?.slice(0, 16)}.jpg`),
    "is on no side of the export",
  ],
  "an image that is on two sides": [
    async ({ folder, hashes }) => {
      const name = `a_b/${hashes[4]?.slice(0, 16)}.jpg`;
      const below = `${folder}/export/imagefolder`;
      await Deno.copyFile(`${below}/test/${name}`, `${below}/train/${name}`);
    },
    "is on the side train too",
  ],
  "images of one page on two sides": [
    async ({ folder }) => {
      const log = await Deno.readTextFile(`${folder}/log.jsonl`);
      await Deno.writeTextFile(`${folder}/log.jsonl`, log.replace("page4", "page1"));
    },
    "another of its page on train",
  ],
  "a copy of an image that is for the test": [
    ({ folder, hashes }) => copyOf(folder, hashes[4] ?? ""),
    "is made from an image of test",
  ],
  "a copy that no line lists": [
    async ({ folder }) =>
      await Deno.writeTextFile(`${folder}/export/imagefolder/train/a_b/y-0001.jpg`, "copy"),
    "is not in metadata.jsonl",
  ],
  "too few copies": [
    async ({ folder }) => {
      const below = `${folder}/export/imagefolder/train`;
      const list = await Deno.readTextFile(`${below}/metadata.jsonl`);
      const lines = list.split("\n").filter((line) => !line.includes("x-0001"));
      await Deno.writeTextFile(`${below}/metadata.jsonl`, lines.join("\n"));
      await Deno.remove(`${below}/a_b/x-0001.jpg`);
    },
    "3 images for training, must be 4",
  ],
  "a missing report": [
    async ({ folder }) => await Deno.remove(`${folder}/report/index.html`),
    "report/index.html: is not there",
  ],
};

Deno.test("checkTraining() finds no difference where all is as it must be", async () => {
  const made = await make();
  try {
    assertEquals(await checkTraining(made.folder, 4), []);
  } finally {
    await Deno.remove(made.folder, { recursive: true });
  }
});

for (const [name, [spoil, told]] of Object.entries(CASES)) {
  Deno.test(`checkTraining() finds ${name}`, async () => {
    const made = await make();
    try {
      await spoil(made);
      assertStringIncludes((await checkTraining(made.folder, 4)).join("\n"), told);
    } finally {
      await Deno.remove(made.folder, { recursive: true });
    }
  });
}
