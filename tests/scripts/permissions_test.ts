import { assert, assertEquals } from "@std/assert";
import { startWorld, type World } from "../../lib/demo/world.ts";
import { pooled } from "../../lib/base/pooled.ts";
import { commandOf } from "../../lib/demo/shebang.ts";
import { inFolder, permissionsOf, QUICK, run, tree } from "./in_world.ts";

const WORLD = { species: 1, images: 6, faults: false, results: 8, furtherResults: 0 } as const;

/** What each script is given beside its data folder, so that it needs all it may do. */
const SCRIPTS: readonly (readonly [name: string, flags: readonly string[]])[] = [
  ["species", []],
  ["fishbase", ["--images", "2", "--fishbase-delay", "0", "--render"]],
  ["google", ["--images", "6", "--google-delay", "0"]],
  ["scrape", ["--images", "6", ...QUICK]],
];

/** Each way to take one permission away: a whole flag, or one folder of several. */
function losses(command: readonly string[]): [what: string, without: string[]][] {
  return command.flatMap((word, index): [string, string[]][] => {
    if (!word.startsWith("--allow-")) return [];
    const whole: [string, string[]] = [word, command.toSpliced(index, 1)];
    const [flag = "", list = ""] = word.split("=");
    const values = list.split(",");
    if (flag !== "--allow-write" || values.length < 2) return [whole];
    return [
      whole,
      ...values.map((value): [string, string[]] => [
        `${value} of ${flag}`,
        command.with(index, `${flag}=${values.filter((one) => one !== value).join(",")}`),
      ]),
    ];
  });
}

/** A folder that another script has prepared: each script works on a list that is there. */
async function prepared(world: World, data: string): Promise<void> {
  const { code, stderr } = await run(world, "species", data, []);
  assertEquals(code, 0, stderr);
}

async function imagesIn(data: string): Promise<number> {
  try {
    return (await tree(data)).length;
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound) return 0;
    throw thrown;
  }
}

for (const [name, flags] of SCRIPTS) {
  Deno.test(`${name} runs with the permissions of its first line and not with one less`, async () => {
    const world = await startWorld(WORLD);
    let all = 0;
    try {
      await inFolder(async (dir) => {
        const data = `${dir}/data`;
        if (name !== "species" && name !== "scrape") await prepared(world, data);
        const whole = await run(world, name, data, flags);
        assertEquals(whole.code, 0, whole.stderr);
        all = await imagesIn(data);
      });
      const each = pooled(
        3,
        losses(await permissionsOf(name, "data")),
        ([what, without]) =>
          inFolder(async (dir) => {
            const data = `${dir}/data`;
            if (name !== "species" && name !== "scrape") await prepared(world, data);
            const change = () => without.map((word) => word.replace(/=data\b/, `=${data}`));
            const { code, stderr } = await run(world, name, data, flags, change);
            const lost = code !== 0 || await imagesIn(data) < all;
            assert(lost, `${name} does all its work without ${what}`);
            assert(!/^\s+at /m.test(stderr), stderr);
          }),
      );
      for await (const _ of each);
    } finally {
      await world.close();
    }
  });
}

Deno.test("no script may do everything, and a task has the permissions of its script's first line", async () => {
  const config = JSON.parse(await Deno.readTextFile("deno.json"));
  for await (const { name } of Deno.readDir("scripts")) {
    const script = name.replace(/\.ts$/, "");
    const text = await Deno.readTextFile(`scripts/${name}`);
    if (!text.startsWith("#!")) continue;
    const command = commandOf(text);
    assertEquals(command.includes("-A") || command.includes("--allow-all"), false, script);
    const task: unknown = config.tasks[script];
    assert(typeof task === "string", `there is no task ${script}`);
    for (const word of command.filter((word) => word.startsWith("--"))) {
      const [flag = ""] = word.split("=");
      // The task may name more places of a browser than fit into a first line.
      const wanted = flag === "--allow-run" ? flag : word;
      assert(task.includes(wanted), `task ${script} lacks ${wanted}`);
    }
  }
});
