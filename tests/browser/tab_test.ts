import { assert, assertEquals, assertRejects } from "@std/assert";
import { deadline, delay } from "@std/async";
import { BrowserFault } from "../../lib/browser/browser.ts";
import type { DriverPage, Fields, Session } from "../../lib/browser/driver.ts";
import { startBrowser } from "../../lib/browser/start.ts";
import { DrivenTab } from "../../lib/browser/tab.ts";
import { findProcesses, readProcess } from "../processes.ts";
import { withFolder } from "../dataset/folder.ts";
import { eventually, processesAt } from "./processes.ts";
import { testBrowser } from "./test_browser.ts";

const never = new AbortController().signal;

/** A page that answers while `answers` is true, and counts its calls. */
class FakePage implements DriverPage {
  answers = true;
  asked = 0;
  crashes = 0;
  readonly #listeners = new Map<string, (params: Fields) => void>();
  readonly session: Session = {
    send: (method) => {
      if (method === "Page.crash") this.crashes += 1;
      return Promise.resolve({ targetInfo: { targetId: "main" } });
    },
    on: (event, listener) => void this.#listeners.set(event, listener),
  };

  open(): Promise<DriverPage> {
    return Promise.resolve(this);
  }
  happens(event: string, params: Fields): void {
    this.#listeners.get(event)?.(params);
  }
  evaluate(): Promise<unknown> {
    this.asked += 1;
    return this.answers ? Promise.resolve(0) : new Promise(() => {});
  }
  click = () => Promise.resolve();
  close = () => Promise.resolve();
}

Deno.test("a page that answers, or whose document is on its way, does not count as hung", async () => {
  const page = new FakePage();
  const tab = await DrivenTab.open(page, () => {}, 2);
  await delay(60);
  // While the next document is requested, the browser answers nothing.
  const ids = { requestId: "d", loaderId: "d", frameId: "main" };
  page.happens("Network.requestWillBeSent", { ...ids, type: "Document" });
  page.answers = false;
  await delay(60);
  assertEquals([tab.dead, page.crashes], [false, 0]);
  page.happens("Network.responseReceived", { ...ids, response: { status: 200 } });
  const waits = await assertRejects(
    () => tab.until("() => false", null, { within: 60_000, signal: never }),
    BrowserFault,
  );
  assertEquals([waits.kind, page.crashes], ["hung", 1]);
  const { asked } = page;
  await delay(60);
  assertEquals([page.asked, page.crashes], [asked, 1]);
});

Deno.test("a closed tab is not checked any more", async () => {
  const page = new FakePage();
  let gone = 0;
  const tab = await DrivenTab.open(page, () => void (gone += 1), 2);
  await tab.close();
  await delay(20);
  assertEquals([page.asked, gone, tab.dead], [0, 1, true]);
});

/** The renderers of the browser with a folder: below it, with zygotes between. */
function renderersAt(folder: string): number[] {
  const browser = new Set(processesAt(folder));
  const parent = (pid: number) => Number(/\) \w (\d+)/.exec(readProcess(pid, "stat"))?.[1]);
  const isBelow = (pid: number): boolean => browser.has(pid) || pid > 1 && isBelow(parent(pid));
  return findProcesses("--type=renderer", "cmdline").map(({ pid }) => pid).filter(isBelow);
}

Deno.test("a page whose script does not end is ended with its renderer", () =>
  withFolder(async (cache) => {
    const browser = await startBrowser({
      browser: await testBrowser(),
      hosts: [],
      notice: () => {},
      cache,
      signal: AbortSignal.timeout(60_000),
    });
    try {
      const tab = await browser.open({ within: 30_000, signal: never });
      const before = renderersAt(cache);
      const hangs = assertRejects(
        () => tab.evaluate("() => { for (;;); }", null, String, { within: 60_000, signal: never }),
        BrowserFault,
      );
      const fault = await deadline(hangs, 40_000);
      assertEquals(fault.kind, "hung");
      assert(tab.dead);
      assert(Deno.build.os !== "linux" || before.length > 0);
      const ended = () => before.some((pid) => !renderersAt(cache).includes(pid));
      if (Deno.build.os === "linux") await eventually(ended, "its renderer has ended");
    } finally {
      await browser.close();
    }
  }));
