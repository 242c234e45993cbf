/**
 * The frame every script runs in: flags, help, Ctrl-C, errors as sentences, exit statuses.
 *
 * @module
 */

import { red, setColorEnabled } from "@std/fmt/colors";
import { type ExitStatus, Failure, reason } from "../base/failure.ts";
import { PROJECT_URL, VERSION } from "../base/version.ts";
import {
  asTyped,
  type FlagTable,
  type FlagValues,
  type GivenFlags,
  onOff,
  parseFlags,
} from "./flags.ts";
import { asCalledHere, type Described, helpText, isOneProgram } from "./help.ts";
import { legible, oneLine, wrapped } from "./terminal_text.ts";
import { commandFor, type NamedPaths, quote } from "./permissions.ts";
import { columns, type Display, type Frame, withDisplay } from "./progress.ts";
import { readSettings } from "./settings.ts";

/** What a script's work is given besides its flags. */
export interface ScriptContext extends Frame {
  readonly name: string;
  /** Fires at the first Ctrl-C, with a {@linkcode Failure} of status 130 as its reason. */
  readonly signal: AbortSignal;
  /** The words that are no flags. */
  readonly words: readonly string[];
  /** The flags that were given, as typed, and those of the data folder's settings. */
  readonly given: GivenFlags;
  /** Which of them are from the settings. */
  readonly fromSettings: readonly string[];
  /** Prints the result, on standard output. */
  print(text: string): void;
  /** Prints the result, as JSON where `--json` was given. */
  result(value: unknown, describe: () => string): void;
  /** Shows how far some work is, as a bar where a person is at the terminal. */
  counting<T>(unit: string, work: (progress: Progress) => Promise<T>): Promise<T>;
  /** Closes a thing when the script has ended, however it ends. */
  use<T extends Closeable>(thing: T): T;
  /** Asks yes or no where a person is at the terminal; anyone else has said yes by the command. */
  confirm(question: string): Promise<boolean>;
  /** What to say at Ctrl-C, as it stands then; nothing where a script run by this one says it. */
  onStopping(describe: () => string): void;
}

interface Closeable {
  close(): unknown;
}

type Progress = (done: number, total: number) => void;

export interface Script<Table extends FlagTable = FlagTable> extends Described {
  /** Its flags, besides `--quiet`, `--debug`, `--help` and `--version`, which all have. */
  readonly flags: Table;
  /** Whether flags that are not given are taken from the data folder's settings. */
  readonly readsSettings?: true;
  /** Does it. What it throws ends the run; what it returns is the exit status, 0 if nothing. */
  run(flags: FlagValues<Table>, context: ScriptContext): Promise<0 | ExitStatus | void>;
}

/** A script whose work knows the types of its flags. */
export function defineScript<Table extends FlagTable>(script: Script<Table>): Script<Table> {
  return script;
}

/** The command that runs a script again as it was called, without some of its flags. */
export function sameCommand(
  { fromSettings, given, name }: ScriptContext,
  without: readonly string[] = [],
): string {
  const left = [...fromSettings, ...without];
  const flags = asTyped(
    Object.fromEntries(Object.entries(given).filter(([flag]) => !left.includes(flag))),
  ).map((word) => word.replace(/=(.*)$/s, (_, value) => ` ${quote(value)}`));
  return ["deno task", "queue" in given ? "keeper" : name, ...flags].join(" ");
}

export const COMMON_FLAGS = {
  quiet: onOff("say nothing but errors and the result"),
  debug: onOff("show stack traces"),
  help: onOff("show this"),
  version: onOff("show the version"),
};

