import { assertEquals, assertStringIncludes } from "@std/assert";

async function aquaset(...args: readonly string[]): Promise<string> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "--no-prompt", "-P=aquaset", "scripts/aquaset.ts", ...args],
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  return new TextDecoder().decode(stdout);
}

/** What bash offers for the last of the words. */
async function offered(completions: string, words: readonly string[]): Promise<string[]> {
  const given = words.map((word) => `'${word}'`).join(" ");
  const script = `${completions}
COMP_WORDS=(${given}); COMP_CWORD=${words.length - 1}
_aquaset 2>/dev/null
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout } = await new Deno.Command("bash", { args: ["--norc", "-c", script] }).output();
  return new TextDecoder().decode(stdout).trim().split("\n");
}

Deno.test({
  name: "bash completes commands, flags and the words that a flag takes",
  ignore: Deno.build.os === "windows",
  async fn() {
    const completions = await aquaset("completions", "bash");
    const cases: [words: string[], offer: string[]][] = [
      [["aquaset", "sc"], ["scrape"]],
      [["aquaset", "re"], ["report", "review"]],
      [["aquaset", "scrape", "--li"], ["--limit", "--license", "--list"]],
      [["aquaset", "scrape", "--only", "Betta", "--lim"], ["--limit"]],
      [["aquaset", "scrape", "--license", ""], ["any", "nc", "free"]],
      [["aquaset", "export", "--format", "web"], ["webdataset"]],
      [["aquaset", "status", "--he"], ["--help"]],
      [["aquaset", "completions", "z"], ["zsh"]],
      [["aquaset", "scrape", "--data", ""], [""]],
      [["aquaset", "scrape", "--images", ""], [""]],
    ];
    for (const [words, offer] of cases) {
      assertEquals((await offered(completions, words)).sort(), offer.sort(), words.join(" "));
    }
  },
});

Deno.test("zsh and fish get every command with its flags", async () => {
  const zsh = await aquaset("completions", "zsh");
  assertStringIncludes(
    zsh,
    "'--license[nc\\: Creative Commons; free\\: for any use]:any|nc|free:(any nc free)'",
  );
  assertStringIncludes(zsh, "'--data[the data folder]:DIR:_files -/'");
  const fish = await aquaset("completions", "fish");
  assertStringIncludes(
    fish,
    "complete -c aquaset -n '__fish_seen_subcommand_from scrape' -l license -x -a 'any nc free'",
  );
});
