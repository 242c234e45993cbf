/**
 * Completions for shells, made from the tables of flags.
 *
 * @module
 */

import type { Described } from "./help.ts";
import type { Flag, FlagTable } from "./flags.ts";

export const SHELLS = ["bash", "zsh", "fish"] as const;

export type Shell = typeof SHELLS[number];

export type Completed = Pick<Described, "name" | "summary" | "words" | "flags">;

/** What a shell is to read: `source <(aquaset completions bash)`. */
export function completionsFor(shell: Shell, commands: readonly Completed[]): string {
  return { bash, zsh, fish }[shell](commands);
}

type Values = "none" | "file" | "folder" | "any" | readonly string[];

function valuesOf({ takes }: Flag<unknown>): Values {
  if (takes === "") return "none";
  if (takes === "DIR") return "folder";
  if (takes === "FILE" || takes === "PATH") return "file";
  return /^[a-z-]+(\|[a-z-]+)+$/.test(takes) ? takes.split("|") : "any";
}

function wordsOf({ words }: Completed): "none" | "file" | readonly string[] {
  if (words === undefined) return "none";
  return words.includes("|") ? words.split("|") : "file";
}

function flagsOf(table: FlagTable): readonly [name: string, flag: Flag<unknown>][] {
  return Object.entries(table);
}

function bash(commands: readonly Completed[]): string {
  const values = commands.flatMap(({ name, flags }) =>
    flagsOf(flags).flatMap(([flag, of]) => {
      const values = valuesOf(of);
      if (values === "none") return [];
      const action = values === "any"
        ? "return"
        : values === "file"
        ? "compopt -o default; return"
        : values === "folder"
        ? "compopt -o dirnames; return"
        : `words="${values.join(" ")}"`;
      return [`    "${name} --${flag}") ${action};;`];
    })
  );
  const names = commands.map((command) => {
    const words = wordsOf(command);
    const flags = flagsOf(command.flags).map(([flag]) => `--${flag}`);
    const offered = [...typeof words === "string" ? [] : words, ...flags].join(" ");
    const files = words === "file" ? "; [[ $cur == -* ]] || { compopt -o default; return; }" : "";
    return `    "${command.name} "*) words="${offered}"${files};;`;
  });
  return [
    "# Completions of aquaset for bash: source <(aquaset completions bash)",
    "_aquaset() {",
    "  local cur=${COMP_WORDS[COMP_CWORD]} words=\"\" IFS=$' \\n'",
    "  COMPREPLY=()",
    `  (( COMP_CWORD == 1 )) && words="${commands.map(({ name }) => name).join(" ")}"`,
    '  (( COMP_CWORD > 1 )) && case "${COMP_WORDS[1]} ${COMP_WORDS[COMP_CWORD-1]}" in',
    ...values,
    ...names,
    "  esac",
    '  COMPREPLY=($(compgen -W "$words" -- "$cur"))',
    "}",
    "complete -F _aquaset aquaset",
  ].join("\n");
}

function zsh(commands: readonly Completed[]): string {
  const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
  const plain = (text: string) => text.replace(/[\[\]:\\]/g, "\\$&");
  const cases = commands.map((command) => {
    const { name, flags } = command;
    const words = wordsOf(command);
    const specs = flagsOf(flags).map(([flag, of]) => {
      const values = valuesOf(of);
      const many = of.repeatable ? "*" : "";
      const action = values === "none"
        ? ""
        : `:${plain(of.takes)}:${
          typeof values !== "string"
            ? `(${values.join(" ")})`
            : values === "file"
            ? "_files"
            : values === "folder"
            ? "_files -/"
            : ""
        }`;
      return quoted(`${many}--${flag}[${plain(of.help)}]${action}`);
    });
    const files = words === "none"
      ? []
      : [words === "file" ? "'*:file:_files'" : `'1:word:(${words.join(" ")})'`];
    return `    ${name}) _arguments ${[...specs, ...files].join(" ")};;`;
  });
  return [
    "#compdef aquaset",
    "# Completions of aquaset for zsh: source <(aquaset completions zsh)",
    "_aquaset() {",
    "  local -a commands=(",
    ...commands.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}`),
    "  )",
    "  if (( CURRENT == 2 )); then _describe command commands; return; fi",
    "  shift words; (( CURRENT-- ))",
    '  case "$words[1]" in',
    ...cases,
    "  esac",
    "}",
    'if [[ "$funcstack[1]" = _aquaset ]]; then _aquaset "$@"; else compdef _aquaset aquaset; fi',
  ].join("\n");
}

function fish(commands: readonly Completed[]): string {
  const quoted = (text: string) => `'${text.replace(/['\\]/g, "\\$&")}'`;
  return [
    "# Completions of aquaset for fish: aquaset completions fish | source",
    "complete -c aquaset -f",
    ...commands.map(({ name, summary }) =>
      `complete -c aquaset -n __fish_use_subcommand -a ${name} -d ${quoted(summary)}`
    ),
    ...commands.flatMap((command) => {
      const { name, flags } = command;
      const words = wordsOf(command);
      const here = `complete -c aquaset -n '__fish_seen_subcommand_from ${name}'`;
      const options = flagsOf(flags).map(([flag, of]) => {
        const values = valuesOf(of);
        const takes = values === "none"
          ? ""
          : typeof values !== "string"
          ? ` -x -a '${values.join(" ")}'`
          : values === "file" || values === "folder"
          ? " -r -F"
          : " -x";
        return `${here} -l ${flag}${takes} -d ${quoted(of.help)}`;
      });
      if (words === "none") return options;
      return [...options, words === "file" ? `${here} -F` : `${here} -a '${words.join(" ")}'`];
    }),
  ].join("\n");
}
