import { assert, assertEquals } from "@std/assert";
import { findResults } from "../../../lib/sources/google/embedded.ts";
import { readLiteral } from "../../../lib/sources/google/literal.ts";
import { resultsOfPage } from "../../../lib/sources/google/results.ts";
import { card, type Photo, photosFor, scrollAnswer, tuple } from "./small_google.ts";

const FIXTURES = new URL("../../fixtures/google/", import.meta.url);

for (const { name } of [...Deno.readDirSync(FIXTURES)].sort((a, b) => a.name < b.name ? -1 : 1)) {
  if (!name.endsWith(".html")) continue;
  Deno.test(`resultsOfPage() reads ${name.slice(0, -5).replaceAll("_", " ")}`, () => {
    const html = Deno.readTextFileSync(new URL(name, FIXTURES));
    const wanted = Deno.readTextFileSync(new URL(name.replace(/html$/, "json"), FIXTURES));
    assertEquals(
      resultsOfPage(html).map(({ thumbnail: _, ...rest }) => rest),
      JSON.parse(wanted),
    );
  });
}

Deno.test("findResults() reads what answers scrolling, however it is framed", () => {
  const photos = photosFor("guppy", 3);
  const data = `[[${photos.map(tuple).join()}]]`;
  const markup = photos.map((photo) => card(photo)).join("");
  const frames = [
    scrollAnswer(0, { first: photos }),
    `)]}'\n\n${data.length}\n${
      JSON.stringify([["wrb.fr", "HoAMBc", data, null, "generic"]])
    }\n25\n[["e",4,null,null,9]]`,
    `1a;["x",null]2b;${markup}3c;[1,${data}]4d;[]`,
    `${markup}<script nonce="">(function(){var m=${data};})();</script>`,
    JSON.stringify({ d: `<script>google.x=${JSON.stringify(data)}</script>` }) + '/*""*/',
  ];
  for (const frame of frames) {
    assertEquals(
      findResults(frame).map(({ thumbnail: _, ...rest }) => rest),
      photos,
      frame.slice(0, 60),
    );
  }
});

Deno.test("findResults() reads the objects that answer programs for telephones", () => {
  const [one, two] = photosFor("guppy", 2);
  assert(one && two);
  const record = ({ url, width, height, page, title }: Photo): unknown => ({
    background_color: "rgb(1,2,3)",
    gsa: { file_size: "41KB", referrer_host: "pages.example.net" },
    original_image: { height, url, width },
    result: { page_title: title, referrer_url: page, site_title: "Pages" },
    text_in_grid: { snippet: title },
    thumbnail: { height: 1, url: "https://encrypted-tbn0.gstatic.com/images?q=tbn:x", width: 1 },
  });
  const answer = `)]}'\n${JSON.stringify({ ischj: { metadata: [record(one), record(two)] } })}`;
  assertEquals(
    findResults(answer).map(({ thumbnail: _, ...rest }) => rest),
    [one, two].map((photo) => ({ ...photo, docid: "" })),
  );
});

Deno.test("findResults() takes nothing out of hostile text, and takes no time about it", () => {
  const begun = performance.now();
  const start = '[0,"docid12",["https://encrypted-tbn0.gstatic.com/images?q=tbn:x",1,2],[';
  for (
    const text of [
      "[".repeat(300_000),
      '["https://a.example/x.jpg",'.repeat(20_000),
      start.repeat(5_000),
      `${start}"https://a.example/x.jpg",1e999,"x"]`,
      `${start}"javascript:alert(1)",3,4]]`,
      `${start}"https://localhost/x.jpg",3,4]]`,
      "\\".repeat(200_000) + '"',
      '"https://a.example' + "\\u003d".repeat(50_000),
      '<a data-ou="https://a.example'.repeat(20_000),
      '{"ischj":'.repeat(20_000),
    ]
  ) assertEquals(findResults(text), []);
  // A guard against quadratic reading, which takes minutes here; not a measurement.
  assertEquals(performance.now() - begun < 20_000, true);
});

Deno.test("readLiteral() reads JavaScript and says where it ends", () => {
  const read = (text: string): unknown => readLiteral(text, 0)?.value;
  assertEquals(readLiteral("x=['a\\x22',,!0];", 2), { value: ['a"', null, true], end: 15 });
  assertEquals(read(' [1,-2.5e3,"\\u00e9\\u{1F41F}\\n\\/",void 0,null,undefined,!1,] '), [
    1,
    -2500,
    "é🐟\n/",
    null,
    null,
    null,
    false,
  ]);
  assertEquals(
    read("{a:1,'b':[],2:{}}"),
    new Map<string, unknown>([["a", 1], ["b", []], ["2", new Map()]]),
  );
  for (const broken of ["", "[1", "[1 2]", '"x', "{a}", "{a:}", "truely", "f(x)"]) {
    assertEquals(readLiteral(broken, 0), undefined, broken);
  }
});
