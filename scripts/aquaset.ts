/**
 * All scripts as one program, for `deno compile`: `aquaset scrape`, `aquaset species` …
 *
 * @module
 */

import { distance } from "../lib/base/distance.ts";
import { type FlagTable } from "../lib/cli/flags.ts";
import { runScript, type Script } from "../lib/cli/script.ts";
import { VERSION } from "../lib/base/version.ts";
import { script as augment } from "./augment.ts";
import { script as browser } from "./browser.ts";
import { script as commons } from "./commons.ts";
import { script as exportScript } from "./export.ts";
import { script as fetchScript } from "./fetch.ts";
import { script as fishbase } from "./fishbase.ts";
import { script as forget } from "./forget.ts";
import { script as gbif } from "./gbif.ts";
import { script as google } from "./google.ts";
import { script as inaturalist } from "./inaturalist.ts";
import { script as merge } from "./merge.ts";
import { script as openverse } from "./openverse.ts";
import { script as pull } from "./pull.ts";
import { script as report } from "./report.ts";
import { script as review } from "./review.ts";
import { script as scrape } from "./scrape.ts";
import { script as species } from "./species.ts";
import { script as status } from "./status.ts";
import { script as verify } from "./verify.ts";
import { script as worker } from "./worker.ts";

/** One subcommand: what it is and how it is run. */
interface Subcommand {
  readonly name: string;
  readonly summary: string;
  run(args: readonly string[]): Promise<never>;
}

const SUBCOMMANDS: readonly Subcommand[] = [
  subcommand(scrape),
  subcommand(worker),
  subcommand(pull),
  subcommand(species),
  subcommand(fishbase),
  subcommand(inaturalist),
  subcommand(gbif),
  subcommand(commons),
  subcommand(openverse),
  subcommand(google),
  subcommand(browser),
  subcommand(status),
  subcommand(verify),
  subcommand(merge),
  subcommand(exportScript),
  subcommand(augment),
  subcommand(fetchScript),
  subcommand(forget),
  subcommand(report),
  subcommand(review),
];

function subcommand<Table extends FlagTable>(script: Script<Table>): Subcommand {
  const { name, summary } = script;
  return { name, summary, run: (args) => runScript(script, args) };
}

function help(): string {
  const width = Math.max(...SUBCOMMANDS.map(({ name }) => name.length));
  const lines = SUBCOMMANDS.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  return `aquaset ${VERSION}: image datasets of aquarium fish\n\n${lines.join("\n")}\n\n` +
    "aquaset <command> --help tells more.";
}

const [name, ...args] = Deno.args;
const chosen = SUBCOMMANDS.find((one) => one.name === name);
if (chosen !== undefined) await chosen.run(args);
if (name === undefined || name === "--help" || name === "-h") console.log(help());
else if (name === "--version") console.log(`aquaset ${VERSION}`);
else {
  const near = SUBCOMMANDS.find((one) => distance(name, one.name, 2) <= 2);
  const advice = near === undefined ? `\n\n${help()}` : ` Did you mean ${near.name}?`;
  console.error(`error: There is no command "${name}".${advice}`);
  Deno.exit(2);
}
