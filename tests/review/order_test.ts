import { assertEquals, assertRejects } from "@std/assert";
import { BadOrder, readOrder } from "../../lib/review/order.ts";

const FILE = "betta_splendens/0123456789abcdef.jpg";

function ask(body: BodyInit, type = "application/json"): Request {
  return new Request("http://x.example/", {
    method: "POST",
    body,
    headers: { "content-type": type },
  });
}

async function status(request: Request, what?: string): Promise<number> {
  return (await assertRejects(() => readOrder(request), BadOrder, "", what)).status;
}

Deno.test("readOrder() reads orders of images and of traits, and nothing more than them", async () => {
  const images = [FILE];
  const order = { verdict: "rejected", reason: " by eye ", images, more: 1 };
  assertEquals(await readOrder(ask(JSON.stringify(order))), {
    verdict: "rejected",
    reason: "by eye",
    images,
  });
  const all = { trait: "host", value: "a.example" } as const;
  const other = { verdict: "accepted", all, to: "danio_rerio", species: "a" } as const;
  assertEquals(await readOrder(ask(JSON.stringify(other))), other);
});

Deno.test("readOrder() refuses what is not an order", async () => {
  const host = { trait: "host", value: "a" };
  const bad = [
    null,
    [],
    "rejected",
    {},
    { verdict: "deleted", all: host },
    { verdict: "rejected" },
    { verdict: "rejected", all: "host" },
    { verdict: "rejected", all: { trait: "file", value: "a" } },
    { verdict: "rejected", all: { trait: "host", value: 1 } },
    { verdict: "rejected", all: host, species: "../x" },
    { verdict: "accepted", images: [FILE], to: "con" },
    { verdict: "rejected", all: host, reason: 1 },
    { verdict: "rejected", images: FILE },
    { verdict: "rejected", images: ["betta_splendens/../log.jsonl"] },
    { verdict: "rejected", images: ["../0123456789abcdef.jpg"] },
    { verdict: "rejected", images: [{ file: FILE }] },
  ];
  for (const value of bad) {
    const text = JSON.stringify(value);
    assertEquals(await status(ask(text), text), 400);
  }
});

Deno.test("readOrder() refuses other types, and bodies that are not JSON or break off", async () => {
  assertEquals(await status(ask("{}", "text/plain")), 415);
  assertEquals(await status(ask("{")), 400);
  const broken = new ReadableStream({
    pull: (controller) => controller.error(new Error("connection reset")),
  });
  assertEquals(await status(ask(broken)), 400);
});
