/**
 * The help of a script: one screen of 80 by 24, the rest by subject.
 *
 * @module
 */

import { bold } from "@std/fmt/colors";
import { Failure } from "../base/failure.ts";
import { describeFlags, type FlagTable, nearest } from "./flags.ts";
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

/** Flags that not everybody needs, by subject: they have a page of their own where one is not enough. */
const SUBJECTS: Readonly<Record<string, readonly string[]>> = {
  pictures: [
    "min-size",
    "max-aspect",
    "max-bytes",
    "kinds",
    "full-size",
    "per-author",
    "wild-only",
    "check-pages",
    "ignore-opt-outs",
    "allow-synthetic",
    "photos-only",
  ],
  searches: [
    "retry",
    "query",
    "google-delay",
    "fishbase-delay",
    "render",
    "browser",
    "headed",
    "strict-robots",
  ],
  machines: ["jobs", "shard", "queue", "store", "credentials", "allow-private"],
  copies: ["strength", "recipe", "max-copies", "seed", "show-recipe", "show-python"],
  classes: ["min-images", "unknown"],
  files: ["fit", "type", "valid", "link", "shard-size", "resplit"],
};

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
 * @param topic A subject, `folders`, or `all`; the first page unless given.
 * @throws {Failure} Status 2 for a topic that there is not.
 */
export function helpText(
  script: Described,
  common: readonly string[],
  topic?: string,
): string {
  const { examples = [], flags, name, summary, words } = script;
  const called = callOf(name);
  const head = [
    bold(summary),
    "",
    `Usage: ${called} [flags]${words === undefined ? "" : ` ${words}`}`,
    "",
  ];
  const foot = (most: number) => [
    `  --${common.join(", --")}`,
    ...(most === 0 ? [] : [
      "",
      ...examples.slice(0, most).map((line) =>
        `  ${callOf(line.split(" ", 1)[0] ?? "")}${line.replace(/^\S+/, "")}`
      ),
    ]),
  ];
  const folders = elsewhere(script);
  const all = [...head, describeFlags(flags), ...foot(examples.length), ...folders].join("\n");
  if (topic === "all" || (topic === undefined && rows(all) <= ROWS)) return all;
  const special = Object.entries(SUBJECTS).map(([subject, names]) =>
    [subject, names.filter((one) => one in flags)] as const
  ).filter(([, names]) => names.length > 0);
  const topics = [
    ...special.map(([subject]) => subject),
    ...folders.length === 0 ? [] : ["folders"],
    "all",
  ];
  if (topic === "folders" && folders.length > 0) return folders.slice(1).join("\n");
  if (topic !== undefined) {
    const [, names] = special.find(([subject]) => subject === topic) ?? [];
    if (names === undefined) throw unknownTopic(topic, topics);
    return `${bold(`${called}: ${topic}`)}\n\n${describeFlags(pick(flags, names))}`;
  }
  const hidden = special.flatMap(([, names]) => names);
  const shown = Object.keys(flags).filter((one) => !hidden.includes(one));
  const more = `More: --help ${topics.join("|")}`;
  const page = (most: number) =>
    [...head, describeFlags(pick(flags, shown)), ...foot(most), "", more].join("\n");
  // Examples are what there is room for.
  const fits = examples.map((_, index) => examples.length - index)
    .find((most) => rows(page(most)) <= ROWS);
  return page(fits ?? 0);
}

function pick(flags: FlagTable, names: readonly string[]): FlagTable {
  return Object.fromEntries(Object.entries(flags).filter(([name]) => names.includes(name)));
}

function unknownTopic(topic: string, topics: readonly string[]): Failure {
  const near = nearest(topic, topics);
  const hint = near === undefined ? `there is ${topics.join(", ")}` : `did you mean ${near}?`;
  return new Failure(`There is no help on "${topic}": ${hint}`, 2);
}

/** How many rows of a terminal a text takes. */
function rows(text: string): number {
  return text.split("\n").reduce(
    (sum, line) => sum + Math.max(1, Math.ceil(line.length / WIDTH)),
    0,
  );
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
