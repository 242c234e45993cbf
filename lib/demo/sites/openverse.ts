/**
 * Openverse's API, in the shapes recorded in 2022 and 2024: a free-text search that also finds what
 * bears another name.
 *
 * @module
 */

import { FLICKR } from "../hosts.ts";
import { plainText, type Reply, type Request } from "../http.ts";
import { acceptedName } from "../licensed.ts";
import type { Plan } from "../plan.ts";
import { ApiFaults, json, notFound } from "./api_site.ts";

export function openverse(plan: Plan): (request: Request) => Reply {
  const faults = new ApiFaults(plan.options.faults, {
    // The time to wait stands in the text alone.
    1: json({ detail: "Request was throttled. Expected available in 1 second." }, { status: 429 }),
  });
  return ({ url }) => {
    if (url.pathname === "/robots.txt") {
      return plainText("User-agent: *\nDisallow: /v1/images/\n");
    }
    if (url.pathname !== "/v1/images/") return notFound();
    return faults.next() ?? json(search(url.searchParams, plan));
  };
}

function search(query: URLSearchParams, plan: Plan): Record<string, unknown> {
  const name = query.get("q")?.replaceAll('"', "") ?? "";
  const fish = plan.catalogue.fish.find((one) => acceptedName(one) === name);
  const photos = fish === undefined ? [] : plan.of(fish).licensed.openverse;
  const base = {
    provider: "flickr",
    source: "flickr",
    category: null,
    fields_matched: ["title"],
    tags: [{ name: "aquarium" }],
  };
  const results = photos.flatMap((one) => [
    {
      ...base,
      id: crypto.randomUUID(),
      title: "My tank",
      url: `https://${FLICKR}/894/${one.number + 10}_b72593df28_b.jpg`,
      foreign_landing_url: `https://www.flickr.com/photos/126953422@N04/${one.number + 10}`,
      creator: one.author,
      license: "by",
      license_version: "2.0",
      license_url: "https://creativecommons.org/licenses/by/2.0/",
    },
    {
      ...base,
      id: crypto.randomUUID(),
      title: `${name} at home`,
      url: one.url,
      foreign_landing_url: one.page,
      creator: one.author,
      license: "by-sa",
      license_version: "2.0",
      license_url: "https://creativecommons.org/licenses/by-sa/2.0/",
      width: one.size.width,
      height: one.size.height,
    },
  ]);
  return {
    result_count: results.length,
    page_count: results.length === 0 ? 0 : 1,
    page_size: 20,
    page: 1,
    results,
  };
}
