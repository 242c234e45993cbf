#!/usr/bin/env -S deno run -q --no-prompt -P=doctor
/**
 * Checks what a run needs, and with `--live` whether the sites still answer as they are known here.
 *
 * @module
 */

import { green, red } from "@std/fmt/colors";
import { buildSource } from "../lib/cli/build_sources.ts";
import { checkMachine, checkSites, type Finding, issueForm } from "../lib/cli/doctor.ts";
import { onOff, parseFlags, text } from "../lib/cli/flags.ts";
import { oneLine } from "../lib/cli/legible.ts";
import {
  API_FLAGS,
  BROWSER_FLAGS,
  CONTACT,
  DATA,
  FISHBASE_FLAGS,
  GOOGLE_FLAGS,
  JSON_OUT,
  SCRAPE_FLAGS,
  type SourceName,
  SOURCES_FLAG,
} from "../lib/cli/scrape_flags.ts";
import { runScript, type Script, type ScriptContext } from "../lib/cli/script.ts";
import { readSettings } from "../lib/cli/settings.ts";
import { savePage } from "../lib/dataset/pages.ts";
import { Budget } from "../lib/sources/budget.ts";
import type { ImageSource } from "../lib/sources/source.ts";
import { parseSpeciesInput } from "../lib/species/input.ts";
import { Failure } from "../lib/base/failure.ts";
import type { Species } from "../lib/species/species.ts";
import type { Client } from "../lib/web/client.ts";
import { createClient } from "../lib/web/create_client.ts";

const FLAGS = {
  data: DATA,
  live: onOff("ask each site for one species, as politely as a run"),
  species: text("NAME", "Betta splendens", "the species that --live asks for"),
  sources: SOURCES_FLAG,
  browser: BROWSER_FLAGS.browser,
  contact: CONTACT,
  json: JSON_OUT,
};

/** `deno task doctor`. */
export const script: Script<typeof FLAGS> = {
  name: "doctor",
  summary: "Checks what a run needs; with --live, whether the sites are still as known here.",
  flags: FLAGS,
  examples: ["doctor", "doctor --live"],
  async run(flags, context) {
    const contact = flags.contact ?? await contactIn(flags.data);
    const client = createClient({ contact, notice: context.say });
    const findings: Finding[] = [];
    const show = (finding: Finding) => {
      findings.push(finding);
      if (!flags.json) context.print(line(finding));
    };
    try {
      const patient = { ...flags, client };
      for await (const finding of checkMachine(patient, context.signal)) show(finding);
      if (flags.live) {
        await Deno.mkdir(flags.data, { recursive: true });
        const budget = await Budget.open(flags.data);
        const sources = sourcesFor(flags, client, budget, context);
        const species = speciesNamed(flags.species);
        for await (const finding of checkSites(species, sources, client, context.signal)) {
          show(finding);
        }
        await budget.flush();
      }
    } finally {
      client.close();
    }
    if (flags.json) context.print(JSON.stringify(findings, null, 2));
    else {
      const forms = findings.map((finding) => issueForm(finding, flags.data));
      for (const form of forms) if (form !== undefined) context.print(`\n${form}`);
    }
    return findings.every(({ ok }) => ok) ? 0 : 1;
  },
};

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

function sourcesFor(
  own: {
    readonly data: string;
    readonly browser: string | undefined;
    readonly sources: readonly SourceName[];
  },
  client: Client,
  budget: Budget,
  { say }: ScriptContext,
): readonly ImageSource[] {
  const table = {
    ...SCRAPE_FLAGS,
    ...BROWSER_FLAGS,
    ...FISHBASE_FLAGS,
    ...API_FLAGS,
    ...GOOGLE_FLAGS,
  };
  const flags = { ...parseFlags([], table, false).flags, data: own.data, browser: own.browser };
  const dataset = {
    saveReportPage: (name: string, bytes: Uint8Array) => savePage(own.data, name, bytes),
  };
  const parts = { client, dataset, budget, notice: say };
  return own.sources.map((name) => buildSource(name, flags, parts));
}

if (import.meta.main) await runScript(script);
