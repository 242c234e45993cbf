import { assert, assertEquals } from "@std/assert";
import { csvColumns, csvRecords, formatSpeciesCsv, readCsvRecord } from "../lib/species_csv.ts";
import { draftSpecies, mergeSpecies } from "../lib/species_list.ts";

const NASTY = mergeSpecies([
  ["=1+2", "Betta splendens"],
  ["@SUM(A1), -dash, +plus", "Danio rerio"],
  ['\'quoted, "a""b"', "Danio kerri"],
  ["line\nbreak; \ttab", "Danio nigrofasciatus"],
  ["Dalmatian molly", "hybrid"],
  ["Günther's 魚, x", "Betta splendens"],
].map(([common = "", latin = ""]) =>
  draftSpecies({
    latin,
    common,
    verbatim: { latin, common },
    group: ["A, b", "C"],
    page: "https://x/",
  })
));

Deno.test("formatSpeciesCsv() gives a spreadsheet nothing to run", () => {
  for (const { cells } of csvRecords(formatSpeciesCsv(NASTY))) assert(Array.isArray(cells));
  const raw = formatSpeciesCsv(NASTY).replace(/^\ufeff/, "").split(
    /(?:,|\r\n)(?=(?:[^"]*"[^"]*")*[^"]*$)/,
  );
  for (const cell of raw) assert(!/^"?[=+\-@\t]/.test(cell), cell);
});

Deno.test("formatSpeciesCsv() begins with a byte order mark and ends its lines with CR LF", () => {
  const text = formatSpeciesCsv(NASTY.slice(0, 1));
  assert(text.startsWith("\ufeffid,latin,"));
  assertEquals(text.split("\r\n").length, 3);
});

Deno.test("readCsvRecord() gives back every field that formatSpeciesCsv() wrote", () => {
  const [header, ...records] = csvRecords(formatSpeciesCsv(NASTY));
  assert(Array.isArray(header?.cells));
  const columns = csvColumns(header.cells);
  assert(columns !== undefined);
  const back = records.map(({ cells }) => {
    assert(Array.isArray(cells));
    return readCsvRecord(cells, columns, "p");
  });
  assertEquals(mergeSpecies(back), NASTY);
});

Deno.test("csvRecords() tells the line of a record whose quotation marks do not match", () => {
  const records = csvRecords('latin\n"a\nb"\nBetta "x" y\n"open\nto the end');
  assertEquals(records.map(({ line }) => line), [1, 2, 4, 5]);
  assertEquals(records.map(({ cells }) => Array.isArray(cells)), [true, true, false, false]);
});

Deno.test("csvRecords() knows semicolons and tabs, and skips empty lines", () => {
  assertEquals(csvRecords("\ufefflatin;common\r\n\r\nBetta splendens;a, b\r\n")[1], {
    line: 3,
    cells: ["Betta splendens", "a, b"],
  });
  assertEquals(csvRecords("latin\tcommon\nx\ty")[1]?.cells, ["x", "y"]);
});

Deno.test("csvColumns() knows other people's headers, and that a row of data is none", () => {
  assertEquals(csvColumns(["Common name", "Scientific Name"]), { common: 0, latin: 1 });
  assertEquals(csvColumns(["wiki_common", "wiki_latin", "x"]), { common: 0, latin: 1 });
  assertEquals(csvColumns(["Betta splendens", "Fighter"]), undefined);
});
