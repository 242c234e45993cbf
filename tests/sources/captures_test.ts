/** Every recorded answer of the four APIs: what the sources make of it. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import * as v from "valibot";
import { capture, captureNames } from "./captures.ts";
import { type Json, play, type Recorded } from "./recorded.ts";

/** How a recorded answer is asked for, and what must come of it. */
interface Case {
  readonly latin?: string;
  /** The answers around it. */
  readonly play: (body: Json) => readonly Recorded[];
  /** How the search ends: its `why`, or that of the stage's stop. */
  readonly end: string;
  /** How many candidates have each licence. */
  readonly licenses?: Readonly<Record<string, number>>;
}

const at = (body: Json, status = 200): Recorded => ({ at: [], status, body });

// iNaturalist: a taxon, then its observations.
const FIRST = v.object({
  results: v.pipe(v.array(v.object({ taxon: v.object({ id: v.number() }) })), v.minLength(1)),
});
function observations(body: Json, id?: number): Recorded[] {
  const parsed = v.safeParse(FIRST, body);
  const first = parsed.success ? parsed.output.results[0]?.taxon.id : undefined;
  const taxon = { id: id ?? first ?? 1, name: "Betta demo", rank: "species" };
  return [at({ results: [taxon] }), at(body), at({ results: [] })];
}
const taxa = (body: Json) => [at(body), at({ total_results: 0, results: [] })];

// GBIF: a match, then the records of a taxon.
const records = (taxon: number) => (body: Json) => [
  at({ matchType: "EXACT", usageKey: taxon, rank: "SPECIES" }),
  at(body),
  at({ results: [] }),
];
const match = (body: Json) => [at(body), at({ results: [] })];

// Commons: whole answers, and pieces of one.
const answers = (body: Json) => [at(body), at({ batchcomplete: "" })];
const page = (more: Json) => {
  const page = { pageid: 1, title: "File:Betta.jpg", ...toObject(more) };
  return answers({ query: { pages: [page] } });
};
const image = (more: Json) => {
  const url = "https://upload.wikimedia.org/wikipedia/commons/a/ab/Betta.jpg";
  return page({ imageinfo: [{ url, mime: "image/jpeg", ...toObject(more) }] });
};

const toObject = (value: Json): { readonly [name: string]: Json } =>
  typeof value === "object" && value !== null && !isList(value) ? value : {};
const isList = (value: Json): value is readonly Json[] => Array.isArray(value);
const toBody = (value: Json) => [at(toObject(value)["body"] ?? null), at({ results: [] })];

