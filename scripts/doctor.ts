#!/usr/bin/env -S deno run -q --no-prompt -P=doctor
/**
 * Checks what a run needs, and with `--live` whether the sites still answer as they are known here.
 *
 * @module
 */

import { green, red } from "@std/fmt/colors";
import { Failure } from "../lib/base/failure.ts";
import { type Finding, issueForm, machineChecks, perform, siteChecks } from "../lib/cli/doctor.ts";
import { defaultsOf, flag, onOff, text } from "../lib/cli/flags.ts";
import { oneLine } from "../lib/cli/terminal_text.ts";
import {
  BROWSER_FLAGS,
  CONTACT,
  DATA,
  JSON_OUT,
  SOURCE_FLAGS,
  SOURCES_FLAG,
} from "../lib/cli/scrape_flags.ts";
import { defineScript, runScript } from "../lib/cli/script.ts";
import { readSettings } from "../lib/cli/settings.ts";
import { buildSource } from "../lib/cli/sources.ts";
import { Budget } from "../lib/sources/budget.ts";
import { parseSpeciesInput } from "../lib/species/input.ts";
import type { Species } from "../lib/species/species.ts";
import { createClient } from "../lib/web/create_client.ts";

export const script = defineScript({
  name: "doctor",
  summary: "Checks what a run needs; with --live, whether the sites are still as known here.",
  flags: {
    data: DATA,
    live: onOff("ask each site for one species, as politely as a run"),
    species: flag(text("NAME"), "the species that --live asks for", "Betta splendens"),
    sources: SOURCES_FLAG,
    browser: BROWSER_FLAGS.browser,
    contact: CONTACT,
    json: JSON_OUT,
  },
  examples: ["doctor", "doctor --live"],
  async run(flags, { print, say: notice, signal, use }) {
    const { browser, data, json } = flags;
    const contact = flags.contact ?? await contactIn(data);
    const client = use(createClient({ contact, notice }));
    const findings: Finding[] = [];
    const show = async (checks: ReturnType<typeof machineChecks>) => {
      for await (const finding of perform(checks, signal)) {
        findings.push(finding);
        if (!json) print(line(finding));
      }
    };
    await show(machineChecks(data, browser, client));
    if (flags.live) {
      await Deno.mkdir(data, { recursive: true });
      const budget = await Budget.open(data);
      const parts = { client, budget, notice };
      const all = { ...defaultsOf(SOURCE_FLAGS), data, browser };
      const sources = flags.sources.map((name) => buildSource(name, all, parts));
      await show(siteChecks(speciesNamed(flags.species), sources, client));
      await budget.flush();
    }
    if (json) print(JSON.stringify(findings, null, 2));
    else {
      for (const finding of findings) {
        const form = issueForm(finding, data);
        if (form !== undefined) print(`\n${form}`);
      }
    }
    return findings.every(({ ok }) => ok) ? 0 : 1;
  },
});

/** The contact in the settings; one of the checks says what is wrong with them. */
async function contactIn(data: string): Promise<string | undefined> {
  const settings = await readSettings(data).catch((thrown) => {
    if (thrown instanceof Failure) return undefined;
    throw thrown;
  });
  return typeof settings?.contact === "string" ? settings.contact : undefined;
}

function line({ check, ok, text }: Finding): string {
  return `${ok ? green("ok ") : red("BAD")}  ${check.padEnd(11)}  ${oneLine(text)}`;
}

function speciesNamed(name: string): Species {
  const { species: [one] } = parseSpeciesInput(name, "--species");
  if (one?.search !== undefined) return one;
  throw new Failure(`The flag --species takes a Latin name, not "${name}".`, 2);
}

if (import.meta.main) await runScript(script);
