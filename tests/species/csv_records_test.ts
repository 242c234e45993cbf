import { assertEquals } from "@std/assert";
import { csvRecords } from "../../lib/species/csv_records.ts";

function cellsOf(text: string): readonly (readonly string[])[] {
  return csvRecords(text).map(({ cells }) => cells);
}

Deno.test("csvRecords() knows semicolons, tabs and bars, and skips empty lines", () => {
  assertEquals(csvRecords("\ufefflatin;common\r\n\r\nBetta splendens;a, b\r\n")[1], {
    line: 3,
    cells: ["Betta splendens", "a, b"],
  });
  assertEquals(cellsOf("latin\tcommon\nx\ty")[1], ["x", "y"]);
  assertEquals(cellsOf("latin|common\nx|y")[1], ["x", "y"]);
});

Deno.test("csvRecords() believes a first line that names the separator, and skips remarks", () => {
  assertEquals(csvRecords("sep=;\r\nlatin;a, b, c\r\n# x;y\r\nz;1"), [
    { line: 2, cells: ["latin", "a, b, c"] },
    { line: 4, cells: ["z", "1"] },
  ]);
});

Deno.test("csvRecords() reads what stands in quotation marks as RFC 4180 says", () => {
  const records = csvRecords('latin,common\r"a\r\nb","c, ""d"""\r\n"x" , y\n');
  assertEquals(records.map(({ cells }) => cells), [
    ["latin", "common"],
    ["a\nb", 'c, "d"'],
    ["x", "y"],
  ]);
  assertEquals(records.map(({ line }) => line), [1, 2, 4]);
});

Deno.test("csvRecords() loses no line to a quotation mark that nobody closed", () => {
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

Deno.test("csvRecords() ends soon on a great many open quotation marks", () => {
  const began = performance.now();
  assertEquals(csvRecords('"a,b\n'.repeat(50_000)).length, 50_000);
  assertEquals(csvRecords('""'.repeat(50_000)).length, 1);
  // Looking from each mark to the file's end would take minutes.
  assertEquals(performance.now() - began < 10_000, true);
});
