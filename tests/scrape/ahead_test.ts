import { assertEquals, assertRejects } from "@std/assert";
import { aheadInOrder, type Room } from "../../lib/scrape/ahead.ts";
import { inVirtualTime } from "../base/virtual_time.ts";

/** A gate each piece of work waits at, so that the test says which one ends first. */
function gates(): { pass: (n: number) => Promise<number>; open: (n: number) => void } {
  const open = new Map<number, PromiseWithResolvers<number>>();
  const gate = (n: number) => {
    const found = open.get(n) ?? Promise.withResolvers<number>();
    open.set(n, found);
    return found;
  };
  return { pass: (n) => gate(n).promise, open: (n) => gate(n).resolve(n) };
}

/** Room for so many items under way, and for as many more that only wait. */
function room(underWay: number, begun = 2 * underWay): () => Room {
  return () => ({ underWay, begun });
}

async function* numbers(last: number): AsyncGenerator<number, string, void> {
  for (let n = 1; n <= last; n++) yield await Promise.resolve(n);
  return "end";
}

async function all<R, E>(results: AsyncGenerator<R, E, void>): Promise<{ got: R[]; end: E }> {
  const got: R[] = [];
  while (true) {
    const next = await results.next();
    if (next.done) return { got, end: next.value };
    got.push(next.value);
  }
}

Deno.test("aheadInOrder() yields in the items' order whatever ends first", async () => {
  const { pass, open } = gates();
  const results = all(aheadInOrder(numbers(4), room(4), pass));
  for (const n of [4, 2, 3, 1]) open(n);
  assertEquals(await results, { got: [1, 2, 3, 4], end: "end" });
});

Deno.test("aheadInOrder() has no more under way than there is room", async () => {
  let underWay = 0;
  let most = 0;
  const work = async (n: number) => {
    most = Math.max(most, ++underWay);
    await Promise.resolve();
    underWay--;
    return n;
  };
  const { got } = await all(aheadInOrder(numbers(20), room(3), work));
  assertEquals(got.length, 20);
  assertEquals(most <= 3, true, `${most} at once`);
});

Deno.test("aheadInOrder() goes on while the first is slow, as far as it may", async () => {
  const { pass, open } = gates();
  const begun: number[] = [];
  const results = all(aheadInOrder(numbers(9), room(2, 5), (n) => {
    begun.push(n);
    if (n > 1) open(n);
    return pass(n);
  }));
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve));
  assertEquals(begun, [1, 2, 3, 4, 5]);
  open(1);
  assertEquals((await results).got.length, 9);
});

/** Each result with the second in which it came, when each item takes so many seconds. */
function timesOf(
  seconds: readonly number[],
  most: Room,
  patience?: () => number,
): Promise<string[]> {
  return inVirtualTime(async () => {
    const began = performance.now();
    const told: string[] = [];
    const work = async (n: number) => {
      await new Promise((resolve) => setTimeout(resolve, (seconds[n - 1] ?? 0) * 1000));
      return n;
    };
    const overtaken = (n: number) => told.push(`${n} overtaken`);
    const results = aheadInOrder(numbers(seconds.length), () => most, work, overtaken, patience);
    for await (const n of results) told.push(`${n} at ${(performance.now() - began) / 1000}`);
    return told;
  });
}

Deno.test("aheadInOrder() lets those that are done overtake one that hangs, and goes on meanwhile", async () => {
  assertEquals(await timesOf([1, 30, 1, 1, 2], { underWay: 3, begun: 3 }), [
    "1 at 1",
    "2 overtaken",
    "3 at 5",
    "4 at 5",
    "5 at 7",
    "2 at 30",
  ]);
});

Deno.test("aheadInOrder() keeps the order for as long as it is told to", async () => {
  const told = (patience: number) => timesOf([30, 2], { underWay: 2, begun: 2 }, () => patience);
  assertEquals(await told(31_000), ["1 at 30", "2 at 30"]);
  assertEquals(await told(0), ["1 overtaken", "2 at 4", "1 at 30"]);
});

Deno.test("aheadInOrder() keeps the order where all are slow, and at the end", async () => {
  assertEquals(await timesOf([15, 8, 1], { underWay: 3, begun: 3 }), [
    "1 at 15",
    "2 at 15",
    "3 at 15",
  ]);
  assertEquals(await timesOf([1, 30], { underWay: 3, begun: 3 }), ["1 at 1", "2 at 30"]);
});

Deno.test("aheadInOrder() goes on one by one where there is no room at all", async () => {
  const { got } = await all(aheadInOrder(numbers(3), room(0), (n) => Promise.resolve(n)));
  assertEquals(got, [1, 2, 3]);
});

Deno.test("aheadInOrder() throws what the source throws, after what came before", async () => {
  async function* failing(): AsyncGenerator<number, string, void> {
    yield await Promise.resolve(1);
    throw new TypeError("robot check");
  }
  const results = aheadInOrder(failing(), room(4), (n) => Promise.resolve(n));
  assertEquals(await results.next(), { done: false, value: 1 });
  await assertRejects(() => results.next(), TypeError, "robot check");
});

Deno.test("aheadInOrder() throws what the work throws, in its turn", async () => {
  const results = aheadInOrder(
    numbers(3),
    room(3),
    (n) => n === 2 ? Promise.reject(new RangeError("full disk")) : Promise.resolve(n),
  );
  assertEquals((await results.next()).value, 1);
  await assertRejects(() => results.next(), RangeError, "full disk");
});

Deno.test("aheadInOrder() asks for nothing more once it is put away", async () => {
  let asked = 0;
  let closed = false;
  async function* endless(): AsyncGenerator<number, string, void> {
    try {
      while (true) yield await Promise.resolve(++asked);
    } finally {
      closed = true;
    }
  }
  const results = aheadInOrder(endless(), room(2), (n) => Promise.resolve(n));
  assertEquals((await results.next()).value, 1);
  await results.return("end");
  const before = asked;
  await new Promise((resolve) => setTimeout(resolve, 0));
  assertEquals(asked, before);
  assertEquals(closed, true);
});
