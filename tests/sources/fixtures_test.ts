/** Answers of the APIs in their recorded shapes, and what must come of each: pairs of files. */

import { assert, assertEquals } from "@std/assert";
import { API_SOURCES, type Outcome, play, type Recording } from "./recorded.ts";

const FIXTURES = new URL("../fixtures/", import.meta.url);

async function readJson<Value>(url: URL): Promise<Value> {
  return JSON.parse(await Deno.readTextFile(url));
}

for (const source of Object.keys(API_SOURCES)) {
  const folder = new URL(`${source}/`, FIXTURES);
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name);
  const cases = names.filter((name) => !name.endsWith(".expected.json"))
    .map((name) => name.replace(/\.json$/, "")).sort();
  Deno.test(`fixtures/${source} has pairs`, () => {
    assert(cases.length > 5);
    assertEquals(names.length, cases.length * 2);
  });
  for (const name of cases) {
    Deno.test(`${source}: ${name.replaceAll("_", " ")}`, async () => {
      const recording = await readJson<Recording>(new URL(`${name}.json`, folder));
      const expected = await readJson<Outcome>(new URL(`${name}.expected.json`, folder));
      const outcome = await play(source, recording);
      assertEquals(JSON.parse(JSON.stringify(outcome)), expected);
    });
  }
}
