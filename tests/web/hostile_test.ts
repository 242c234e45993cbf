import { assert, assertEquals, assertLess, assertMatch } from "@std/assert";
import { createClient } from "../../lib/web/create_client.ts";
import { openTransport } from "../../lib/web/transport.ts";
import { QuickClock } from "../base/clock.ts";
import { type HostileCase, NETWORK_CASES } from "./hostile_cases.ts";
import { HostileServer } from "./hostile_server.ts";

const NAMES: Readonly<Record<string, readonly string[]>> = {
  "private.example": ["10.0.0.1"],
  "both.example": ["93.184.215.14", "fd00::1"],
};

function lookup(hostname: string): Promise<readonly string[]> {
  const addresses = NAMES[hostname];
  if (addresses !== undefined) return Promise.resolve(addresses);
  const code = hostname === "broken.example" ? "EAI_AGAIN" : "ENOTFOUND";
  return Promise.reject(Object.assign(new Error(code), { code }));
}

async function run(row: HostileCase): Promise<void> {
  await using server = new HostileServer(row.server);
  // The rows that connect name an address: beside a transport Deno looks names up all the same, which
  // can take seconds where there is no network. Every address leads to the server.
  const transport = openTransport(() => false, true, (options) =>
    Deno.createHttpClient({
      ...options,
      proxy: { transport: "tcp", hostname: "127.0.0.1", port: server.port },
    }));
  const clock = new QuickClock();
  const options = {
    ignoreOptOuts: true,
    ...row.options,
    deadlines: { answer: 20_000, window: 20_000, total: 20_000, ...row.options?.deadlines },
  };
  const client = createClient(options, { transport, lookup, clock, environment: () => undefined });
  try {
    const url = row.url ?? "http://93.184.215.14/";
    const { signal } = new AbortController();
    const referrer = row.page === undefined ? {} : { page: row.page };
    const answer = row.isPage
      ? await client.page(url, { signal })
      : await client.download(url, { signal, ...referrer });
    const told = answer.ok
      ? { body: new TextDecoder().decode(answer.bytes) }
      : `${answer.outcome}: ${answer.detail}`;
    if (typeof row.comes === "string") {
      assertEquals(answer.ok ? told : answer.outcome, row.comes, JSON.stringify(told));
    } else assertEquals(told, row.comes);
    if (row.connections !== undefined) assertEquals(server.connections, row.connections);
    const requests = server.requests.join("\n");
    if (row.unasked !== undefined) assert(!row.unasked.test(requests), requests);
    if (row.asked !== undefined) assertMatch(requests, row.asked);
    if (row.most !== undefined) assertLess(server.sent, row.most);
    if (row.says !== undefined) {
      assertMatch(answer.ok ? answer.notes.join("; ") : answer.detail, row.says);
    }
  } finally {
    client.close();
  }
}

for (const row of NETWORK_CASES) {
  Deno.test(`a hostile server: ${row.name}; never: ${row.never}`, () => run(row));
}

Deno.test("the table of hostile cases has at least 70 rows, each with a name of its own", () => {
  const names = new Set(NETWORK_CASES.map(({ name }) => name));
  assertEquals(names.size, NETWORK_CASES.length);
  assert(names.size >= 70);
});
