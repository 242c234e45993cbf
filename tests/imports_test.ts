import { assertEquals } from "@std/assert";

async function imports(file: string): Promise<Readonly<Record<string, string>>> {
  const read: { imports: Record<string, string> } = JSON.parse(
    await Deno.readTextFile(new URL(`../${file}`, import.meta.url)),
  );
  return read.imports;
}

Deno.test("imports.jsr.json maps every name that deno.json maps, and the drivers to the JSR ones", async () => {
  const npm = await imports("deno.json");
  const jsr = await imports("imports.jsr.json");
  assertEquals(Object.keys(jsr).sort(), Object.keys(npm).sort());
  for (const [name, target] of Object.entries(jsr)) {
    if (name.startsWith("@std/")) assertEquals(target.slice(0, 9), "jsr:@std/", name);
    else if (target.startsWith("npm:")) assertEquals(target, npm[name], name);
  }
  assertEquals(jsr["browser-driver"], "./lib/browser/astral.ts");
  assertEquals(jsr["dom-parser"]?.startsWith("jsr:@b-fuze/deno-dom@"), true);
});

Deno.test("deno.lock has the packages that deno.json names and no others: `deno task` installs all", async () => {
  const lock: { specifiers: Record<string, string> } = JSON.parse(
    await Deno.readTextFile(new URL("../deno.lock", import.meta.url)),
  );
  const packages = Object.values(await imports("deno.json")).flatMap((target) =>
    /^npm:(?:@[^/]+\/)?[^/@]+@[^/]+/.exec(target)?.[0] ?? []
  );
  assertEquals(Object.keys(lock.specifiers).sort(), [...new Set(packages)].sort());
});

Deno.test("the tasks use deno.lock, as `deno task` itself does", async () => {
  const config = await Deno.readTextFile(new URL("../deno.json", import.meta.url));
  assertEquals(config.includes("--lock"), false);
});
