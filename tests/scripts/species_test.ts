import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { demoCommand } from "../../lib/demo/run.ts";
import { withFolder } from "../folder.ts";

const SCRIPT = fromFileUrl(new URL("../../scripts/species.ts", import.meta.url));

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the script as its task does, in a folder of its own. */
async function run(cwd: string, ...args: string[]): Promise<Ended> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...demoCommand("species", ["data"], undefined), SCRIPT, ...args],
    cwd,
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), err: text(stderr) };
}

Deno.test("species.ts makes a list of a person's file and reports what the next one changes", async () => {
  await withFolder(async (dir) => {
    await Deno.mkdir(join(dir, "data"));
    const file = join(dir, "data", "my.txt");
    await Deno.writeTextFile(file, "Betta splendens\n???\nPuntius tetrazona\n");
    const first = await run(dir, "--species-file", "data/my.txt");
    assertEquals([first.code, first.err], [0, ""]);
    assertStringIncludes(first.out, "2 names from 2 rows of data/my.txt");
    assertStringIncludes(first.out, "line 2: ");
    await Deno.writeTextFile(file, "Betta splendens\nPuntigrus tetrazona\nDanio rerio\n");
    const second = await run(dir, "--species-file", "data/my.txt", "--json");
    const { changes, species } = JSON.parse(second.out);
    assertEquals(species, 3);
    assertEquals(changes, {
      added: ["danio_rerio"],
      renamed: [{ from: "puntius_tetrazona", to: "puntigrus_tetrazona" }],
      gone: [],
      edited: [],
    });
    const lines = (await Deno.readTextFile(join(dir, "data", "species.jsonl"))).trim().split("\n");
    assertEquals(lines.map((line) => JSON.parse(line).id), [
      "betta_splendens",
      "puntigrus_tetrazona",
      "danio_rerio",
    ]);
    const names = [...Deno.readDirSync(join(dir, "data"))].map(({ name }) => name).sort();
    assertEquals(names, [".lock", "my.txt", "species.csv", "species.jsonl"]);
  });
});

Deno.test("species.ts ends wrong use with one sentence and changes nothing", async () => {
  await withFolder(async (dir) => {
    await Deno.mkdir(join(dir, "data"));
    await Deno.writeTextFile(join(dir, "data", "empty.txt"), "# nothing\n");
    for (
      const [code, sentence, ...args] of [
        [2, "--specis-file", "--specis-file", "x"],
        [
          2,
          "exclude each other",
          "--list",
          "https://en.wikipedia.org/wiki/X",
          "--species-file",
          "x",
        ],
        [2, "the address of a list article", "--list", "ftp://en.wikipedia.org/"],
        [1, "no such file", "--species-file", "data/missing.txt"],
        [1, "names no species", "--species-file", "data/empty.txt"],
        [1, "--allow-write", "--species-file", "data/empty.txt", "--data", "elsewhere"],
      ] as const
    ) {
      if (sentence === "--allow-write") {
        await Deno.writeTextFile(join(dir, "data", "empty.txt"), "Betta splendens\n");
      }
      const ended = await run(dir, ...args);
      assertEquals([ended.code, ended.out], [code, ""], ended.err);
      assertStringIncludes(ended.err, sentence);
      assertMatch(ended.err, /error: .+\n(Run it with:\n.+\n)?$/);
    }
    const names = [...Deno.readDirSync(join(dir, "data"))].map(({ name }) => name);
    assertEquals(names, ["empty.txt"]);
  });
});
