/** The review in a real Chromium: keys, clicks, two tabs. */

import { assert, assertEquals } from "@std/assert";
import { readAudit } from "../../lib/dataset/audit.ts";
import { readDataset } from "../../lib/dataset/dataset.ts";
import type { LogEvent } from "../../lib/dataset/event.ts";
import { readLog } from "../../lib/dataset/log_reader.ts";
import type { Thumbnailer } from "../../lib/image/create_renderer.ts";
import { serveReview } from "../../lib/review/serve_review.ts";
import { opened, withFolder } from "../dataset/folder.ts";
import { type Screen, withChromium } from "../report/chromium.ts";
import { HOSTILE, makeHostile } from "../report/hostile.ts";
import { makeSynthetic, picture, speciesId } from "../report/synthetic.ts";

/** Small pictures are their own thumbnails. */
const copying: Thumbnailer = {
  shrink: () => Promise.resolve(picture(1)),
  close: () => {},
};

interface Reviewed {
  readonly dir: string;
  /** The verdicts that were logged, in order. */
  readonly verdicts: readonly LogEvent[];
  /** How many images of each species count in the end. */
  readonly kept: readonly number[];
}

/** Serves a folder, of three species unless given, to tabs, then says what the review has logged. */
async function review(
  use: (address: string, open: () => Promise<Screen>) => Promise<void>,
  check: (reviewed: Reviewed) => void | Promise<void>,
  make = (dir: string) => makeSynthetic(dir, { species: 3, images: 60, files: "images" }),
): Promise<void> {
  await withFolder(async (dir) => {
    await make(dir);
    const dataset = await opened(dir);
    const stop = new AbortController();
    try {
      const { address, ended } = await serveReview({
        dataset,
        thumbnailer: copying,
        port: 0,
        signal: stop.signal,
      });
      await withChromium((open) => use(address, open));
      stop.abort();
      await ended;
    } finally {
      await dataset.close();
    }
    const verdicts: LogEvent[] = [];
    await readLog(`${dir}/log.jsonl`, (line) => {
      if (["rejected", "accepted", "relabelled"].includes(line.event)) verdicts.push(line);
    });
    // What another run would see is what the tabs showed.
    const { state } = await readDataset(dir);
    const kept = [0, 1, 2].map((number) => state.kept(speciesId(number)));
    state.close();
    await check({ dir, verdicts, kept });
  });
}

const COUNT = (what: string) => `document.querySelectorAll("${what}").length`;
const NAME = "document.querySelector('#name').textContent";
/** Which picture of the page the keys are about. */
const AT = "[...document.querySelectorAll('#sheet figure')].indexOf(document.activeElement)";
const MESSAGE = "document.querySelector('#message').textContent";
const ABOUT = "document.querySelector('#about').textContent";
const PAGE = "document.querySelector('#page').textContent";

async function opensAt(screen: Screen, address: string): Promise<void> {
  await screen.look(1300, 1000, false);
  await screen.goto(`${address.replace(/#.*/, "")}`);
  await screen.until(`${MESSAGE}.includes("Open the address")`);
  await screen.goto("about:blank");
  await screen.goto(address);
  await screen.until(`${COUNT("#sheet figure")} > 0 && ${AT} === 0`);
  // Each test begins at the first species, whichever is the worst.
  if (await screen.evaluate(NAME) === "Synthetica no. 0") return;
  await screen.evaluate(`(() => {
    const species = document.querySelector("#species");
    species.value = "${speciesId(0)}";
    species.dispatchEvent(new Event("change"));
  })()`);
  await screen.until(`${NAME} === "Synthetica no. 0" && ${AT} === 0`);
}

