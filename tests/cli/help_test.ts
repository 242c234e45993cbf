import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { stripAnsiCode } from "@std/fmt/colors";
import { Failure } from "../../lib/base/failure.ts";
import { flag, type FlagTable, oneOf, onOff, repeated, text, whole } from "../../lib/cli/flags.ts";
import { asCalledHere, type Described, describeFlags, helpText } from "../../lib/cli/help.ts";
import { script as scrape } from "../../scripts/scrape.ts";

function help(script: Described, topic?: string): string {
  return stripAnsiCode(helpText(script, ["help"], topic));
}

async function called(args: readonly string[], env: Record<string, string> = {}): Promise<string> {
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "--no-prompt", ...args],
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
  }).output();
  return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
}

Deno.test("helpText() has usage, flags and examples", () => {
  const text = help({
    name: "verify",
    summary: "Checks.",
    flags: { repair: onOff("mend") },
    words: "DIR…",
    examples: ["verify --repair"],
  });
  assertMatch(
    text,
    /^Usage: ((npx --yes )?deno\S* task verify|scripts\/verify\.ts) \[flags\] DIR…$/m,
  );
  assertStringIncludes(text, "--repair");
  assertStringIncludes(text, "--help");
  assertMatch(text, /verify(\.ts)? --repair$/m);
  assertStringIncludes(text, "run -q -P=verify --allow-read=");
});

Deno.test("every script's help fits a screen of 80 by 24", async () => {
  for await (const { name: file } of Deno.readDir("scripts")) {
    if (!file.endsWith(".ts") || file === "aquaset.ts") continue;
    const { script }: { script: Described } = await import(`../../scripts/${file}`);
    const text = stripAnsiCode(helpText(script, ["quiet", "debug", "help", "version"]));
    const rows = text.split("\n").map((line) => Math.max(1, Math.ceil(line.length / 80)));
    // One row is the prompt's.
    assert(rows.reduce((sum, count) => sum + count, 0) <= 23, `${file}\n${text}`);
  }
});

Deno.test("helpText() of many flags has one screen, the others by subject, and all of them with all", () => {
  const first = help(scrape);
  const [, topics = ""] = /^More: --help (\S+)$/m.exec(first) ?? [];
  const pages = topics.split("|").map((topic) => [topic, help(scrape, topic)] as const);
  assertEquals(pages.map(([topic]) => topic).slice(-2), ["folders", "all"]);
  const apart = first + pages.flatMap(([topic, page]) => topic === "all" ? [] : [page]).join("\n");
  const all = pages.at(-1)?.[1] ?? "";
  const flags: FlagTable = scrape.flags;
  for (const name of Object.keys(flags)) {
    const line = new RegExp(`^ {2}--${name}( |$)`, "gm");
    assertEquals([apart.match(line)?.length, all.match(line)?.length], [1, 1], name);
  }
  const failure = assertThrows(() => help(scrape, "serches"), Failure);
  assertEquals(failure.message, 'There is no help on "serches": did you mean searches?');
  assertEquals(failure.status, 2);
});

Deno.test("the help says how to call it as it was called: as a task, by its file, as one program", async () => {
  const file = ["-P=status", "scripts/status.ts", "--help"];
  const task = asCalledHere("deno task status");
  assertStringIncludes(await called(file, { INIT_CWD: "/" }), `Usage: ${task} [flags]`);
  const plain = ["--allow-read=data", "scripts/status.ts", "--help"];
  assertStringIncludes(await called(plain), "Usage: scripts/status.ts [flags]");
  const program = await called(["-P=aquaset", "scripts/aquaset.ts", "status", "--help"]);
  assertStringIncludes(program, "Usage: aquaset status [flags]");
  assert(!program.includes("deno"), program);
  const error = await called(["-P=aquaset", "scripts/aquaset.ts", "google", "--data", "/none"]);
  assertStringIncludes(error, "Fetch it first: aquaset species --data /none");
});

Deno.test("asCalledHere() has npx in the commands where Deno is npx's, which gives nobody a deno", () => {
  const text = "Fetch it first: deno task species. Or: deno run -q scripts/species.ts";
  const npx = `npx --yes deno@${Deno.version.deno}`;
  assertEquals(
    asCalledHere(text, "/root/.npm/_npx/7a40be/node_modules/@deno/linux-x64-glibc/deno"),
    `Fetch it first: ${npx} task species. Or: ${npx} run -q scripts/species.ts`,
  );
  assertEquals(asCalledHere(text, "/usr/bin/deno"), text);
});

Deno.test("describeFlags() shows each flag with what it takes and its default", () => {
  const help = describeFlags({
    images: flag(whole(1, 9), "wanted", 200),
    only: repeated(text("NAME"), "only this"),
    retry: flag(oneOf(["a", "b"]), "which", "a"),
  });
  assertStringIncludes(help, "--images N");
  assertStringIncludes(help, "wanted (200)");
  assertStringIncludes(help, "only this; repeatable");
  assert(describeFlags(scrape.flags).split("\n").every((line) => line.length <= 80));
});
