import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { stripAnsiCode } from "@std/fmt/colors";
import { describeSummary, OutcomeCounts, summarise } from "../../lib/cli/summary.ts";
import { StageStop } from "../../lib/sources/source.ts";
import { fish } from "../scrape/world.ts";

const betta = fish("Betta splendens");
const danio = fish("Danio rerio");

function summary(
  reports: [typeof betta, string, string, string?][],
  stops: StageStop[] = [],
  notEmbedded?: number,
) {
  const counts = new OutcomeCounts();
  const base = { event: "image", species: betta.id, url: "https://a.test/1", page: "" } as const;
  counts.count({ ...base, source: "google", outcome: "kept" });
  counts.count({ ...base, source: "google", outcome: "timeout" });
  counts.count({ ...base, source: "fishbase", outcome: "kept" });
  return summarise({
    seconds: 1.26,
    data: "data",
    wanted: 3,
    species: [betta, danio],
    kept: (id) => id === betta.id ? 3 : 1,
    result: {
      reports: reports.map(([species, source, why, detail]) => ({
        species,
        source,
        why,
        kept: 0,
        ...(detail === undefined ? {} : { detail }),
      })),
      stops: stops.map((stop) => ({ source: "google", stop })),
    },
    counts,
    again: "deno task scrape",
    notEmbedded,
  });
}

Deno.test("summarise() counts what is enough and says why the others are short", () => {
  const result = summary([[betta, "google", "enough"], [danio, "google", "exhausted"]]);
  assertEquals([result.enough, result.kept, result.givenUp], [1, 4, 0]);
  assertMatch(describeSummary({ ...result, givenUp: 2 }), /2 candidates were given up/);
  assertEquals(result.species.map(({ why }) => why), [{}, { google: "exhausted" }]);
  assertEquals(result.outcomes, { google: { kept: 1, timeout: 1 }, fishbase: { kept: 1 } });
});

Deno.test("describeSummary() tells pages that were not recognised first", () => {
  const text = describeSummary(summary([[danio, "google", "not-recognised", "no data"]]));
  assertMatch(stripAnsiCode(text), /^google: 1 page was of a shape that is not known here/);
});

Deno.test("describeSummary() tells one reason of several sources once", () => {
  const text = describeSummary(summary([
    [danio, "fishbase", "no-latin-name", "the cell says hybrid"],
    [danio, "google", "no-latin-name", "the cell says hybrid"],
  ]));
  assertStringIncludes(text, "Danio rerio");
  assertStringIncludes(text, "1/3   no-latin-name: the cell says hybrid");
});

Deno.test("describeSummary() tells what a stage stopped for and how to go on", () => {
  const text = describeSummary(summary([], [new StageStop("robot-check", "Come back later.")]));
  assertStringIncludes(text, "google: Come back later.");
  assertStringIncludes(text, "deno task scrape   (goes on from here, later)");
});

Deno.test("describeSummary() names embedding where other images have embeddings", () => {
  const next = (notEmbedded?: number): boolean =>
    describeSummary(summary([], [], notEmbedded)).includes("deno task embed --data data");
  assertEquals([next(), next(0), next(3)], [false, false, true]);
});

Deno.test("describeSummary() names what comes next, and not the same again when all is done", () => {
  const text = describeSummary(summary([[betta, "google", "enough"]]));
  assertStringIncludes(text, "deno task report --data data ");
  assertEquals(text.includes("deno task scrape"), false);
  const nothing = describeSummary({
    ...summary([], [new StageStop("unreachable", "No mirror answers.")]),
    outcomes: {},
  });
  assertEquals(nothing.includes("Nothing was left"), false);
});
