// The pages as Google really served them, where they are at hand.

import { assert, assertEquals } from "@std/assert";
import { kindOfPage } from "../../../lib/sources/google/page.ts";
import { fish, take, testSource } from "./run_google.ts";
import { readPageText, resultsOfPage } from "./saved_page.ts";
import { startSmallGoogle } from "./small_google.ts";

const FOLDER = new URL("../../../../shared/captures/google/", import.meta.url);

function there(): boolean {
  try {
    return Deno.statSync(FOLDER).isDirectory;
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound) return false;
    throw thrown;
  }
}

const capture = (name: string): string => Deno.readTextFileSync(new URL(name, FOLDER));

/** The truth by another way: the tuples as plain JSON, the cards by a pattern. */
function expected(
  html: string,
): { docid: string; url: string; width: number; height: number; page: string; title: string }[] {
  const about = new Map<
    string,
    { url: string; width: number; height: number; page: string; title: string }
  >();
  const pattern =
    /\[0,"([^"]+)",\["https:\/\/encrypted-tbn[^"]*",\d+,\d+\],\[("(?:[^"\\]|\\.)*"),(\d+),(\d+)\].*?"2003":\[null,"[^"]*",("(?:[^"\\]|\\.)*"),("(?:[^"\\]|\\.)*")/g;
  for (
    const [, docid = "", url = "", height, width, page = "", title = ""] of html.matchAll(pattern)
  ) {
    about.set(docid, {
      url: JSON.parse(url),
      width: Number(width),
      height: Number(height),
      page: JSON.parse(page),
      title: JSON.parse(title),
    });
  }
  const cards = [...html.matchAll(/<div[^>]*jsname="dTDiAc"[^>]*>/g)].map(([tag]) => tag)
    .filter((tag) => !tag.includes("data-v="))
    .map((tag) => /data-docid="([^"]*)"/.exec(tag)?.[1] ?? "");
  return cards.map((docid) => {
    const known = about.get(docid);
    assert(known !== undefined, docid);
    return { docid, ...known };
  });
}

for (const name of ["udm2_2026-07_reduced.html", "udm2_2024-09_reduced.html"]) {
  Deno.test({
    name: `resultsOfPage() gives the hundred originals of ${name}, in page order`,
    ignore: !there(),
    fn() {
      const html = capture(name);
      const results = resultsOfPage(html);
      assertEquals(
        results.map(({ docid, url, width, height, page, title }) => ({
          docid,
          url,
          width,
          height,
          page,
          title,
        })),
        expected(html).map((one) => ({ ...one })),
      );
      assertEquals(results.length, 100);
      assert(results.every(({ road }) => road === "embedded"));
    },
  });

  Deno.test({
    name: `candidates() reads ${name} in Chromium at the real URL`,
    ignore: !there(),
    async fn() {
      const html = capture(name);
      await using google = await startSmallGoogle(() => ({
        headers: { "content-type": "text/html; charset=utf-8" },
        body: html,
      }));
      await using test = testSource();
      const truth = expected(html).filter(({ url }) => !/\.svg$/i.test(new URL(url).pathname));
      const { candidates, end } = await take(test.source, fish("Betta splendens"));
      assertEquals(
        candidates.map(({ url, width, height, page, title }) => ({
          url,
          width,
          height,
          page,
          title,
        })),
        truth.map(({ docid: _, ...rest }) => rest),
      );
      // Its link to more results is for its own query, not for ours.
      assertEquals(google.searches.length, 1);
      assertEquals(end?.why, "exhausted");
    },
  });
}

Deno.test({
  name: "kindOfPage() knows the captured pages that are no results",
  ignore: !there(),
  fn() {
    const kinds = {
      "consent_wall_2026-09.html": "consent",
      "enablejs_shell_2026-01.html": "shell",
      "sorry_2026-07.html": "robot-check",
    };
    for (const [name, kind] of Object.entries(kinds)) {
      const page = readPageText(capture(name));
      const arrived = { url: "https://www.google.com/search?q=x", status: 200, data: false };
      assertEquals(kindOfPage(page, arrived).kind, kind);
    }
  },
});
