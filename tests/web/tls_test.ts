import { assert, assertEquals, assertMatch } from "@std/assert";
import { type Authority, createAuthority } from "../../lib/demo/authority.ts";
import type { NetworkOutcome } from "../../lib/base/outcome.ts";
import type { Received } from "../../lib/web/client.ts";
import { createClient } from "../../lib/web/create_client.ts";
import { openTransport } from "../../lib/web/transport.ts";
import { QuickClock } from "../base/clock.ts";
import { answer, type Behaviour, HostileServer, reply } from "./hostile_server.ts";

interface TlsCase {
  readonly name: string;
  /** The server's names, and days until its certificate ends. */
  readonly names: readonly string[];
  readonly days?: number;
  /** Whether the client trusts the authority. */
  readonly trusted: boolean;
  readonly server: Behaviour;
  readonly comes: NetworkOutcome | "received";
  readonly never: string;
  readonly connections: number;
}

const FISH = reply(200, {}, "fish");

const CASES: readonly TlsCase[] = [
  {
    name: "all as it should be",
    names: ["localhost"],
    trusted: true,
    server: FISH,
    comes: "received",
    never: "a good certificate is refused",
    connections: 1,
  },
  {
    name: "a certificate that has ended",
    names: ["localhost"],
    days: -1,
    trusted: true,
    server: FISH,
    comes: "tls-error",
    never: "anything is sent",
    connections: 1,
  },
  {
    name: "another host's certificate",
    names: ["other.example"],
    trusted: true,
    server: FISH,
    comes: "tls-error",
    never: "anything is sent",
    connections: 1,
  },
  {
    name: "an unknown authority",
    names: ["localhost"],
    trusted: false,
    server: FISH,
    comes: "tls-error",
    never: "anything is sent",
    connections: 1,
  },
  {
    name: "closed after the request without TLS's own end",
    names: ["localhost"],
    trusted: true,
    server: (peer) => peer.request(),
    comes: "refused",
    never: "it is taken for a bad certificate and given up",
    connections: 3,
  },
  {
    name: "a body that ends without TLS's own end",
    names: ["localhost"],
    trusted: true,
    server: answer("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nfish"),
    comes: "truncated",
    never: "half an image counts as complete",
    connections: 3,
  },
];

function clientFor(authority: Authority | undefined): ReturnType<typeof createClient> {
  const transport = openTransport(() => false, true, (options) =>
    Deno.createHttpClient({
      ...options,
      ...(authority === undefined ? {} : { caCerts: [authority.certificate] }),
    }));
  return createClient({ allowPrivate: true, ignoreOptOuts: true }, {
    transport,
    clock: new QuickClock(),
  });
}

const signal = new AbortController().signal;

for (const row of CASES) {
  Deno.test(`a hostile server over TLS: ${row.name}; never: ${row.never}`, async () => {
    const authority = await createAuthority(
      row.names,
      row.days === undefined ? {} : { days: row.days },
    );
    await using server = new HostileServer(row.server, {
      cert: authority.chain,
      key: authority.key,
    });
    const client = clientFor(row.trusted ? authority : undefined);
    const got = await client.download(`https://localhost:${server.port}/`, { signal });
    client.close();
    assertEquals(got.ok ? "received" : got.outcome, row.comes, JSON.stringify(got));
    assertEquals(server.connections, row.connections);
    if (row.comes === "tls-error") assertEquals(server.requests, []);
  });
}

Deno.test("a hostile server over TLS: plain HTTP on the port; never: it is taken for TLS", async () => {
  await using server = new HostileServer(async (peer) => {
    await peer.send("HTTP/1.1 400 Bad Request\r\n\r\n");
    await peer.silence();
  });
  const client = clientFor(undefined);
  const got = await client.download(`https://localhost:${server.port}/`, { signal });
  client.close();
  assertEquals(got.ok || got.outcome, "tls-error", JSON.stringify(got));
});

Deno.test("a hostile server over TLS: closed within the handshake; never: it is given up at once", async () => {
  await using server = new HostileServer((peer) => peer.wait(10));
  const client = clientFor(undefined);
  const got = await client.download(`https://localhost:${server.port}/`, { signal });
  client.close();
  assertEquals(got.ok || got.outcome, "refused", JSON.stringify(got));
  assertEquals(server.connections, 3);
});

Deno.test("a hostile server over TLS: silence within the handshake; never: it is waited out", async () => {
  await using server = new HostileServer((peer) => peer.silence());
  const client = createClient(
    { allowPrivate: true, ignoreOptOuts: true, deadlines: { answer: 300 } },
    { clock: new QuickClock() },
  );
  const got = await client.download(`https://localhost:${server.port}/`, { signal });
  client.close();
  assertEquals(got.ok || got.outcome, "timeout", JSON.stringify(got));
  assertEquals(server.connections, 1);
});

Deno.test("download() notes a redirect from https to http", async () => {
  const authority = await createAuthority(["localhost"]);
  await using plain = new HostileServer(FISH);
  const location = `http://localhost:${plain.port}/`;
  const tls = { cert: authority.chain, key: authority.key };
  await using server = new HostileServer(reply(302, { location }), tls);
  const client = clientFor(authority);
  const got = await client.download(`https://localhost:${server.port}/`, { signal });
  client.close();
  assert(got.ok, JSON.stringify(got));
  const { notes, url }: Received = got;
  assertEquals(url, location);
  assertMatch(notes.join(), /from https to http/);
});
