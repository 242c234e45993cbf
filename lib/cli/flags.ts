/**
 * Flags: what a script takes, read into types; one sentence for wrong use.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { distance } from "../base/distance.ts";
import { Failure } from "../base/failure.ts";

export interface Flag<T> {
  /** What stands behind the flag in the help, such as `DIR`; empty for a switch. */
  readonly takes: string;
  readonly help: string;
  readonly repeatable: boolean;
  /** The default as the help shows it; empty where there is none worth showing. */
  readonly shown: string;
  /** The page of the help that it is on, if not the first. */
  page?: string;
  /**
   * Reads the values given, none where the flag was not.
   *
   * @throws {TypeError} With what the flag takes: `takes a whole number of at least 1`.
   */
  read(values: readonly string[]): T;
}

/** A script's flags by name, without the dashes. */
export type FlagTable = Readonly<Record<string, Flag<unknown>>>;

export type FlagValues<Table extends FlagTable> = {
  readonly [Name in keyof Table]: Table[Name] extends Flag<infer T> ? T : never;
};

/** A flag as it was typed: a switch on or off, a value, or the values of one given several times. */
export type GivenFlag = boolean | string | readonly string[];

export type GivenFlags = Readonly<Record<string, GivenFlag>>;

/** Flags as the words of a command line. */
export function asTyped(given: GivenFlags): string[] {
  return Object.entries(given).flatMap(([flag, value]) =>
    typeof value === "boolean"
      ? [`--${value ? "" : "no-"}${flag}`]
      : [value].flat().map((one) => `--${flag}=${one}`)
  );
}

/** What the command line says: the flags' values and the words that are no flags. */
export interface CommandLine<Table extends FlagTable> {
  readonly flags: FlagValues<Table>;
  readonly given: GivenFlags;
  readonly words: readonly string[];
}

/** How one value is written. */
export interface Value<T> {
  /** See {@linkcode Flag.takes}. */
  readonly takes: string;
  /** @throws {TypeError} With what the flag takes. */
  read(value: string): T;
}

/** A flag that is given once, if at all; where it has no initial value it may have none. */
export function flag<T>(value: Value<T>, help: string, initial: string | number): Flag<T>;
export function flag<T>(value: Value<T>, help: string): Flag<T | undefined>;
export function flag<T>(
  { takes, read }: Value<T>,
  help: string,
  initial?: string | number,
): Flag<T | undefined> {
  const otherwise = initial === undefined ? undefined : String(initial);
  const readOne = ([value = otherwise]: readonly string[]) =>
    value === undefined ? undefined : read(value);
  return { takes, help, repeatable: false, shown: otherwise ?? "", read: readOne };
}

/** A flag that may be given several times. */
export function repeated<T>({ takes, read }: Value<T>, help: string): Flag<readonly T[]> {
  const readAll = (values: readonly string[]) => values.map((value) => read(value));
  return { takes, help, repeatable: true, shown: "", read: readAll };
}

export function onOff(help: string): Flag<boolean> {
  return { takes: "", help, repeatable: false, shown: "", read: ({ length }) => length > 0 };
}

/** Any text but blanks; `check` throws a `TypeError` for a bad one. */
export function text(takes: string, check?: (value: string) => void): Value<string> {
  return {
    takes,
    read(value) {
      if (value.trim() === "") throw new TypeError(`takes ${takes}`);
      check?.(value);
      return value;
    },
  };
}

export function whole(least: number, most: number): Value<number> {
  return { takes: "N", read: (value) => numberIn(value, /^\d+$/, "a whole number", least, most) };
}

export function decimal(least: number, most: number): Value<number> {
  return { takes: "R", read: (value) => numberIn(value, DECIMAL, "a number", least, most) };
}

/** Seconds, fractions allowed, as milliseconds. */
export function seconds(most: number): Value<number> {
  return { takes: "SECONDS", read: (value) => 1000 * numberIn(value, DECIMAL, "seconds", 0, most) };
}

const DECIMAL = /^\d+(\.\d+)?$/;

function numberIn(
  value: string,
  pattern: RegExp,
  name: string,
  least: number,
  most: number,
): number {
  const number = pattern.test(value) ? Number(value) : NaN;
  if (number >= least && number <= most) return number;
  throw new TypeError(`takes ${name} from ${least} to ${most}`);
}

/** A number of bytes such as `30M`. */
export function bytes(least: string, most: string): Value<number> {
  return {
    takes: "BYTES",
    read(value) {
      const number = bytesOf(value);
      if (number >= bytesOf(least) && number <= bytesOf(most)) return number;
      throw new TypeError(`takes a size from ${least} to ${most}, such as 30M`);
    },
  };
}

const UNITS: Readonly<Record<string, number>> = { "": 1, k: 1e3, m: 1e6, g: 1e9 };

function bytesOf(text: string): number {
  const [, number, unit = ""] = /^(\d+(?:\.\d+)?)([kMG]?)B?$/i.exec(text) ?? [];
  return Math.round(Number(number) * (UNITS[unit.toLowerCase()] ?? NaN));
}

