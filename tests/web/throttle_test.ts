import { assert, assertEquals, assertGreaterOrEqual, assertRejects } from "@std/assert";
import type { Clock } from "../../lib/base/clock.ts";
import { Throttle } from "../../lib/web/throttle.ts";
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

/** Runs everything that does not wait for a timer. */
async function settle(): Promise<void> {
  for (let step = 0; step < 10; step++) await Promise.resolve();
}

Deno.test("take() lets no more in than may be at once, and the next when one ends", async () => {
  const throttle = new Throttle(new QuickClock(), { interval: 0, concurrency: 2 });
  let most = 0;
  let active = 0;
  await Promise.all(Array.from({ length: 20 }, async () => {
    const turn = await throttle.take("a", never);
    most = Math.max(most, ++active);
    await settle();
    active--;
    turn?.();
    turn?.();
  }));
  assertEquals(most, 2);
  assert(!throttle.isBusy("a"));
});

Deno.test("take() keeps the interval between two starts", async () => {
  // Time passes by sleeping alone: a start is noted as late as the machine is busy.
  let time = 0;
  const clock: Clock = {
    ...stillClock(),
    now: () => time,
    sleep: (milliseconds) => Promise.resolve(void (time += milliseconds)),
  };
  const throttle = new Throttle(clock, { interval: 1000, concurrency: 5 });
  const starts: number[] = [];
  for (let request = 0; request < 4; request++) {
    const turn = await throttle.take("a", never);
    starts.push(clock.now());
    turn?.();
  }
  starts.slice(1).forEach((start, index) => {
    assertGreaterOrEqual(start - (starts[index] ?? 0), 1000);
  });
});

Deno.test("take() one host does not hold up another", async () => {
  const throttle = new Throttle(stillClock(), { interval: 1000, concurrency: 1 });
  await throttle.take("a", never);
  let entered = false;
  const controller = new AbortController();
  const waiting = throttle.take("a", controller.signal).then(() => entered = true, () => {});
  assert(await throttle.take("b", never) !== undefined);
  assert(!entered);
  controller.abort();
  await waiting;
});

Deno.test("take() aborted leaves the queue with the reason and frees no place it did not have", async () => {
  const throttle = new Throttle(stillClock(), { interval: 0, concurrency: 1 });
  const first = await throttle.take("a", never);
  const controller = new AbortController();
  const second = throttle.take("a", controller.signal);
  const third = throttle.take("a", never);
  controller.abort(new Error("enough"));
  await assertRejects(() => second, Error, "enough");
  first?.();
  assert(await third !== undefined);
  await assertRejects(
    () => throttle.take("a", AbortSignal.abort(new Error("never"))),
    Error,
    "never",
  );
});

Deno.test("dismiss() sends away all who wait, not those who are in", async () => {
  const throttle = new Throttle(stillClock(), { interval: 0, concurrency: 1 });
  const first = await throttle.take("a", never);
  const waiting = [throttle.take("a", never), throttle.take("a", never)];
  throttle.dismiss("a");
  assertEquals(await Promise.all(waiting), [undefined, undefined]);
  assert(throttle.isBusy("a"));
  first?.();
  assert(!throttle.isBusy("a"));
});

Deno.test("pause() holds for everybody, and for those who already wait", async () => {
  const clock = new QuickClock();
  const throttle = new Throttle(clock, { interval: 0, concurrency: 2 });
  const start = clock.now();
  throttle.pause("a", 5000);
  throttle.pause("a", 3000);
  assert(throttle.isBusy("a"));
  await throttle.take("a", never);
  assertGreaterOrEqual(clock.now() - start, 5000);
});

Deno.test("slow() raises the interval and never lowers it", () => {
  const throttle = new Throttle(stillClock(), { interval: 100, concurrency: 2 });
  assert(throttle.slow("a", 500));
  assert(!throttle.slow("a", 200));
});
