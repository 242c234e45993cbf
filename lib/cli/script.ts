/**
 * The frame every script runs in: flags, help, Ctrl-C, errors as sentences, exit statuses.
 *
 * @module
 */

import { bold, red, setColorEnabled } from "@std/fmt/colors";
import { type ExitStatus, Failure, reason } from "../base/failure.ts";
import { VERSION } from "../base/version.ts";
import {
  describeFlags,
  type FlagTable,
  type FlagValues,
  type GivenFlag,
  onOff,
  parseFlags,
} from "./flags.ts";
import { legible, oneLine } from "./legible.ts";
import { commandFor, type NamedPaths } from "./permissions.ts";
import type { Drawing } from "./progress.ts";

/** What a script's work is given besides its flags. */
export interface ScriptContext {
  /** The script's name, such as `scrape`. */
  readonly name: string;
  /** Fires at the first Ctrl-C, with a {@linkcode Failure} of status 130 as its reason. */
  readonly signal: AbortSignal;
  /** The words that are no flags. */
  readonly words: readonly string[];
  /** The flags that were given, as typed, for the log. */
  readonly given: Readonly<Record<string, GivenFlag>>;
  /** Whether `--quiet` was given. */
  readonly quiet: boolean;
  /** Tells a person something, on standard error, unless `--quiet`. */
  say(text: string): void;
  /** Prints the result, on standard output. */
  print(text: string): void;
  /**
   * Hands the lines that `say` gets to something that draws on the terminal and must stay below
   * them, until it is called with nothing.
   */
  sayThrough(drawing: Drawing | undefined): void;
  /** Asks yes or no where a person is at the terminal; anyone else has said yes by the command. */
  confirm(question: string): Promise<boolean>;
  /** What to say at Ctrl-C, as it stands then; nothing where a script run by this one says it. */
  onStopping(describe: () => string): void;
}

/** A script: what it is called, what it takes, what it does. */
export interface Script<Table extends FlagTable> {
  /** Its name, as a subcommand of the compiled program. */
  readonly name: string;
  /** One or two lines for the head of the help. */
  readonly summary: string;
  /** Its flags, besides `--quiet`, `--debug`, `--help` and `--version`, which all have. */
  readonly flags: Table;
  /** What the words that are no flags are, such as `DIR…`; absent where none are taken. */
  readonly words?: string;
  /** Command lines for the help, without `deno task`. */
  readonly examples?: readonly string[];
  /** Does it. What it throws ends the run; what it returns is the exit status. */
  run(flags: FlagValues<Table>, context: ScriptContext): Promise<0 | ExitStatus>;
}

const COMMON = {
  quiet: onOff("say nothing but errors and the result"),
  debug: onOff("show stack traces"),
  help: onOff("show this"),
  version: onOff("show the version"),
};

/** Runs a script and ends the process with its status. */
export async function runScript<Table extends FlagTable>(
  script: Script<Table>,
  args: readonly string[] = Deno.args,
): Promise<never> {
  setColorEnabled(wantsColours());
  Deno.exit(await attemptScript(script, args));
}

/** As in Deno and Node, `FORCE_COLOR` counts for more than `NO_COLOR`. */
function wantsColours(): boolean {
  const { state } = Deno.permissions.querySync({ name: "env", variable: "FORCE_COLOR" });
  const forced = state === "granted" ? Deno.env.get("FORCE_COLOR") ?? "" : "";
  if (forced !== "") return forced !== "0";
  return !Deno.noColor && Deno.stdout.isTerminal() && Deno.stderr.isTerminal();
}

/** The help of a script: fits a screen of 80 by 24 as far as its flags allow. */
export function helpText<Table extends FlagTable>(script: Script<Table>): string {
  const usage = `deno task ${script.name} [flags]${script.words ? ` ${script.words}` : ""}`;
  const examples = (script.examples ?? []).map((line) => `  deno task ${line}`);
  return [
    bold(script.summary),
    "",
    `Usage: ${usage}`,
    "",
    describeFlags(script.flags),
    `  --${Object.keys(COMMON).join(", --")}`,
    ...(examples.length === 0 ? [] : ["", ...examples]),
    ...elsewhere(script),
  ].join("\n");
}

/** The command for folders and files outside the project, for which a task has no permission. */
function elsewhere({ name, flags, words }: Script<FlagTable>): string[] {
  const folders = words === undefined ? ["/big"] : ["/big/all", "/big/one", "/big/two"];
  const args = words === undefined ? ["--data", ...folders] : ["--into", ...folders];
  const isFile = "species-file" in flags;
  const files = isFile ? ["/big/my-fish.txt"] : [];
  if (name === "demo" || (words === undefined && !("data" in flags))) return [];
  const lacked = { kind: "read", value: folders[0] ?? "" };
  const all = [...args, ...isFile ? ["--species-file", ...files] : []];
  return ["", "Elsewhere than in data:", `  ${commandFor(name, all, { folders, files }, lacked)}`];
}

