// The server breaks its word exactly as told.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type Reply, serveConnection } from "../../lib/demo/http.ts";

const PAGE = "GET /x HTTP/1.1\r\nHost: a.example\r\n\r\n";

/** Sends requests over one connection and gives all that comes back until it ends. */
async function exchange(reply: Reply, requests: string, enough?: number): Promise<string> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const stop = new AbortController();
  const served = (async () => {
    const connection = await listener.accept();
    await serveConnection(connection, "https", () => reply, stop.signal);
  })();
  const { port } = listener.addr;
  const client = await Deno.connect({ hostname: "127.0.0.1", port });
  try {
    await client.write(new TextEncoder().encode(requests));
    const decoder = new TextDecoder();
    const piece = new Uint8Array(4096);
    let text = "";
    for (;;) {
      const count = await client.read(piece);
      if (count === null) return text;
      text += decoder.decode(piece.subarray(0, count), { stream: true });
      if (enough !== undefined && text.length >= enough) return text;
    }
  } finally {
    stop.abort();
    client.close();
    await served;
    listener.close();
  }
}

Deno.test("serveConnection() ends a cut body before its announced end", async () => {
  const text = await exchange({ body: "0123456789", fault: { kind: "cut", after: 4 } }, PAGE);
  assertStringIncludes(text, "Content-Length: 10\r\n");
  assert(text.endsWith("\r\n\r\n0123"), text);
});

Deno.test("serveConnection() resets without a word", async () => {
  assertEquals(await exchange({ body: "x", fault: { kind: "reset" } }, PAGE), "");
});

Deno.test("serveConnection() drips", async () => {
  const fault = { kind: "drip", bytes: 3, every: 1 } as const;
  const text = await exchange({ body: "0123456789", fault }, PAGE);
  assert(text.endsWith("\r\n\r\n0123456789"), text);
});

Deno.test("serveConnection() answers one request after another, bodies and HEAD among them", async () => {
  const post = "POST /y HTTP/1.1\r\nHost: a.example\r\nContent-Length: 5\r\n\r\nhello";
  const head = "HEAD /x HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n";
  const text = await exchange({ body: "yes" }, PAGE + post + head);
  assertEquals(text.match(/HTTP\/1\.1 200 /g)?.length, 3);
  assertEquals(text.match(/yes/g)?.length, 2);
});
