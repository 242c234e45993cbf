import { assert, assertEquals, assertRejects } from "@std/assert";
import { delay } from "@std/async";
import { type Dataset, readDataset } from "../../lib/dataset/dataset.ts";
import { Failure } from "../../lib/base/failure.ts";
import type { Thumbnailer } from "../../lib/image/create_renderer.ts";
import { serveReview } from "../../lib/review/serve_review.ts";
import { opened, withFolder } from "../dataset/folder.ts";
import { hashOf, makeSynthetic, speciesId } from "../report/synthetic.ts";

const idle: Thumbnailer = {
  shrink: () => Promise.reject(new Error("no thumbnail was to be made")),
  close: () => {},
};
const ID = speciesId(0);
const NAME = `${hashOf(0, 0).slice(0, 16)}.jpg`;
const FILE = `${ID}/${NAME}`;

interface Served {
  readonly dataset: Dataset;
  /** `http://127.0.0.1:<port>` */
  readonly origin: string;
  readonly token: string;
  /** The path of all pictures, its secret in it. */
  readonly pictures: string;
  /** Asks with a raw request line and headers, so that nothing is tidied on the way. */
  raw(path: string, headers?: Readonly<Record<string, string>>, body?: string): Promise<string>;
  end(): Promise<void>;
}

async function withServer(test: (served: Served) => Promise<void>): Promise<void> {
  await withFolder(async (dir) => {
    await makeSynthetic(dir, { species: 2, images: 5, files: "images" });
    const dataset = await opened(dir);
    const stop = new AbortController();
    try {
      const { address, ended } = await serveReview({
        dataset,
        thumbnailer: idle,
        port: 0,
        signal: stop.signal,
      });
      const { origin, hash, port } = new URL(address);
      const token = hash.replace("#token=", "");
      const start = await fetch(`${origin}/api/start`, { headers: { "x-aquaset-token": token } });
      const { pictures } = await start.json();
      const end = async (): Promise<void> => {
        stop.abort();
        await ended;
      };
      await test({
        dataset,
        origin,
        token,
        pictures,
        end,
        raw: (path, headers = {}, body) =>
          rawRequest(Number(port), path, {
            host: `127.0.0.1:${port}`,
            "x-aquaset-token": token,
            ...headers,
          }, body),
      });
      await end();
    } finally {
      stop.abort();
      await dataset.close();
    }
  });
}

async function rawRequest(
  port: number,
  path: string,
  headers: Readonly<Record<string, string>>,
  body?: string,
): Promise<string> {
  const lines = Object.entries(headers).filter(([, value]) => value !== "")
    .map(([name, value]) => `${name}: ${value}\r\n`);
  const length = body === undefined ? "" : `content-length: ${body.length}\r\n`;
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const method = body === undefined ? "GET" : "POST";
  await connection.write(new TextEncoder().encode(
    `${method} ${path} HTTP/1.1\r\n${lines.join("")}${length}connection: close\r\n\r\n${
      body ?? ""
    }`,
  ));
  let text = "";
  for await (const chunk of connection.readable.pipeThrough(new TextDecoderStream("latin1"))) {
    text += chunk;
  }
  return text;
}

function status(answer: string): number {
  return Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]);
}

const ORDER = JSON.stringify({ verdict: "rejected", images: [FILE] });

