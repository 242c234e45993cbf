/**
 * Reads a script's first line, so that the demo runs it with exactly its own permissions.
 *
 * @module
 */

/** The range that the demo's proxy lies in. */
const LOOPBACK = "127.0.0.0/8";

/**
 * The words of a script's first line after `deno`: `run`, then its permissions.
 *
 * @param script The script's text.
 * @throws {TypeError} When it does not begin with `#!/usr/bin/env -S deno run`.
 */
export function commandOf(script: string): string[] {
  const line = script.slice(0, script.indexOf("\n")).trim();
  const start = "#!/usr/bin/env -S deno run";
  if (!line.startsWith(`${start} `)) {
    throw new TypeError(`The script does not begin with ${start}.`);
  }
  return ["run", ...wordsOf(line.slice(start.length))];
}

/** Words as `env -S` tells them apart: blanks divide, quotes of either kind hold together. */
function wordsOf(line: string): string[] {
  const words = line.match(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g) ?? [];
  return words.map((word) => word.replace(/'([^']*)'|"([^"]*)"/g, "$1$2"));
}

/**
 * The same command for the demo: loopback is not denied, where the proxy is, and the data folder is
 * another. Nothing else changes.
 *
 * @param command What {@linkcode commandOf} gave.
 * @param data The data folder in place of `data`.
 * @returns The words after `deno`.
 */
export function demoCommand(command: readonly string[], data: string): string[] {
  return command.flatMap((word) => {
    const [flag = "", list] = splitOnce(word);
    if (list === undefined) return [word];
    const values = list.split(",");
    switch (flag) {
      case "--deny-net": {
        const rest = values.filter((value) => value !== LOOPBACK);
        return rest.length === 0 ? [] : [`${flag}=${rest.join(",")}`];
      }
      case "--allow-read":
      case "--allow-write":
        return [`${flag}=${values.map((value) => value === "data" ? data : value).join(",")}`];
      default:
        return [word];
    }
  });
}

function splitOnce(word: string): readonly [string, string?] {
  const at = word.indexOf("=");
  return at < 0 ? [word] : [word.slice(0, at), word.slice(at + 1)];
}
