import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { withFolder } from "../folder.ts";
import { inWorld, QUICK, run, tree } from "./in_world.ts";

Deno.test("fetch rebuilds a dataset from its list, and names what is gone or changed", async () => {
  await inWorld({ species: 2, images: 6, results: 12, slow: false }, async (world, data) => {
    for (const [name, flags] of [["species", []], ["fishbase", QUICK.slice(0, 2)]] as const) {
      const made = await run(world, name, data, flags);
      assertEquals(made.code, 0, made.stderr);
    }
    const exported = await run(world, "export", data, ["--format", "list"]);
    assertEquals(exported.code, 0, exported.stderr);
    const before = await tree(data);
    assert(before.length >= 4);
    await withFolder(async (dir) => {
      const again = `${dir}/again`;
      await Deno.mkdir(again);
      const lines = (await listsOf(data)).split("\n").filter(Boolean);
      await Deno.writeTextFile(`${again}/whole.jsonl`, lines.join("\n"));
      const whole = await run(world, "fetch", again, [`${again}/whole.jsonl`]);
      assertEquals(whole.code, 0, whole.stderr);
      assertStringIncludes(whole.stdout, `${before.length} of ${before.length} listed images`);
      assertEquals(await tree(again), before);
      const splits = await Deno.readTextFile(`${again}/splits.jsonl`);
      assertEquals(splits, await Deno.readTextFile(`${data}/splits.jsonl`));
      // Nothing is fetched twice.
      const second = await run(world, "fetch", again, [`${again}/whole.jsonl`]);
      assertStringIncludes(second.stdout, `${before.length} of ${before.length} listed images`);

      const other = `${dir}/other`;
      await Deno.mkdir(other);
      const [gone = "", changed = "", ...rest] = lines;
      await Deno.writeTextFile(
        `${other}/list.jsonl`,
        [
          gone.replace(/"url":"([^"]+)"/, '"url":"$1-is-not-there.jpg"'),
          changed.replace(/"sha256":"\w{64}"/, `"sha256":"${"0".repeat(64)}"`),
          ...rest,
        ].join("\n"),
      );
      const partly = await run(world, "fetch", other, [`${other}/list.jsonl`]);
      assertEquals(partly.code, 0, partly.stderr);
      assertStringIncludes(partly.stdout, `${before.length - 2} of ${before.length}`);
      assertMatch(partly.stdout, /gone: .*-is-not-there\.jpg/);
      assertMatch(partly.stdout, /gone: .*another image stands there now/);
      assertEquals((await tree(other)).length, before.length - 2);
    });
  });
});

Deno.test("fetch refuses what is no list, and says what it takes", async () => {
  await withFolder(async (dir) => {
    const none = await run(undefined, "fetch", `${dir}/data`, []);
    assertEquals([none.code, /deno\S* task fetch data\/train.jsonl/.test(none.stderr)], [2, true]);
    await Deno.mkdir(`${dir}/data`);
    await Deno.writeTextFile(`${dir}/data/bad.jsonl`, '{"species":"../x"}\n');
    const bad = await run(undefined, "fetch", `${dir}/data`, [`${dir}/data/bad.jsonl`]);
    assertEquals(bad.code, 2);
    assertStringIncludes(bad.stderr, "line 1 is not a line of");
  });
});

async function listsOf(data: string): Promise<string> {
  const texts = await Promise.all(
    ["train", "validation", "test"].map((side) =>
      Deno.readTextFile(`${data}/export/list/${side}.jsonl`).catch(() => "")
    ),
  );
  return texts.join("");
}
