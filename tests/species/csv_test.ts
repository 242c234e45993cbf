import { assert, assertEquals, assertThrows } from "@std/assert";
import { csvColumns, formatSpeciesCsv, readCsv, readCsvFields } from "../../lib/species/csv.ts";
import { parseSpecies } from "../../lib/species/file.ts";
import { draftSpecies, mergeSpecies } from "../../lib/species/list.ts";
import type { Species } from "../../lib/species/species.ts";

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
  for (const { cells } of readCsv(formatSpeciesCsv(NASTY))) assert(Array.isArray(cells));
  const raw = formatSpeciesCsv(NASTY).replace(/^\ufeff/, "").split(
    /(?:,|\r\n)(?=(?:[^"]*"[^"]*")*[^"]*$)/,
  );
  for (const cell of raw) assert(!/^"?[=+\-@\t]/.test(cell), cell);
});

Deno.test("formatSpeciesCsv() quotes a lone CR, which begins a record in some spreadsheets", () => {
  const [fish] = NASTY;
  assert(fish !== undefined);
  const verbatim = { latin: "Betta splendens", common: "a\r=1+1" };
  const text = formatSpeciesCsv([{ ...fish, verbatim, reason: "＝1+1", merged: [verbatim] }]);
  assert(text.includes(',"a\r=1+1",'));
  assert(text.includes(',"a\r=1+1 = Betta splendens",'));
  assert(text.includes(",'＝1+1,"));
  assertEquals(readCsv(text).length, 2);
});

Deno.test("formatSpeciesCsv() begins with a byte order mark and ends its lines with CR LF", () => {
  const text = formatSpeciesCsv(NASTY.slice(0, 1));
  assert(text.startsWith("\ufeffid,latin,"));
  assertEquals(text.split("\r\n").length, 3);
});

Deno.test("readCsvFields() reads ids and names of a species.csv back", () => {
  const [header, ...records] = readCsv(formatSpeciesCsv(NASTY));
  const columns = csvColumns(header?.cells ?? []);
  assert(columns !== undefined);
  const back = mergeSpecies(
    records.map(({ cells }) => parseSpecies(readCsvFields(cells, columns), "p")),
  );
  const named = (list: readonly Species[]) => list.map(({ id, latin }) => ({ id, latin }));
  assertEquals(named(back), named(NASTY));
  assertEquals(back[1]?.common, NASTY[1]?.common);
});

Deno.test("csvColumns() recognises other people's headers, and no row of data as one", () => {
  assertEquals(csvColumns(["Common name", "Scientific Name"]), { common: 0, latin: 1 });
  assertEquals(csvColumns(["wiki_common", "wiki_latin", "x"]), { common: 0, latin: 1 });
  assertEquals(csvColumns(["Betta splendens", "Fighter"]), undefined);
  assertEquals(csvColumns(["vernacularName", "scientificName"]), { common: 0, latin: 1 });
  assertEquals(csvColumns(["species", "scientific_name"]), { latin: 1 });
  assertEquals(csvColumns(["genus", "species"]), { genus: 0, latin: 1 });
});

Deno.test("readCsvFields() puts a genus of its own column before the epithet", () => {
  const draft = parseSpecies(readCsvFields(["Betta", "splendens"], { genus: 0, latin: 1 }), "p");
  assertEquals([draft.latin, draft.verbatim.latin], ["Betta splendens", "Betta splendens"]);
});

Deno.test("readCsv() reads commas, semicolons and tabs, and skips empty lines and comments", () => {
  assertEquals(readCsv("\ufefflatin;common\r\n\r\n# x;y\r\nBetta splendens;a, b\r\n"), [
    { line: 1, cells: ["latin", "common"] },
    { line: 4, cells: ["Betta splendens", "a, b"] },
  ]);
  assertEquals(readCsv("latin\tcommon\nx\ty")[1]?.cells, ["x", "y"]);
});

Deno.test("readCsv() reads what stands in quotation marks as RFC 4180 says", () => {
  const records = readCsv('latin,common\r"a\r\nb","c, ""d"""\r\n"x", y\n');
  assertEquals(records.map(({ cells }) => cells), [
    ["latin", "common"],
    ["a\nb", 'c, "d"'],
    ["x", "y"],
  ]);
  assertEquals(records.map(({ line }) => line), [1, 2, 4]);
});

Deno.test("readCsv() throws at a quotation mark that nobody closed, and loses no line to it", () => {
  for (const text of ['a,b\nBetta,3"\nDanio,2\n', 'a,b\n"Betta,x\nDanio,y\n']) {
    assertThrows(() => readCsv(text), SyntaxError, "line 2");
  }
  assertThrows(() => readCsv('"a,b\n'.repeat(50_000)), SyntaxError);
});
