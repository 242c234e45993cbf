/**
 * The scripts that fetch from one source, for the species of a list that is there.
 *
 * @module
 */

import type { ExitStatus } from "../base/failure.ts";
import type { ImageSource } from "../sources/source.ts";
import { apiSource, type ApiSourceName, presentList } from "./build_sources.ts";
import type { FlagValues } from "./flags.ts";
import { API_FLAGS, SCRAPE_FLAGS } from "./scrape_flags.ts";
import { runScrape, type SourceParts } from "./scrape_run.ts";
import type { Script, ScriptContext } from "./script.ts";

/** The flags of a script that asks a documented API. */
export type ApiFlags = typeof SCRAPE_FLAGS & typeof API_FLAGS;

/** The script of a source behind a documented API. */
export function apiScript(name: ApiSourceName, summary: string): Script<ApiFlags> {
  return {
    name,
    summary,
    flags: { ...SCRAPE_FLAGS, ...API_FLAGS },
    readsSettings: true,
    run: (flags, context) => runOneSource((parts) => apiSource(name, flags, parts), flags, context),
  };
}

/** Scrapes one source. */
export async function runOneSource(
  source: (parts: SourceParts) => ImageSource,
  flags: FlagValues<typeof SCRAPE_FLAGS>,
  context: ScriptContext,
): Promise<0 | ExitStatus> {
  const list = await presentList(flags.data);
  const run = {
    list: () => Promise.resolve(list),
    sources: (parts: SourceParts) => [source(parts)],
  };
  return await runScrape(run, flags, context);
}
