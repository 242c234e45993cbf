/**
 * Completions for shells, made from the tables of flags.
 *
 * @module
 */

import type { Described } from "./help.ts";

export const SHELLS = ["bash", "zsh", "fish"] as const;

export type Shell = typeof SHELLS[number];

/** What a shell is to read: `source <(aquaset completions bash)`. */
export function completionsFor(shell: Shell, commands: readonly Described[]): string {
  return { bash, zsh, fish }[shell](commands).join("\n");
}

/** What each shell does where a value comes next: it offers files, folders, or nothing. */
const ACTIONS = {
  file: { bash: "compopt -o default; return", zsh: ":_files", fish: " -r -F" },
  folder: { bash: "compopt -o dirnames; return", zsh: ":_files -/", fish: " -r -F" },
  anything: { bash: "return", zsh: ":", fish: " -x" },
} as const;

const KINDS: Readonly<Record<string, keyof typeof ACTIONS>> = {
  DIR: "folder",
  FILE: "file",
  PATH: "file",
};

function actionFor(shell: Shell, takes: string): string {
  const words = takes.replaceAll("|", " ");
  return /^[a-z-]+( [a-z-]+)+$/.test(words)
    ? { bash: `words="${words}"`, zsh: `:(${words})`, fish: ` -x -a '${words}'` }[shell]
    : ACTIONS[KINDS[takes] ?? "anything"][shell];
}

/** The words that a command takes besides flags; files unless they are listed. */
function wordsOf({ words = "" }: Described): { readonly listed: string; readonly files: boolean } {
  const isListed = words.includes("|");
  return { listed: isListed ? words.replaceAll("|", " ") : "", files: words !== "" && !isListed };
}

function bash(commands: readonly Described[]): string[] {
  const values = commands.flatMap(({ name, flags }) =>
    Object.entries(flags).filter(([, { takes }]) => takes !== "")
      .map(([flag, { takes }]) => `    "${name} --${flag}") ${actionFor("bash", takes)};;`)
  );
  const names = commands.map((command) => {
    const { listed, files } = wordsOf(command);
    const flags = Object.keys(command.flags).map((flag) => `--${flag}`).join(" ");
    const orFiles = files ? "; [[ $cur == -* ]] || { compopt -o default; return; }" : "";
    return `    "${command.name} "*) words="${`${listed} ${flags}`.trim()}"${orFiles};;`;
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
  ];
}

function zsh(commands: readonly Described[]): string[] {
  const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
  const escaped = (text: string) => text.replace(/[\[\]:\\]/g, "\\$&");
  const cases = commands.map((command) => {
    const specs = Object.entries(command.flags).map(([flag, { help, repeatable, takes }]) => {
      const value = takes === "" ? "" : `:${escaped(takes)}${actionFor("zsh", takes)}`;
      return quoted(`${repeatable ? "*" : ""}--${flag}[${escaped(help)}]${value}`);
    });
    const { listed, files } = wordsOf(command);
    if (files) specs.push("'*:file:_files'");
    if (listed !== "") specs.push(`'1:word:(${listed})'`);
    return `    ${command.name}) _arguments ${specs.join(" ")};;`;
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
  ];
}

function fish(commands: readonly Described[]): string[] {
  const quoted = (text: string) => `'${text.replace(/['\\]/g, "\\$&")}'`;
  return [
    "# Completions of aquaset for fish: aquaset completions fish | source",
    "complete -c aquaset -f",
    ...commands.map(({ name, summary }) =>
      `complete -c aquaset -n __fish_use_subcommand -a ${name} -d ${quoted(summary)}`
    ),
    ...commands.flatMap((command) => {
      const here = `complete -c aquaset -n '__fish_seen_subcommand_from ${command.name}'`;
      const options = Object.entries(command.flags).map(([flag, { help, takes }]) =>
        `${here} -l ${flag}${takes === "" ? "" : actionFor("fish", takes)} -d ${quoted(help)}`
      );
      const { listed, files } = wordsOf(command);
      if (files) options.push(`${here} -F`);
      if (listed !== "") options.push(`${here} -a '${listed}'`);
      return options;
    }),
  ];
}
