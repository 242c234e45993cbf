/**
 * All scripts as one program, for `deno compile`: `aquaset scrape`, `aquaset species` …
 *
 * @module
 */

import { defined } from "../lib/base/defined.ts";
import config from "../deno.json" with { type: "json" };
import { Failure } from "../lib/base/failure.ts";
import { type Completed, completionsFor, SHELLS } from "../lib/cli/completions.ts";
import { type FlagTable, nearest } from "../lib/cli/flags.ts";
import { COMMON_FLAGS, runScript, type Script } from "../lib/cli/script.ts";
import { VERSION } from "../lib/base/version.ts";
import { script as augment } from "./augment.ts";
import { script as browser } from "./browser.ts";
import { script as commons } from "./commons.ts";
import { script as doctor } from "./doctor.ts";
import { script as embed } from "./embed.ts";
import { script as exportScript } from "./export.ts";
import { script as fetchScript } from "./fetch.ts";
import { script as fishbase } from "./fishbase.ts";
import { script as forget } from "./forget.ts";
import { script as gbif } from "./gbif.ts";
import { script as google } from "./google.ts";
import { script as init } from "./init.ts";
import { script as inaturalist } from "./inaturalist.ts";
import { script as merge } from "./merge.ts";
import { script as openverse } from "./openverse.ts";
import { script as pull } from "./pull.ts";
import { script as report } from "./report.ts";
import { script as review } from "./review.ts";
import { script as scrape } from "./scrape.ts";
import { script as species } from "./species.ts";
import { script as status } from "./status.ts";
import { script as taxonomy } from "./taxonomy.ts";
import { script as verify } from "./verify.ts";
import { script as worker } from "./worker.ts";

/** One subcommand: what it is and how it is run. */
interface Subcommand extends Completed {
  run(args: readonly string[]): Promise<never>;
}

/** The scripts of one source each: a line of the help for all of them. */
const SINGLE = ["fishbase", "inaturalist", "gbif", "commons", "openverse", "google"];

/** `aquaset completions`. */
const completions: Script<Record<never, never>> = {
  name: "completions",
  summary: "Prints completions for bash, zsh or fish",
  flags: {},
  words: SHELLS.join("|"),
  run(_flags, { print, words: [word, ...more] }) {
    const shell = SHELLS.find((one) => one === word);
    if (shell === undefined || more.length > 0) {
      throw new Failure(`completions takes one of ${SHELLS.join(", ")}.`, 2);
    }
    print(completionsFor(shell, SUBCOMMANDS));
    return Promise.resolve(0);
  },
};

const SUBCOMMANDS: readonly Subcommand[] = [
  subcommand(scrape),
  subcommand(worker),
  subcommand(pull),
  subcommand(init),
  subcommand(species),
  subcommand(taxonomy),
  subcommand(fishbase),
  subcommand(inaturalist),
  subcommand(gbif),
  subcommand(commons),
  subcommand(openverse),
  subcommand(google),
  subcommand(browser),
  subcommand(doctor),
  subcommand(status),
  subcommand(verify),
  subcommand(merge),
  subcommand(exportScript),
  subcommand(augment),
  subcommand(fetchScript),
  subcommand(forget),
  subcommand(report),
  subcommand(embed),
  subcommand(review),
  subcommand(completions),
];

function subcommand<Table extends FlagTable>(script: Script<Table>): Subcommand {
  const { flags, name, summary, words } = script;
  return {
    name,
    summary,
    ...defined({ words }),
    flags: { ...flags, ...COMMON_FLAGS },
    run: (args) => runScript(script, args),
  };
}

function help(): string {
  const tasks: Readonly<Record<string, { readonly description?: string }>> = config.tasks;
  const shown = SUBCOMMANDS.filter(({ name }) => !SINGLE.includes(name));
  const width = Math.max(...shown.map(({ name }) => name.length));
  const lines = shown.map(({ name, summary }) =>
    `  ${name.padEnd(width)}  ${tasks[name]?.description ?? summary}`
  );
  return [
    `aquaset ${VERSION}: image datasets of aquarium fish`,
    "",
    ...lines,
    `  ${SINGLE.join(", ")}: from one source alone`,
    "",
    "aquaset <command> --help tells more.",
  ].join("\n");
}

const [name, ...args] = Deno.args;
const chosen = SUBCOMMANDS.find((one) => one.name === name);
if (chosen !== undefined) await chosen.run(args);
if (name === undefined || name === "--help" || name === "-h") console.log(help());
else if (name === "--version") console.log(`aquaset ${VERSION}`);
else {
  const near = nearest(name, SUBCOMMANDS.map((one) => one.name));
  const advice = near === undefined ? `\n\n${help()}` : ` Did you mean ${near}?`;
  console.error(`error: There is no command "${name}".${advice}`);
  Deno.exit(2);
}
