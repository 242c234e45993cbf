import { assertEquals } from "@std/assert";
import { DecodingBudget } from "../../lib/image/pool.ts";

/** Lets all that can go on do so. */
const turn = () => new Promise((resolve) => setTimeout(resolve, 0));

Deno.test("DecodingBudget lets in order through what fits, and alone what is more than there is", async () => {
  const budget = new DecodingBudget(100);
  const begun: string[] = [];
  const take = (name: string, bytes: number) => budget.take(bytes).then(() => begun.push(name));
  const all = [take("a", 60), take("b", 60), take("c", 10), take("d", 1000)];
  await turn();
  // `c` would fit, and waits for its turn: else a large image would wait for ever.
  assertEquals(begun, ["a"]);
  budget.giveBack(60);
  await turn();
  assertEquals(begun, ["a", "b", "c"]);
  budget.giveBack(10);
  await turn();
  assertEquals(begun, ["a", "b", "c"]);
  budget.giveBack(60);
  await Promise.all(all);
  assertEquals(begun, ["a", "b", "c", "d"]);
});
