import { assertEquals, assertRejects } from "@std/assert";
import { BrowserFault, type Tab } from "../../../lib/browser/browser.ts";
import { Inbox, Scroller } from "../../../lib/sources/google/more.ts";
import { Pace } from "../../../lib/sources/google/run.ts";

function heldStill(): { readonly pace: Pace; readonly waits: number[] } {
  const waits: number[] = [];
  let now = 0;
  const pace = new Pace(1000, {
    now: () => now,
    random: () => 0.5,
    patience: [1],
    answerWithin: 1,
    sleep(milliseconds) {
      waits.push(milliseconds);
      now += milliseconds;
      return Promise.resolve();
    },
  });
  return { pace, waits };
}

Deno.test("turn() keeps the delay between searches, and throttling responses slow all of them down", async () => {
  const { pace, waits } = heldStill();
  const { signal } = new AbortController();
  await pace.turn(signal);
  await pace.turn(signal);
  assertEquals(waits, [1000]);
  assertEquals(pace.backOff(), 3000);
  assertEquals(pace.backOff(), 3000, "the same sign, seen by another job");
  await pace.turn(signal);
  assertEquals(waits, [1000, 3000]);
  assertEquals(pace.backOff(), 6000);
  await pace.turn(signal);
  pace.reset();
  assertEquals(pace.backOff(), 3000);
  await assertRejects(() => pace.turn(AbortSignal.abort(new RangeError("enough"))), RangeError);
});

Deno.test("Scroller ends a page that goes on for ever", async () => {
  let cards = 0;
  const tab: Tab = {
    goto: (url) => Promise.resolve({ url, status: 200 }),
    url: () => Promise.resolve("about:blank"),
    html: () => Promise.resolve(""),
    evaluate: (_source, _argument, read) => Promise.resolve(read({ count: cards, last: "" })),
    until: () => Promise.reject(new BrowserFault("timeout", "nothing came")),
    scrollToEnd: () => Promise.resolve(void (cards += 1)),
    click: () => Promise.resolve(),
    onResponse: () => undefined,
    loading: 0,
    dead: false,
    close: () => Promise.resolve(),
  };
  const inbox = new Inbox(tab);
  const waits = { patience: [0], answerWithin: 0 };
  const scroller = new Scroller(tab, inbox, waits, new AbortController().signal);
  while (!scroller.ended && cards < 1000) {
    assertEquals(await scroller.scroll(), []);
    scroller.judge(true);
  }
  assertEquals(cards, 100);
});
