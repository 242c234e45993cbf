/** Aquaset as its users get it: imported by a project of their own, documented, published. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import config from "../deno.json" with { type: "json" };
import { worldEnvironment } from "../lib/demo/run.ts";
import { startWorld } from "../lib/demo/world.ts";

const ROOT = fromFileUrl(new URL("..", import.meta.url));
const ENTRIES = Object.values(config.exports);

async function deno(
  args: readonly string[],
  cwd = ROOT,
  env: Record<string, string> = {},
): Promise<{ readonly success: boolean; readonly out: string; readonly err: string }> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd,
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
  }).output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { success, out: out ?? "", err: err ?? "" };
}

Deno.test("a project elsewhere imports the package, type-checks, and scrapes with a source of its own", async () => {
  const world = await startWorld({ species: 2, images: 3, faults: false });
  const project = await Deno.makeTempDir({ prefix: "aquaset-museum-" });
  try {
    const photos = world.catalogue.fish.map((fish) => [
      fish.latin,
      world.plan.of(fish).google.slice(0, 3).map(({ url }) => url),
    ]);
    const main = await Deno.readTextFile(new URL("fixtures/museum/main.ts.txt", import.meta.url));
    await Deno.writeTextFile(join(project, "main.ts"), main);
    await Deno.writeTextFile(
      join(project, "photos.json"),
      JSON.stringify(Object.fromEntries(photos)),
    );
    const settings = {
      links: [ROOT],
      unstable: ["worker-options"],
      imports: { [config.name]: `jsr:${config.name}@${config.version}` },
    };
    await Deno.writeTextFile(join(project, "deno.json"), JSON.stringify(settings));
    const check = await deno(["check", "main.ts"], project);
    assert(check.success, check.err);
    const run = await deno(["run", "-A", "main.ts"], project, worldEnvironment(world));
    assert(run.success, run.err);
    const lines = run.out.trim().split("\n");
    assertEquals(lines.slice(2).every((line) => line.startsWith("museum ")), true, run.out);
    assertEquals(lines.length - 2, 6, `${run.out}${run.err}`);
    assertStringIncludes(run.out, "exported 6\n");
  } finally {
    await world.close();
    await Deno.remove(project, { recursive: true });
  }
});

Deno.test("aquaset suggests the command that was perhaps meant, or lists them all", async () => {
  const near = await deno(["run", "-q", "-A", "scripts/aquaset.ts", "scarpe"]);
  assertEquals(near.err, 'error: There is no command "scarpe". Did you mean scrape?\n');
  const far = await deno(["run", "-q", "-A", "scripts/aquaset.ts", "aquarium"]);
  assertStringIncludes(far.err, "Turns a species list into images");
});

Deno.test("all that the package exports is documented, and refers to nothing that is not", async () => {
  const { success, err } = await deno(["doc", "--lint", ...ENTRIES]);
  assert(success, err);
});

Deno.test("what is published has neither tests nor the demo, and is warned of nothing", async () => {
  const { success, err } = await deno(["publish", "--dry-run", "--allow-dirty", "--no-check"]);
  assert(success && !/warning\[/.test(err), err);
  const files = [...err.matchAll(/^ +file:\/\/(\S+)/gm)].map(([, path = ""]) =>
    path.slice(ROOT.length)
  );
  assert(files.includes("mod.ts") && files.includes("README.md"), err);
  assertEquals(
    files.filter((file) => /^tests\/|^lib\/demo\/|demo\.ts|_test\.ts|deno\.lock/.test(file)),
    [],
  );
});
