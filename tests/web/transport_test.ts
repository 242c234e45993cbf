import { assert, assertEquals, assertRejects } from "@std/assert";
import { createAuthority } from "../../lib/demo/authority.ts";
import { createClient } from "../../lib/web/create_client.ts";
import { isProxied, openTransport } from "../../lib/web/transport.ts";
import { answer, HostileServer, type Peer } from "./hostile_server.ts";

const signal = new AbortController().signal;
const OPTIONS = { allowPrivate: true, ignoreOptOuts: true, pace: { interval: 0 } };

Deno.test("openTransport() uses a connection again", async () => {
  await using server = new HostileServer(async (peer: Peer) => {
    while (!peer.gone) {
      if (await peer.request() === "") return;
      await peer.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfish");
    }
  });
  const client = createClient(OPTIONS);
  for (let n = 0; n < 3; n++) {
    assert((await client.download(`http://127.0.0.1:${server.port}/${n}`, { signal })).ok);
  }
  client.close();
  assertEquals([server.connections, server.requests.length], [1, 3]);
});

Deno.test("openTransport() does not stumble over a connection that was closed meanwhile", async () => {
  await using server = new HostileServer(
    answer("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfish"),
  );
  const client = createClient(OPTIONS);
  for (let n = 0; n < 5; n++) {
    assert((await client.download(`http://127.0.0.1:${server.port}/${n}`, { signal })).ok);
  }
  client.close();
  assertEquals(server.connections, 5);
});

Deno.test("openTransport() speaks HTTP/1.1 to a server that would rather speak HTTP/2", async () => {
  const authority = await createAuthority(["localhost"]);
  const server = Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    cert: authority.chain,
    key: authority.key,
    onListen: () => {},
  }, (request) => new Response(request.headers.get("host")));
  const transport = openTransport(
    () => false,
    true,
    (options) => Deno.createHttpClient({ ...options, caCerts: [authority.certificate] }),
  );
  const client = createClient(OPTIONS, { transport });
  const url = `https://localhost:${server.addr.port}`;
  const got = await client.download(url, { signal });
  client.close();
  await server.shutdown();
  // Over HTTP/2 the host comes in the request's pseudo-header and there is no such header.
  assertEquals(got.ok && new TextDecoder().decode(got.bytes), `localhost:${server.addr.port}`);
});

Deno.test("openTransport() reaches no IPv6 address, mapped ones included, unless it may", async () => {
  let hits = 0;
  await using server = Deno.serve(
    { hostname: "::", port: 0, onListen: () => {} },
    () => new Response(String(++hits)),
  );
  const urls = ["[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:2]"]
    .map((host) => new URL(`http://${host}:${server.addr.port}/`));
  const confined = openTransport(() => false, false);
  for (const url of urls) await assertRejects(() => confined.send(url, { signal }));
  assertEquals(hits, 0);
  const open = openTransport(() => false, true);
  for (const url of urls) await (await open.send(url, { signal })).text();
  assertEquals(hits, urls.length);
  confined.close();
  open.close();
});

const P = "http://proxy.example:3128";

const CASES: readonly (readonly [string, Readonly<Record<string, string>>, boolean])[] = [
  ["https://a.example/", {}, false],
  ["https://a.example/", { HTTPS_PROXY: P }, true],
  ["https://a.example/", { https_proxy: P }, true],
  ["https://a.example/", { HTTP_PROXY: P }, false],
  ["http://a.example/", { HTTP_PROXY: P }, true],
  ["http://a.example/", { HTTPS_PROXY: P }, false],
  ["http://a.example/", { ALL_PROXY: P }, true],
  ["https://a.example/", { HTTPS_PROXY: "" }, false],
  ["https://a.example/", { HTTPS_PROXY: P, NO_PROXY: "*" }, false],
  ["https://a.example/", { HTTPS_PROXY: P, NO_PROXY: "a.example" }, false],
  ["https://a.example/", { HTTPS_PROXY: P, NO_PROXY: ".a.example" }, false],
  ["https://b.a.example/", { HTTPS_PROXY: P, NO_PROXY: "x, .a.example" }, false],
  ["https://b.a.example/", { HTTPS_PROXY: P, no_proxy: "a.example" }, false],
  ["https://nota.example/", { HTTPS_PROXY: P, NO_PROXY: "a.example" }, true],
  ["https://a.example/", { HTTPS_PROXY: P, NO_PROXY: "" }, true],
  ["https://a.example/", { HTTPS_PROXY: P, NO_PROXY: ",," }, true],
  ["https://10.1.2.3/", { HTTPS_PROXY: P, NO_PROXY: "10.0.0.0/8" }, false],
  ["https://11.1.2.3/", { HTTPS_PROXY: P, NO_PROXY: "10.0.0.0/8" }, true],
  ["https://[::1]/", { HTTPS_PROXY: P, NO_PROXY: "::1" }, false],
  ["https://[::1]/", { HTTPS_PROXY: P, NO_PROXY: "127.0.0.0/8" }, true],
];

for (const [url, environment, expected] of CASES) {
  Deno.test(`isProxied() ${url} with ${JSON.stringify(environment)}`, () => {
    assertEquals(isProxied(new URL(url), (name) => environment[name]), expected);
  });
}