const CASES: Readonly<Record<string, Readonly<Record<string, Case>>>> = {
  inaturalist: {
    "v1_get_nonexistent_observation.json": { play: observations, end: "exhausted" },
    "v1_get_observation_species_counts.json": { play: observations, end: "not-recognised" },
    "v1_get_observation_with_quality_metrics_reduced.json": {
      play: observations,
      end: "exhausted",
    },
    "v1_get_observation_with_sounds.json": {
      play: observations,
      end: "exhausted",
      licenses: { "CC0-1.0": 2 },
    },
    "v1_get_observations_by_id_reduced.json": {
      play: observations,
      end: "exhausted",
      licenses: { "CC-BY-4.0": 2 },
    },
    "v1_get_observations_page1.json": {
      play: observations,
      end: "exhausted",
      licenses: { "CC-BY-NC-4.0": 1 },
    },
    "v1_get_observations_page2_reduced.json": { play: observations, end: "exhausted" },
    "v1_observations_beyond_10000_403.json": {
      play: (body) => [...observations({}).slice(0, 1), at(body, 403)],
      end: "failed",
    },
    "v1_get_taxa.json": { latin: "Nicrophorus vespilloides", play: taxa, end: "exhausted" },
    "v1_get_taxa_autocomplete.json": { play: taxa, end: "not-found" },
    "v1_get_taxa_by_id.json": { latin: "Nicrophorus vespilloides", play: taxa, end: "exhausted" },
    "v1_get_taxa_with_all_names.json": { play: taxa, end: "not-found" },
    // Version 2 answers only what is asked for.
    "v2_get_observations_full.json": { play: observations, end: "exhausted" },
    "v2_get_observations_minimal.json": { play: observations, end: "not-recognised" },
    "v2_get_taxa_minimal.json": { play: taxa, end: "not-recognised" },
  },
  gbif: {
    "match_v1_exact.json": { latin: "Helianthus annuus", play: match, end: "exhausted" },
    "match_v1_exact_fish_Salmo-salar.json": { latin: "Salmo salar", play: match, end: "exhausted" },
    "match_v1_exact_verbose_with_fuzzy_alternative.json": {
      latin: "Helianthus annuus",
      play: match,
      end: "exhausted",
    },
    "match_v1_none_multiple_equal_matches.json": {
      latin: "Calopteryx splendens",
      play: (body) => [at(body)],
      end: "not-found",
    },
    "match_v1_none_multiple_pygbif.json": {
      latin: "Calopteryx splendens",
      play: (body) => [at(body)],
      end: "not-found",
    },
    // Version 2 is not asked.
    "match_v2_exact.json": { play: match, end: "not-recognised" },
    "match_v2_exact_colxr_checklist.json": { play: match, end: "not-recognised" },
    "match_v2_exact_synonym.json": { play: match, end: "not-recognised" },
    "match_v2_higherrank.json": { play: match, end: "not-recognised" },
    "match_v2_higherrank_verbose_variants_reduced.json": { play: match, end: "not-recognised" },
    "match_v2_none.json": { play: match, end: "not-recognised" },
    "match_v2_none_strict_low_confidence.json": { play: match, end: "not-recognised" },
    "occurrence_media_variety_reduced.json": {
      play: records(2431762),
      end: "exhausted",
      licenses: { "CC-BY-4.0": 3, "CC-BY-NC-4.0": 6, "CC-BY-NC-ND-4.0": 1, "CC0-1.0": 3 },
    },
    "occurrence_search_page1.json": {
      play: records(9740253),
      end: "exhausted",
      licenses: { "CC-BY-NC-4.0": 13 },
    },
    "occurrence_search_page2.json": {
      play: records(9740253),
      end: "exhausted",
      licenses: { "CC-BY-4.0": 8, "CC-BY-NC-4.0": 7, "CC0-1.0": 1 },
    },
  },
  commons: {
    "image_data_example.json": { play: page, end: "exhausted", licenses: { "CC-BY-SA-4.0": 1 } },
    "image_data_missing_imageinfo.json": { play: page, end: "exhausted" },
    "image_info_artist_div.json": { play: image, end: "exhausted", licenses: { none: 1 } },
    "image_info_artist_internal_link.json": {
      play: image,
      end: "exhausted",
      licenses: { none: 1 },
    },
    "image_info_artist_link.json": { play: image, end: "exhausted", licenses: { none: 1 } },
    "image_info_artist_partial_link.json": { play: image, end: "exhausted", licenses: { none: 1 } },
    "image_info_artist_string.json": { play: image, end: "exhausted", licenses: { none: 1 } },
    "image_info_html_description.json": { play: image, end: "exhausted", licenses: { none: 1 } },
    "image_info_missing_license_url.json": {
      play: image,
      end: "exhausted",
      licenses: { "CC-BY-SA-4.0": 1 },
    },
    "query_allimages_50_files_extmetadata.json": {
      play: answers,
      end: "exhausted",
      licenses: { "CC-BY-4.0": 6, "CC-BY-SA-4.0": 10, "CC0-1.0": 11, none: 23 },
    },
    "query_allimages_continue_part1.json": {
      play: answers,
      end: "exhausted",
      licenses: { "CC-BY-SA-3.0-DE": 1, "CC-BY-SA-4.0": 5, none: 3 },
    },
    "query_allimages_continue_part2.json": { play: answers, end: "exhausted" },
    "query_allimages_continue_part3_end.json": { play: answers, end: "exhausted" },
    "response_small_no_continue.json": { play: answers, end: "exhausted" },
  },
  openverse: {
    "images_429_2023-07-10.json": {
      play: (value) => toBody(value).map((answer) => ({ ...answer, status: 429 })),
      end: "rate-limited",
    },
    "images_cat_by_jpg_2024-01-01_reduced.json": {
      latin: "Cat fish",
      play: toBody,
      end: "exhausted",
      licenses: { "CC-BY-2.0": 1 },
    },
    "images_galah_2022-03-28_reduced.json": {
      latin: "Eolophus roseicapilla",
      play: toBody,
      end: "exhausted",
      licenses: { "CC-BY-SA-2.0": 1, "CC0-1.0": 1 },
    },
    "images_no_results_2024-01-02.json": { play: toBody, end: "exhausted" },
  },
};

for (const [source, cases] of Object.entries(CASES)) {
  const names = captureNames(source).filter((name) => name.endsWith(".json"));
  Deno.test({
    name: `${source}: every recorded answer is read`,
    ignore: names.length === 0,
    async fn(context) {
      assertEquals(Object.keys(cases).sort(), names);
      for (
        const [name, { end, latin = "Betta demo", licenses = {}, play: around }] of Object.entries(
          cases,
        )
      ) {
        await context.step(name, async () => {
          const outcome = await play(source, {
            latin,
            answers: around(capture(`${source}/${name}`)),
          });
          const ended = v.parse(
            v.union([
              v.object({ why: v.string() }),
              v.pipe(v.object({ stop: v.string() }), v.transform(({ stop }) => ({ why: stop }))),
            ]),
            outcome.end,
          );
          const counts: Record<string, number> = {};
          for (const { author = "", license = "none", url } of outcome.candidates) {
            assert(!/[<>]/.test(author), author);
            assert(author !== "" || !name.includes("artist"));
            counts[license] = (counts[license] ?? 0) + 1;
            assertMatch(url, /^https?:\/\//);
          }
          assertEquals([ended.why, counts], [end, licenses]);
        });
      }
    },
  });
}
