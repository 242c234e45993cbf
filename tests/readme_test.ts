import { assert, assertEquals } from "@std/assert";
import { startWorld } from "../lib/demo/world.ts";
import { withFolder } from "./folder.ts";
import { QUICK, run } from "./scripts/in_world.ts";

/** The commands of the README's shell blocks, in its order. */
async function commands(): Promise<string[]> {
  const text = await Deno.readTextFile("README.md");
  return [...text.matchAll(/^```sh\n(.*?)^```/gms)].flatMap(([, block = ""]) =>
    block.split("\n").filter((line) => line.trim() !== "")
  );
}

/** What runs elsewhere: in `.ci/run` itself, or for ever, as `review` does. */
const ELSEWHERE = /^npx |^deno task (ok|compile|review)\b/;

/** What is added for the time it takes: the demo world needs no manners, and fewer copies do. */
const HASTE: Readonly<Record<string, readonly string[]>> = {
  scrape: QUICK,
  fishbase: QUICK.slice(0, 2),
  google: QUICK.slice(2),
  augment: ["--to", "12"],
};

/** Words as a shell splits them, as far as the README has need of it. */
function split(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
}

Deno.test("every command of the README does what it says, on the demo world", async () => {
  const world = await startWorld({ species: 2, images: 6, results: 12, slow: false });
  try {
    await withFolder(async (dir) => {
      await Deno.writeTextFile(`${dir}/my-fish.txt`, "Betta splendens\n");
      for (const line of await commands()) {
        if (ELSEWHERE.test(line)) continue;
        const [deno, task, name = "", ...flags] = split(line);
        const data = `${dir}/data`;
        if (task === "run") {
          const args = [task, name, ...flags].map((word) => word.replace("/tmp/fish", data));
          const { success, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
          assert(success, `${line}\n${new TextDecoder().decode(stderr)}`);
          continue;
        }
        assertEquals([deno, task], ["deno", "task"], line);
        const given = flags.map((flag) =>
          flag === "my-fish.txt"
            ? `${dir}/${flag}`
            : flag.replace(/^data\/(?=export\/)/, `${data}/`).replace(/^data\//, `${data}-`)
        );
        const at = given.indexOf("--data");
        const folder = at < 0 ? data : given[at + 1] ?? data;
        const rest = [...at < 0 ? given : given.toSpliced(at, 2), ...HASTE[name] ?? []];
        const ended = name === "merge"
          ? await run(world, name, "", rest, elsewhere(dir))
          : await run(world, name, folder, rest, elsewhere(dir));
        assertEquals(ended.code, 0, `${line}\n${ended.stderr}`);
        assert(ended.stdout.length > 0, `${line} says nothing`);
      }
    });
  } finally {
    await world.close();
  }
});

/** What the README puts into `data` or the project's folder lies in a folder of the test's. */
function elsewhere(dir: string): (command: string[]) => string[] {
  return (command) =>
    command.map((word) => /^--allow-(read|write)=/.test(word) ? `${word},${dir}` : word);
}

Deno.test("the README names every script", async () => {
  const text = await Deno.readTextFile("README.md");
  for await (const { name } of Deno.readDir("scripts")) {
    if (!name.endsWith(".ts")) continue;
    const script = name.replace(/\.ts$/, "");
    assert(
      script === "aquaset" || text.includes(`\`${script}\``) || text.includes(`task ${script}`),
      script,
    );
  }
});
