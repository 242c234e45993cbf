import { assertEquals, assertRejects } from "@std/assert";
import { Failure } from "../../lib/base/failure.ts";
import { backOff, forever, retry } from "../../lib/base/retry.ts";
import { QuickClock } from "./clock.ts";

Deno.test("backOff() doubles its limit each time up to a longest one, and begins at nothing", () => {
  const most = [1, 2, 3, 4, 5, 6, 7].map((failures) =>
    Math.ceil(backOff(failures, () => 0.999999))
  );
  assertEquals(most, [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  assertEquals(backOff(5, () => 0), 0);
});

Deno.test("retry() tries until waitAfter() is content, with the waits it says", async () => {
  const clock = new QuickClock();
  const result = await retry(
    (tries) => Promise.resolve(tries * 10),
    (value, tries) => value < 30 ? tries * 100 : undefined,
    clock,
    new AbortController().signal,
  );
  assertEquals([result, clock.slept], [30, [100, 200]]);
});

Deno.test("retry() ends with the reason of the signal, and with what a try throws", async () => {
  const clock = new QuickClock();
  const again = (): number => 1;
  const signal = AbortSignal.abort(new Error("stopped"));
  await assertRejects(
    () => retry(() => Promise.resolve(1), again, clock, signal),
    Error,
    "stopped",
  );
  const never = new AbortController().signal;
  await assertRejects(
    () => retry(() => Promise.reject(new Error("broken")), again, clock, never),
    Error,
    "broken",
  );
  assertEquals(clock.slept, []);
});

Deno.test("forever() says once that something fails, goes on until the signal, and ends with a Failure", async () => {
  const stop = new AbortController();
  const said: string[] = [];
  let times = 0;
  const work = (): Promise<void> => {
    if (++times === 5) stop.abort();
    return times === 1 || times === 4 ? Promise.resolve() : Promise.reject(new Error("away"));
  };
  await forever("work", 0, work, (text) => said.push(text), stop.signal);
  assertEquals([times, said], [5, ["Cannot work at the moment: away; trying again."]]);
  const { signal } = new AbortController();
  const fail = () => Promise.reject(new Failure("over"));
  await assertRejects(() => forever("work", 0, fail, () => {}, signal), Failure, "over");
});
