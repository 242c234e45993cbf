#!/usr/bin/env -S deno run -q --no-prompt -P=browser
/**
 * Sees to a browser: says nothing where there is one, and else fetches one into `.cache/chrome`. The
 * scripts that need a browser cannot write there.
 *
 * @module
 */

import { onOff } from "../lib/cli/flags.ts";
import { runScript, type Script, type ScriptContext } from "../lib/cli/script.ts";
import { fetchBrowser } from "../lib/browser/fetch_browser.ts";
import { findBrowser } from "../lib/browser/find_browser.ts";

const FLAGS = {
  yes: onOff("fetch without asking"),
  fetch: onOff("fetch even where there is one, for when it does not start"),
};

/** `deno task browser`. */
export const script: Script<typeof FLAGS> = {
  name: "browser",
  summary: "Fetches a browser for Google Images into .cache/chrome, where none is installed.",
  flags: FLAGS,
  examples: ["browser", "browser --fetch"],
  async run(flags, context) {
    const present = Deno.env.get("CHROME_PATH") || await findBrowser();
    if (present && !flags.fetch) return 0;
    if (!flags.yes && !await isWanted(context)) return 0;
    const program = await fetchBrowser({
      cache: ".cache",
      notice: (text) => context.say(text),
      ...(Deno.stderr.isTerminal() && !context.quiet ? { progress: showProgress() } : {}),
      again: flags.fetch,
      signal: context.signal,
    });
    context.say(`The browser is at ${program}.`);
    return 0;
  },
};

/** Asks a person, where one is at the terminal. */
async function isWanted(context: ScriptContext): Promise<boolean> {
  if (!Deno.stdin.isTerminal() || !Deno.stderr.isTerminal()) return true;
  await Deno.stderr.write(new TextEncoder().encode(
    "Google Images needs a browser and none is installed: fetch one into .cache/chrome (70 to 200 MB)? [y/N] ",
  ));
  const bytes = new Uint8Array(256);
  const length = await Deno.stdin.read(bytes) ?? 0;
  if (/^\s*y(es)?\s*$/i.test(new TextDecoder().decode(bytes.subarray(0, length)))) return true;
  context.say("Nothing was fetched. Without a browser everything but Google Images works.");
  return false;
}

/** Draws how much is loaded, once a percent. */
function showProgress(): (loaded: number, all: number) => void {
  let drawn = -1;
  return (loaded, all) => {
    const percent = all > 0 ? Math.floor((loaded / all) * 100) : 0;
    if (percent === drawn) return;
    drawn = percent;
    const end = percent === 100 ? "\n" : "";
    Deno.stderr.writeSync(
      new TextEncoder().encode(`\r${percent} % of ${Math.round(all / 1e6)} MB${end}`),
    );
  };
}

if (import.meta.main) await runScript(script);
