/**
 * A network of its own for `rebinding_test.ts`, run within `unshare -rmn`: a name server that gives
 * each name a public address first and a private one from the second look-up on, and a server that
 * listens on all of them. Runs the client with the permissions of `google.ts`; prints what came.
 *
 * @module
 */

import { createClient } from "../../lib/web/create_client.ts";

/** What each name comes to from the second look-up on. */
const PRIVATE: Readonly<Record<string, string>> = {
  "loopback.example": "::1",
  "unique-local.example": "fd00::1",
  "mapped.example": "::ffff:127.0.0.2",
  "nat64.example": "64:ff9b::7f00:2",
  "loopback-four.example": "127.0.0.1",
  "private-four.example": "10.1.2.3",
};
const PUBLIC = "93.184.215.14";
const PORT = 8080;

if (Deno.args[0] === "client") await runClient();
else await runWorld();

async function runClient(): Promise<void> {
  const client = createClient({ ignoreOptOuts: true, deadlines: { answer: 60_000 } });
  const { signal } = new AbortController();
  for (const host of [...Object.keys(PRIVATE), "steady.example"]) {
    const answer = await client.download(`http://${host}:${PORT}/`, { signal });
    console.log(`${host}: ${answer.ok ? new TextDecoder().decode(answer.bytes) : "not reached"}`);
  }
  client.close();
}

async function runWorld(): Promise<void> {
  for (
    const command of [
      "ip link set lo up",
      `ip address add ${PUBLIC}/32 dev lo`,
      "ip address add 10.1.2.3/32 dev lo",
      "ip address add fd00::1/128 dev lo nodad",
      "ip address add 64:ff9b::7f00:2/128 dev lo nodad",
      `mount --bind ${Deno.args[0]} /etc/resolv.conf`,
    ]
  ) {
    const [name = "", ...args] = command.split(" ");
    const { success } = await new Deno.Command(name, { args }).output();
    if (!success) throw new Error(`failed: ${command}`);
  }
  const names = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 53 });
  const web = Deno.listen({ hostname: "::", port: PORT });
  const serving = [answerNames(names), answerRequests(web)];
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-q",
      "--no-prompt",
      "--cached-only",
      "-P=google",
      import.meta.filename ?? "",
      "client",
    ],
    stderr: "inherit",
  }).output();
  await Deno.stdout.write(stdout);
  names.close();
  web.close();
  await Promise.allSettled(serving);
}

/** Says by which of its addresses it was reached. */
async function answerRequests(listener: Deno.TcpListener): Promise<void> {
  for await (const connection of listener) {
    const { hostname } = connection.localAddr;
    const body = `reached by ${hostname}`;
    const head = `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n`;
    const buffer = new Uint8Array(4096);
    await connection.read(buffer);
    await connection.write(new TextEncoder().encode(head + body));
    connection.close();
  }
}

async function answerNames(socket: Deno.DatagramConn): Promise<void> {
  const lookups = new Map<string, number>();
  for await (const [query, from] of socket) {
    const [name, end] = readName(query);
    const type = query[end + 1] ?? 0;
    const nth = (lookups.get(`${name} ${type}`) ?? 0) + 1;
    lookups.set(`${name} ${type}`, nth);
    const later = PRIVATE[name];
    const address = nth === 1 || later === undefined ? PUBLIC : later;
    const bytes = addressBytes(address);
    const fits = bytes.length === (type === 28 ? 16 : type === 1 ? 4 : 0);
    const known = fits ? [0xc0, 12, 0, type, 0, 1, 0, 0, 0, 0, 0, bytes.length, ...bytes] : [];
    const header = [query[0] ?? 0, query[1] ?? 0, 0x81, 0x80, 0, 1, 0, fits ? 1 : 0, 0, 0, 0, 0];
    await socket.send(Uint8Array.from([...header, ...query.subarray(12, end + 4), ...known]), from);
  }
}

/** The name that a query asks for, and where the query's type begins. */
function readName(query: Uint8Array): readonly [string, number] {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(new TextDecoder().decode(query.subarray(at + 1, at + 1 + length)));
    at += 1 + length;
  }
  return [labels.join(".").toLowerCase(), at + 1];
}

function addressBytes(address: string): number[] {
  if (!address.includes(":")) return address.split(".").map(Number);
  const plain = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  const [head = "", tail = ""] = plain.split("::");
  const words = (text: string): number[] =>
    text === "" ? [] : text.split(":").map((word) => parseInt(word, 16));
  const [first, last] = [words(head), words(tail)];
  const gap = plain.includes("::") ? Array<number>(8 - first.length - last.length).fill(0) : [];
  return [...first, ...gap, ...last].flatMap((word) => [word >> 8, word & 0xff]);
}
