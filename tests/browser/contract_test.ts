// What every driver must keep to, tried on whichever the import map gives for "browser-driver".

import { delay } from "@std/async";
import {
  assert,
  assertEquals,
  assertGreater,
  assertLess,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import {
  type Browser,
  BrowserFault,
  type Deadline,
  type FaultKind,
  type Tab,
  type TabResponse,
} from "../../lib/browser/browser.ts";
import { startBrowser } from "../../lib/browser/start.ts";
import { openSite, type Site } from "./pages.ts";
import { testBrowser } from "./test_browser.ts";

const never = new AbortController().signal;
const soon: Deadline = { within: 15_000, signal: never };
const short: Deadline = { within: 500, signal: never };

async function start(cache: string): Promise<Browser> {
  return await startBrowser({
    browser: await testBrowser(),
    hosts: ["127.0.0.1"],
    notice: () => {},
    cache,
    signal: never,
  });
}

async function fault(kind: FaultKind, work: () => Promise<unknown>): Promise<BrowserFault> {
  const error = await assertRejects(work, BrowserFault);
  assertEquals(error.kind, kind, error.message);
  return error;
}

type Step = (tab: Tab, site: Site, browser: Browser) => Promise<void>;

const steps: Readonly<Record<string, Step>> = {
  async "goto() arrives where redirects and the page's own script lead"(tab, { base }) {
    assertEquals(await tab.goto(`${base}/`, soon), { url: `${base}/`, status: 200 });
    await tab.goto(`${base}/redirect`, soon);
    await tab.until(
      "() => location.pathname === '/' && document.querySelector('h1') !== null",
      null,
      soon,
    );
    assertEquals(await tab.url(), `${base}/`);
  },
  async "goto() takes an error status for an arrival, with and without a body"(tab, { base }) {
    assertEquals((await tab.goto(`${base}/too-many`, soon)).status, 429);
    assertStringIncludes(await tab.html(soon), "slow down");
    assertEquals(await tab.goto(`${base}/missing`, soon), { url: `${base}/missing`, status: 404 });
  },
  async "goto() takes a page that is held up by what it refers to as it stands"(tab, { base }) {
    assertEquals((await tab.goto(`${base}/held-up`, soon)).status, 200);
    assertStringIncludes(await tab.html(soon), "Here");
  },
  async "goto() does not wait at a page that asks for a password"(tab, { base }) {
    assertEquals((await tab.goto(`${base}/login`, soon)).status, 401);
  },
  async "goto() rejects for a download, a blocked host, no content, half a page and nobody there"(
    tab,
    { base, outside },
  ) {
    await fault("navigation", () => tab.goto(`${base}/download`, soon));
    await fault("navigation", () => tab.goto(`${base}/broken`, soon));
    await fault("navigation", () => tab.goto(`${base}/nothing`, soon));
    await fault("navigation", () => tab.goto(`${outside}/`, soon));
    await fault("navigation", () => tab.goto(`${base}/redirect-outside`, soon));
    await fault("navigation", () => tab.goto("http://127.0.0.1:9/", soon));
    await tab.goto(`${base}/`, soon);
  },
  async "goto() gives up at its deadline, and the tab goes on"(tab, { base }) {
    await fault("timeout", () => tab.goto(`${base}/never`, short));
    await fault("timeout", () => tab.goto(`${base}/drips`, short));
    assertEquals((await tab.goto(`${base}/`, soon)).status, 200);
  },
  async "goto() rejects with the signal's reason"(tab, { base }) {
    const stop = new AbortController();
    const gone = assertRejects(
      () => tab.goto(`${base}/never`, { within: 15_000, signal: stop.signal }),
      RangeError,
    );
    stop.abort(new RangeError("enough"));
    await gone;
    await assertRejects(() => tab.html({ within: 15_000, signal: stop.signal }), RangeError);
  },
  async "html() gives the document, with a doctype, without one, and empty"(tab, { base }) {
    await tab.goto(`${base}/`, soon);
    const whole = await tab.html(soon);
    assert(whole.startsWith("<!DOCTYPE html>"), whole);
    assertStringIncludes(whole, "<h1>Fish &amp; chips</h1>");
    await tab.goto(`${base}/no-doctype`, soon);
    assertEquals(await tab.html(soon), "<html><head></head><body><p>bare</p></body></html>");
    await tab.goto(`${base}/empty`, soon);
    assertEquals(await tab.html(soon), "<html><head></head><body></body></html>");
  },
  async "evaluate() passes any JSON there and back"(tab, { base }) {
    await tab.goto(`${base}/`, soon);
    const given = { text: "\u2028 </script> `${1}` ☂", list: [1, null, true], deep: { "": {} } };
    assertEquals(await tab.evaluate("(x) => x", given, (value) => value, soon), given);
    assertEquals(
      await tab.evaluate("async () => await undefined", null, (value) => value, soon),
      undefined,
    );
    assertEquals(await tab.evaluate("() => document.title.length", null, Number, soon), 0);
  },
  async "evaluate() tells what the page threw"(tab, { base }) {
    await tab.goto(`${base}/`, soon);
    const thrown = await fault(
      "page",
      () => tab.evaluate("() => { throw new Error('no fish'); }", null, String, soon),
    );
    assertStringIncludes(thrown.message, "no fish");
    await fault("page", () => tab.evaluate("() => (", null, String, soon));
    await fault("page", () => tab.evaluate("() => Promise.reject(3)", null, String, soon));
  },
  async "until() sees changes, outlives a change of page, and gives up at its deadline"(
    tab,
    { base },
  ) {
    await tab.goto(`${base}/`, soon);
    const waits = tab.until(
      "(word) => document.querySelector('#late')?.textContent === word",
      "now",
      soon,
    );
    await tab.evaluate(
      "() => { document.querySelector('#late').textContent = 'now'; }",
      null,
      String,
      soon,
    );
    await waits;
    const moved = tab.until("() => location.pathname === '/no-doctype'", null, soon);
    await tab.evaluate(
      "() => { setTimeout(() => location.assign('/no-doctype')); }",
      null,
      String,
      soon,
    );
    await moved;
    await fault("timeout", () => tab.until("() => false", null, short));
    await fault("page", () => tab.until("() => nobody.home", null, soon));
  },
  async "scrollToEnd() makes an endless page load more, in a tab that lies behind another"(
    tab,
    { base },
    browser,
  ) {
    const heard: TabResponse[] = [];
    tab.onResponse((response) => void heard.push(response));
    await tab.goto(`${base}/endless`, soon);
    const above = await browser.open(soon);
    await above.goto(`${base}/`, soon);
    for (const count of [40, 60, 80]) {
      await tab.scrollToEnd(soon);
      await tab.until("(count) => document.querySelectorAll('p').length >= count", count, soon);
    }
    await above.close();
    await tab.evaluate("() => void fetch('/no-such-page')", null, String, soon);
    while (heard.at(-1)?.status !== 404) await delay(20);
    const [page, more] = heard;
    assertEquals([page?.url, page?.status, page?.type], [`${base}/endless`, 200, "text/html"]);
    assertEquals([more?.url, more?.status, more?.type], [
      `${base}/more?from=20`,
      200,
      "application/json",
    ]);
    assertEquals(await more?.text(), `{"more":"größer ☂"}`);
    assertStringIncludes(await page?.text() ?? "", "IntersectionObserver");
    assertGreater(heard.length, 3);
  },
  async "click() hits with the mouse what can be seen, by script what lies below, and nothing else"(
    tab,
    { base },
  ) {
    await tab.goto(`${base}/buttons`, soon);
    const state = () =>
      tab.evaluate("() => [document.title, globalThis.clicked]", null, (value) => value, soon);
    await tab.click("button", 1, soon);
    assertEquals(await state(), ["", 1]);
    await tab.click("#far", 0, soon);
    assertEquals(await state(), ["true", 2]);
    await tab.click("#covered", 0, soon);
    assertEquals(await state(), ["covered", 3]);
    await tab.click("#hidden", 0, soon);
    assertEquals(await state(), ["hidden", 4]);
    await fault("page", () => tab.click("button", 17, soon));
    await fault("page", () => tab.click("][", 0, soon));
  },
  async "a tab answers dialogs with no and leaves pages that beg it to stay"(tab, { base }) {
    await tab.goto(`${base}/dialogs`, soon);
    assertEquals(await tab.evaluate("() => globalThis.said", null, (value) => value, soon), [
      false,
      null,
    ]);
    await tab.click("#b", 0, soon);
    assertEquals((await tab.goto(`${base}/`, soon)).status, 200);
  },
  async "a tab opens no others and lets out no request but to its hosts"(tab, { base, asked }) {
    asked.length = 0;
    await tab.goto(`${base}/popups`, soon);
    await tab.click("#blank", 0, soon);
    await tab.goto(`${base}/reaches-out`, soon);
    for (const name of ["fetch", "events", "socket", "worker"]) {
      await tab.until("(name) => document.body.dataset[name] === 'done'", name, soon);
    }
    assertEquals(asked.filter((line) => line.startsWith("localhost")), []);
  },
  async "a tab loads no images, fonts and media"(tab, { base, asked }) {
    asked.length = 0;
    await tab.goto(`${base}/pictures`, soon);
    await tab.until("() => document.readyState === 'complete'", null, soon);
    assertEquals(asked.filter((line) => line.includes("/fish.")), []);
  },
  async "tabs share one cookie session"(tab, { base }, browser) {
    await tab.goto(`${base}/cookie`, soon);
    const other = await browser.open(soon);
    await other.goto(`${base}/`, soon);
    assertEquals(await other.evaluate("() => document.cookie", null, String, soon), "fish=guppy");
    await other.close();
    assert(other.dead);
    await fault("tab-dead", () => other.html(soon));
    await fault("tab-dead", () => other.url());
  },
  async "a tab that crashes rejects what waits on it, and the others do not notice"(
    tab,
    { base },
    browser,
  ) {
    await tab.goto(`${base}/`, soon);
    const other = await browser.open(soon);
    await other.goto(`${base}/no-doctype`, soon);
    const waits = fault("tab-dead", () => other.until("() => false", null, soon));
    await assertRejects(() => other.goto("chrome://crash", soon), BrowserFault);
    await waits;
    assert(other.dead);
    await other.close();
    assertStringIncludes(await tab.html(soon), "Fish");
  },
  async "a tab whose script never ends gives up at its deadline and closes"(
    _tab,
    { base },
    browser,
  ) {
    const other = await browser.open(soon);
    await other.goto(`${base}/busy`, soon);
    await fault("timeout", () => other.evaluate("() => globalThis.hang()", null, String, short));
    await fault("timeout", () => other.html(short));
    const begun = performance.now();
    await other.close();
    assertLess(performance.now() - begun, 2000);
  },
};

Deno.test("Browser and Tab keep their contract", async (test) => {
  await using site = openSite();
  const cache = await Deno.makeTempDir();
  const browser = await start(cache);
  try {
    for (const [name, step] of Object.entries(steps)) {
      await test.step(name, async () => {
        const tab = await browser.open(soon);
        try {
          await step(tab, site, browser);
        } finally {
          await tab.close();
        }
      });
    }
    await test.step("close() ends what waits, within two seconds, a hanging page or not", async () => {
      const tab = await browser.open(soon);
      await tab.goto(`${site.base}/busy`, soon);
      const waits = fault(
        "browser-dead",
        () => tab.evaluate("() => globalThis.hang()", null, String, soon),
      );
      const begun = performance.now();
      await browser.close();
      assertLess(performance.now() - begun, 2000);
      await waits;
      assert(browser.dead);
      assert(tab.dead);
      await tab.close();
      await browser.close();
      await fault("browser-dead", () => browser.open(soon));
    });
    assertEquals([...Deno.readDirSync(`${cache}/profiles`)], []);
  } finally {
    await browser.close();
    await Deno.remove(cache, { recursive: true });
  }
});