export async function runScript(
  script: Script,
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

/** A text as it is written to a terminal, or to a file or program. */
function forPerson(text: string, stream: { isTerminal(): boolean }): string {
  const words = legible(asCalledHere(text));
  return stream.isTerminal() ? wrapped(words, columns()) : words;
}

/** `deno task` passes on a Ctrl-C that the terminal has sent already: for so many ms it is the same. */
const SAME_SIGNAL = 500;

async function attemptScript(script: Script, args: readonly string[]): Promise<number> {
  const debug = args.includes("--debug");
  const stop = new AbortController();
  let describeStopping = () => "stopping";
  let drawing: Display | undefined;
  const tell = (text: string) => {
    const words = forPerson(text, Deno.stderr);
    if (drawing === undefined) console.error(words);
    else drawing.line(words);
  };
  const endNow = (status: number): never => {
    drawing?.close();
    Deno.exit(status);
  };
  let interruptedAt = -Infinity;
  const interrupted = () => {
    if (performance.now() - interruptedAt < SAME_SIGNAL) return;
    interruptedAt = performance.now();
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
    tell(describeThrown(event.reason, true));
    endNow(1);
  });
  try {
    const helpAt = args.findIndex((word) => /^(-h|--help(=.*)?)$/.test(word));
    if (helpAt >= 0) {
      const [, named] = /^--help=(.*)$/.exec(args[helpAt] ?? "") ?? [];
      const next = args[helpAt + 1];
      const page = named ?? (next?.startsWith("-") === false ? next : undefined);
      console.log(helpText(script, Object.keys(COMMON_FLAGS), page));
      return 0;
    }
    const table: FlagTable = { ...script.flags, ...COMMON_FLAGS };
    const takesWords = script.words !== undefined;
    const typed = parseFlags(args, table, takesWords);
    if (typed.flags.version) {
      console.log(`aquaset ${VERSION}`);
      return 0;
    }
    const { data } = typed.flags;
    const settings = script.readsSettings && typeof data === "string"
      ? await readSettings(data)
      : {};
    const fromSettings = Object.keys(settings)
      .filter((name) => name in table && !(name in typed.given));
    const added = Object.fromEntries(fromSettings.map((name) => [name, settings[name] ?? false]));
    const { flags, words, given } = parseFlags([...asTyped(added), ...args], table, takesWords);
    const quiet = flags.quiet === true;
    const print = (text: string) => console.log(forPerson(text, Deno.stdout));
    const frame = {
      quiet,
      say: (text: string) => quiet ? undefined : tell(oneLine(text)),
      sayThrough: (next?: Display) => drawing = next,
    };
    const opened = new AsyncDisposableStack();
    try {
      return await script.run(flags, {
        ...frame,
        name: script.name,
        signal: stop.signal,
        words,
        given,
        fromSettings,
        print,
        result: (value, describe) =>
          print(flags.json === true ? JSON.stringify(value, null, 2) : describe()),
        counting: (unit, work) =>
          withDisplay(frame, (display) => work(display.count(script.name, unit))),
        use: (thing) => opened.adopt(thing, async (thing) => void await thing.close()),
        confirm: (question) => confirmed(question, stop.signal),
        onStopping: (describe) => describeStopping = describe,
      }) ?? 0;
    } finally {
      await opened.disposeAsync();
    }
  } catch (thrown) {
    drawing = undefined;
    tell(describeThrown(thrown, debug));
    const lacked = lackedPermission(thrown);
    if (lacked !== undefined && !isOneProgram()) {
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
export function describeThrown(thrown: unknown, debug: boolean): string {
  const trace = debug && thrown instanceof Error ? `\n${Deno.inspect(thrown)}` : "";
  if (thrown instanceof Failure) {
    // Ctrl-C is no error.
    const word = thrown.status === 130 ? "" : `${red("error:")} `;
    return `${word}${oneLine(thrown.message)}${trace}`;
  }
  if (thrown instanceof Deno.errors.NotCapable) {
    return `${red("error:")} ${notCapable(thrown)}${trace}`;
  }
  return `${red("error:")} This is a defect of Aquaset: ${oneLine(reason(thrown))}. ` +
    `Please report it at ${PROJECT_URL}/issues. ` +
    `Run again with --debug for the place.${trace}`;
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
function namedPaths(script: Script, args: readonly string[]): NamedPaths {
  const { flags, words } = parseFlags<FlagTable>(args, { ...script.flags, ...COMMON_FLAGS }, true);
  const named = (takes: string) =>
    Object.entries(script.flags).filter(([, flag]) => flag.takes === takes)
      .map(([name]) => flags[name]).filter((value) => typeof value === "string");
  return { folders: [...named("DIR"), ...words], files: named("FILE") };
}
