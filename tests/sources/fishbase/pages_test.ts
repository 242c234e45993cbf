import { assert, assertEquals } from "@std/assert";
import {
  cleanAuthor,
  type PagePicture,
  readPicturePage,
  readSummaryPage,
  readThumbnailsPage,
} from "../../../lib/sources/fishbase/pages.ts";
import { pictureAt } from "../../../lib/sources/fishbase/addresses.ts";

const FOLDER = new URL("../../fixtures/fishbase/", import.meta.url);
const CAPTURES = new URL("../../../../shared/captures/fishbase/", import.meta.url);

/** What stands in a fixture's JSON. */
interface Expected {
  readonly reader: string;
  readonly url: string;
  /** The species that is asked for. */
  readonly code?: number;
  readonly words?: readonly string[];
  /** The picture whose page it is. */
  readonly file?: string;
  readonly expect: unknown;
}

/** A picture with what matters of it. */
function plain({ address, ...rest }: PagePicture): unknown {
  return { path: address.path, ...rest };
}

function read({ reader, url, code, words, file }: Expected, text: string): unknown {
  switch (reader) {
    case "summary":
      return readSummaryPage(text, url);
    case "thumbnails": {
      const page = readThumbnailsPage(text, url, { words: words ?? [], code });
      return page.shape === "unknown" ? page : { ...page, pictures: page.pictures.map(plain) };
    }
    case "pictures":
      return readPicturePage(text, url, file ?? "") ?? "another page";
    default:
      throw new Error(`No reader is called ${reader}`);
  }
}

const cases = [...Deno.readDirSync(FOLDER)].map(({ name }) => name)
  .filter((name) => name.endsWith(".html")).map((name) => name.slice(0, -5)).sort();

Deno.test("fixtures/fishbase has at least 25 pairs", () => assert(cases.length >= 25));

for (const name of cases) {
  Deno.test(`FishBase's pages: ${name.replaceAll("_", " ")}`, async () => {
    const expected: Expected = JSON.parse(await Deno.readTextFile(new URL(`${name}.json`, FOLDER)));
    const text = await Deno.readTextFile(new URL(`${name}.html`, FOLDER));
    assertEquals(JSON.parse(JSON.stringify(read(expected, text))), expected.expect);
  });
}

Deno.test("FishBase's pages: huge and deep ones are read", () => {
  const url = "https://www.fishbase.se/photos/ThumbnailsSummary.php?ID=7";
  const wanted = { words: ["Betta", "demo"], code: 7 };
  assertEquals(readThumbnailsPage("<br>".repeat(130_000), url, wanted).shape, "unknown");
  const shown = Array.from(
    { length: 500 },
    (_, row) => `<img src='/images/species/A_u${row}.jpg'>`,
  );
  const deep = readThumbnailsPage("<div>".repeat(900) + shown.join(""), url, wanted);
  assertEquals(deep.shape === "pictures" && deep.pictures.length, 500);
});

Deno.test("cleanAuthor() gives a name and nothing else", () => {
  const cases: [string, string | undefined][] = [
    ["Clear View Aquariums", "Clear View Aquariums"],
    ["Bob, uploaded by Ann", "Bob"],
    ["Ann (CC-BY-NC)", "Ann"],
    ["O'Connor, J.", "O'Connor, J."],
    ["Jean-Francois Helias / Fishing Adventures", "Jean-Francois Helias / Fishing Adventures"],
    ["Randall, J.E. (with permission)", "Randall, J.E. (with permission)"],
    ["unknown photographer", undefined],
    ["?", undefined],
    ["", undefined],
  ];
  for (const [text, name] of cases) assertEquals(cleanAuthor(text), name, text);
});

/** A capture of the real site, which only some checkouts have beside them. */
function capture(name: string): string | undefined {
  try {
    return Deno.readTextFileSync(new URL(name, CAPTURES));
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound || thrown instanceof Deno.errors.NotCapable) {
      return undefined;
    }
    throw thrown;
  }
}

const summary = capture("summary_Gadus-morhua_2019-11.html");
const thumbnails = capture("thumbnails_Alepes-vari_2017_parsed.json");

Deno.test({
  name: "readSummaryPage() reads a page as the site served it in 2019",
  ignore: summary === undefined,
  fn() {
    const page = readSummaryPage(
      summary ?? "",
      "https://www.fishbase.us/summary/Gadus-morhua.html",
    );
    assertEquals(page, {
      shape: "species",
      words: ["Gadus", "morhua"],
      code: 69,
      thumbnails: "/photos/thumbnailssummary.php?Genus=Gadus&Species=morhua",
    });
  },
});

Deno.test({
  name: "pictureAt() finds the same picture in the thumbnail's and the picture's URL of 2017",
  ignore: thumbnails === undefined,
  fn() {
    const photos: { "thumbnail-url"?: string; "img-url"?: string }[] =
      JSON.parse(thumbnails ?? "{}")["All-Photos"];
    const base = "http://www.fishbase.us/photos/ThumbnailsSummary.php?ID=1891";
    const keys = photos.map((photo) => {
      const small = pictureAt(photo["thumbnail-url"], base);
      const full = pictureAt(photo["img-url"], base);
      assertEquals(small, full);
      return full?.key;
    }).filter((key) => key !== undefined);
    assertEquals([keys.length, new Set(keys).size], [13, 13]);
  },
});