Deno.test("serveReview() refuses whoever is not its own page with its token", () =>
  withServer(async ({ raw, origin, dataset, token, pictures }) => {
    const json = { "content-type": "application/json" };
    const tried: readonly (readonly [number, Record<string, string>, string?])[] = [
      [403, { "x-aquaset-token": "" }],
      [403, { "x-aquaset-token": `${token}x` }],
      [403, { "x-aquaset-token": token.slice(1) }],
      [403, { "x-aquaset-token": "", cookie: `aquaset=${token}; x-aquaset-token=${token}` }],
      [421, { host: "evil.example" }],
      [421, { host: "localhost" }],
      [403, { origin: "https://evil.example" }],
      [403, { origin: "null" }],
      [403, { origin: "http://127.0.0.1:1" }],
      [403, { "sec-fetch-site": "cross-site" }],
      [403, { "sec-fetch-site": "same-site" }],
      [403, json, ORDER],
      [403, { ...json, origin: "https://evil.example" }, ORDER],
      [403, { ...json, origin, "x-aquaset-token": "" }, ORDER],
      [415, { "content-type": "text/plain", origin }, ORDER],
      [400, { ...json, origin }, "{"],
      [200, { "sec-fetch-site": "same-origin" }],
    ];
    for (const [wanted, headers, body] of tried) {
      const path = body === undefined ? "/api/start" : "/api/verdicts";
      const answer = await raw(path, headers, body);
      assertEquals(status(answer), wanted, JSON.stringify(headers));
      if (wanted >= 400) assert(!answer.includes(token) && !answer.includes(pictures));
      assert(!/set-cookie/i.test(answer), "there is no cookie, which would go to every port");
    }
    for (const path of [`/api/start?token=${token}`, "/api/events", "/api/audit"]) {
      assertEquals(status(await raw(path, { "x-aquaset-token": "" })), 403, path);
    }
    assertEquals(dataset.state.kept(ID), 5, "nothing was judged");
  }));

Deno.test("serveReview() gives its page to anybody, and no secret, name or link in it", () =>
  withServer(async ({ raw, token, pictures, dataset }) => {
    const page = await raw("/", { "x-aquaset-token": "" });
    assertEquals(status(page), 200);
    const name = dataset.dir.slice(dataset.dir.lastIndexOf("/") + 1);
    for (const secret of [token, pictures, name, ID]) assert(!page.includes(secret), secret);
    assert(/content-security-policy: default-src 'none'/i.test(page));
    assert(/referrer-policy: no-referrer/i.test(page));
  }));

Deno.test("serveReview() gives known pictures under its secret path, and nothing else of the disk", () =>
  withServer(async ({ raw, dataset, pictures, token }) => {
    const none = { "x-aquaset-token": "" };
    const secret = `${dataset.dir}/images/${ID}/ffffffffffffffff.jpg`;
    await Deno.writeTextFile(secret, "not in the log");
    const image = await raw(`${pictures}images/${FILE}`, none);
    assertEquals(status(image), 200);
    assert(/content-type: image\/jpeg/i.test(image) && /nosniff/i.test(image));
    assert(/content-security-policy: default-src 'none'/i.test(image));
    const paths = [
      `/images/${FILE}`,
      `/pictures/images/${FILE}`,
      `/pictures-/images/${FILE}`,
      `/pictures-${token}/images/${FILE}`,
      `${pictures.slice(0, -2)}/images/${FILE}`,
      "log.jsonl",
      "images/../log.jsonl",
      "images/%2e%2e/log.jsonl",
      `images/${ID}/..%2f..%2flog.jsonl`,
      `images/${ID}/ffffffffffffffff.jpg`,
      `images/${speciesId(1)}/${NAME}`,
      `images/${FILE}/`,
      "images/",
      "/etc/passwd",
      "report/../log.jsonl",
      "report/sheets/..%2f.js",
      "report/thumbs/00/ffffffffffffffff.jpg",
      "report/thumbs/..%2f..%2f/log.jsonl",
    ];
    for (const path of paths) {
      const answer = await raw(path.startsWith("/") ? path : `${pictures}${path}`);
      assert([400, 404].includes(status(answer)), `${path}: ${answer.slice(0, 30)}`);
    }
    const link = `${dataset.dir}/images/${ID}/${hashOf(0, 1).slice(0, 16)}.jpg`;
    await Deno.remove(link);
    await Deno.symlink("/etc/hostname", link);
    const linked = await raw(`${pictures}images/${ID}/${hashOf(0, 1).slice(0, 16)}.jpg`);
    assertEquals(status(linked), 404);
  }));

