import { assertEquals } from "@std/assert";
import {
  FISHBASE_MIRRORS,
  mirrorHosts,
  pictureAt,
} from "../../../lib/sources/fishbase/addresses.ts";
import { readSummaryPage } from "../../../lib/sources/fishbase/summary_page.ts";
import { parseHtml } from "../../../lib/web/html.ts";

const CAPTURES = new URL("../../../../shared/captures/fishbase/", import.meta.url);
const HOSTS = mirrorHosts(FISHBASE_MIRRORS);

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

Deno.test("readSummaryPage() reads a page as the site served it in 2019", () => {
  // Beside a checkout without the captures there is nothing to hold the parser against.
  if (summary === undefined) return;
  const context = { url: "https://www.fishbase.us/summary/Gadus-morhua.html", hosts: HOSTS };
  const page = readSummaryPage(parseHtml(summary), context);
  if (page.shape !== "species") throw new Error(page.shape);
  const { preferred, saysNone, specCode, thumbnails, words } = page;
  assertEquals({ saysNone, specCode, thumbnails, words }, {
    saysNone: false,
    specCode: "69",
    thumbnails: "/photos/thumbnailssummary.php?Genus=Gadus&Species=morhua",
    words: ["Gadus", "morhua"],
  });
  assertEquals([preferred?.address.path, preferred?.author], [
    "/images/species/Gamor_u3.jpg",
    "Morris, P.",
  ]);
});

Deno.test("pictureAt() finds the same picture in the thumbnail's and the picture's URL of 2017", () => {
  if (thumbnails === undefined) return;
  const photos: { "thumbnail-url"?: string; "img-url"?: string }[] =
    JSON.parse(thumbnails)["All-Photos"];
  const base = "http://www.fishbase.us/photos/ThumbnailsSummary.php?ID=1891";
  const keys = photos.map((photo) => {
    const small = pictureAt(photo["thumbnail-url"], base, HOSTS);
    const full = pictureAt(photo["img-url"], base, HOSTS);
    assertEquals(small?.key, full?.key);
    assertEquals(small?.path, full?.path);
    return full?.key;
  }).filter((key) => key !== undefined);
  assertEquals([keys.length, new Set(keys).size], [13, 13]);
});
