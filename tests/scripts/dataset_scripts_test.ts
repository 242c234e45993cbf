import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { demoCommand } from "../../lib/demo/run.ts";
import { keep, opened, tried, withFolder } from "../dataset/folder.ts";

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const ALL = ["--allow-read", "--allow-write"];

/** Runs a script in a folder of its own with the permissions of its set, or with others. */
async function run(
  name: string,
  cwd: string,
  flags: readonly string[],
  permissions?: readonly string[],
): Promise<Ended> {
  const script = join(Deno.cwd(), `scripts/${name}.ts`);
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...permissions === undefined
        ? demoCommand(name, ["data"], undefined)
        : ["run", "-q", "--no-prompt", ...permissions],
      script,
      ...flags,
    ],
    cwd,
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** A folder with two images and a failure in `data`. */
async function withData(test: (dir: string) => Promise<void>): Promise<void> {
  await withFolder(async (dir) => {
    const dataset = await opened(join(dir, "data"));
    await keep(dataset, 1);
    await keep(dataset, 2);
    dataset.append(tried(3, "timeout"));
    await dataset.close();
    await test(dir);
  });
}

Deno.test("status tells what a data folder has, as lines and as JSON", async () => {
  await withData(async (dir) => {
    const lines = await run("status", dir, []);
    assertEquals([lines.code, lines.stderr], [0, ""]);
    assertStringIncludes(lines.stdout, "2 images of 1 species");
    const json = await run("status", dir, ["--json"]);
    assertEquals(JSON.parse(json.stdout).images, 2);
  });
});

Deno.test("verify ends with 0 when all is well, with 1 when not, and mends with --repair", async () => {
  await withData(async (dir) => {
    assertEquals((await run("verify", dir, [])).code, 0);
    await Deno.writeTextFile(join(dir, "data/images/betta_splendens/stray.jpg"), "stray");
    const wrong = await run("verify", dir, []);
    assertEquals(wrong.code, 1);
    assertStringIncludes(wrong.stdout, "stray.jpg is not in the log");
    const json = await run("verify", dir, ["--json"]);
    assertEquals([json.code, JSON.parse(json.stdout).findings.length], [1, 1]);
    const mended = await run("verify", dir, ["--repair"]);
    assertEquals(mended.code, 1, mended.stderr);
    assertStringIncludes(mended.stdout, "0 removed, 1 left that the log does not know");
    assertStringIncludes(mended.stdout, "1 thing wrong still");
    const pruned = await run("verify", dir, ["--repair", "--prune"]);
    assertEquals(pruned.code, 0, pruned.stderr);
    assertStringIncludes(pruned.stdout, "1 removed");
  });
});

Deno.test("merge joins folders and says how many images there are", async () => {
  await withData(async (dir) => {
    const merged = await run("merge", dir, ["--into", "all", "data"], ALL);
    assertEquals([merged.code, merged.stderr], [0, ""]);
    assertStringIncludes(merged.stdout, "all has 2 images of 1 species");
    assertEquals((await run("verify", dir, ["--data", "all"], ["--allow-read"])).code, 0);
  });
});

Deno.test("verify, status and merge tell bad use in one sentence with status 2 and make nothing", async () => {
  await withFolder(async (dir) => {
    await Deno.writeTextFile(join(dir, "file"), "mine");
    const wrong: [string, string[]][] = [
      ["status", []],
      ["verify", []],
      ["verify", ["--repair"]],
      ["status", ["--data", "file"]],
      ["verify", ["--onyl"]],
      ["merge", ["data"]],
      ["merge", ["--into", "all"]],
      ["merge", ["--into", "all", "none"]],
    ];
    for (const [name, flags] of wrong) {
      const { code, stdout, stderr } = await run(name, dir, flags, ALL);
      assertEquals([code, stdout, stderr.trim().split("\n").length], [2, "", 1], stderr);
    }
    assertEquals([...Deno.readDirSync(dir)].map(({ name }) => name), ["file"]);
  });
});
