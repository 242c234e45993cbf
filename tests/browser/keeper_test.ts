import { assert, assertEquals, assertRejects } from "@std/assert";
import { type Browser, BrowserFault, type Deadline, type Tab } from "../../lib/browser/browser.ts";
import { BrowserKeeper } from "../../lib/browser/keeper.ts";

const deadline: Deadline = { within: 1000, signal: new AbortController().signal };

/** A browser that only counts. */
class CountingBrowser implements Browser {
  dead = false;
  retired = false;
  opened = 0;
  open(): Promise<Tab> {
    if (this.dead) return Promise.reject(new BrowserFault("browser-dead", "gone"));
    this.opened += 1;
    return new Promise(() => {});
  }
  readonly taken: unknown[] = [];
  cookies(): Promise<readonly Record<string, unknown>[]> {
    return Promise.resolve([{ name: "SOCS" }]);
  }
  takeCookies(cookies: readonly Record<string, unknown>[]): Promise<void> {
    this.taken.push(...cookies.map(({ name }) => name));
    return Promise.resolve();
  }
  retire(): void {
    this.retired = true;
  }
  close(): Promise<void> {
    this.dead = true;
    return Promise.resolve();
  }
}

function counting(tabsEach?: number): { keeper: BrowserKeeper; browsers: CountingBrowser[] } {
  const browsers: CountingBrowser[] = [];
  const keeper = new BrowserKeeper({
    start: () => {
      const browser = new CountingBrowser();
      browsers.push(browser);
      return Promise.resolve(browser);
    },
    ...(tabsEach === undefined ? {} : { tabsEach }),
  });
  return { keeper, browsers };
}

/** Asks for tabs and lets all of the keeper's own steps happen; the tabs themselves never come. */
async function ask(keeper: BrowserKeeper, times: number): Promise<void> {
  for (let time = 0; time < times; time++) void keeper.tab(deadline).catch(String);
  await new Promise((resolve) => setTimeout(resolve));
}

Deno.test("BrowserKeeper starts no browser before one is needed, and one for all who ask at once", async () => {
  const { keeper, browsers } = counting();
  assertEquals(browsers.length, 0);
  await ask(keeper, 8);
  assertEquals(browsers.map(({ opened }) => opened), [8]);
  await keeper.close();
  assert(browsers.every(({ dead }) => dead));
});

Deno.test("BrowserKeeper renews the browser after its share of tabs, however they are asked for", async () => {
  const { keeper, browsers } = counting(3);
  await ask(keeper, 7);
  assertEquals(browsers.map(({ opened }) => opened), [3, 3, 1]);
  assertEquals(browsers.map(({ retired }) => retired), [true, true, false]);
  await keeper.close();
  assert(browsers.every(({ dead }) => dead), "the retired ones are closed too");
});

Deno.test("BrowserKeeper goes on with the session in the next browser, after a crash too", async () => {
  const { keeper, browsers } = counting(2);
  await ask(keeper, 3);
  const [first, second] = browsers;
  assert(first !== undefined && second !== undefined);
  assertEquals([first.taken, second.taken], [[], ["SOCS"]]);
  second.dead = true;
  await ask(keeper, 1);
  assertEquals(browsers[2]?.taken, ["SOCS"]);
  await keeper.close();
});

Deno.test("BrowserKeeper replaces a browser that died", async () => {
  const { keeper, browsers } = counting();
  await ask(keeper, 2);
  const [first] = browsers;
  assert(first !== undefined);
  first.dead = true;
  await ask(keeper, 2);
  assertEquals(browsers.map(({ opened }) => opened), [2, 2]);
  await keeper.close();
});

Deno.test("BrowserKeeper tries again after a start that failed", async () => {
  let starts = 0;
  const keeper = new BrowserKeeper({
    start: () => {
      starts += 1;
      return Promise.reject(new RangeError(`start ${starts}`));
    },
  });
  const [one, two] = await Promise.allSettled([keeper.tab(deadline), keeper.tab(deadline)]);
  assert(one.status === "rejected" && two.status === "rejected");
  assertEquals(starts, 1);
  await assertRejects(() => keeper.tab(deadline), RangeError, "start 2");
  await keeper.close();
});

Deno.test("BrowserKeeper.close() ends a start under way, and nothing is opened afterwards", async () => {
  let ended = false;
  const keeper = new BrowserKeeper({
    start: (signal) =>
      new Promise((_, reject) =>
        signal.addEventListener("abort", () => {
          ended = true;
          reject(signal.reason);
        })
      ),
  });
  const waits = assertRejects(() => keeper.tab(deadline), DOMException);
  await keeper.close();
  await waits;
  assert(ended);
  await assertRejects(() => keeper.tab(deadline), DOMException);
  await keeper.close();
});

Deno.test("BrowserKeeper.tab() stops waiting for a start when its signal fires, the start goes on", async () => {
  const started = Promise.withResolvers<Browser>();
  const keeper = new BrowserKeeper({ start: () => started.promise });
  const stop = new AbortController();
  const waits = assertRejects(() => keeper.tab({ within: 1000, signal: stop.signal }), RangeError);
  stop.abort(new RangeError("enough"));
  await waits;
  const browser = new CountingBrowser();
  started.resolve(browser);
  await ask(keeper, 1);
  assertEquals(browser.opened, 1);
  await keeper.close();
});
