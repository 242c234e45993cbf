/**
 * The help of a script: one screen of 80 by 24, further flags on pages of their own.
 *
 * @module
 */

import { bold } from "@std/fmt/colors";
import { Failure } from "../base/failure.ts";
import { type FlagTable, nearest } from "./flags.ts";
import { lines, wrapped } from "./terminal_text.ts";
import { commandFor } from "./permissions.ts";

export interface Described {
  /** Its name, as a subcommand of the compiled program. */
  readonly name: string;
  /** One or two lines for the head of the help. */
  readonly summary: string;
  readonly flags: FlagTable;
  /** What the words that are no flags are, such as `DIR…`; absent where none are taken. */
  readonly words?: string;
  /** Command lines for the help, without `deno task`. */
  readonly examples?: readonly string[];
}

const WIDTH = 80;
/** One row is left for the prompt. */
const ROWS = 23;

/** How scripts are called here: `aquaset NAME` as one program, else as tasks or by their files. */
export function callOf(name: string): string {
  if (isOneProgram()) return `aquaset ${name}`;
  const { state } = Deno.permissions.querySync({ name: "env", variable: "INIT_CWD" });
  // `deno task` sets the variable.
  const isTask = state === "granted" && Deno.env.get("INIT_CWD") !== undefined;
  return isTask ? asCalledHere(`deno task ${name}`) : `scripts/${name}.ts`;
}

/** Whether all scripts run as one program, compiled or installed, whose permissions are fixed. */
export function isOneProgram(): boolean {
  return Deno.build.standalone || Deno.mainModule.endsWith("/aquaset.ts");
}

/** Tasks by another name that the one program has not. */
const ALIASES: Readonly<Record<string, string>> = { keeper: "scrape", queue: "status" };

/**
 * A text for a person, with the commands in it called as they are called here.
 *
 * @param deno Where Deno is; `npx` keeps it in a folder of its own, and then there is no `deno`.
 */
export function asCalledHere(text: string, deno = Deno.execPath()): string {
  if (!isOneProgram()) {
    if (!/[\\/]_npx[\\/]/.test(deno)) return text;
    return text.replace(/\bdeno (task|run)\b/g, `npx --yes deno@${Deno.version.deno} $1`);
  }
  return text.replace(
    /\bdeno task (\w+)/g,
    (_, name: string) => `aquaset ${ALIASES[name] ?? name}`,
  );
}

/**
 * The help of a script.
 *
 * @param page The page of a flag, `folders`, or `all`; the first page unless given.
 * @throws {Failure} Status 2 for a page that there is not.
 */
export function helpText(script: Described, common: readonly string[], page?: string): string {
  const { examples = [], flags, name, summary, words } = script;
  const called = callOf(name);
  const folders = elsewhere(script);
  const pages = new Set(Object.values(flags).flatMap(({ page }) => page ?? []));
  const named = [...pages, ...folders.length === 0 ? [] : ["folders"], "all"];
  const flagsOn = (page?: string): string =>
    describeFlags(
      Object.fromEntries(Object.entries(flags).filter(([, flag]) => flag.page === page)),
    );
  const first = (described: string, shown: readonly string[], foot: readonly string[]): string =>
    lines(
      bold(summary),
      "",
      `Usage: ${called} [flags]${words === undefined ? "" : ` ${words}`}`,
      "",
      described,
      `  --${common.join(", --")}`,
      shown.length > 0 && "",
      shown.map((line) => `  ${line.replace(/^\S+/, callOf)}`),
      foot,
    );
  const all = first(describeFlags(flags), examples, folders);
  if (page === "all" || (page === undefined && rows(all) <= ROWS)) return all;
  if (page !== undefined && !named.includes(page)) {
    const near = nearest(page, named);
    const hint = near === undefined ? `there is ${named.join(", ")}` : `did you mean ${near}?`;
    throw new Failure(`There is no help on "${page}": ${hint}`, 2);
  }
  if (page === "folders") return folders.slice(1).join("\n");
  if (page !== undefined) return `${bold(`${called}: ${page}`)}\n\n${flagsOn(page)}`;
  // Examples are what there is room for.
  const short = (most: number) =>
    first(flagsOn(), examples.slice(0, most), ["", `More: --help ${named.join("|")}`]);
  let most = examples.length;
  while (most > 0 && rows(short(most)) > ROWS) most--;
  return short(most);
}

/** The widest column of flags in the help; a wider flag has its text on the next line. */
const MOST_LEFT = 26;

/** The help's lines for a table of flags, aligned, defaults shown, at most 80 wide. */
export function describeFlags(table: FlagTable): string {
  const described = Object.entries(table).map(([name, flag]) => {
    const left = `--${name}${flag.takes === "" ? "" : ` ${flag.takes}`}`;
    const shown = flag.shown === "" ? "" : ` (${flag.shown})`;
    return { left, right: `${flag.help}${shown}${flag.repeatable ? "; repeatable" : ""}` };
  });
  const width = Math.min(MOST_LEFT, Math.max(...described.map(({ left }) => left.length)));
  const indent = " ".repeat(width + 4);
  return described.map(({ left, right }) => {
    const begun = left.length > width ? `  ${left}\n${indent}` : `  ${left.padEnd(width)}  `;
    return begun + wrapped(right, WIDTH - width - 4).replaceAll("\n", `\n${indent}`);
  }).join("\n");
}

function rows(text: string): number {
  return text.split("\n")
    .reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / WIDTH)), 0);
}

/** The command for folders and files outside the project, for which a task has no permission. */
function elsewhere({ name, flags, words }: Described): string[] {
  // The one program may read and write everywhere.
  if (isOneProgram() || name === "demo" || (words === undefined && !("data" in flags))) return [];
  const folders = words === undefined ? ["/big"] : ["/big/all", "/big/one", "/big/two"];
  const args = words === undefined ? ["--data", ...folders] : ["--into", ...folders];
  const isFile = "species-file" in flags;
  const files = isFile ? ["/big/my-fish.txt"] : [];
  const lacked = { kind: "read", value: folders[0] ?? "" };
  const all = [...args, ...isFile ? ["--species-file", ...files] : []];
  const command = asCalledHere(commandFor(name, all, { folders, files }, lacked));
  return ["", "Elsewhere than in data:", `  ${command}`];
}
