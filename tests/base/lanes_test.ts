import { assertEquals, assertRejects } from "@std/assert";
import { Lanes } from "../../lib/base/lanes.ts";

Deno.test("Lanes lets one in at a time, in order, and passes over who has given up", async () => {
  const queue = new Lanes();
  const order: string[] = [];
  const leave = await queue.enter(new AbortController().signal);
  const impatient = new AbortController();
  const given = assertRejects(() => queue.enter(impatient.signal), DOMException);
  const enter = async (name: string): Promise<void> => {
    const done = await queue.enter(new AbortController().signal);
    order.push(name);
    done();
  };
  const others = [enter("second"), enter("third")];
  impatient.abort();
  await given;
  assertEquals(order, []);
  leave();
  await Promise.all(others);
  assertEquals(order, ["second", "third"]);
});

Deno.test("Lanes lets several in, one alone when they have left, and nobody beside that", async () => {
  const lanes = new Lanes(2);
  const { signal } = new AbortController();
  const order: string[] = [];
  const enter = async (name: string, alone: boolean, waits = signal) => {
    const leave = await lanes.enter(waits, alone);
    order.push(name);
    return leave;
  };
  const first = await enter("first", false);
  const second = await enter("second", false);
  const impatient = new AbortController();
  const given = assertRejects(() => enter("nobody", true, impatient.signal), DOMException);
  impatient.abort();
  await given;
  const alone = enter("alone", true);
  const after = enter("after", false);
  first();
  await new Promise((resolve) => setTimeout(resolve));
  assertEquals([order, lanes.used], [["first", "second"], 1]);
  second();
  const leave = await alone;
  await new Promise((resolve) => setTimeout(resolve));
  assertEquals([order, lanes.used], [["first", "second", "alone"], 1]);
  leave();
  (await after)();
  assertEquals([order.at(-1), lanes.used], ["after", 0]);
});
