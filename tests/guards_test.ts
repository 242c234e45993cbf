/** What README says that Aquaset guards against is what the tests named in SECURITY.md hold it to. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import config from "../deno.json" with { type: "json" };
import { PERMISSION_SETS, permissionFlags } from "../lib/cli/permissions.ts";
import { withFolder } from "./folder.ts";

const README = await Deno.readTextFile("README.md");
const SECURITY = await Deno.readTextFile(".github/SECURITY.md");

/** The rows of the tables in a part of a text, without their heads. */
function rows(text: string, heading: string): string[][] {
  const start = text.indexOf(`## ${heading}\n`);
  assert(start >= 0, heading);
  const end = text.indexOf("\n## ", start);
  return text.slice(start, end < 0 ? undefined : end).split("\n")
    .filter((line) => line.startsWith("|") && !/^\|\s*-/.test(line)).slice(1)
    .map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
}

const GUARDS = "What Aquaset guards against, and what it cannot";

Deno.test("each line of README's section on guards has tests in SECURITY.md, and those are there", async () => {
  const claims = rows(README, GUARDS).map(([what]) => what);
  const held = rows(SECURITY, "Which tests hold it");
  assertEquals(held.map(([what]) => what), claims);
  for (const [what = "", tests = ""] of held) {
    const named = [...tests.matchAll(/`([^`]+)`: ([^;]+)(?:;|$)/g)];
    assert(named.length > 0, `${what}: ${tests}`);
    for (const [, file = "", name = ""] of named) {
      assertStringIncludes(
        await Deno.readTextFile(`tests/${file}`),
        name.trim(),
        `${what}: ${file}`,
      );
    }
  }
});

/** The scripts that a row of README's table of permissions is about. */
const PERMISSIONS = rows(README, "Each script and its permissions")
  .map(([scripts = "", reaches = "", writes = "", starts = ""]) => ({
    names: [...scripts.matchAll(/`(\w+)`/g)].map(([, name = ""]) => name),
    ...{ reaches, writes, starts },
  }));

Deno.test("README's table says of each permission set what it allows", () => {
  const named = PERMISSIONS.flatMap(({ names }) => names);
  const sets = Object.keys(PERMISSION_SETS).filter((name) => name !== "aquaset" && name !== "demo");
  assertEquals(named.toSorted(), sets.toSorted());
  for (const { names, reaches, writes, starts } of PERMISSIONS) {
    for (const name of names) {
      const flags = permissionFlags(PERMISSION_SETS[name] ?? {});
      const of = (kind: string): string | undefined =>
        flags.find((flag) => flag.startsWith(kind))?.slice(kind.length + 1);
      const [net, denied = ""] = [of("--allow-net"), of("--deny-net")];
      if (/^nothing\b/.test(reaches)) assertEquals(net, undefined, name);
      else assert(net !== undefined, `${name} reaches nothing`);
      if (reaches.startsWith("serves on")) assertEquals(net, reaches.replace("serves on ", ""));
      if (reaches.startsWith("any host")) assertEquals(net, "", name);
      if (/^[a-z.]+\.[a-z]+$/.test(reaches)) assertEquals(net, reaches, name);
      const isPrivateDenied = ["127.0.0.0/8", "10.0.0.0/8", "192.168.0.0/16", "172.16.0.0/12"]
        .every((range) => denied.split(",").includes(range));
      if (reaches.endsWith("denied")) assert(isPrivateDenied, name);
      // What a script writes beside locks.
      const places = [...writes.matchAll(/`([^`]+)`/g)].map(([, place]) => place);
      const written = of("--allow-write")?.split(",").filter((place) => !place.endsWith(".lock"));
      assertEquals(written ?? [], places, name);
      assertEquals(of("--allow-run") !== undefined, starts !== "", `${name} starts programs`);
    }
  }
});

Deno.test("only the scripts that README names may start a browser", () => {
  const [, sentence = ""] =
    /told to run another program\.\s+([^.]+) may start a\s+browser/.exec(README) ?? [];
  const said = [...sentence.matchAll(/`(\w+)`/g)].map(([, name]) => name);
  const may = Object.entries(PERMISSION_SETS)
    .filter(([name, set]) =>
      name !== "aquaset" && permissionFlags(set).some((flag) => /run=.*chrom/.test(flag))
    ).map(([name]) => name);
  assertEquals(said.toSorted(), may.toSorted());
});

/** A listener that counts who comes, and hangs up. */
function counter(): { readonly port: number; count(): number; close(): void } {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  let came = 0;
  const count = async () => {
    for await (const connection of listener) {
      came++;
      connection.close();
    }
  };
  count().catch(() => undefined);
  return { port: listener.addr.port, count: () => came, close: () => listener.close() };
}

Deno.test("what a dependency would import from elsewhere is not asked for: all tasks have --cached-only", async () => {
  for (const [name, { command = "" }] of Object.entries<{ command?: string }>(config.tasks)) {
    if (!/^deno run .*-P=/.test(command)) continue;
    assertMatch(command, /--cached-only/, name);
  }
  const outside = counter();
  try {
    await withFolder(async (dir) => {
      const program = `${dir}/dependency.ts`;
      await Deno.writeTextFile(
        program,
        'await import("https://esm.sh/" + "secret").catch((e) => console.log(e.message));',
      );
      const run = async (...flags: string[]) => {
        const proxy = `http://127.0.0.1:${outside.port}`;
        const env = { HTTPS_PROXY: proxy, HTTP_PROXY: proxy, DENO_NO_UPDATE_CHECK: "1" };
        const args = ["run", "-q", "--no-prompt", "--no-config", "--no-lock", ...flags, program];
        await new Deno.Command(Deno.execPath(), { args, env, stdout: "null", stderr: "null" })
          .output();
        return outside.count();
      };
      assertEquals(await run("--cached-only"), 0);
      assert(await run() > 0, "without it, the secret leaves");
    });
  } finally {
    outside.close();
  }
});

Deno.test("README says what permissions cannot do: a text import reads past --allow-read, in this Deno", async () => {
  await withFolder(async (dir) => {
    const secret = new URL(`file://${dir}/secret.txt`).href;
    await Deno.writeTextFile(`${dir}/secret.txt`, "a secret");
    await Deno.mkdir(`${dir}/data`);
    const isRead = async (address: string): Promise<boolean> => {
      const program = `${dir}/${crypto.randomUUID()}.ts`;
      const imported = `(await import(${address}, { with: { type: "text" } })).default`;
      await Deno.writeTextFile(program, `console.log(${imported});`);
      const { stdout } = await new Deno.Command(Deno.execPath(), {
        args: [
          ...["run", "-q", "--no-prompt", "--no-config", "--cached-only"],
          ...[`--allow-read=${dir}/data`, program],
        ],
        stderr: "null",
      }).output();
      return new TextDecoder().decode(stdout).includes("a secret");
    };
    // Once Deno asks for leave there too, the README need not speak of it.
    const isSaid = README.includes(`In Deno ${Deno.version.deno}, \`import("file:///…"`);
    assertEquals(await isRead(JSON.stringify(secret)), isSaid);
    assertEquals(await isRead(`${JSON.stringify(secret.slice(0, -4))} + ".txt"`), false);
  });
});
