import { assertEquals, assertRejects } from "@std/assert";
import { Queue } from "../../lib/base/queue.ts";

Deno.test("Queue lets one in at a time, in order, and passes over who has given up", async () => {
  const queue = new Queue();
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
