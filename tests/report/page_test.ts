/** The report in a real Chromium, from the disk. */

import { assert, assertEquals } from "@std/assert";
import type { Thumbnailer } from "../../lib/image/create_renderer.ts";
import { writeReport } from "../../lib/report/write_report.ts";
import { withFolder } from "../dataset/folder.ts";
import { type Screen, withChromium } from "./chromium.ts";
import { HOSTILE, makeHostile } from "./hostile.ts";
import { makeSynthetic, speciesId } from "./synthetic.ts";

/** All thumbnails are there: none is to be made. */
const idle: Thumbnailer = {
  shrink: () => Promise.reject(new Error("no thumbnail was to be made")),
  close: () => {},
};

async function write(dir: string, thumbnailer: Thumbnailer = idle): Promise<string> {
  const signal = new AbortController().signal;
  const { path } = await writeReport({
    dir,
    thumbnailer,
    made: new Date(),
    progress: () => {},
    signal,
  });
  return `file://${await Deno.realPath(path)}`;
}

async function checkHostile(screen: Screen, dir: string): Promise<void> {
  await makeHostile(dir);
  await screen.goto(await write(dir));
  await screen.evaluate(`document.querySelector("#sheets").scrollIntoView()`);
  await screen.until("document.querySelectorAll('figure img').length === 2");
  assertEquals(await screen.evaluate("top.evil"), undefined, "no script of a stranger ran");
  assertEquals(
    await screen.evaluate(
      "document.querySelectorAll('img[src=x], main script:not([type])').length",
    ),
    0,
  );
  const bad = "a[target]:not([rel='noreferrer noopener']), a[href^='javascript' i]";
  assertEquals(
    await screen.evaluate(`document.querySelectorAll(${JSON.stringify(bad)}).length`),
    0,
  );
  const texts = await screen.evaluate("document.querySelector('figcaption').textContent");
  assert(String(texts).includes(HOSTILE), "it is shown as it is");
  const length = await screen.evaluate("document.documentElement.textContent.length");
  assert(typeof length === "number" && length < 100_000, `texts of a megabyte are cut: ${length}`);
  assertEquals(
    await screen.evaluate(
      `document.querySelector("tbody th").offsetWidth < document.querySelector(".scroll").clientWidth`,
    ),
    true,
    "a long word pushes no column out of sight",
  );
  assertEquals(
    await screen.evaluate(`[...document.querySelectorAll(".sheet .faint span")].slice(0, 1)
      .map((name) => [name.textContent, getComputedStyle(name).unicodeBidi])`),
    [["\ufffdturned, second", "isolate"]],
  );
  assertEquals(screen.errors, []);
}

async function sorts(screen: Screen): Promise<void> {
  const first = "document.querySelector('tr[data-id]').dataset.id";
  const head = "#table thead th:first-child";
  await screen.evaluate(`document.querySelector("${head} button").focus()`);
  await screen.press("Enter");
  await screen.until(`document.querySelector("${head}").ariaSort === "ascending"`);
  await screen.press("Enter");
  await screen.until(`document.querySelector("${head}").ariaSort === "descending"`);
  // By letters: no. 9 comes after no. 49.
  assertEquals(await screen.evaluate(first), speciesId(9));
  assertEquals(await screen.axe(), [], "axe, sorted");
}

async function scrollThrough(screen: Screen): Promise<void> {
  // Screen by screen to the end, as fast as the page draws.
  const most = await screen.evaluate(`(async () => {
    let most = 0;
    while (scrollY + innerHeight < document.documentElement.scrollHeight - 2) {
      scrollBy(0, innerHeight * 4);
      await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
      most = Math.max(most, document.querySelectorAll("figure").length);
    }
    return most;
  })()`);
  assert(typeof most === "number" && most > 0 && most < 3000, `${most} pictures at a time`);
}

Deno.test("the report opens from the disk, can be used by everyone, and is safe from strangers' texts", () =>
  withFolder(async (dir) => {
    await makeSynthetic(dir, { species: 50, images: 200, files: "thumbnails" });
    await withChromium(async (open) => {
      const screen = await open();
      await screen.look(1300, 1000, false);
      await screen.goto(await write(dir));
      await screen.until("document.querySelectorAll('tr[data-id]').length === 50");
      assertEquals(await screen.axe(), [], "axe, at the top");
      assertEquals(
        await screen.evaluate(
          `document.querySelector(".mosaic img").getBoundingClientRect().top < 400`,
        ),
        true,
        "the page begins with pictures",
      );
      await sorts(screen);
      await scrollThrough(screen);
      const last = `#s-${speciesId(49)}`;
      await screen.until(
        `document.querySelectorAll('${last} figure').length === 200 &&
         [...document.querySelectorAll('${last} img')].some((image) => image.naturalWidth > 0)`,
      );
      const figure = `document.querySelector('${last} figure')`;
      assertEquals(
        await screen.evaluate(`${figure}.querySelector('img').alt`),
        "Synthetica no. 49, from fishbase, 300 by 200 pixels, photo by Photographer 0",
      );
      assertEquals(
        await screen.evaluate(`[...${figure}.querySelectorAll('a')].map((link) => link.hostname)`),
        ["", "site9.example"],
      );
      await screen.look(390, 844, true);
      assertEquals(await screen.axe(), [], "axe, at pictures, on a dark phone");
      assertEquals(
        // `innerWidth` grows with what sticks out.
        await screen.evaluate("document.documentElement.scrollWidth"),
        390,
        "nothing sticks out of a phone's screen",
      );
      await screen.evaluate(`(() => {
        const search = document.querySelector("#search");
        search.value = "no. 4";
        search.dispatchEvent(new Event("input"));
      })()`);
      assertEquals(
        await screen.evaluate("document.querySelector('#shown').textContent"),
        "14 of 50 species",
      );
      assertEquals(screen.errors, []);
      await withFolder((other) => checkHostile(screen, other));
    });
  }));
