/** API sources against worlds that are not as ours: every field of an answer missing or of another type. */

import { assert, assertEquals } from "@std/assert";
import type { ApiOptions } from "../../lib/sources/api.ts";
import { createCommons } from "../../lib/sources/commons.ts";
import { createGbif } from "../../lib/sources/gbif.ts";
import { createINaturalist } from "../../lib/sources/inaturalist.ts";
import { createOpenverse } from "../../lib/sources/openverse.ts";
import { type ImageSource, StageStop } from "../../lib/sources/source.ts";
import { FakeApi, parts, runJob } from "./fake_api.ts";

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** The answers of each API in a world that is as it should be, by the last part of their path. */
const WORLDS: Readonly<Record<string, Readonly<Record<string, Json>>>> = {
  inaturalist: {
    taxa: {
      total_results: 1,
      results: [{
        id: 7,
        name: "Betta demo",
        rank: "species",
        is_active: true,
        matched_term: "Betta demo",
        current_synonymous_taxon_ids: null,
      }],
    },
    observations: {
      total_results: 1,
      results: [{
        id: 11,
        taxon: { id: 7, name: "Betta demo" },
        user: { login: "ann", name: "Ann" },
        photos: [{
          id: 101,
          license_code: "cc-by",
          url: "https://inaturalist-open-data.s3.amazonaws.com/photos/101/square.jpg",
          attribution: "(c) Ann",
          original_dimensions: { width: 2048, height: 1024 },
        }],
      }],
    },
  },
  gbif: {
    match: {
      usageKey: 7,
      matchType: "EXACT",
      rank: "SPECIES",
      canonicalName: "Betta demo",
      species: "Betta demo",
    },
    search: {
      endOfRecords: true,
      results: [{
        key: 11,
        basisOfRecord: "HUMAN_OBSERVATION",
        taxonKey: 7,
        media: [{
          type: "StillImage",
          format: "image/jpeg",
          identifier: "https://a.example/1.jpg",
          license: "http://creativecommons.org/licenses/by/4.0/",
          creator: "Ann",
        }],
      }],
    },
  },
  commons: {
    "api.php": {
      batchcomplete: true,
      query: {
        pages: [{
          pageid: 1,
          title: "File:Betta.jpg",
          imageinfo: [{
            url: "https://upload.wikimedia.org/a/Betta.jpg",
            thumburl: "https://upload.wikimedia.org/thumb/Betta.jpg",
            thumbwidth: 1280,
            thumbheight: 960,
            mime: "image/jpeg",
            extmetadata: { Artist: { value: "Ann" }, License: { value: "cc-by-4.0" } },
          }],
        }],
      },
    },
  },
  openverse: {
    "": {
      page_count: 1,
      results: [{
        url: "https://live.staticflickr.com/1.jpg",
        foreign_landing_url: "https://www.flickr.com/photos/1",
        title: "Betta demo",
        creator: "ann",
        license: "by",
        license_version: "2.0",
        license_url: "https://creativecommons.org/licenses/by/2.0/",
        tags: [{ name: "fish" }],
      }],
    },
  },
};
const SOURCES: Readonly<Record<string, (options: ApiOptions) => ImageSource>> = {
  inaturalist: createINaturalist,
  gbif: createGbif,
  commons: createCommons,
  openverse: createOpenverse,
};
/** What stands in a field's place; `undefined` leaves it out. */
const STRANGE: readonly (Json | undefined)[] = [
  undefined,
  null,
  "",
  "text",
  "7",
  -1,
  1.5,
  1e300,
  true,
  [],
  [null],
  {},
  "javascript:alert(1)",
  "<script>alert(1)</script>",
];

/** Every value that differs from this one in one place. */
function* changed(value: Json): Generator<Json | undefined> {
  yield* STRANGE;
  if (value === null || typeof value !== "object") return;
  if (isList(value)) {
    for (const [at, item] of value.entries()) {
      for (const other of changed(item)) yield value.with(at, other ?? null);
    }
    return;
  }
  for (const [name, item] of Object.entries(value)) {
    for (const other of changed(item)) {
      const { [name]: _, ...rest } = value;
      // The field moves to the end, too: no order may be relied on.
      yield other === undefined ? rest : { ...rest, [name]: other };
    }
  }
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

for (const [name, world] of Object.entries(WORLDS)) {
  Deno.test(`${name} keeps nothing wrong, whatever one field of an answer is`, async () => {
    const create = SOURCES[name];
    assert(create !== undefined);
    const whole = await runJob(create(parts(worldOf(world)).options), "Betta demo");
    assertEquals([whole.candidates.length, whole.end.why], [1, "exhausted"]);
    let worlds = 0;
    for (const [path, answer] of Object.entries(world)) {
      for (const other of changed(answer)) {
        worlds++;
        const client = worldOf({ ...world, [path]: other ?? null });
        try {
          const { candidates } = await runJob(create(parts(client).options), "Betta demo");
          for (const { author, license, licenseUrl, page, url } of candidates) {
            for (const address of [url, page, licenseUrl ?? url]) {
              assert(/^https?:\/\/[a-z]/.test(address), address);
            }
            assert(license === undefined || /^CC(?:0|-BY)/.test(license), license);
            assert(author === undefined || author !== "");
          }
        } catch (thrown) {
          if (!(thrown instanceof StageStop)) throw thrown;
        }
        assert(client.asked.length <= 30, `${client.asked.length} requests`);
      }
    }
    assert(worlds > 100, `${worlds} worlds`);
  });
}

function worldOf(world: Readonly<Record<string, Json>>): FakeApi {
  return new FakeApi(({ pathname }) => world[pathname.split("/").at(-1) ?? ""] ?? null);
}
