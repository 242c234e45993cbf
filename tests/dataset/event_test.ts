import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { formatLogLine, isImageFile, parseLogLine } from "../../lib/dataset/event.ts";
import { Failure } from "../../lib/base/failure.ts";
import { isSpeciesId } from "../../lib/species/species.ts";
import { keptEvent, tried } from "./folder.ts";

const TIME = "2026-11-22T18:00:00.000Z";
const HASH = "a".repeat(64);
const FILE = `images/betta_splendens/${"a".repeat(16)}.jpg`;
const KEPT = { v: 1, time: TIME, ...keptEvent(1, HASH, FILE) };

Deno.test("parseLogLine() gives back what formatLogLine() wrote", () => {
  for (const event of [keptEvent(1, HASH, FILE), tried(2, "gone")]) {
    const text = formatLogLine(event, new Date(TIME));
    assert(text.endsWith("\n"));
    assertEquals(parseLogLine(text), { kind: "event", line: { v: 1, time: TIME, ...event } });
  }
});

Deno.test("parseLogLine() takes a verdict that an image shows another species, with a sound id", () => {
  const line = {
    v: 1,
    time: "2026-11-26T20:00:00.000Z",
    event: "relabelled",
    species: "betta_splendens",
    sha256: "1".repeat(64),
    to: "betta_imbellis",
  };
  assertEquals(parseLogLine(JSON.stringify(line)).kind, "event");
  for (const to of [undefined, "../x", "con", 3]) {
    assertEquals(parseLogLine(JSON.stringify({ ...line, to })).kind, "bad");
  }
});

Deno.test("parseLogLine() refuses the lines of a newer version, whatever they hold", () => {
  const failure = assertThrows(() => parseLogLine('{"v":2,"event":"image"}'), Failure);
  assertEquals(failure.status, 1);
  assertStringIncludes(failure.message, "newer Aquaset");
});

Deno.test("parseLogLine() leaves unknown kinds and unknown fields alone", () => {
  assertEquals(parseLogLine(JSON.stringify({ v: 1, time: TIME, event: "tagged", x: 1 })), {
    kind: "unknown",
    event: "tagged",
    time: TIME,
  });
  assertEquals(parseLogLine(JSON.stringify({ ...KEPT, colour: ["red"] })).kind, "event");
});

Deno.test("parseLogLine() distinguishes garbled text from a JSON object that is not an event", () => {
  const garbled = ["", "\0\0\0", '{"v":1,"ti', "[1]", "null", '"text"', "7", "{}{}", "NaN"];
  for (const text of garbled) assertEquals(parseLogLine(text).kind, "garbled", text);
  const bad: Record<string, unknown>[] = [
    {},
    { v: "1", time: TIME, event: "run" },
    { v: 0, time: TIME, event: "run" },
    { ...KEPT, time: "yesterday" },
    { ...KEPT, time: 5 },
    { ...KEPT, event: 5 },
    { ...KEPT, species: "../etc" },
    { ...KEPT, species: "" },
    ...["con", "nul", "com1", "___", "x".repeat(81)].map((id) => ({
      ...KEPT,
      species: id,
      file: FILE.replace("betta_splendens", id),
    })),
    { ...KEPT, source: "" },
    { ...KEPT, url: null },
    { ...KEPT, outcome: "liked" },
    { ...KEPT, outcome: "toString" },
    { ...KEPT, sha256: "A".repeat(64) },
    { ...KEPT, sha256: undefined },
    { ...KEPT, width: -1 },
    { ...KEPT, bytes: 1.5 },
    { ...KEPT, title: 5 },
    { ...KEPT, original: [] },
    { v: 1, time: TIME, event: "run", script: "scrape", version: "1" },
    { v: 1, time: TIME, event: "rejected", species: "a_b" },
    { v: 1, time: TIME, event: "done", species: "a_b", source: "x", kept: 1, wanted: 2, why: "x" },
    { v: 1, time: TIME, event: "done", species: "a_b", source: "x", kept: 1, why: "enough" },
    { v: 1, time: TIME, event: "stopped", source: "x" },
  ];
  for (const value of bad) {
    assertEquals(parseLogLine(JSON.stringify(value)).kind, "bad", JSON.stringify(value));
  }
});

Deno.test("isImageFile() takes no path that leads out of the species' folder", () => {
  assert(isImageFile(FILE, "betta_splendens"));
  const name = `${"a".repeat(16)}.jpg`;
  const hostile = [
    `images/other/${name}`,
    `images/betta_splendens/../${name}`,
    `/images/betta_splendens/${name}`,
    `images/betta_splendens/${name}/x`,
    `images\\betta_splendens\\${name}`,
    `images/betta_splendens/${"a".repeat(16)}.exe`,
    `images/betta_splendens/${"a".repeat(16)}.jpg\0`,
    `images/betta_splendens/short.jpg`,
    "",
    5,
  ];
  for (const file of hostile) assert(!isImageFile(file, "betta_splendens"), String(file));
});

Deno.test("isSpeciesId() takes plain folder names alone", () => {
  assert(isSpeciesId("corydoras_adolfoi"));
  for (const id of ["", ".", "..", "a/b", "a b", "A", "é", "a\0", "a".repeat(201), 5]) {
    assert(!isSpeciesId(id), String(id));
  }
});
