#!/usr/bin/env -S deno run -q --no-prompt -P=taxonomy
/**
 * Asks GBIF for order and family of the species of a list that is there, for exports. Reaches
 * api.gbif.org; reads and writes `data`.
 *
 * @module
 */

import { plural } from "../lib/base/plural.ts";
import { CONTACT, DATA, JSON_OUT } from "../lib/cli/scrape_flags.ts";
import { defineScript, runScript } from "../lib/cli/script.ts";
import { presentList } from "../lib/cli/species_list.ts";
import { takeLock } from "../lib/dataset/lock.ts";
import { askTaxonomy, taxonomyName } from "../lib/sources/gbif.ts";
import { StageStop } from "../lib/sources/source.ts";
import { readTaxonomy, writeTaxonomy } from "../lib/species/taxonomy.ts";
import { createClient } from "../lib/web/create_client.ts";

/** What is known is written after so many answers. */
const SAVE_EVERY = 20;

export const script = defineScript({
  name: "taxonomy",
  summary: "Asks GBIF for order and family of each species, which exports then have.",
  flags: { data: DATA, contact: CONTACT, json: JSON_OUT },
  examples: ["taxonomy"],
  async run({ data, contact }, context) {
    const { counting, result, say, signal, use } = context;
    const list = await presentList(data);
    using _lock = await takeLock(data, context.name);
    const client = use(createClient({ contact, notice: say }));
    const known = await readTaxonomy(data);
    const missing = list.filter((species) => known.get(species.id)?.name !== taxonomyName(species));
    let stop: StageStop | undefined;
    try {
      await counting("species", async (progress) => {
        for (const [at, species] of missing.entries()) {
          signal.throwIfAborted();
          known.set(species.id, await askTaxonomy(species, client, signal));
          progress(at + 1, missing.length);
          if (at % SAVE_EVERY === 0) await writeTaxonomy(data, known.values());
        }
      });
    } catch (thrown) {
      if (!(thrown instanceof StageStop)) throw thrown;
      stop = thrown;
    } finally {
      if (missing.length > 0) await writeTaxonomy(data, known.values());
    }
    const families = list.flatMap(({ id }) => known.get(id)?.family ?? []);
    const counts = {
      species: list.length,
      placed: families.length,
      families: new Set(families).size,
    };
    if (stop !== undefined) say(`${stop.message} Run the same command again later.`);
    result(
      counts,
      () =>
        `GBIF knows the family of ${counts.placed} of ${
          plural(counts.species, "species", "species")
        }: ${plural(counts.families, "family", "families")}. The next export has them.`,
    );
    return stop === undefined ? 0 : 75;
  },
});

if (import.meta.main) await runScript(script);