Deno.test("the review is done by keys alone over three species, every verdict in the log", () =>
  review(async (address, open) => {
    const screen = await open();
    await opensAt(screen, address);
    assertEquals(await screen.evaluate("location.href.includes('token')"), false);
    assertEquals(await screen.axe(), [], "axe");
    await screen.press("x");
    await screen.until(`${COUNT(".wrong")} === 1 && ${AT} === 1`);
    await screen.press("ArrowRight");
    await screen.press("ArrowDown");
    await screen.press("ArrowLeft");
    await screen.press("ArrowUp");
    assertEquals(await screen.evaluate(AT), 1, "the arrows go round");
    // Another species, by its number: the image leaves.
    await screen.press("1");
    await screen.until(`${COUNT(".wrong")} === 2 && ${AT} === 2`);
    await screen.until(`${ABOUT}.includes("58 kept · 1 wrong")`);
    await screen.press("u");
    await screen.until(`${COUNT(".wrong")} === 1 && ${AT} === 1 && ${ABOUT}.includes("59 kept")`);
    // …and by a word of its name.
    await screen.press("/");
    await screen.type("fish 2");
    await screen.press("Enter");
    await screen.until(`${COUNT(".wrong")} === 2 && ${MESSAGE}.includes("is Synthetica no. 2")`);
    await screen.press("c");
    await screen.until(`${COUNT(".right")} === 1`);
    assertEquals(await screen.axe(), [], "axe, with verdicts");
    await enlarges(screen);
    // The rest of the page is accepted, and the next one comes.
    await screen.press("a");
    await screen.until(`${PAGE}.startsWith("Page 2") && ${AT} === 0`);
    await screen.press("Space", true);
    await screen.until(
      `${PAGE}.startsWith("Page 1") && ${COUNT("#sheet figure:not(.wrong, .right)")} === 0`,
    );
    await screen.press("n");
    await screen.until(`${NAME} !== "Synthetica no. 0" && ${AT} === 0`);
    // Sixty pictures of forty sites: this one's has one or two of them, in each species.
    await screen.press("h");
    await screen.until(`${COUNT(".wrong")} > 0`);
    await screen.press("u");
    await screen.until(`${COUNT(".wrong")} === 0`);
    await screen.press("n");
    await screen.until(`!${NAME}.includes("no. 0") && ${AT} === 0`);
    await screen.press("N");
    await screen.until(`${AT} === 0`);
    await staysWithinPhone(screen);
    assertEquals(await screen.axe(), [], "axe, on a dark phone");
    assertEquals(screen.errors, []);
  }, ({ verdicts, kept }) => {
    assertEquals(kept, [58, 60, 61]);
    const events = verdicts.map(({ event }) => event);
    assertEquals(events.slice(0, 5), [
      "rejected",
      "relabelled",
      "accepted",
      "relabelled",
      "accepted",
    ]);
    const moved = verdicts[3];
    assert(moved?.event === "relabelled" && moved.to === speciesId(2), JSON.stringify(moved));
  }));

async function staysWithinPhone(screen: Screen): Promise<void> {
  await screen.look(390, 844, true);
  // `innerWidth` grows with what sticks out.
  assertEquals(await screen.evaluate("document.documentElement.scrollWidth"), 390);
}

/** Looks at the selected picture as large as the screen, zooms and goes on to the next. */
async function enlarges(screen: Screen): Promise<void> {
  const open = "document.querySelector('#lens').open";
  const width = "document.querySelector('#lens-view img').style.width";
  await screen.press("z");
  await screen.until(`${open} && document.querySelector("#lens-view img").naturalWidth > 0`);
  await screen.press("+");
  await screen.until(`${width} !== ""`);
  assertEquals(await screen.axe(), [], "axe, enlarged");
  await screen.press("0");
  await screen.until(`${width} === ""`);
  const before = await screen.evaluate("document.querySelector('#lens-view img').src");
  await screen.press("ArrowRight");
  await screen.until(`document.querySelector("#lens-view img").src !== ${JSON.stringify(before)}`);
  // What was done is said there, and how to undo it.
  await screen.press("x");
  await screen.until(`document.querySelector("#lens #message")?.textContent.includes("is wrong")`);
  await screen.press("u");
  await screen.until(`document.querySelector("#lens #message").textContent === "Undone."`);
  await screen.press("z");
  await screen.until(`!${open}`);
}

Deno.test("a click selects and rejects nothing; sure photos are always in sight", () =>
  review(async (address, open) => {
    const screen = await open();
    await opensAt(screen, address);
    await screen.click("#sheet figure:nth-child(4)");
    await screen.until(`${AT} === 3`);
    await screen.until(`document.querySelectorAll("#compare img").length === 2`);
    await screen.until(`document.querySelector("#large img").src.includes("/images/")`);
    assertEquals(
      await screen.evaluate(`[...document.querySelectorAll("#compare figcaption")]
        .map((each) => each.textContent)`),
      ["fishbase", "fishbase"],
    );
    assertEquals(
      await screen.evaluate("new URL(document.querySelector('#large img').src).origin"),
      new URL(address).origin,
    );
    // Loaded anew, the tab still has its token, though its address has none.
    await screen.goto("about:blank");
    await screen.goto(`${address.replace(/#.*/, "")}#s-${speciesId(1)}`);
    await screen.until(`${NAME} === "Synthetica no. 1"`);
    assertEquals(screen.errors, []);
  }, ({ verdicts }) => assertEquals(verdicts, [])));

