import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { Failure } from "../../lib/base/failure.ts";
import { parseFlags } from "../../lib/cli/flags.ts";
import {
  describeSettings,
  parseSettings,
  SETTINGS,
  settingsTemplate,
} from "../../lib/cli/settings.ts";
import { withFolder } from "../folder.ts";
import { run } from "../scripts/in_world.ts";

Deno.test("parseSettings() reads JSON with comments as what would be typed", () => {
  const text = `{
    // Few are enough.
    "images": 50, "license": "free", /* none of
    Google */ "sources": ["fishbase", "commons"],
    "wild-only": true, "render": false,
    "query": ["{latin} adult", "{latin} juvenile"],
    "contact": "mailto:you@example.org",
  }`;
  assertEquals(parseSettings(text, "f"), {
    images: "50",
    license: "free",
    sources: "fishbase,commons",
    "wild-only": true,
    render: false,
    query: ["{latin} adult", "{latin} juvenile"],
    contact: "mailto:you@example.org",
  });
});

Deno.test("parseSettings() refuses unknown keys, bad values and what is not JSON", () => {
  const cases: [text: string, message: string][] = [
    ['{"licence": "free"}', 'f: unknown setting "licence": did you mean "license"?'],
    ['{"imagse": 5}', 'did you mean "images"?'],
    ['{"colour": "red"}', 'unknown setting "colour": it may have contact, images'],
    ['{"constructor": 1}', 'unknown setting "constructor"'],
    ['{"__proto__": 1}', 'unknown setting "__proto__"'],
    ['{"allow-private": true}', '"allow-private" can only be given as a flag, --allow-private.'],
    ['{"browser": "/bin/sh"}', "can only be given as a flag"],
    ['{"only": "Betta splendens"}', "can only be given as a flag"],
    ['{"images": 0}', 'the setting "images" takes a whole number from 1 to 100000, not 0.'],
    ['{"images": true}', 'the setting "images" takes N, not true.'],
    ['{"images": [5]}', 'the setting "images" takes N, not [5].'],
    ['{"license": "cc"}', 'takes one of any, nc, free, not "cc".'],
    ['{"sources": ["flickr"]}', "takes a list of fishbase,"],
    ['{"wild-only": "yes"}', 'the setting "wild-only" takes true or false, not "yes".'],
    ['{"query": "fish"}', 'the setting "query" takes a text with {latin}'],
    ['{"contact": ""}', 'the setting "contact" takes TEXT, not "".'],
    ["[]", "f must be an object"],
    ["null", "f must be an object"],
    ["", "f is not JSON with comments: "],
    ['{"images": 5', "f is not JSON with comments: "],
  ];
  for (const [text, message] of cases) {
    const failure = assertThrows(() => parseSettings(text, "f"), Failure);
    assertStringIncludes(failure.message, message, text);
    assertEquals(failure.status, 2);
  }
});

Deno.test("settingsTemplate() explains every setting, sets none, and each default is a good value", () => {
  const text = settingsTemplate({});
  assertEquals(parseSettings(text, "f"), {});
  for (const name of Object.keys(SETTINGS)) assertStringIncludes(text, `  // "${name}": `);
  const all = text.replace(/^ {2}\/\/ (?=")/gm, "  ").replace(/^ {2}"(contact|query)".*$/gm, "");
  const defaults = parseSettings(all, "f");
  const args = Object.entries(defaults).flatMap(([name, value]) =>
    value === false ? [] : [`--${name}=${value}`]
  );
  assertEquals(parseFlags(args, SETTINGS, false).flags, parseFlags([], SETTINGS, false).flags);
});

Deno.test("settingsTemplate() sets what is given", () => {
  const given = { images: "50", "wild-only": true, sources: "fishbase", query: ["{latin} adult"] };
  assertEquals(parseSettings(settingsTemplate({ ...given, query: "{latin} adult" }), "f"), given);
  assertEquals(
    describeSettings(given),
    "images 50, wild-only, sources fishbase, query {latin} adult",
  );
});

Deno.test("init writes the settings once, status shows them, and those that fetch obey them", async () => {
  await withFolder(async (dir) => {
    const data = `${dir}/data`;
    const flags = ["--images", "50", "--contact", "mailto:you@example.org"];
    const first = await run(undefined, "init", data, flags);
    assertEquals(first.code, 0, first.stderr);
    const second = await run(undefined, "init", data, []);
    assertEquals(second.code, 1);
    assertStringIncludes(second.stderr, "already: edit it");
    await Deno.writeTextFile(`${data}/log.jsonl`, "");
    const status = await run(undefined, "status", data, []);
    assertStringIncludes(
      status.stdout,
      "Settings in aquaset.jsonc: contact mailto:you@example.org, images 50.",
    );
    const json = await run(undefined, "status", data, ["--json"]);
    assertEquals(JSON.parse(json.stdout).settings.images, "50");
    await Deno.writeTextFile(`${data}/aquaset.jsonc`, '{ "licence": "free" }');
    for (const script of ["scrape", "species", "google", "commons", "fetch", "status"]) {
      const { code, stderr } = await run(undefined, script, data, []);
      assertEquals(code, 2, script);
      assertStringIncludes(stderr, 'unknown setting "licence": did you mean "license"?');
    }
  });
});

Deno.test("a flag wins over a setting, and the log says what a run went by", async () => {
  await withFolder(async (dir) => {
    const data = `${dir}/data`;
    await Deno.mkdir(data);
    const settings = '{ "images": 7, "jobs": 3, "wild-only": true, "query": ["{latin} adult"] }';
    await Deno.writeTextFile(`${data}/aquaset.jsonc`, settings);
    // A proxy that nobody runs: the discard port refuses.
    Deno.env.set("HTTPS_PROXY", "http://127.0.0.1:9");
    try {
      for (const flags of [[], ["--images", "9", "--no-wild-only"]]) {
        const { code, stderr } = await run(undefined, "scrape", data, flags);
        assertEquals(code, 75, stderr);
      }
    } finally {
      Deno.env.delete("HTTPS_PROXY");
    }
    const runs = (await Deno.readTextFile(`${data}/log.jsonl`)).trim().split("\n")
      .map((line) => JSON.parse(line)).filter(({ event }) => event === "run");
    assertEquals(runs.map(({ flags: { data: _, ...others } }) => others), [
      { images: "7", jobs: "3", "wild-only": true, query: "{latin} adult" },
      { images: "9", jobs: "3", "wild-only": false, query: "{latin} adult" },
    ]);
  });
});
