import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { BadOrder, parseOrder, readOrder } from "../../lib/review/order.ts";

const NAME = "0123456789abcdef.jpg";

Deno.test("parseOrder() reads orders of images and of hosts, and nothing more than them", () => {
  const images = [{ species: "betta_splendens", name: NAME }];
  assertEquals(parseOrder({ verdict: "rejected", reason: " by eye ", images, more: 1 }), {
    verdict: "rejected",
    reason: "by eye",
    images,
  });
  assertEquals(parseOrder({ verdict: "accepted", host: "a.example" }), {
    verdict: "accepted",
    host: "a.example",
  });
});

Deno.test("parseOrder() refuses what is none", () => {
  const bad = [
    null,
    [],
    "rejected",
    {},
    { verdict: "deleted", host: "a" },
    { verdict: "rejected" },
    { verdict: "rejected", host: "" },
    { verdict: "rejected", host: "a", species: "../x" },
    { verdict: "rejected", host: "a", reason: 1 },
    { verdict: "rejected", images: NAME },
    { verdict: "rejected", images: [{ species: "betta_splendens", name: "../log.jsonl" }] },
    { verdict: "rejected", images: [{ species: "..", name: NAME }] },
    { verdict: "rejected", images: [NAME] },
  ];
  for (const value of bad) assertThrows(() => parseOrder(value), BadOrder);
});

Deno.test("readOrder() refuses other types, bodies that are no JSON, and very long ones", async () => {
  const ask = (body: string, type = "application/json"): Request =>
    new Request("http://x.example/", { method: "POST", body, headers: { "content-type": type } });
  const status = async (request: Request): Promise<number> =>
    (await assertRejects(() => readOrder(request), BadOrder)).status;
  assertEquals(await status(ask("{}", "text/plain")), 415);
  assertEquals(await status(ask("{")), 400);
  assertEquals(await status(ask(`"${"x".repeat(1 << 20)}"`)), 413);
});