Deno.test("an audit of 100 random pictures is done by keys, and gives the error rate", () =>
  review(async (address, open) => {
    const screen = await open();
    await opensAt(screen, address);
    await screen.click("#audit");
    await screen.until(`${NAME} === "Audit" && ${COUNT(".label")} > 0`);
    assertEquals(await screen.axe(), [], "axe, in an audit");
    await screen.press("x");
    await screen.press("x");
    await screen.until(`${COUNT(".wrong")} === 2`);
    for (let page = 2; page < 30; page++) {
      await screen.press("a");
      if (await screen.evaluate(`${PAGE}.endsWith(" ${page - 1}")`)) break;
      await screen.until(`${PAGE}.startsWith("Page ${page} ")`);
    }
    await screen.until(`${ABOUT}.includes("100 of 100 judged")`);
    const progress = String(
      await screen.evaluate("document.querySelector('#progress').textContent"),
    );
    assert(/^0 of 3 species, \d+ min at your pace$/.test(progress), progress);
    assert(String(await screen.evaluate(ABOUT)).includes("2 were wrong, an error rate of 2.0 %"));
    assertEquals(screen.errors, []);
  }, async ({ dir, kept }) => {
    assertEquals(kept.reduce((sum, each) => sum + each), 178);
    const sample = (await readAudit(dir))?.sample ?? [];
    assertEquals(sample.filter(({ verdict }) => verdict === "right").length, 98);
  }));

Deno.test("the next species is the worst of all that are left", () =>
  review(
    async (address, open) => {
      const screen = await open();
      await opensAt(screen, address);
      // What is judged everywhere waits until all species were looked at.
      await screen.press("H");
      await screen.until(`${MESSAGE}.includes("u undoes it")`);
      await screen.press("u");
      await screen.until(`${MESSAGE}.startsWith("Undone")`);
      // A tab that is opened now begins with it.
      await screen.goto("about:blank");
      await screen.goto(address);
      await screen.until(`${NAME} === "Synthetica no. 3" && ${AT} === 0`);
      await screen.press("n");
      await screen.until(`${NAME} === "Synthetica no. 1" && ${AT} === 0`);
      assertEquals(screen.errors, []);
    },
    () => {},
    async (dir) => {
      await makeSynthetic(dir, { species: 4, images: 20, files: "images" });
      const dataset = await opened(dir);
      for (const [number, flags] of [[3, 9], [1, 5]] as const) {
        const species = speciesId(number);
        for (const { sha256 } of [...dataset.state.keptImages(species)].slice(8, 8 + flags)) {
          const flagged = ["dish"] as const;
          dataset.append({ event: "flagged", species, sha256, flagged, model: "tiny" });
        }
      }
      await dataset.close();
    },
  ));

Deno.test("the review's tabs hear of each other, and judge a picture once", () =>
  review(async (address, open) => {
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
    await other.until(`${MESSAGE}.includes('already')`);
    await other.press("x");
    await one.until(`${COUNT(".wrong")} === 3`);
    const option = "document.querySelector('#species').options[1].textContent";
    await one.until(`${option} === "Synthetica no. 0 (57 open)"`);
    assertEquals([...one.errors, ...other.errors], []);
  }, ({ verdicts, kept }) => {
    assertEquals(kept, [57, 60, 60]);
    assertEquals(verdicts.length, 3);
  }));

Deno.test("the review is safe from strangers' texts, however long they are", () =>
  review(
    async (address, open) => {
      const screen = await open();
      await screen.look(1300, 1000, false);
      await screen.goto(address);
      await screen.until(`${COUNT("#sheet figure img")} === 2 && ${COUNT("#compare img")} > 0`);
      const seen = String(await screen.evaluate("document.body.textContent"));
      assert(seen.includes(HOSTILE), "it is shown as it is");
      assert(seen.length < 200_000, `texts of a megabyte are cut: ${seen.length}`);
      assert(!seen.includes("\u202e"), "nothing turns the direction of the page");
      assertEquals(await screen.evaluate("top.evil"), undefined, "no script of a stranger ran");
      assertEquals(await screen.evaluate(COUNT("img[src=x], body script + script")), 0);
      assertEquals(
        await screen.evaluate(
          `[...document.querySelectorAll("main a")].every((link) =>
            link.rel === "noreferrer noopener" && link.protocol.startsWith("http"))`,
        ),
        true,
      );
      // What is said of it can be judged and undone like anything else.
      await screen.press("h");
      await screen.until(`${COUNT(".wrong")} > 0`);
      await screen.press("u");
      await screen.until(`${COUNT(".wrong")} === 0`);
      assertEquals(await screen.axe(), [], "axe");
      await staysWithinPhone(screen);
      assertEquals(screen.errors, []);
    },
    ({ verdicts }) => assert(verdicts.length > 0),
    makeHostile,
  ));
