#!/usr/bin/env -S deno run -q --no-prompt -P=browser
/**
 * Sees to a browser: says nothing where there is one, and else fetches one into `.cache/chrome`. The
 * scripts that need a browser cannot write there.
 *
 * @module
 */

import { fetchBrowser } from "../lib/browser/fetch_browser.ts";
import { findBrowser } from "../lib/browser/find_browser.ts";
import { onOff } from "../lib/cli/flags.ts";
import { defineScript, runScript } from "../lib/cli/script.ts";

export const script = defineScript({
  name: "browser",
  summary: "Fetches a browser for Google Images into .cache/chrome, where none is installed.",
  flags: {
    yes: onOff("fetch without asking"),
    fetch: onOff("fetch even where there is one, for when it does not start"),
  },
  examples: ["browser", "browser --fetch"],
  async run({ yes, fetch }, { confirm, counting, say, signal }) {
    const present = Deno.env.get("CHROME_PATH") || await findBrowser();
    if (present && !fetch) return;
    const question = "Google Images needs a browser: fetch one here (70 to 200 MB)?";
    if (!yes && !await confirm(question)) {
      return say("Nothing was fetched. Without a browser everything but Google Images works.");
    }
    const program = await counting("MB", (show) =>
      fetchBrowser({
        cache: ".cache",
        notice: say,
        progress: (loaded, all) => show(Math.round(loaded / 1e6), Math.round(all / 1e6)),
        again: fetch,
        signal,
      }));
    say(`The browser is at ${program}.`);
  },
});

if (import.meta.main) await runScript(script);
