/**
 * iNaturalist's API, version 1, in the shapes recorded from 2020 to 2026. Some pages have fewer
 * observations than fit, although more follow.
 *
 * @module
 */

import type { Fish } from "../catalogue.ts";
import type { Handler } from "../http.ts";
import { acceptedName, type LicensedFinding, observationOf, taxonOf } from "../licensed.ts";
import type { Plan } from "../plan.ts";
import { apiSite, HTML_PAGE, json } from "./api_site.ts";

/** What the taxon of a name that is out of use adds to the number of the one in its place. */
const OUT_OF_USE = 1_000_000;
/** How many observations a page with gaps has. */
const GAP_PAGE = 2;

export function inaturalist(plan: Plan): Handler {
  const { fish: all } = plan.catalogue;
  return apiSite({
    robots: "Disallow: /",
    faults: {
      2: json({ error: "Too many requests", status: 429 }, { status: 429 }),
      5: HTML_PAGE,
    },
    answer(url) {
      const [, one] = /^\/v1\/taxa\/(\d+)$/.exec(url.pathname) ?? [];
      if (one !== undefined) {
        return page(all.filter((fish) => taxonOf(fish) === Number(one)).map((fish) => taxon(fish)));
      }
      if (url.pathname === "/v1/taxa") return page(taxa(all, url.searchParams.get("q") ?? ""));
      return url.pathname === "/v1/observations" ? observations(url, plan) : undefined;
    },
  }, plan);
}

function page(results: readonly unknown[], total = results.length): Record<string, unknown> {
  return { total_results: total, page: 1, per_page: 200, results };
}

function taxon(fish: Fish, matched = acceptedName(fish) ?? ""): Record<string, unknown> {
  return {
    id: taxonOf(fish),
    rank: "species",
    rank_level: 10,
    name: acceptedName(fish),
    matched_term: matched,
    is_active: true,
    current_synonymous_taxon_ids: null,
    iconic_taxon_name: "Actinopterygii",
    observations_count: 321,
  };
}

/** The search is by parts of names, so that others of the genus are answered too. */
function taxa(all: readonly Fish[], query: string): readonly unknown[] {
  const fish = all.find((one) => acceptedName(one) === query) ??
    all.find((one) => one.latin === query && acceptedName(one) !== undefined);
  const [genus = ""] = query.split(" ");
  const relative = {
    id: 99,
    rank: "species",
    name: `${genus} propinqua`,
    matched_term: genus,
    is_active: true,
    current_synonymous_taxon_ids: null,
  };
  if (fish === undefined || fish.knowledge.kind === "misspelt" && fish.latin === query) {
    return [relative];
  }
  if (acceptedName(fish) === query) return [relative, taxon(fish)];
  if (fish.knowledge.kind === "renamed") return [taxon(fish, query), relative];
  const outOfUse = {
    ...taxon(fish, query),
    id: taxonOf(fish) + OUT_OF_USE,
    name: query,
    is_active: false,
    current_synonymous_taxon_ids: [taxonOf(fish)],
  };
  return [relative, outOfUse];
}

function observations(url: URL, plan: Plan): Record<string, unknown> {
  const id = Number(url.searchParams.get("taxon_id"));
  const fish = plan.catalogue.fish.find((one) => taxonOf(one) === id);
  if (fish === undefined) return page([]);
  const above = Number(url.searchParams.get("id_above") ?? "0");
  const left = observationsOf(fish, plan).filter((one) => one.id > above);
  const most = plan.options.faults && fish.index % 4 === 0 ? GAP_PAGE : 200;
  return page(left.slice(0, most), left.length);
}

function observationsOf(fish: Fish, plan: Plan) {
  const planned = plan.of(fish).licensed.inaturalist;
  const [first, second, png, ...others] = planned;
  const shared = others.filter((one) => one.of !== fish);
  const last = others.filter((one) => one.of === fish);
  const name = acceptedName(fish) ?? "";
  const own = { id: taxonOf(fish), name, rank: "species" };
  const unlicensed = {
    ...photo(first, 91),
    license_code: null,
    attribution: "(c) someone, all rights reserved",
  };
  const wild = { captive: false, quality_grade: "research", taxon: own };
  return [
    { ...wild, photos: [photo(first), ...last.map((one) => photo(one))] },
    // A photo that is in the observation before, too.
    { ...wild, photos: [photo(first), photo(second)] },
    { ...wild, captive: true, quality_grade: "casual", photos: [photo(png)] },
    { ...wild, photos: shared.map((one) => photo(one)) },
    // A descendant: answered, but not what was asked for.
    {
      ...wild,
      taxon: { id: taxonOf(fish) + 5, name: `${name} minor`, rank: "subspecies" },
      photos: [photo(first, 90)],
    },
    { ...wild, photos: [unlicensed] },
  ].map((one, n) => ({
    id: observationOf(fish, n),
    uri: `https://www.inaturalist.org/observations/${observationOf(fish, n)}`,
    // The licence of the observation, which is not that of its photos.
    license_code: "cc0",
    observed_on: `2024-05-${10 + n}`,
    identifications_most_agree: true,
    user: { id: fish.code, login: `diver${fish.code}`, name: `Diver ${fish.code}` },
    ...one,
  })).filter(({ photos }) => photos.length > 0);
}

/** A photo in an observation: in the smallest size, which its address names. */
function photo(
  finding: LicensedFinding | undefined,
  n?: number,
): Record<string, unknown> {
  if (finding === undefined) throw new TypeError("A fish has three photos at least.");
  const number = n === undefined ? finding.number : Math.floor(finding.number / 100) * 100 + n;
  const { license, size, url } = finding;
  const code = license.replace(/-(?:4|1)\.0$/, "").toLowerCase();
  const stamp = finding.index === 1 ? "?1545715684" : "";
  return {
    id: number,
    license_code: code,
    attribution: `(c) ${finding.author}, some rights reserved (${code.toUpperCase()})`,
    url: url.replace(String(finding.number), String(number)).replace("/large.", "/square.") + stamp,
    original_dimensions: { width: size.width, height: size.height },
  };
}
