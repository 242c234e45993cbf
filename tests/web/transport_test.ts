import { assert, assertEquals } from "@std/assert";
import { createAuthority } from "../../lib/demo/authority.ts";
import { createClient } from "../../lib/web/create_client.ts";
import { openTransport } from "../../lib/web/transport.ts";
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

Deno.test("openTransport() keeps to the family of addresses it is told", async () => {
  await using server = new HostileServer(
    answer("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfish"),
  );
  // The name has an IPv4 address only; what was checked was an IPv6 one.
  const parts = { lookup: () => Promise.resolve(["::1"]), random: () => 0 };
  const client = createClient(OPTIONS, parts);
  const got = await client.download(`http://localhost:${server.port}/`, { signal });
  client.close();
  assertEquals(got.ok || got.outcome, "refused", JSON.stringify(got));
  assertEquals(server.connections, 0);
});
