#!/usr/bin/env -S deno run -q --no-prompt -P=browser
/**
 * Sees to a browser: says nothing where there is one, and else fetches one into `.cache/chrome`. The
 * scripts that need a browser cannot write there.
 *
 * @module
 */

import { onOff } from "../lib/cli/flags.ts";
import { withDisplay } from "../lib/cli/progress.ts";
import { runScript, type Script } from "../lib/cli/script.ts";
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
    const question = "Google Images needs a browser: fetch one here (70 to 200 MB)?";
    if (!flags.yes && !await context.confirm(question)) {
      context.say("Nothing was fetched. Without a browser everything but Google Images works.");
      return 0;
    }
    const program = await withDisplay(context, (display) => {
      const show = display.count("browser", "MB");
      return fetchBrowser({
        cache: ".cache",
        notice: context.say,
        progress: (loaded, all) => show(Math.round(loaded / 1e6), Math.round(all / 1e6)),
        again: flags.fetch,
        signal: context.signal,
      });
    });
    context.say(`The browser is at ${program}.`);
    return 0;
  },
};

if (import.meta.main) await runScript(script);