Deno.test("serveReview() links to no host of this machine or a private network", () =>
  withFolder(async (dir) => {
    await makeSynthetic(dir, { species: 1, images: 3, files: "images" });
    const log = await Deno.readTextFile(`${dir}/log.jsonl`);
    const hosts = ["127.0.0.1:9999", "192.168.0.1", "localhost"];
    let next = 0;
    await Deno.writeTextFile(
      `${dir}/log.jsonl`,
      log.replaceAll(/https:\/\/site\d+\.example/g, () => `http://${hosts[next++]}`),
    );
    const dataset = await opened(dir);
    const stop = new AbortController();
    try {
      const served = await serveReview({
        dataset,
        thumbnailer: idle,
        port: 0,
        signal: stop.signal,
      });
      const { origin, hash } = new URL(served.address);
      const headers = { "x-aquaset-token": hash.replace("#token=", "") };
      const { images } = await (await fetch(`${origin}/api/species/${ID}`, { headers })).json();
      assertEquals(images.length, 3);
      for (const image of images) assertEquals(image.page, undefined);
      stop.abort();
      await served.ended;
    } finally {
      await dataset.close();
    }
  }));

Deno.test("serveReview() logs a verdict once and tells every tab of it", () =>
  withServer(async ({ origin, token, dataset }) => {
    const own = { "x-aquaset-token": token, origin };
    const heard = await fetch(`${origin}/api/events`, { headers: own });
    const reader = (heard.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())
      .getReader();
    await reader.read();
    const before = (await readDataset(dataset.dir)).log.lines;
    for (const wanted of [1, 0]) {
      const answer = await fetch(`${origin}/api/verdicts`, {
        method: "POST",
        headers: { ...own, "content-type": "application/json" },
        body: ORDER,
      });
      const { changes } = await answer.json();
      assertEquals(changes.length, wanted);
    }
    assertEquals((await readDataset(dataset.dir)).log.lines, before + 1);
    let text = "";
    while (!text.includes('"changes":[{')) text += (await reader.read()).value ?? "";
    const news = text.split("\n").filter((line) => line.includes('"changes":[{'))
      .map((line) => JSON.parse(line))[0];
    assertEquals(news.changes, [{
      file: FILE,
      before: { species: ID, verdict: "undone" },
      now: { species: ID, verdict: "rejected" },
    }]);
    assertEquals([news.counts[0].kept, news.counts[0].rejected, news.counts[0].open], [4, 1, 4]);
    // A species that was looked at before its verdict is counted when tabs hear of it.
    const scanned = delay(3000).then(() => reader.cancel());
    while (!text.includes('"changes":[],')) {
      const { value, done } = await reader.read();
      if (done) break;
      text += value;
    }
    const counts = text.split("\n").filter((line) => line !== "")
      .flatMap((line) => JSON.parse(line).counts).filter(({ id }) => id === ID);
    assertEquals(counts.at(-1).kept, 4);
    await scanned;
  }));

Deno.test("serveReview() ends although a tab listens, and serves on loopback alone", () =>
  withServer(async ({ origin, token, end }) => {
    const listening = await fetch(`${origin}/api/events`, {
      headers: { "x-aquaset-token": token },
    });
    assertEquals(new URL(origin).hostname, "127.0.0.1");
    await end();
    await listening.text();
    await assertRejects(() => fetch(origin), TypeError);
  }));

Deno.test("serveReview() says which port is taken", () =>
  withServer(async ({ dataset, origin }) => {
    const port = Number(new URL(origin).port);
    const signal = new AbortController().signal;
    const failure = await assertRejects(
      () => serveReview({ dataset, thumbnailer: idle, port, signal }),
      Failure,
    );
    assert(failure.message.includes(`port ${port}`) && failure.message.includes("--port"));
  }));
