import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { withFolder } from "../folder.ts";
import { run } from "./in_world.ts";

const SCRAPERS = ["scrape", "fishbase", "inaturalist", "google"] as const;

/** What a person reads is one sentence or two, with no stack trace. */
function assertClear(stderr: string): void {
  assert(stderr.startsWith("error: "), stderr);
  assertEquals(/^\s+at /m.test(stderr), false, stderr);
  assert(stderr.split("\n").length <= 3, stderr);
}

Deno.test("the scraping scripts refuse wrong flags with status 2 and touch nothing", async () => {
  await withFolder(async (dir) => {
    const cases: [string[], string][] = [
      [["--images", "zero"], "--images takes a whole number"],
      [["--onyl", "x"], "Unknown flag --onyl: did you mean --only?"],
      [["--jobs", "0"], "--jobs takes"],
      [["--shard", "3/2"], "--shard takes"],
      [["extra"], 'Do not know what to do with "extra"'],
    ];
    for (const script of SCRAPERS) {
      for (const [flags, message] of cases) {
        const { code, stderr, stdout } = await run(undefined, script, `${dir}/data`, flags);
        assertEquals(code, 2, `${script} ${flags}: ${stderr}`);
        assertClear(stderr);
        assertStringIncludes(stderr, message);
        assertEquals(stdout, "");
      }
    }
    assertEquals([...Deno.readDirSync(dir)], []);
  });
});

Deno.test("scrape refuses a password in --queue and --store before its log has it", async () => {
  await withFolder(async (dir) => {
    const names = [
      ["--queue", "nats://fish:secret@10.0.0.5:4222", "--store", "s3://fish/images"],
      ["--queue", "nats://10.0.0.5:4222", "--store", "s3://key:secret@fish/images"],
    ];
    for (const flags of names) {
      const { code, stderr } = await run(undefined, "scrape", `${dir}/data`, flags);
      assertEquals(code, 2, stderr);
      assertClear(stderr);
      assertStringIncludes(stderr, "Leave names and passwords out of --queue and --store");
      assert(!stderr.includes("secret"));
    }
    assertEquals([...Deno.readDirSync(dir)], []);
  });
});

Deno.test("scrape and species refuse two lists at once", async () => {
  await withFolder(async (dir) => {
    const flags = [
      "--list",
      "https://en.wikipedia.org/wiki/List_of_fish",
      "--species-file",
      "x.txt",
    ];
    for (const script of ["scrape", "species"]) {
      const { code, stderr } = await run(undefined, script, `${dir}/data`, flags);
      assertEquals(code, 2, stderr);
      assertStringIncludes(stderr, "--list and --species-file exclude each other");
    }
    assertEquals([...Deno.readDirSync(dir)], []);
  });
});

Deno.test("scrape refuses a data folder that is a file, and leaves the file as it was", async () => {
  await withFolder(async (dir) => {
    await Deno.writeTextFile(`${dir}/data`, "mine");
    const { code, stderr } = await run(undefined, "scrape", `${dir}/data`, []);
    assert(code === 1 || code === 2, stderr);
    assertClear(stderr);
    assertMatch(stderr, /is a file|part of its path/);
    assertEquals(await Deno.readTextFile(`${dir}/data`), "mine");
  });
});

Deno.test("scrape refuses the log of a later version, and leaves it as it was", async () => {
  await withFolder(async (dir) => {
    await Deno.mkdir(`${dir}/data`);
    const line = '{"v":2,"time":"2030-01-01T00:00:00.000Z","event":"run"}\n';
    await Deno.writeTextFile(`${dir}/data/log.jsonl`, line);
    const { code, stderr } = await run(undefined, "scrape", `${dir}/data`, []);
    assertEquals(code, 1, stderr);
    assertClear(stderr);
    assertMatch(stderr, /newer|later|version 2/);
    assertEquals(await Deno.readTextFile(`${dir}/data/log.jsonl`), line);
  });
});

Deno.test("a script that lacks a permission prints a command, and that command works", async () => {
  await withFolder(async (dir) => {
    await Deno.writeTextFile(`${dir}/my fish.txt`, "Betta splendens\n");
    const cases: [name: string, flags: string[]][] = [
      ["species", ["--species-file", `${dir}/my fish.txt`]],
      ["status", []],
      ["verify", ["--repair"]],
      ["report", []],
    ];
    for (const [name, flags] of cases) {
      const narrow = (command: string[]) =>
        command.map((word) => word.replace(/(=|,)[^,]*\/data(,|$)/, "$1data$2"));
      const { code, stderr } = await run(undefined, name, `${dir}/data`, flags, narrow);
      assertEquals(code, 1, stderr);
      assertClear(stderr);
      const command = /^ {2}(?:npx --yes )?deno\S* (run .*)$/m.exec(stderr)?.[1] ?? "";
      assertEquals(/tmp-|jsonl/.test(command), false, `names a single file: ${command}`);
      const { success, stderr: said } = await new Deno.Command("sh", {
        args: ["-c", `"${Deno.execPath()}" ${command}`],
      }).output();
      assert(success, `${command}\n${new TextDecoder().decode(said)}`);
      if (name === "species") await Deno.writeTextFile(`${dir}/data/log.jsonl`, "");
    }
  });
});

Deno.test("google and fishbase say that the list is to be fetched first", async () => {
  await withFolder(async (dir) => {
    for (const script of ["google", "fishbase"]) {
      const { code, stderr } = await run(undefined, script, `${dir}/data`, []);
      assertEquals(code, 1, stderr);
      assertClear(stderr);
      assertMatch(stderr, /deno\S* task species/);
    }
    assertEquals([...Deno.readDirSync(dir)], []);
  });
});

Deno.test("scrape without a network ends with status 75 and says what could not be reached", async () => {
  await withFolder(async (dir) => {
    // A proxy that nobody runs: the discard port refuses.
    Deno.env.set("HTTPS_PROXY", "http://127.0.0.1:9");
    try {
      const { code, stderr } = await run(undefined, "scrape", `${dir}/data`, []);
      assertEquals(code, 75, stderr);
      assertStringIncludes(stderr, "en.wikipedia.org");
    } finally {
      Deno.env.delete("HTTPS_PROXY");
    }
  });
});

Deno.test("every script has a first line that fits the kernel", async () => {
  for await (const { name } of Deno.readDir("scripts")) {
    const [first = ""] = (await Deno.readTextFile(`scripts/${name}`)).split("\n");
    // Linux cuts the first line of a script after 255 bytes, without a word.
    assert(first.length <= 255, `${name}: ${first.length}`);
  }
});
