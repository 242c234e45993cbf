import { assert, assertEquals } from "@std/assert";
import { csvRecords } from "../../lib/species/csv_records.ts";
import {
  csvColumns,
  formatSpeciesCsv,
  headlessColumns,
  readCsvRecord,
} from "../../lib/species/species_csv.ts";
import { draftSpecies, mergeSpecies } from "../../lib/species/species_list.ts";

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
  const columns = csvColumns(header?.cells ?? []);
  assert(columns !== undefined);
  const back = records.map(({ cells }) => readCsvRecord(cells, columns, "p"));
  assertEquals(mergeSpecies(back), NASTY);
});

Deno.test("csvColumns() knows other people's headers, and that a row of data is none", () => {
  assertEquals(csvColumns(["Common name", "Scientific Name"]), { common: 0, latin: 1 });
  assertEquals(csvColumns(["wiki_common", "wiki_latin", "x"]), { common: 0, latin: 1 });
  assertEquals(csvColumns(["Betta splendens", "Fighter"]), undefined);
  assertEquals(csvColumns(["vernacularName", "scientificName"]), { common: 0, latin: 1 });
  assertEquals(csvColumns(["species", "scientific_name"]), { latin: 1 });
  assertEquals(csvColumns(["genus", "species"]), { genus: 0, latin: 1 });
});

Deno.test("headlessColumns() takes the column with most names of species, wherever it stands", () => {
  const records = [["Fighter", "Betta splendens"], ["Zebrafish", "Danio rerio"]];
  assertEquals(headlessColumns(records), { latin: 1, common: 0 });
  assertEquals(headlessColumns(records.map((cells) => cells.toReversed())), {
    latin: 0,
    common: 1,
  });
  assertEquals(headlessColumns([["1", "2"]]), undefined);
});

Deno.test("readCsvRecord() puts a genus of its own column before the epithet", () => {
  const draft = readCsvRecord(["Betta", "splendens"], { genus: 0, latin: 1 }, "p");
  assertEquals([draft.latin, draft.verbatim.latin], ["Betta splendens", "Betta splendens"]);
});
