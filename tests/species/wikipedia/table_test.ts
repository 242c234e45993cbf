import { assert, assertEquals } from "@std/assert";
import { parseHtml } from "../../../lib/web/html.ts";
import { columnKind } from "../../../lib/species/wikipedia/columns.ts";
import { layOut } from "../../../lib/species/wikipedia/table.ts";

function grid(html: string): string[] {
  const table = parseHtml(html).querySelector("table");
  assert(table !== null);
  return layOut(table).map(({ cells }) =>
    cells.map((cell) => cell?.textContent?.trim() ?? "-").join("|")
  );
}

Deno.test("layOut() puts spanning cells in each of their places", () => {
  assertEquals(
    grid("<table><tr><td rowspan=2>a<td colspan=2>b<tr><td>c<td>d<tr><td>e<td>f<td>g</table>"),
    ["a|b|b", "a|c|d", "e|f|g"],
  );
  assertEquals(
    grid("<table><tr><td>a<td rowspan=3>b<td>c<tr><td>d<tr><td>e<td>f<tr><td>g</table>"),
    ["a|b|c", "d|b", "e|b|f", "g"],
  );
});

Deno.test("layOut() ends spans with their row group and at sane bounds", () => {
  assertEquals(
    grid("<table><thead><tr><th rowspan=9>h<th>i</thead><tbody><tr><td>a<td>b</table>"),
    ["h|i", "a|b"],
  );
  assertEquals(
    grid("<table><tr><td rowspan=0>a<td>b<tr><td>c<tr><td>d</table>"),
    ["a|b", "a|c", "a|d"],
  );
  const wide = grid("<table><tr><td colspan=999999999>a<td>b<tr><td rowspan=99999999999>c</table>");
  assert(wide.every((row) => row.length <= 400));
  assertEquals(grid("<table><tr><td colspan=-3 rowspan=x>a<td colspan=''>b</table>"), ["a|b"]);
});

Deno.test("layOut() takes no rows of tables within its cells", () => {
  assertEquals(grid("<table><tr><td>a<table><tr><td>x<tr><td>y</table><td>b</table>").length, 1);
});

Deno.test("columnKind() recognises the header of the Latin-name column with footnotes and case", () => {
  for (
    const header of [
      "Scientific name",
      "SCIENTIFIC\u00a0NAME",
      " Scientific\nName [1]",
      "Scientific name(s)",
      "Scientific Name:",
      "Latin name",
      "Binomial name",
      "Scientific name (synonym)",
    ]
  ) assertEquals(columnKind(header), "latin", header);
  for (const header of ["Taxonomy", "Species", "Taxon"]) {
    assertEquals(columnKind(header), "maybe-latin", header);
  }
  for (
    const header of ["Common name", "Common Name(s)", "Name", "English name", "Vernacular names"]
  ) {
    assertEquals(columnKind(header), "common", header);
  }
  for (const header of ["", "Remarks about the scientific community", "Nomenclature", "Renamed"]) {
    assertEquals(columnKind(header), undefined, header);
  }
});
