import { assert, assertEquals, assertGreaterOrEqual, assertRejects } from "@std/assert";
import type { Clock } from "../../lib/base/clock.ts";
import { Turns } from "../../lib/web/turns.ts";
import { QuickClock } from "../base/clock.ts";

const never = new AbortController().signal;

/** A clock that stands still; its sleepers wake only when they are aborted. */
function stillClock(): Clock {
  return {
    now: () => 0,
    today: () => 0,
    sleep: (_milliseconds, signal) =>
      new Promise((_resolve, reject) =>
        signal.addEventListener("abort", () => reject(signal.reason), { once: true })
      ),
  };
}

/** Lets everything run that does not wait for time. */
async function settle(): Promise<void> {
  for (let step = 0; step < 10; step++) await Promise.resolve();
}

Deno.test("take() lets no more in than may be at once, and the next when one ends", async () => {
  const turns = new Turns(new QuickClock(), { interval: 0, concurrency: 2 });
  let most = 0;
  let active = 0;
  await Promise.all(Array.from({ length: 20 }, async () => {
    const turn = await turns.take("a", never);
    most = Math.max(most, ++active);
    await settle();
    active--;
    turn?.();
    turn?.();
  }));
  assertEquals(most, 2);
  assert(!turns.isBusy("a"));
});

Deno.test("take() keeps the interval between two starts", async () => {
  const clock = new QuickClock();
  const turns = new Turns(clock, { interval: 1000, concurrency: 5 });
  const starts: number[] = [];
  for (let request = 0; request < 4; request++) {
    const turn = await turns.take("a", never);
    starts.push(clock.now());
    turn?.();
  }
  starts.slice(1).forEach((start, index) => {
    assertGreaterOrEqual(start - (starts[index] ?? 0), 1000);
  });
});

Deno.test("take() one host does not hold up another", async () => {
  const turns = new Turns(stillClock(), { interval: 1000, concurrency: 1 });
  await turns.take("a", never);
  let entered = false;
  const controller = new AbortController();
  const waiting = turns.take("a", controller.signal).then(() => entered = true, () => {});
  assert(await turns.take("b", never) !== undefined);
  assert(!entered);
  controller.abort();
  await waiting;
});

Deno.test("take() aborted leaves the queue with the reason and frees no place it did not have", async () => {
  const turns = new Turns(stillClock(), { interval: 0, concurrency: 1 });
  const first = await turns.take("a", never);
  const controller = new AbortController();
  const second = turns.take("a", controller.signal);
  const third = turns.take("a", never);
  controller.abort(new Error("enough"));
  await assertRejects(() => second, Error, "enough");
  first?.();
  assert(await third !== undefined);
  await assertRejects(() => turns.take("a", AbortSignal.abort(new Error("never"))), Error, "never");
});

Deno.test("dismiss() sends away all who wait, not those who are in", async () => {
  const turns = new Turns(stillClock(), { interval: 0, concurrency: 1 });
  const first = await turns.take("a", never);
  const waiting = [turns.take("a", never), turns.take("a", never)];
  turns.dismiss("a");
  assertEquals(await Promise.all(waiting), [undefined, undefined]);
  assert(turns.isBusy("a"));
  first?.();
  assert(!turns.isBusy("a"));
});

Deno.test("pause() holds for everybody, and for those who already wait", async () => {
  const clock = new QuickClock();
  const turns = new Turns(clock, { interval: 0, concurrency: 2 });
  const start = clock.now();
  turns.pause("a", 5000);
  turns.pause("a", 3000);
  assert(turns.isBusy("a"));
  await turns.take("a", never);
  assertGreaterOrEqual(clock.now() - start, 5000);
});

Deno.test("slow() raises the interval and never lowers it", () => {
  const turns = new Turns(stillClock(), { interval: 100, concurrency: 2 });
  assert(turns.slow("a", 500));
  assert(!turns.slow("a", 200));
});
