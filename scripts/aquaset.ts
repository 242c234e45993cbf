/**
 * All scripts as one program, for `deno compile`: `aquaset scrape`, `aquaset species` …
 *
 * @module
 */

import config from "../deno.json" with { type: "json" };
import { Failure } from "../lib/base/failure.ts";
import { VERSION } from "../lib/base/version.ts";
import { completionsFor, SHELLS } from "../lib/cli/completions.ts";
import { nearest } from "../lib/cli/flags.ts";
import { COMMON_FLAGS, defineScript, runScript, type Script } from "../lib/cli/script.ts";
import { lines } from "../lib/cli/terminal_text.ts";

/** The scripts in the order of the help; each is loaded when it is needed. */
const COMMANDS = new Map<string, () => Promise<{ readonly script: Script }>>([
  ["scrape", () => import("./scrape.ts")],
  ["worker", () => import("./worker.ts")],
  ["pull", () => import("./pull.ts")],
  ["init", () => import("./init.ts")],
  ["species", () => import("./species.ts")],
  ["taxonomy", () => import("./taxonomy.ts")],
  ["fishbase", () => import("./fishbase.ts")],
  ["inaturalist", () => import("./inaturalist.ts")],
  ["gbif", () => import("./gbif.ts")],
  ["commons", () => import("./commons.ts")],
  ["openverse", () => import("./openverse.ts")],
  ["google", () => import("./google.ts")],
  ["browser", () => import("./browser.ts")],
  ["doctor", () => import("./doctor.ts")],
  ["status", () => import("./status.ts")],
  ["verify", () => import("./verify.ts")],
  ["merge", () => import("./merge.ts")],
  ["export", () => import("./export.ts")],
  ["augment", () => import("./augment.ts")],
  ["fetch", () => import("./fetch.ts")],
  ["forget", () => import("./forget.ts")],
  ["report", () => import("./report.ts")],
  ["embed", () => import("./embed.ts")],
  ["review", () => import("./review.ts")],
  ["completions", () => Promise.resolve({ script: completions })],
]);

/** The scripts of one source each: a line of the help for all of them. */
const SINGLE = ["fishbase", "inaturalist", "gbif", "commons", "openverse", "google"];

const completions = defineScript({
  name: "completions",
  summary: "Prints completions for bash, zsh or fish",
  flags: {},
  words: SHELLS.join("|"),
  async run(_flags, { print, words: [word, ...more] }) {
    const shell = SHELLS.find((one) => one === word);
    if (shell === undefined || more.length > 0) {
      throw new Failure(`completions takes one of ${SHELLS.join(", ")}.`, 2);
    }
    const scripts = await Promise.all([...COMMANDS.values()].map((load) => load()));
    print(completionsFor(
      shell,
      scripts.map(({ script }) => ({ ...script, flags: { ...script.flags, ...COMMON_FLAGS } })),
    ));
  },
});

function help(): string {
  const tasks: Readonly<Record<string, { readonly description?: string }>> = config.tasks;
  const shown = [...COMMANDS.keys()].filter((name) => !SINGLE.includes(name));
  const width = Math.max(...shown.map((name) => name.length));
  return lines(
    `aquaset ${VERSION}: image datasets of aquarium fish`,
    "",
    // `completions` alone is no task.
    shown.map((name) =>
      `  ${name.padEnd(width)}  ${tasks[name]?.description ?? completions.summary}`
    ),
    `  ${SINGLE.join(", ")}: from one source alone`,
    "",
    "aquaset <command> --help tells more.",
  );
}

const [name, ...args] = Deno.args;
const load = COMMANDS.get(name ?? "");
if (load !== undefined) await runScript((await load()).script, args);
if (name === undefined || name === "--help" || name === "-h") console.log(help());
else if (name === "--version") console.log(`aquaset ${VERSION}`);
else {
  const near = nearest(name, [...COMMANDS.keys()]);
  const advice = near === undefined ? `\n\n${help()}` : ` Did you mean ${near}?`;
  console.error(`error: There is no command "${name}".${advice}`);
  Deno.exit(2);
}
