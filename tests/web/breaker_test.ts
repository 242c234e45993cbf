import { assert, assertEquals } from "@std/assert";
import { Breaker } from "../../lib/web/breaker.ts";
import { QuickClock } from "../base/clock.ts";

const FAULT = { outcome: "timeout", detail: "no answer" } as const;
const never = new AbortController().signal;

Deno.test("failed() sets a host that has answered before aside at the third failure in a row", () => {
  const breaker = new Breaker(new QuickClock());
  breaker.succeeded("a");
  assertEquals(breaker.failed("a", FAULT), undefined);
  assertEquals(breaker.failed("a", FAULT), undefined);
  assertEquals(breaker.setAside("a"), undefined);
  assertEquals(breaker.failed("a", FAULT)?.fault, FAULT);
  assert(breaker.setAside("a") !== undefined);
  assertEquals(breaker.setAside("b"), undefined);
});

Deno.test("failed() allows more useless answers than failures without an answer", () => {
  const breaker = new Breaker(new QuickClock());
  const fault = { outcome: "truncated", detail: "cut" } as const;
  for (let time = 0; time < 5; time++) assertEquals(breaker.failed("a", fault), undefined);
  assert(breaker.failed("a", fault) !== undefined);
});

Deno.test("succeeded() forgets the failures before it", () => {
  const breaker = new Breaker(new QuickClock());
  breaker.succeeded("a");
  for (let time = 0; time < 5; time++) {
    breaker.failed("a", FAULT);
    breaker.failed("a", FAULT);
    breaker.succeeded("a");
  }
  assertEquals(breaker.setAside("a"), undefined);
});

Deno.test("failed() counts a burst once", () => {
  const clock = new QuickClock();
  const breaker = new Breaker(clock);
  const sent = clock.now();
  const fault = { outcome: "rate-limited", detail: "HTTP 429" } as const;
  for (let request = 0; request < 20; request++) breaker.failed("a", fault, sent);
  assertEquals(breaker.setAside("a"), undefined);
});

Deno.test("a host that fails its probation is set aside for twice as long, ten minutes at most", async () => {
  const clock = new QuickClock();
  const breaker = new Breaker(clock);
  const rows = [
    ["refused", [30, 60, 120, 240, 480, 600, 600]],
    ["timeout", [60, 120, 240, 480, 600, 600, 600]],
  ] as const;
  for (const [outcome, expected] of rows) {
    const lengths: number[] = [];
    for (let time = 0; time < 7; time++) {
      const aside = breaker.failed(outcome, { outcome, detail: "no answer" });
      assert(aside !== undefined);
      const length = aside.until - clock.now();
      lengths.push(Math.round(length / 1000));
      await clock.sleep(length + 1, never);
      assertEquals(breaker.setAside(outcome), undefined);
    }
    assertEquals(lengths, [...expected]);
  }
});

Deno.test("failed() sets a host that has never answered aside at once, unless it did answer", () => {
  const breaker = new Breaker(new QuickClock());
  assert(breaker.failed("a", FAULT) !== undefined);
  assertEquals(breaker.failed("b", { outcome: "server-error", detail: "HTTP 500" }), undefined);
});

Deno.test("enter() lets one request through when the time is over, and no other until it is known", async () => {
  const clock = new QuickClock();
  const breaker = new Breaker(clock);
  breaker.failed("a", FAULT);
  assert(typeof breaker.enter("a") !== "function");
  await clock.sleep(61_000, never);
  const leave = breaker.enter("a");
  assert(typeof leave === "function");
  assert(typeof breaker.enter("a") !== "function");
  leave();
  assert(typeof breaker.enter("a") === "function");
  breaker.succeeded("a");
  assert(typeof breaker.enter("a") === "function");
  assert(typeof breaker.enter("a") === "function");
});
