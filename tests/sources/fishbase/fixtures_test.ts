import { assert, assertEquals } from "@std/assert";
import { parseHtml } from "../../../lib/web/html.ts";
import { FISHBASE_MIRRORS, mirrorHosts } from "../../../lib/sources/fishbase/addresses.ts";
import { readNameList } from "../../../lib/sources/fishbase/genus_list.ts";
import { contextOf } from "../../../lib/sources/fishbase/page_context.ts";
import { readPhotoService } from "../../../lib/sources/fishbase/photo_service.ts";
import type { FoundPicture } from "../../../lib/sources/fishbase/picture.ts";
import { readPicturesPage } from "../../../lib/sources/fishbase/pictures_page.ts";
import { readSummaryPage } from "../../../lib/sources/fishbase/summary_page.ts";
import { readThumbnailsPage } from "../../../lib/sources/fishbase/thumbnails_page.ts";

const FOLDER = new URL("../../fixtures/fishbase/", import.meta.url);
const HOSTS = mirrorHosts(FISHBASE_MIRRORS);

/** What stands in a fixture's JSON. */
interface Expected {
  readonly reader: string;
  readonly url: string;
  readonly specCode?: string;
  readonly words?: readonly string[];
  readonly expect: unknown;
}

/** A picture with what matters of it. */
function plain({ address, link, license, road: _road, ...rest }: FoundPicture): unknown {
  return {
    path: address.path,
    ...(address.upload && { upload: true }),
    ...(!address.full && { thumbnail: true }),
    ...rest,
    ...(license !== undefined && { license: license.id, licenseText: license.text }),
    ...(link !== undefined && { link: link.path }),
  };
}

const plainAll = (pictures: readonly FoundPicture[]): unknown[] => pictures.map(plain);

function read({ reader, url, specCode, words }: Expected, text: string): unknown {
  const context = contextOf({ text, url }, { hosts: HOSTS });
  switch (reader) {
    case "summary": {
      const page = readSummaryPage(parseHtml(text), context);
      if (page.shape !== "species" || page.preferred === undefined) return page;
      return { ...page, preferred: plain(page.preferred) };
    }
    case "thumbnails": {
      const page = readThumbnailsPage(parseHtml(text), context, { specCode, words });
      return { ...page, pictures: plainAll(page.pictures) };
    }
    case "pictures": {
      const page = readPicturesPage(parseHtml(text), context, { specCode, words });
      return page.picture === undefined ? page : { ...page, picture: plain(page.picture) };
    }
    case "service": {
      const page = readPhotoService(text, context);
      return { ...page, pictures: plainAll(page.pictures) };
    }
    case "names":
      return readNameList(parseHtml(text), context);
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
  const context = {
    url: "https://www.fishbase.se/photos/ThumbnailsSummary.php?ID=7",
    hosts: HOSTS,
  };
  // More children than a call takes arguments.
  assertEquals(readThumbnailsPage(parseHtml("<br>".repeat(130_000)), context).shape, "unknown");
  const shown = Array.from(
    { length: 500 },
    (_, row) => `<img src='/images/species/A_u${row}.jpg'>`,
  );
  const deep = parseHtml("<div>".repeat(5000) + shown.join(""));
  assertEquals(readThumbnailsPage(deep, context).pictures.length, 500);
});