async function attemptScript<Table extends FlagTable>(
  script: Script<Table>,
  args: readonly string[],
): Promise<number> {
  const debug = args.includes("--debug");
  const stop = new AbortController();
  let describeStopping = () => "stopping";
  let drawing: Drawing | undefined;
  const tell = (text: string) => {
    const words = legible(text);
    if (drawing === undefined) console.error(words);
    else drawing.line(words);
  };
  const endNow = (status: number): never => {
    drawing?.close();
    Deno.exit(status);
  };
  const interrupted = () => {
    if (stop.signal.aborted) endNow(130);
    const stopping = describeStopping();
    if (stopping !== "") tell(stopping);
    stop.abort(
      new Failure(
        "Interrupted: everything so far is kept, and the same command goes on from here.",
        130,
      ),
    );
  };
  const signals: Deno.Signal[] = Deno.build.os === "windows"
    ? ["SIGINT", "SIGBREAK"]
    : ["SIGINT", "SIGTERM", "SIGHUP"];
  for (const signal of signals) Deno.addSignalListener(signal, interrupted);
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    tell(describe(event.reason, true));
    endNow(1);
  });
  try {
    const { flags, words, given } = parseFlags(
      args,
      { ...script.flags, ...COMMON },
      script.words !== undefined,
    );
    if (flags.help) {
      console.log(helpText(script));
      return 0;
    }
    if (flags.version) {
      console.log(`aquaset ${VERSION}`);
      return 0;
    }
    const quiet = flags.quiet === true;
    return await script.run(flags, {
      name: script.name,
      signal: stop.signal,
      words,
      given,
      quiet,
      say: (text) => quiet ? undefined : tell(oneLine(text)),
      print: (text) => console.log(legible(text)),
      confirm: (question) => confirmed(question, stop.signal),
      sayThrough: (next) => drawing = next,
      onStopping: (describe) => describeStopping = describe,
    });
  } catch (thrown) {
    drawing = undefined;
    tell(describe(thrown, debug));
    const lacked = lackedPermission(thrown);
    if (lacked !== undefined) {
      const paths = namedPaths(script, args);
      tell(`Run it with:\n  ${commandFor(script.name, args, paths, lacked)}`);
    }
    return thrown instanceof Failure ? thrown.status : 1;
  }
}

async function confirmed(question: string, signal: AbortSignal): Promise<boolean> {
  if (!Deno.stdin.isTerminal() || !Deno.stderr.isTerminal()) return true;
  await Deno.stderr.write(new TextEncoder().encode(`${question} [y/N] `));
  const { promise: interrupted, reject } = Promise.withResolvers<never>();
  signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  const answer = new Uint8Array(256);
  const length = await Promise.race([Deno.stdin.read(answer), interrupted]) ?? 0;
  return /^\s*y(es)?\s*$/i.test(new TextDecoder().decode(answer.subarray(0, length)));
}

/** Anything thrown, as a sentence for a person. */
export function describe(thrown: unknown, debug: boolean): string {
  const trace = debug && thrown instanceof Error ? `\n${traces(thrown)}` : "";
  if (thrown instanceof Failure) return `${red("error:")} ${oneLine(thrown.message)}${trace}`;
  if (thrown instanceof Deno.errors.NotCapable) {
    return `${red("error:")} ${notCapable(thrown)}${trace}`;
  }
  return `${red("error:")} This is a defect of Aquaset, please report it: ` +
    `${oneLine(reason(thrown))}. ` +
    `Run again with --debug for the place.${trace}`;
}

function traces(error: Error): string {
  const own = error.stack ?? String(error);
  return error.cause instanceof Error ? `${own}\ncaused by: ${traces(error.cause)}` : own;
}

/** The permission that Deno said was missing, in what was thrown or what lies below it. */
function lackedPermission(thrown: unknown): { kind: string; value: string } | undefined {
  if (!(thrown instanceof Error)) return undefined;
  if (!(thrown instanceof Deno.errors.NotCapable)) return lackedPermission(thrown.cause);
  // Deno says: Requires write access to "/x", run again with the --allow-write flag
  const [, kind, quoted, plain] =
    /Requires (\w+) access to (?:"([^"]*)"|(\S+?))(?:,|$)/.exec(thrown.message) ?? [];
  return kind === undefined ? undefined : { kind, value: quoted ?? plain ?? "" };
}

const VERBS: Readonly<Record<string, string>> = {
  read: "read",
  write: "write",
  net: "reach",
  run: "start",
  env: "read the variable",
};

function notCapable(error: Error): string {
  const lacked = lackedPermission(error);
  if (lacked === undefined) return `${reason(error)}.`;
  return `This script has no permission to ${VERBS[lacked.kind] ?? lacked.kind} ${lacked.value}.`;
}

/** The folders and files that a command line names, for the permissions that they need. */
function namedPaths(script: Script<FlagTable>, args: readonly string[]): NamedPaths {
  const { flags, words } = parseFlags<FlagTable>(args, { ...script.flags, ...COMMON }, true);
  const named = (takes: string) =>
    Object.entries(script.flags).filter(([, flag]) => flag.takes === takes)
      .map(([name]) => flags[name]).filter((value) => typeof value === "string");
  return { folders: [...named("DIR"), ...words], files: named("FILE") };
}
