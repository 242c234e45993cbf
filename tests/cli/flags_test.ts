import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { asTyped, onOff, parseFlags } from "../../lib/cli/flags.ts";
import { BROWSER_FLAGS, GOOGLE_FLAGS, SCRAPE_FLAGS } from "../../lib/cli/scrape_flags.ts";
import { Failure } from "../../lib/base/failure.ts";

const table = { ...SCRAPE_FLAGS, ...BROWSER_FLAGS, ...GOOGLE_FLAGS };

function refusal(...args: string[]): string {
  const failure = assertThrows(() => parseFlags(args, table, false), Failure);
  assertEquals(failure.status, 2);
  return failure.message;
}

Deno.test("parseFlags() gives defaults for what is not given", () => {
  const { flags } = parseFlags([], table, false);
  assertEquals(flags.data, "./data");
  assertEquals(flags.images, 200);
  assertEquals(flags.jobs, 8);
  assertEquals(flags.only, []);
  assertEquals(flags.limit, undefined);
  assertEquals(flags.retry, "transient");
  assertEquals(flags["min-size"], { width: 100, height: 100 });
  assertEquals(flags["max-bytes"], 30_000_000);
  assertEquals(flags.json, false);
});

Deno.test("parseFlags() reads values behind a space or an equals sign", () => {
  const { flags } = parseFlags(
    ["--images=5", "--only", "Betta splendens", "--only=Danio rerio", "--shard", "2/4", "--json"],
    table,
    false,
  );
  assertEquals(flags.images, 5);
  assertEquals(flags.only, ["Betta splendens", "Danio rerio"]);
  assertEquals(flags.shard, { index: 2, of: 4 });
  assertEquals(flags.json, true);
  const query = '"{latin}" {common} juvenile';
  assertEquals(parseFlags(["--query", query], table, false).flags.query, [query]);
});

Deno.test("parseFlags() refuses bad values with the flag's name and what it takes", () => {
  const cases: [string[], string][] = [
    [["--images", "zero"], '--images takes a whole number from 1 to 100000, not "zero"'],
    [["--images"], "--images takes a whole number from 1 to 100000, not nothing"],
    [["--images="], "--images takes a whole number from 1 to 100000, not nothing"],
    [["--headed=no"], "--headed takes no value"],
    [["--json=5"], "--json takes no value"],
    [["--no-json=5"], "--json takes no value"],
    [["--no-images=5"], "Unknown flag --no-images"],
    [["--images", "-5"], "--images takes a whole number"],
    [["--images", "1e3"], "--images takes a whole number"],
    [["--images", "0"], "--images takes a whole number"],
    [["--images", "5", "--images", "6"], "--images was given 2 times"],
    [["--jobs", "1.5"], "--jobs takes a whole number from 1 to 64"],
    [["--shard", "5/4"], "--shard takes a share"],
    [["--shard", "0/4"], "--shard takes a share"],
    [["--min-size", "big"], "--min-size takes WIDTHxHEIGHT"],
    [["--retry", "some"], "--retry takes one of transient, all, none"],
    [["--only", ""], "--only takes NAME, not nothing"],
    [["--data", " "], "--data takes DIR"],
    [["--contact", "me (here)"], "--contact takes 1 to 200 plain letters without parentheses"],
    [["--contact", ""], "--contact takes TEXT, not nothing"],
    [["--query", "fish"], "--query takes a text with {latin}, {genus} or {common}"],
    [["--query", "{group}"], "--query takes a text with {latin}, {genus} or {common}"],
    [["--query", "{latn}"], "--query takes a text with {latin}, {genus} or {common}"],
    [["--query", "{latin} {place}"], "--query takes a text with {latin}, {genus} or {common}"],
    [["--query", "{latin} }"], "--query takes a text with {latin}, {genus} or {common}"],
    [["--max-bytes", "5"], "--max-bytes takes a size from 1k to 1G"],
  ];
  for (const [args, message] of cases) assertStringIncludes(refusal(...args), message);
});

Deno.test("parseFlags() refuses unknown flags and says which was near", () => {
  assertStringIncludes(refusal("--onyl", "x"), "Unknown flag --onyl: did you mean --only?");
  assertStringIncludes(refusal("--imag", "5"), "did you mean --images?");
  assertStringIncludes(refusal("--retyr=all"), "did you mean --retry?");
  assertStringIncludes(refusal("--limits", "5"), "did you mean --limit?");
  assertStringIncludes(refusal("--frobnicate=1"), "Unknown flag --frobnicate: see --help");
  assertStringIncludes(refusal("-x"), "Unknown flag -x");
});

Deno.test("parseFlags() refuses words unless the script takes them", () => {
  assertStringIncludes(refusal("betta"), 'Do not know what to do with "betta"');
  assertEquals(parseFlags(["a", "007"], { json: onOff("") }, true).words, ["a", "007"]);
});

Deno.test("parseFlags() tells a switch that was turned off from one that was not given", () => {
  const { flags, given } = parseFlags(["--no-json", "--headed"], table, false);
  assertEquals([flags.json, flags.headed], [false, true]);
  assertEquals(given, { json: false, headed: true });
  assertEquals(asTyped(given), ["--no-json", "--headed"]);
});
