/**
 * Openverse's API, in the shapes recorded in 2022 and 2024: a free-text search that also finds what
 * bears another name.
 *
 * @module
 */

import type { Handler } from "../http.ts";
import { acceptedName } from "../licensed.ts";
import type { Plan } from "../plan.ts";
import { apiSite, json } from "./api_site.ts";

export function openverse(plan: Plan): Handler {
  const throttled = "Request was throttled. Expected available in 1 second.";
  return apiSite({
    robots: "Disallow: /v1/images/",
    // The time to wait stands in the text alone.
    faults: { 1: json({ detail: throttled }, { status: 429 }) },
    answer: ({ pathname, searchParams }) =>
      pathname === "/v1/images/" ? search(searchParams, plan) : undefined,
  }, plan);
}

function search(query: URLSearchParams, plan: Plan): Record<string, unknown> {
  const name = query.get("q")?.replaceAll('"', "") ?? "";
  const fish = plan.catalogue.fish.find((one) => acceptedName(one) === name);
  const photos = fish === undefined ? [] : plan.of(fish).licensed.openverse;
  const results = photos.flatMap(({ author, number, page, size, url }) =>
    ["My tank", `${name} at home`].map((title, own) => {
      const license = own === 1 ? "by-sa" : "by";
      const other = `${number + 10}`;
      return {
        id: crypto.randomUUID(),
        title,
        url: own === 1 ? url : url.replace(`${number}`, other),
        foreign_landing_url: own === 1 ? page : page.replace(`${number}`, other),
        creator: author,
        license,
        license_version: "2.0",
        license_url: `https://creativecommons.org/licenses/${license}/2.0/`,
        ...own === 1 ? size : {},
        provider: "flickr",
        source: "flickr",
        category: null,
        fields_matched: ["title"],
        tags: [{ name: "aquarium" }],
      };
    })
  );
  return {
    result_count: results.length,
    page_count: results.length === 0 ? 0 : 1,
    page_size: 20,
    page: 1,
    results,
  };
}
