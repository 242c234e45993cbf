import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { BadOrder, parseOrder, readOrder } from "../../lib/review/order.ts";

const FILE = "betta_splendens/0123456789abcdef.jpg";

Deno.test("parseOrder() reads orders of images and of traits, and nothing more than them", () => {
  const images = [FILE];
  assertEquals(parseOrder({ verdict: "rejected", reason: " by eye ", images, more: 1 }), {
    verdict: "rejected",
    reason: "by eye",
    images,
  });
  const all = { trait: "host", value: "a.example" } as const;
  assertEquals(parseOrder({ verdict: "accepted", all, to: "danio_rerio", species: "a" }), {
    verdict: "accepted",
    to: "danio_rerio",
    species: "a",
    all,
  });
});

Deno.test("parseOrder() refuses what is none", () => {
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
    assertThrows(() => parseOrder(value), BadOrder, "", JSON.stringify(value));
  }
});

Deno.test("readOrder() refuses other types, very long bodies, and those that are no JSON or break off", async () => {
  const ask = (body: string, type = "application/json"): Request =>
    new Request("http://x.example/", { method: "POST", body, headers: { "content-type": type } });
  const status = async (request: Request): Promise<number> =>
    (await assertRejects(() => readOrder(request), BadOrder)).status;
  assertEquals(await status(ask("{}", "text/plain")), 415);
  assertEquals(await status(ask("{")), 400);
  assertEquals(await status(ask(`"${"x".repeat(1 << 20)}"`)), 413);
  const broken = new ReadableStream({
    pull: (controller) => controller.error(new Error("connection reset")),
  });
  const headers = { "content-type": "application/json" };
  const cut = new Request("http://x.example/", { method: "POST", body: broken, headers });
  assertEquals(await status(cut), 400);
});
