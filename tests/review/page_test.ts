/** The review in a real Chromium: keys, clicks, two tabs. */

import { assertEquals } from "@std/assert";
import { readDataset } from "../../lib/dataset/dataset.ts";
import type { LogEvent } from "../../lib/dataset/event.ts";
import { readLog } from "../../lib/dataset/log_reader.ts";
import type { Thumbnailer } from "../../lib/image/create_renderer.ts";
import { serveReview } from "../../lib/review/serve_review.ts";
import { opened, withFolder } from "../dataset/folder.ts";
import { type Screen, withChromium } from "../report/chromium.ts";
import { makeSynthetic, picture, speciesId } from "../report/synthetic.ts";

/** Small pictures are their own thumbnails. */
const copying: Thumbnailer = {
  shrink: () => Promise.resolve(picture(1)),
  close: () => {},
};

/** Serves a folder of three species to tabs, then gives the events that the review has logged. */
async function review(
  test: (address: string, open: () => Promise<Screen>) => Promise<void>,
): Promise<LogEvent[]> {
  const events: LogEvent[] = [];
  await withFolder(async (dir) => {
    await makeSynthetic(dir, { species: 3, images: 60, files: "images" });
    const dataset = await opened(dir);
    const stop = new AbortController();
    try {
      const { address, ended } = await serveReview({
        dataset,
        thumbnailer: copying,
        port: 0,
        signal: stop.signal,
      });
      await withChromium((open) => test(address, open));
      stop.abort();
      await ended;
    } finally {
      await dataset.close();
    }
    await readLog(`${dir}/log.jsonl`, (line) => {
      if (line.event === "rejected" || line.event === "accepted") events.push(line);
    });
    // What another run would see is what the tabs showed.
    const { state } = await readDataset(dir);
    assertEquals(state.kept(speciesId(0)), 57);
    assertEquals(state.kept(speciesId(1)), 58);
  });
  return events;
}

const COUNT = (what: string) => `document.querySelectorAll("${what}").length`;
const NAME = "document.querySelector('#name').textContent";
const FOCUS = "[...document.querySelectorAll('figure button')].indexOf(document.activeElement)";

async function opensAt(screen: Screen, address: string): Promise<void> {
  await screen.look(1300, 1000, false);
  await screen.goto(address);
  await screen.until(`${COUNT("figure")} === 60 && ${FOCUS} === 0`);
}

/** Judges by keys alone; at the end two are wrong and one is right. */
async function byKeys(screen: Screen): Promise<void> {
  assertEquals(await screen.evaluate("location.search"), "", "the token is out of sight");
  await screen.press("x");
  await screen.until(`${COUNT(".wrong")} === 1 && ${FOCUS} === 1`);
  await screen.press("ArrowRight");
  await screen.press("ArrowDown");
  await screen.press("ArrowLeft");
  await screen.press("ArrowUp");
  assertEquals(await screen.evaluate(FOCUS), 1, "the arrows go round");
  await screen.press("x");
  await screen.press("x");
  await screen.until(`${COUNT(".wrong")} === 3`);
  await screen.press("u");
  await screen.until(`${COUNT(".wrong")} === 2 && ${FOCUS} === 2`);
  await screen.press("a");
  await screen.until(`${COUNT(".right")} === 1`);
  const told = "document.querySelector('#about').textContent.includes('58 kept · 2 wrong')";
  await screen.until(told);
}

Deno.test("the review is done by keys, every verdict in the log, undone ones too", async () => {
  const events = await review(async (address, open) => {
    const screen = await open();
    await opensAt(screen, address);
    assertEquals(await screen.axe(), [], "axe");
    await byKeys(screen);
    assertEquals(await screen.axe(), [], "axe, with verdicts");
    // A click marks and takes back.
    await screen.click("figure:nth-child(9) button");
    await screen.until(`${COUNT(".wrong")} === 3`);
    await screen.click("figure:nth-child(9) button");
    await screen.until(`${COUNT(".wrong")} === 2`);
    await screen.click("figure:nth-child(10) button");
    await screen.until(`${COUNT(".wrong")} === 3`);
    await screen.press(" ");
    await screen.until(`${NAME} === "Synthetica no. 1" && ${FOCUS} === 0`);
    // Sixty pictures of forty sites: this one's has two of them, in each species.
    await screen.press("h");
    await screen.until(`${COUNT(".wrong")} > 0`);
    const wrong = Number(await screen.evaluate(COUNT(".wrong")));
    await screen.press("u");
    await screen.until(`${COUNT(".wrong")} === 0`);
    await screen.press("x");
    await screen.press("x");
    await screen.until(`${COUNT(".wrong")} === 2`);
    await screen.press(" ", true);
    await screen.until(`${NAME} === "Synthetica no. 0" && ${COUNT(".wrong")} === 3`);
    await screen.look(390, 844, true);
    assertEquals(await screen.axe(), [], "axe, on a dark phone");
    assertEquals(
      await screen.evaluate("document.documentElement.scrollWidth <= innerWidth"),
      true,
      "nothing sticks out of a phone's screen",
    );
    assertEquals(screen.errors, []);
    assertEquals([1, 2].includes(wrong), true, `${wrong} of the host`);
  });
  const kinds = events.map(({ event }) => event).join(" ");
  const keys = "rejected rejected rejected accepted accepted";
  const clicks = "rejected accepted rejected";
  const host = /(rejected )+(accepted )+/;
  assertEquals(kinds.startsWith(`${keys} ${clicks} `), true, kinds);
  assertEquals(kinds.slice(keys.length + clicks.length + 2).replace(host, ""), "rejected rejected");
});

Deno.test("the review's tabs hear of each other, and judge a picture once", async () => {
  await review(async (address, open) => {
    const [one, other] = [await open(), await open()];
    await opensAt(one, address);
    await opensAt(other, address);
    // The same picture judged in both tabs at once is judged once.
    await Promise.all([one.press("x"), other.press("x")]);
    await one.until(`${COUNT(".wrong")} === 1`);
    await other.until(`${COUNT(".wrong")} === 1`);
    await one.press("x");
    await other.until(`${COUNT(".wrong")} === 2`);
    await other.press("x");
    await other.until("document.querySelector('#told').textContent.includes('already')");
    await other.press("x");
    await one.until(`${COUNT(".wrong")} === 3`);
    await one.press(" ");
    await one.until(`${NAME} === "Synthetica no. 1" && ${FOCUS} === 0`);
    await one.press("x");
    await one.press("x");
    await one.until(`${COUNT(".wrong")} === 2`);
    const option = "document.querySelector('#species').options[1].textContent";
    await other.until(`${option} === "Synthetica no. 1 (58, 2 wrong)"`);
    assertEquals([...one.errors, ...other.errors], []);
  });
});
