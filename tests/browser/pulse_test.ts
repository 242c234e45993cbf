import { assertEquals } from "@std/assert";
import { deadline, delay } from "@std/async";
import { connectDriver, driverFlags } from "browser-driver";
import { usualPlaces } from "../../lib/browser/chromium.ts";
import { chromiumFlags } from "../../lib/browser/chromium_flags.ts";
import { launchChromium } from "../../lib/browser/chromium_process.ts";
import { processEnvironment } from "../../lib/browser/process_environment.ts";
import type { Fields, Session } from "../../lib/browser/protocol.ts";
import { watchPulse } from "../../lib/browser/pulse.ts";
import { firstThere } from "../report/chromium.ts";
import { withCache } from "./processes.ts";

/** A tab that answers when it is told to, and all that it was sent. */
function fakeTab() {
  const sent: string[] = [];
  const listeners: { readonly name: string; heard(event: Fields): void }[] = [];
  const tab = { answers: true, sent };
  const session: Session = {
    send(method) {
      sent.push(method);
      return tab.answers ? Promise.resolve({}) : new Promise(() => {});
    },
    on: (name, heard) => void listeners.push({ name, heard }),
  };
  const tell = (name: string, event: Fields) => {
    for (const one of listeners) if (one.name === name) one.heard(event);
  };
  return Object.assign(tab, { session, tell });
}

Deno.test("watchPulse() takes no page for hung that answers, or that is on its way", async () => {
  const tab = fakeTab();
  const death = new AbortController();
  let hung = 0;
  const hangs = () => void (hung += 1);
  watchPulse({ session: tab.session, mainFrame: "f", every: 2, death: death.signal, hangs });
  await delay(60);
  // The browser answers nothing while the next document is asked for, however long that takes.
  const request = { requestId: "d", loaderId: "d", frameId: "f" };
  tab.tell("Network.requestWillBeSent", request);
  tab.answers = false;
  await delay(60);
  assertEquals([hung, tab.sent.includes("Page.crash")], [0, false]);
  tab.tell("Network.responseReceived", request);
  while (hung === 0) await delay(5);
  await delay(60);
  assertEquals([hung, tab.sent.filter((method) => method === "Page.crash").length], [1, 1]);
  death.abort();
});

Deno.test("watchPulse() stops when the tab is gone", async () => {
  const tab = fakeTab();
  const death = new AbortController();
  const hangs = () => {};
  watchPulse({ session: tab.session, mainFrame: "f", every: 2, death: death.signal, hangs });
  death.abort();
  await delay(20);
  assertEquals(tab.sent, []);
});

Deno.test("watchPulse() ends the renderer of a page whose script does not end", async () => {
  await withCache(async (profile) => {
    const path = await firstThere(usualPlaces());
    const surroundings = { trustedKeys: [] };
    const process = await launchChromium({
      path,
      flags: chromiumFlags({ headed: false, noSandbox: true, surroundings, more: driverFlags }),
      profile,
      environment: processEnvironment(path, profile, false),
      within: 30_000,
      signal: AbortSignal.timeout(60_000),
    });
    try {
      const driver = await connectDriver({ pipe: process.pipe, profile });
      const { session, target } = await driver.open();
      await session.send("Network.enable");
      await session.send("Inspector.enable");
      const { promise: crashed, resolve } = Promise.withResolvers<void>();
      session.on("Inspector.targetCrashed", () => resolve());
      const death = new AbortController();
      const { promise: hung, resolve: hangs } = Promise.withResolvers<void>();
      watchPulse({ session, mainFrame: target, every: 100, death: death.signal, hangs });
      await session.send("Page.navigate", { url: "data:text/html,<script>for(;;);</script>" });
      await deadline(Promise.all([hung, crashed]), 20_000);
      death.abort();
      await driver.disconnect();
    } finally {
      await process.stop(0);
    }
  });
});
