// The server breaks its word exactly as told.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { createAuthority } from "../../lib/demo/authority.ts";
import type { Reply, Request } from "../../lib/demo/http.ts";
import { startProxy } from "../../lib/demo/proxy.ts";

const PAGE = "GET http://a.example/x HTTP/1.1\r\nHost: a.example\r\n\r\n";
const authority = await createAuthority(["a.example"]);

/** Sends requests over one connection and gives all that comes back until it ends. */
async function exchange(
  reply: (request: Request) => Reply,
  requests: string,
  enough = Infinity,
): Promise<string> {
  const proxy = await startProxy({
    authority,
    badAuthority: authority,
    route: () => "world",
    refused: () => {},
    handler: reply,
  });
  const client = await Deno.connect({
    hostname: "127.0.0.1",
    port: Number(new URL(proxy.url).port),
  });
  try {
    await client.write(new TextEncoder().encode(requests));
    const decoder = new TextDecoder();
    const piece = new Uint8Array(4096);
    let text = "";
    while (text.length < enough) {
      const count = await client.read(piece);
      if (count === null) break;
      text += decoder.decode(piece.subarray(0, count), { stream: true });
    }
    return text;
  } finally {
    client.close();
    await proxy.close();
  }
}

Deno.test("a cut body ends before its announced end", async () => {
  const fault = { kind: "cut", after: 4 } as const;
  const text = await exchange(() => ({ body: "0123456789", fault }), PAGE);
  assertStringIncludes(text, "content-length: 10\r\n");
  assert(text.endsWith("\r\n\r\n0123"), text);
});

Deno.test("a dripping body comes in pieces, all of it", async () => {
  const fault = { kind: "drip", bytes: 3, every: 100 } as const;
  const text = await exchange(() => ({ body: "0123456789", fault }), PAGE, 1);
  assert(!text.endsWith("9"), text);
  const close = PAGE.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
  assert((await exchange(() => ({ body: "0123456789", fault }), close)).endsWith("\n0123456789"));
});

Deno.test("one request after another is answered, bodies and HEAD among them", async () => {
  const post = "POST /y HTTP/1.1\r\nHost: a.example\r\nContent-Length: 5\r\n\r\nhello";
  const head = "HEAD /x HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n";
  const asked: string[] = [];
  const text = await exchange(({ body, method, url }) => {
    asked.push(`${method} ${url} ${body}`);
    return { body: "yes" };
  }, PAGE + post + head);
  assertEquals(text.match(/HTTP\/1\.1 200 /g)?.length, 3);
  assertEquals(text.match(/yes/g)?.length, 2);
  assertEquals(asked.sort(), [
    "GET http://a.example/x ",
    "HEAD http://a.example/x ",
    "POST http://a.example/y hello",
  ]);
});

Deno.test("a silent host is noticed to be left by its client", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const text = await exchange(
    ({ signal, url }) => {
      if (url.pathname !== "/silent") return { body: "yes" };
      signal?.addEventListener("abort", () => resolve());
      return { fault: { kind: "silent" } };
    },
    PAGE + PAGE.replace("/x", "/silent"),
    1,
  );
  assert(text.endsWith("yes"), text);
  await promise;
});
