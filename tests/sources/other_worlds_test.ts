/** API sources against worlds that are not as ours: every field of an answer missing or of another type. */

import { assert, assertEquals } from "@std/assert";
import { Seeded } from "../../lib/base/seeded.ts";
import type { Candidate } from "../../lib/sources/source.ts";
import { photoOf } from "../../lib/sources/same_photo.ts";
import { StageStop } from "../../lib/sources/source.ts";
import { FakeApi, parts, runJob } from "./fake_api.ts";
import { API_SOURCES, type Json, play, type Recorded, type Recording } from "./recorded.ts";

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
    const create = API_SOURCES[name];
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

const FIXTURES = new URL("../fixtures/", import.meta.url);

async function recordings(source: string): Promise<Map<string, Recording>> {
  const folder = new URL(`${source}/`, FIXTURES);
  const found = new Map<string, Recording>();
  for (const { name } of [...Deno.readDirSync(folder)].sort((a, b) => a.name < b.name ? -1 : 1)) {
    if (name.endsWith(".expected.json")) continue;
    found.set(name, JSON.parse(await Deno.readTextFile(new URL(name, folder))));
  }
  return found;
}

/** The same value in another order of fields, with fields that nobody knows, and ids as texts. */
function inOtherWords(value: Json, name = ""): Json {
  if (isList(value)) return value.map((item) => inOtherWords(item, name));
  if (typeof value === "object" && value !== null) {
    const fields = Object.entries(value).reverse()
      .map(([name, item]) => [name, inOtherWords(item, name)] as const);
    // A query's pages by number, and what goes into the next query, have no fields of their own.
    const isMap = name === "pages" || name === "continue";
    return Object.fromEntries(isMap ? fields : [["unknown", { nested: [null] }], ...fields]);
  }
  const isCount = typeof value === "number" && Number.isInteger(value) && value >= 0;
  return isCount ? String(value) : value;
}

for (const source of Object.keys(API_SOURCES)) {
  Deno.test(`${source} reads the same in another order, beside unknown fields, numbers as texts`, async () => {
    for (const [name, recording] of await recordings(source)) {
      const answers = recording.answers.map(({ body, ...rest }): Recorded => ({
        ...rest,
        body: inOtherWords(body),
      }));
      const before = await play(source, recording);
      const after = await play(source, { ...recording, answers });
      assertEquals(after.candidates, before.candidates, name);
      assertEquals(after.requests, before.requests, name);
    }
  });

  // Where one field is missing, another rightly stands in for it.
  const standIns = [
    "commons/files_of_other_hosts.json",
    "openverse/licences.json",
    "gbif/media_that_are_no_pictures.json",
    "gbif/wild_only.json",
  ];

  Deno.test(`${source} keeps nothing wrong of answers that are damaged in several places`, async () => {
    const seeded = new Seeded(`other worlds of ${source}`);
    for (const [name, recording] of await recordings(source)) {
      if (standIns.includes(`${source}/${name}`)) continue;
      const { candidates } = await play(source, recording);
      const allowed = new Map(candidates.map((one) => [identityOf(one), one]));
      for (let world = 0; world < 40; world++) {
        const answers = recording.answers.map((answer): Recorded => ({
          ...answer,
          at: [],
          body: seeded.below(12) === 0 ? cutOff(answer.body, seeded) : damaged(answer.body, seeded),
        }));
        const outcome = await play(source, { ...recording, answers });
        assert(outcome.requests <= 60, `${name}, world ${world}: ${outcome.requests} requests`);
        for (const one of outcome.candidates) {
          const where = `${name}, world ${world}: ${JSON.stringify(one)}`;
          const whole = allowed.get(identityOf(one));
          assert(whole !== undefined, `no such photo: ${where}`);
          // A version may be lost, and then the licence is named without.
          assert(whole.license?.startsWith(one.license ?? "") ?? one.license === undefined, where);
        }
      }
    }
  });
}

function identityOf({ url }: Candidate): string {
  return photoOf(url) ?? url;
}

function cutOff(body: Json, seeded: Seeded): string {
  const text = JSON.stringify(body);
  return text.slice(0, seeded.below(text.length));
}

/** A value in which some fields are missing, of another type or empty. */
function damaged(value: Json, seeded: Seeded): Json {
  if (seeded.below(60) === 0) return STRANGE[1 + seeded.below(STRANGE.length - 1)] ?? null;
  if (isList(value)) return value.map((item) => damaged(item, seeded));
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).filter(() => seeded.below(40) > 0)
    .map(([name, item]) => [name, damaged(item, seeded)] as const);
  return Object.fromEntries(seeded.below(2) === 0 ? fields : fields.reverse());
}
