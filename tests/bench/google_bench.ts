/**
 * How long Google's 200 candidates of a species take, and how long the usual way takes: clicking
 * card by card and waiting for the panel. 50 ms of latency on every response.
 *
 * `deno run --allow-all tests/bench/google_bench.ts [cards to click, 40 unless given]`
 */

import { BrowserKeeper } from "../../lib/browser/keeper.ts";
import { startBrowser } from "../../lib/browser/start.ts";
import { startWorld, type World } from "../../lib/demo/world.ts";
import { createGoogle, GOOGLE_HOSTS } from "../../lib/sources/google/google.ts";
import { searchAddress } from "../../lib/sources/google/search.ts";
import { fish, take } from "../sources/google/run_google.ts";

const WANTED = 200;
const LATENCY = 50;

const world = await startWorld({
  species: 16,
  results: 400,
  faults: false,
  latency: LATENCY,
  google: { consent: "none" },
});
Deno.env.set("HTTPS_PROXY", world.proxy);
Deno.env.set("DENO_CERT", world.certificate);
const keeper = new BrowserKeeper({
  start: (signal) => startBrowser({ hosts: GOOGLE_HOSTS, notice: () => {}, signal }),
});
const names = world.catalogue.fish.filter(({ plain }) => plain).map(({ latin }) => latin);

try {
  const begun = performance.now();
  const { signal } = new AbortController();
  await (await keeper.tab({ within: 60_000, signal })).close();
  say("starting the browser, once a run", performance.now() - begun);

  const [one, loads] = await timed(world, () => search(names.slice(0, 1)));
  say(`one species, ${WANTED} candidates, ${loads} page loads`, one);
  const [eight] = await timed(world, () => search(names.slice(1, 9)));
  say(`eight species together (${(eight / one).toFixed(2)} times one)`, eight);

  const cards = Number(Deno.args[0] ?? 40);
  const [clicking] = await timed(world, () => clickCardByCard(names[9] ?? "", cards));
  const whole = (clicking / cards) * WANTED;
  say(`clicking card by card, ${cards} cards`, clicking);
  say(`the same for ${WANTED} (${(whole / one).toFixed(1)} times ours)`, whole);
} finally {
  await keeper.close();
  await world.close();
}

function say(what: string, milliseconds: number): void {
  console.log(`${(milliseconds / 1000).toFixed(2).padStart(7)} s  ${what}`);
}

async function timed(seen: World, work: () => Promise<void>): Promise<[number, number]> {
  const before = seen.google.searches.length;
  const begun = performance.now();
  await work();
  return [performance.now() - begun, seen.google.searches.length - before];
}

async function search(latin: readonly string[]): Promise<void> {
  const source = createGoogle({
    keeper: { tab: (deadline) => keeper.tab(deadline), close: () => Promise.resolve() },
    delay: 0,
    queries: [],
    headed: false,
    jobs: 8,
    keepPage: (name) => Promise.resolve(name),
    notice: (text) => console.error(text),
  });
  const taken = await Promise.all(latin.map((name) => take(source, fish(name), WANTED)));
  for (const { candidates } of taken) {
    if (candidates.length !== WANTED) throw new Error(`only ${candidates.length} candidates`);
  }
}

/**
 * What the usual scrapers do: find the cards, click one, wait until the panel shows another picture
 * that is no thumbnail, and for it to settle (they sleep a second or more; here it is none), read.
 */
async function clickCardByCard(latin: string, cards: number): Promise<void> {
  const deadline = { within: 60_000, signal: new AbortController().signal };
  const tab = await keeper.tab(deadline);
  try {
    await tab.goto(searchAddress(`"${latin}"`), deadline);
    let last = "";
    for (let index = 0; index < cards; index += 1) {
      const found = await tab.evaluate(
        "() => document.querySelectorAll('[jsname=\"dTDiAc\"]:not([data-v])').length",
        null,
        Number,
        deadline,
      );
      if (found <= index) break;
      await tab.click('[jsname="dTDiAc"]:not([data-v]) [role="button"]', index, deadline);
      await tab.until(
        `(last) => { const image = document.querySelector('img[jsname="kn3ccd"]'); return image !== null && image.src !== last; }`,
        last,
        deadline,
      );
      last = await tab.evaluate(
        `() => document.querySelector('img[jsname="kn3ccd"]').src`,
        null,
        String,
        deadline,
      );
    }
  } finally {
    await tab.close();
  }
}