export function oneOf<const Word extends string>(words: readonly Word[]): Value<Word> {
  return {
    takes: words.join("|"),
    read(value) {
      const word = words.find((known) => known === value);
      if (word !== undefined) return word;
      throw new TypeError(`takes one of ${words.join(", ")}`);
    },
  };
}

/** Several of some words, by commas. */
export function listOf<Word extends string>(words: readonly Word[]): Value<readonly Word[]> {
  return {
    takes: "LIST",
    read(value) {
      const given = value.split(",").map((word) => word.trim()).filter(Boolean);
      const known = new Set(given.flatMap((word) => words.find((one) => one === word) ?? []));
      if (known.size > 0 && known.size === given.length) return [...known];
      throw new TypeError(`takes a list of ${words.join(", ")}, each once`);
    },
  };
}

/** Puts flags that not everybody needs on a page of their own of the help. */
export function onPage<Table extends FlagTable>(page: string, table: Table): Table {
  for (const flag of Object.values(table)) flag.page = page;
  return table;
}

export function defaultsOf<Table extends FlagTable>(table: Table): FlagValues<Table> {
  return parseFlags([], table, false).flags;
}

/**
 * Reads a command line.
 *
 * @throws {Failure} With status 2, for unknown flags and bad values: the flag's name and what it
 * takes.
 */
export function parseFlags<Table extends FlagTable>(
  args: readonly string[],
  table: Table,
  takesWords: boolean,
): CommandLine<Table> {
  const names = Object.keys(table);
  const switches = names.filter((name) => table[name]?.takes === "");
  const parsed = parseArgs(bindValues(args, table), {
    string: ["_", ...names.filter((name) => !switches.includes(name))],
    boolean: switches,
    negatable: switches,
    collect: names,
    unknown(argument, key) {
      if (key === undefined) return true;
      throw unknownFlag(argument, names);
    },
  });
  const words = parsed._.map(String);
  if (!takesWords && words[0] !== undefined) {
    throw new Failure(
      `Do not know what to do with "${words[0]}": this script takes flags only, see --help.`,
      2,
    );
  }
  const values: Record<string, unknown> = {};
  const given: Record<string, GivenFlag> = {};
  for (const [name, flag] of Object.entries(table)) {
    const typed = [parsed[name] ?? []].flat().filter((value) => value !== false).map(String);
    values[name] = readFlag(name, flag, typed);
    const [first, ...more] = typed;
    if (parsed[name] === false) given[name] = false;
    else if (first !== undefined) {
      given[name] = flag.takes === "" || (more.length > 0 ? typed : first);
    }
  }
  // The table's own type says what was read: each value came from that flag's `read`.
  return { flags: values as FlagValues<Table>, given, words };
}

/**
 * Binds each value to its flag by `=`: the parser would take `--images -5` for a flag `-5` and
 * `--only ""` for a flag without a value.
 */
function bindValues(args: readonly string[], table: FlagTable): string[] {
  const bound: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const argument = args[index] ?? "";
    const [, name = "", inline] = /^--(?:no-)?([^=]+)(?:=(.*))?$/s.exec(argument) ?? [];
    const takes = table[name]?.takes;
    if (takes === "" && inline !== undefined) {
      throw new Failure(`The flag --${name} takes no value: give it or leave it out.`, 2);
    }
    if (takes && argument.startsWith("--no-")) throw unknownFlag(argument, Object.keys(table));
    const next = args[index + 1];
    const isNext = Boolean(takes) && inline === undefined && next?.startsWith("--") === false;
    if (isNext) index++;
    const value = isNext ? next : inline;
    bound.push(value === undefined ? argument : `--${name}=${value === "" ? " " : value}`);
  }
  return bound;
}

function readFlag(name: string, flag: Flag<unknown>, values: readonly string[]): unknown {
  if (!flag.repeatable && flag.takes !== "" && values.length > 1) {
    throw new Failure(`The flag --${name} was given ${values.length} times: give it once.`, 2);
  }
  try {
    return flag.read(values);
  } catch (thrown) {
    if (!(thrown instanceof TypeError)) throw thrown;
    const had = (values[0] ?? "").trim() === "" ? "nothing" : `"${values[0]}"`;
    throw new Failure(`The flag --${name} ${thrown.message}, not ${had}.`, 2);
  }
}

/** The name that was perhaps meant: it begins so, or differs in a letter or two. */
export function nearest(name: string, names: readonly string[]): string | undefined {
  const byBeginning = names.find((known) => known.startsWith(name) && name.length > 1);
  return byBeginning ?? names.map((known) => ({ known, far: distance(name, known, 2) }))
    .filter(({ known, far }) => far <= (known.length > 4 ? 2 : 1))
    .sort((one, other) => one.far - other.far)[0]?.known;
}

function unknownFlag(argument: string, names: readonly string[]): Failure {
  const [flag = ""] = argument.split("=");
  const near = nearest(flag.replace(/^-+/, ""), names);
  const hint = near === undefined ? "see --help" : `did you mean --${near}?`;
  return new Failure(`Unknown flag ${flag}: ${hint}`, 2);
}
