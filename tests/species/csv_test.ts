import { assert, assertEquals } from "@std/assert";
import {
  csvColumns,
  formatSpeciesCsv,
  guessColumns,
  readCsv,
  readCsvFields,
} from "../../lib/species/csv.ts";
import { parseSpecies } from "../../lib/species/file.ts";
import { draftSpecies, mergeSpecies } from "../../lib/species/list.ts";

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

Deno.test("readCsvFields() gives back every field that formatSpeciesCsv() wrote", () => {
  const [header, ...records] = readCsv(formatSpeciesCsv(NASTY));
  const columns = csvColumns(header?.cells ?? []);
  assert(columns !== undefined);
  const back = records.map(({ cells }) => parseSpecies(readCsvFields(cells, columns), "p"));
  assertEquals(mergeSpecies(back), NASTY);
});

Deno.test("csvColumns() recognises other people's headers, and no row of data as one", () => {
  assertEquals(csvColumns(["Common name", "Scientific Name"]), { common: 0, latin: 1 });
  assertEquals(csvColumns(["wiki_common", "wiki_latin", "x"]), { common: 0, latin: 1 });
  assertEquals(csvColumns(["Betta splendens", "Fighter"]), undefined);
  assertEquals(csvColumns(["vernacularName", "scientificName"]), { common: 0, latin: 1 });
  assertEquals(csvColumns(["species", "scientific_name"]), { latin: 1 });
  assertEquals(csvColumns(["genus", "species"]), { genus: 0, latin: 1 });
});

Deno.test("guessColumns() takes the column with names of species, wherever it stands", () => {
  const columns = (text: string) => guessColumns(readCsv(text));
  assertEquals(columns("Fighter,Betta splendens\nZebrafish,Danio rerio"), { latin: 1, common: 0 });
  assertEquals(columns("Betta splendens,Fighter\nDanio rerio,Zebrafish"), { latin: 0, common: 1 });
  assertEquals(columns("1,2"), undefined);
});

Deno.test("readCsvFields() puts a genus of its own column before the epithet", () => {
  const draft = parseSpecies(readCsvFields(["Betta", "splendens"], { genus: 0, latin: 1 }), "p");
  assertEquals([draft.latin, draft.verbatim.latin], ["Betta splendens", "Betta splendens"]);
});

function cellsOf(text: string): readonly (readonly string[])[] {
  return readCsv(text).map(({ cells }) => cells);
}

Deno.test("readCsv() reads semicolons, tabs and bars, and skips empty lines", () => {
  assertEquals(readCsv("\ufefflatin;common\r\n\r\nBetta splendens;a, b\r\n")[1], {
    line: 3,
    cells: ["Betta splendens", "a, b"],
  });
  assertEquals(cellsOf("latin\tcommon\nx\ty")[1], ["x", "y"]);
  assertEquals(cellsOf("latin|common\nx|y")[1], ["x", "y"]);
});

Deno.test("readCsv() uses a first line that names the separator, and skips comments", () => {
  assertEquals(readCsv("sep=;\r\nlatin;a, b, c\r\n# x;y\r\nz;1"), [
    { line: 2, cells: ["latin", "a, b, c"] },
    { line: 4, cells: ["z", "1"] },
  ]);
});

Deno.test("readCsv() reads what stands in quotation marks as RFC 4180 says", () => {
  const records = readCsv('latin,common\r"a\r\nb","c, ""d"""\r\n"x" , y\n');
  assertEquals(records.map(({ cells }) => cells), [
    ["latin", "common"],
    ["a\nb", 'c, "d"'],
    ["x", "y"],
  ]);
  assertEquals(records.map(({ line }) => line), [1, 2, 4]);
});

Deno.test("readCsv() loses no line to a quotation mark that nobody closed", () => {
  assertEquals(cellsOf('a,b\nBetta,3"\nDanio,2"\n"open,x\n"Corydoras",y\nBetta "x" y,z\n"last'), [
    ["a", "b"],
    ["Betta", '3"'],
    ["Danio", '2"'],
    ['"open', "x"],
    ["Corydoras", "y"],
    ['Betta "x" y', "z"],
    ['"last'],
  ]);
});

Deno.test("readCsv() does not hang on many open quotation marks", () => {
  assertEquals(readCsv('"a,b\n'.repeat(50_000)).length, 50_000);
  assertEquals(readCsv('""'.repeat(50_000)).length, 1);
});
