import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Answer } from "../../lib/web/client.ts";
import { RobotsCache } from "../../lib/web/robots_cache.ts";
import { QuickClock } from "../base/clock.ts";

const never = new AbortController().signal;
const URL_ = new URL("https://a.example/1.jpg");

function rules(text: string): Answer {
  const bytes = new TextEncoder().encode(text);
  return { ok: true, url: "", status: 200, headers: new Headers(), bytes, notes: [] };
}

Deno.test("get() waits as long as it is given, and the request goes on", async () => {
  const { promise, resolve } = Promise.withResolvers<Answer>();
  const asked: AbortSignal[] = [];
  const ask = (_url: string, signal: AbortSignal): Promise<Answer> => {
    asked.push(signal);
    return promise;
  };
  const cache = new RobotsCache(ask, new QuickClock());
  const first = await cache.get(URL_, never, 20);
  assertEquals(first.ok || [first.failure.outcome, first.failure.detail], [
    "timeout",
    "host set aside: no robots.txt for 20 ms so far",
  ]);
  const patient = cache.get(URL_, never);
  assert(!(await cache.get(URL_, never, 20)).ok);
  resolve(rules("User-agent: *\nDisallow: /1"));
  for (const known of [await patient, await cache.get(URL_, never)]) {
    assert(known.ok && known.robots.forbids(URL_) !== undefined);
  }
  assertEquals(asked.map(({ aborted }) => aborted), [false]);
});

Deno.test("close() ends what nobody waits for any more", async () => {
  const asked: AbortSignal[] = [];
  const cache = new RobotsCache(
    (_url, signal) => {
      asked.push(signal);
      return new Promise((_resolve, reject) =>
        signal.addEventListener("abort", () => reject(signal.reason), { once: true })
      );
    },
    new QuickClock(),
  );
  assert(!(await cache.get(URL_, never, 20)).ok);
  assert(cache.isAsking(URL_));
  cache.close();
  assert(asked.every(({ aborted }) => aborted));
});

Deno.test("get() ends the request when nobody is left who waits, and begins anew", async () => {
  const asked: AbortSignal[] = [];
  const cache = new RobotsCache(
    (_url, signal) => {
      asked.push(signal);
      return new Promise((_resolve, reject) =>
        signal.addEventListener("abort", () => reject(signal.reason), { once: true })
      );
    },
    new QuickClock(),
  );
  for (let time = 1; time <= 2; time++) {
    const controller = new AbortController();
    const both = [cache.get(URL_, controller.signal), cache.get(URL_, controller.signal)];
    assert(cache.isAsking(URL_));
    controller.abort(new Error("enough"));
    for (const one of both) await assertRejects(() => one, Error, "enough");
    assertEquals(asked.length, time);
    assert(asked.every(({ aborted }) => aborted));
    assert(!cache.isAsking(URL_));
  }
});

Deno.test("get() keeps what it knows for a day, and failures not at all", async () => {
  const clock = new QuickClock();
  let asked = 0;
  const cache = new RobotsCache(() => {
    asked++;
    return Promise.resolve<Answer>(
      asked === 1
        ? { ok: false, outcome: "server-error", detail: "", url: "", status: 503 }
        : rules(""),
    );
  }, clock);
  assert(!(await cache.get(URL_, never)).ok);
  assert((await cache.get(URL_, never)).ok);
  await clock.sleep(86_000_000, never);
  assert((await cache.get(URL_, never)).ok);
  assertEquals(asked, 2);
  await clock.sleep(1_000_000, never);
  assert((await cache.get(URL_, never)).ok);
  assertEquals(asked, 3);
});

Deno.test("get() remembers two thousand sites and no more", async () => {
  const asked: string[] = [];
  const cache = new RobotsCache((url) => {
    asked.push(url);
    return Promise.resolve(rules(""));
  }, new QuickClock());
  for (let site = 0; site <= 2000; site++) {
    await cache.get(new URL(`https://${site}.example`), never);
  }
  await cache.get(new URL("https://2000.example"), never);
  assertEquals(asked.length, 2001);
  await cache.get(new URL("https://0.example"), never);
  assertEquals(asked.length, 2002);
});
