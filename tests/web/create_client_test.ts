import {
  assert,
  assertEquals,
  assertGreater,
  assertGreaterOrEqual,
  assertMatch,
  assertRejects,
} from "@std/assert";
import { delay } from "@std/async";
import { systemClock } from "../../lib/base/clock.ts";
import type { Client } from "../../lib/web/client.ts";
import { type ClientOptions, type ClientParts, createClient } from "../../lib/web/create_client.ts";
import { QuickClock } from "../base/clock.ts";
import { inVirtualTime } from "../base/virtual_time.ts";

const signal = new AbortController().signal;

interface Sent {
  readonly url: string;
  readonly headers: Headers;
}

type Serve = (sent: Sent, signal: AbortSignal) => Response | Promise<Response>;

interface Scene {
  readonly client: Client;
  readonly clock: QuickClock;
  readonly sent: Sent[];
  readonly notices: string[];
  /** The URLs sent, without those of robots.txt. */
  urls(): readonly string[];
}

/** A client whose requests are answered by a function. */
function scene(serve: Serve, options: ClientOptions = {}, parts: ClientParts = {}): Scene {
  const sent: Sent[] = [];
  const notices: string[] = [];
  const clock = new QuickClock();
  const client = createClient(
    { pace: { interval: 0 }, notice: (text) => notices.push(text), ...options },
    {
      clock,
      lookup: () => Promise.resolve(["8.8.8.8"]),
      environment: () => undefined,
      transport: {
        send: (url, init) => {
          const request = { url: url.href, headers: new Headers(init.headers) };
          sent.push(request);
          init.signal?.throwIfAborted();
          return Promise.resolve(serve(request, init.signal ?? signal));
        },
        close: () => {},
      },
      ...parts,
    },
  );
  const urls = () => sent.map(({ url }) => url).filter((url) => !url.endsWith("/robots.txt"));
  return { client, clock, sent, notices, urls };
}

/** Serves images; robots.txt is missing. */
function images(serve: Serve): Serve {
  return (sent, signal) =>
    sent.url.endsWith("/robots.txt") ? new Response(null, { status: 404 }) : serve(sent, signal);
}

/** Never answers, until it is aborted. */
function silence(_sent: Sent, signal: AbortSignal): Promise<Response> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

Deno.test("download() sends a User-Agent with the contact", async () => {
  const { client, sent } = scene(images(() => new Response("fish")), {
    contact: "mailto:fish@a.example",
  });
  await client.download("https://a.example/1.jpg", { signal });
  assertEquals(sent.length, 2);
  for (const { headers } of sent) {
    assertMatch(
      headers.get("user-agent") ?? "",
      /^Aquaset\/\d+\.\d+\.\d+ \(\+mailto:fish@a\.example\)$/,
    );
  }
  assertMatch(sent[1]?.headers.get("accept") ?? "", /^image\//);
});

Deno.test("createClient() refuses a contact that would break the header", () => {
  for (const contact of ["a\r\nX: y", "", "(a)", "ü@a.example", "x".repeat(300)]) {
    try {
      createClient({ contact }).close();
    } catch (thrown) {
      assert(thrown instanceof TypeError);
      continue;
    }
    throw new Error(`took ${JSON.stringify(contact)}`);
  }
});

Deno.test("download() asks for a host's robots.txt once, however many ask at the same time", async () => {
  const { client, sent, urls } = scene(images(() => new Response("fish")));
  await Promise.all(
    Array.from({ length: 10 }, (_, n) => client.download(`https://a.example/${n}`, { signal })),
  );
  assertEquals(sent.length, 11);
  assertEquals(urls().length, 10);
});

Deno.test("download() knows the hosts of http and https apart by their robots.txt", async () => {
  const { client, sent } = scene(images(() => new Response("fish")));
  await client.download("https://a.example/1", { signal });
  await client.download("http://a.example/1", { signal });
  assertEquals(sent.filter(({ url }) => url.endsWith("robots.txt")).length, 2);
});

Deno.test("download() waits as long as Retry-After says, and no other request is sent meanwhile", async () => {
  let times = 0;
  const { client, clock } = scene(images(() => {
    times++;
    const headers = { "retry-after": "7" };
    return times === 1 ? new Response(null, { status: 429, headers }) : new Response("fish");
  }));
  const start = clock.now();
  const both = await Promise.all(
    [1, 2].map((n) => client.download(`https://a.example/${n}`, { signal })),
  );
  assert(both.every(({ ok }) => ok));
  assertGreaterOrEqual(clock.now() - start, 7000);
});

Deno.test("page() says of each request that it is sent, and waits as a 429's text says", async () => {
  let answers = 0;
  const body = '{"detail": "Request was throttled. Expected available in 30 seconds."}';
  const { client, clock } = scene(
    images(() => ++answers < 3 ? new Response(body, { status: 429 }) : new Response("{}")),
  );
  const began = clock.now();
  let sent = 0;
  const answer = await client.page("https://api.example/v1/fish", { signal, sent: () => sent++ });
  assert(answer.ok);
  assertEquals([sent, answers], [3, 3]);
  assert(clock.now() - began >= 60_000, `${clock.now() - began} ms`);
  const tooLong = scene(images(() => new Response(body.replace("30", "3600"), { status: 429 })));
  const late = await tooLong.client.page("https://api.example/v1/fish", { signal });
  assert(!late.ok);
  assertEquals([late.outcome, late.retryAfter, tooLong.urls().length], [
    "rate-limited",
    3_600_000,
    1,
  ]);
});

Deno.test("download() does not wait for a Retry-After of a day: the host is set aside, with a notice", async () => {
  const headers = { "retry-after": "86400" };
  const { client, clock, notices, urls } = scene(
    images(() => new Response(null, { status: 503, headers })),
  );
  const first = await client.download("https://a.example/1", { signal });
  assertEquals(first.ok || [first.outcome, first.retryAfter], ["server-error", 86_400_000]);
  assertEquals(clock.slept, []);
  assertMatch(notices.join(), /a\.example is set aside for 86400 s: HTTP 503/);
  assertEquals(client.standing?.("https://a.example/2"), "set aside");
  const second = await client.download("https://a.example/2", { signal });
  assertEquals(second.ok || second.outcome, "server-error");
  assertMatch(second.ok ? "" : second.detail, /host set aside for 86400 s: HTTP 503/);
  assertEquals(urls().length, 1);
});

Deno.test("download() counts a burst of 429 once", async () => {
  let times = 0;
  const headers = { "retry-after": "1" };
  const { client } = scene(
    images(() =>
      ++times <= 8 ? new Response(null, { status: 429, headers }) : new Response("fish")
    ),
    { pace: { interval: 0, concurrency: 8 } },
  );
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, n) => client.download(`https://a.example/${n}`, { signal })),
  );
  assert(answers.every(({ ok }) => ok), JSON.stringify(answers));
});

Deno.test("download() backs off longer each time, with jitter", async () => {
  const { client, clock } = scene(
    images(() => new Response(null, { status: 500 })),
    {},
    { random: () => 0.5 },
  );
  await client.download("https://a.example/1", { signal });
  assertEquals(clock.slept, [500, 1000]);
});

Deno.test("download() a host that fails again and again is set aside, then given one chance", async () => {
  let up = false;
  const { client, clock, urls } = scene(
    images(() => up ? new Response("fish") : new Response(null, { status: 501 })),
  );
  for (let n = 0; n < 6; n++) await client.download(`https://a.example/${n}`, { signal });
  assertEquals(client.standing?.("https://a.example/x"), "set aside");
  assertEquals(urls().length, 6);
  const aside = await client.download("https://a.example/4", { signal });
  assertEquals(aside.ok || aside.setAside, true);
  assertEquals(urls().length, 6);
  assertEquals(client.standing?.("https://b.example/x"), "ready");
  await clock.sleep(31_000, signal);
  up = true;
  assert((await client.download("https://a.example/5", { signal })).ok);
  assertEquals(client.standing?.("https://a.example/x"), "ready");
});

Deno.test("download() is tried at the end where a robots.txt was late: its host counts as set aside", async () => {
  const robots = Promise.withResolvers<Response>();
  const { client, urls } = scene(
    (sent) => sent.url.endsWith("robots.txt") ? robots.promise : new Response("fish"),
  );
  const early = await inVirtualTime(() => client.download("https://a.example/1", { signal }));
  assert(!early.ok && early.setAside);
  // The pipeline tries such candidates again at its end.
  assertMatch(early.detail, /^host set aside/);
  robots.resolve(new Response(null, { status: 404 }));
  assert((await client.page("https://a.example/page", { signal })).ok);
  assert((await client.download("https://a.example/1", { signal })).ok);
  assertEquals(urls(), ["https://a.example/page", "https://a.example/1"]);
  client.close();
});

Deno.test("download() whoever waits for a host is sent on when it is set aside", async () => {
  const { client } = scene(
    (sent, signal) =>
      sent.url.endsWith("robots.txt") ? new Response(null, { status: 404 }) : silence(sent, signal),
    { deadlines: { answer: 50 }, pace: { interval: 0, concurrency: 1 } },
  );
  const answers = await inVirtualTime(() =>
    Promise.all(
      Array.from({ length: 20 }, (_, n) => client.download(`https://a.example/${n}`, { signal })),
    )
  );
  assert(answers.every((answer) => !answer.ok && answer.outcome === "timeout"));
  const aside = answers.filter((answer) => !answer.ok && /set aside/.test(answer.detail));
  assertEquals(aside.length, 17);
});

Deno.test("download() missing pages do not count against a host", async () => {
  const { client, urls } = scene(images(() => new Response(null, { status: 404 })));
  for (let n = 0; n < 10; n++) await client.download(`https://a.example/${n}`, { signal });
  assertEquals(urls().length, 10);
});

Deno.test("download() gives hosts twice the time behind a proxy, where names are looked up in vain", async () => {
  const options = { deadlines: { answer: 50 }, ignoreOptOuts: true };
  const { client: plain } = scene(silence, options);
  const direct = await plain.download("https://a.example/", { signal });
  assertEquals(direct.ok || direct.detail, "no answer for 50 ms");
  const environment = (name: string) =>
    name === "HTTPS_PROXY" ? "http://127.0.0.1:3128" : undefined;
  const { client } = scene(silence, options, { environment });
  const proxied = await client.download("https://a.example/", { signal });
  assertEquals(proxied.ok || proxied.detail, "no answer for 100 ms");
});

Deno.test("download() behind a proxy waits where each request's name is looked up in vain for 14 s", async () => {
  const slow: Serve = async ({ url }, signal) => {
    await delay(14_000, { signal });
    return new Response(url.endsWith("/robots.txt") ? null : "fish", {
      status: url.endsWith("/robots.txt") ? 404 : 200,
    });
  };
  const outcome = async (environment: (name: string) => string | undefined) => {
    const { client } = scene(slow, {}, { clock: systemClock, environment });
    const answer = await inVirtualTime(() => client.download("https://a.example/1", { signal }));
    return answer.ok ? "received" : answer.outcome;
  };
  assertEquals(await outcome(() => undefined), "timeout");
  assertEquals(await outcome(() => "http://127.0.0.1:3128"), "received");
});

Deno.test("download() behind a proxy resolves nothing, but knows private names and addresses", async () => {
  const { client, urls } = scene(images(() => new Response("fish")), {}, {
    lookup: () => Promise.reject(new Error("asked")),
    environment: (name) => name === "HTTPS_PROXY" ? "http://127.0.0.1:3128" : undefined,
  });
  assert((await client.download("https://a.example/1", { signal })).ok);
  for (const url of ["https://127.0.0.1/", "https://localhost/", "https://[fd00::1]/"]) {
    const answer = await client.download(url, { signal });
    assertEquals(answer.ok || answer.outcome, "forbidden-address");
  }
  assertEquals(urls().length, 1);
});

Deno.test("download() checks an address that has changed since", async () => {
  const answers = [["8.8.8.8"], ["8.8.8.8"], ["192.168.0.1"]];
  const { client, clock, urls } = scene(images(() => new Response("fish")), {}, {
    lookup: () => Promise.resolve(answers.shift() ?? []),
  });
  assert((await client.download("https://a.example/1", { signal })).ok);
  await clock.sleep(60_000, signal);
  assert((await client.download("https://a.example/2", { signal })).ok);
  await clock.sleep(60_000, signal);
  const answer = await client.download("https://a.example/3", { signal });
  assertEquals(answer.ok || answer.outcome, "forbidden-address");
  assertEquals(urls().length, 2);
});

Deno.test("download() obeys Crawl-delay up to ten seconds, with a notice when it is longer", async () => {
  const { client, clock, notices } = scene(({ url }) =>
    new Response(url.endsWith("robots.txt") ? "User-agent: *\nCrawl-delay: 3600" : "fish")
  );
  await client.download("https://a.example/1", { signal });
  const start = clock.now();
  await client.download("https://a.example/2", { signal });
  assertGreater(clock.now() - start, 9000);
  assertEquals(notices, ["a.example asks for 3600 s between two requests; it gets 10 s."]);
});

Deno.test("createClient() warns when opt-outs are ignored, and then ignores them", async () => {
  const { client, notices, sent } = scene(
    () => new Response("fish", { headers: { "x-robots-tag": "noai", "tdm-reservation": "1" } }),
    { ignoreOptOuts: true },
  );
  assertMatch(notices.join(), /ignored/);
  assert((await client.download("https://a.example/1", { signal })).ok);
  assertEquals(sent.length, 1);
});

Deno.test("download() does not follow a redirect to a host that another machine asks, but says where it leads", async () => {
  const serve = images(({ url }) =>
    url.startsWith("https://a.example/")
      ? new Response(null, { status: 302, headers: { location: "https://b.example/b" } })
      : new Response("image")
  );
  for (const ours of [false, true]) {
    const { client, urls } = scene(serve, { owns: () => ours });
    const answer = await client.download("https://a.example/a", { signal });
    assertEquals(
      answer.ok ? undefined : answer.elsewhere,
      ours ? undefined : "https://b.example/b",
    );
    assertEquals(urls().some((url) => url.startsWith("https://b.example/")), ours);
  }
});

Deno.test("where machines share hosts, the first request too waits for a host's Crawl-delay", async () => {
  const { client, clock } = scene(
    ({ url }) =>
      new Response(url.endsWith("robots.txt") ? "User-agent: *\nCrawl-delay: 4" : "fish"),
    { owns: () => true },
  );
  const start = clock.now();
  await client.download("https://a.example/1", { signal });
  assertGreater(clock.now() - start, 3900);
});

Deno.test("page() is redirected to its own host and the hosts it is given, and to no other", async () => {
  const serve = images(({ url }) =>
    url.endsWith("/b") ? new Response("page") : new Response(null, {
      status: 302,
      headers: { location: "https://b.example/b" },
    })
  );
  const { client, urls } = scene(serve);
  const away = await client.page("https://a.example/a", { signal });
  assertEquals(away.ok || away.outcome, "redirect-loop");
  assertMatch(away.ok ? "" : away.detail, /away, to b\.example/);
  assertEquals(urls(), ["https://a.example/a"]);
  const hosts = new Set(["b.example"]);
  const there = await client.page("https://a.example/a", { signal, hosts });
  assertEquals(there.ok && there.url, "https://b.example/b");
});

Deno.test("page() gives the start of an error's page, and ignores no opt-out but robots.txt", async () => {
  const { client } = scene(
    images(({ url }) =>
      url.endsWith("/busy")
        ? new Response("x".repeat(100_000), { status: 501 })
        : new Response("page", { headers: { "x-robots-tag": "noindex" } })
    ),
  );
  const busy = await client.page("https://a.example/busy", { signal });
  assertEquals(busy.ok || busy.bytes?.length, 65_536);
  assert((await client.page("https://a.example/tagged", { signal })).ok);
});

Deno.test("page() is sent to an overloaded site too: its source decides", async () => {
  const { client, urls } = scene(images(() => new Response("busy", { status: 500 })));
  for (let n = 0; n < 5; n++) {
    const answer = await client.page("https://a.example/a", { signal, tries: 1 });
    assertEquals(answer.ok || answer.status, 500);
  }
  assertEquals(urls().length, 5);
  assertEquals(client.standing?.("https://a.example/"), "ready");
  for (let n = 0; n < 6; n++) await client.download("https://a.example/1.jpg", { signal });
  assertEquals(client.standing?.("https://a.example/"), "set aside");
  const answer = await client.page("https://a.example/a", { signal, tries: 1 });
  assertEquals(answer.ok || answer.status, 500);
});

Deno.test("page() sends the headers it is given", async () => {
  const { client, sent } = scene(images(() => new Response("page")));
  await client.page("https://a.example/a", { signal, headers: { Referer: "https://a.example/" } });
  assertEquals(sent[1]?.headers.get("referer"), "https://a.example/");
});

Deno.test("robots() gives the rule, the delay, and why robots.txt cannot be read", async () => {
  const { client } = scene(({ url }) =>
    url.startsWith("https://a.")
      ? new Response("User-agent: *\nCrawl-delay: 5\nDisallow: /x")
      : new Response(null, { status: 500 })
  );
  assertEquals(await client.robots("https://a.example/y", signal), {
    allowed: true,
    crawlDelay: 5000,
  });
  assertEquals(await client.robots("https://a.example/x", signal), {
    allowed: false,
    crawlDelay: 5000,
    reason: "robots.txt: Disallow: /x",
  });
  const unknown = await client.robots("https://b.example/x", signal);
  assert(!unknown.allowed);
  assertMatch(unknown.reason ?? "", /HTTP 500/);
});

/** Moments at which a request can be ended, and what serves it until then. */
const MOMENTS: readonly (readonly [string, Serve])[] = [
  ["the answer is waited for", images(silence)],
  ["the body is read", images((_sent, signal) => new Response(endless(signal)))],
];

function endless(signal: AbortSignal): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    start: (controller) => {
      controller.enqueue(new Uint8Array(10));
      signal.addEventListener("abort", () => controller.error(signal.reason), { once: true });
    },
  });
}

for (const [moment, serve] of MOMENTS) {
  Deno.test(`download() aborted while ${moment} rejects with the reason and frees its place`, async () => {
    let calm = false;
    const { client, sent } = scene(
      (request, signal) => calm ? new Response(null, { status: 404 }) : serve(request, signal),
      { pace: { interval: 0, concurrency: 1 } },
    );
    const controller = new AbortController();
    const waiting = client.download("https://a.example/1", { signal: controller.signal });
    const queued = client.download("https://a.example/2", { signal: controller.signal });
    while (sent.length < 2) await Promise.resolve();
    controller.abort(new Error("the run is over"));
    await assertRejects(() => waiting, Error, "the run is over");
    await assertRejects(() => queued, Error, "the run is over");
    calm = true;
    const next = await client.download("https://a.example/3", { signal });
    assertEquals(next.ok || next.outcome, "gone");
  });
}

Deno.test("download() aborted while it backs off rejects with the reason", async () => {
  const clock = new QuickClock();
  const controller = new AbortController();
  const waiting = {
    ...bound(clock),
    sleep: (_: number, signal: AbortSignal) => {
      controller.abort(new Error("the run is over"));
      return Promise.reject(signal.reason);
    },
  };
  const { client } = scene(images(() => new Response(null, { status: 500 })), {}, {
    clock: waiting,
  });
  await assertRejects(
    () => client.download("https://a.example/1", { signal: controller.signal }),
    Error,
    "the run is over",
  );
});

function bound(clock: QuickClock): Pick<QuickClock, "now" | "today"> {
  return { now: () => clock.now(), today: () => clock.today() };
}

Deno.test("download() aborted by one does not spoil robots.txt for another", async () => {
  let answer: (response: Response) => void = () => {};
  const { client } = scene(({ url }) =>
    url.endsWith("robots.txt") ? new Promise((resolve) => answer = resolve) : new Response("fish")
  );
  const controller = new AbortController();
  const first = client.download("https://a.example/1", { signal: controller.signal });
  const second = client.download("https://a.example/2", { signal });
  controller.abort(new Error("enough"));
  await assertRejects(() => first, Error, "enough");
  answer(new Response(null, { status: 404 }));
  assert((await second).ok);
});

Deno.test("download() with a signal that has fired asks nothing", async () => {
  const { client, sent } = scene(images(() => new Response("fish")));
  await assertRejects(
    () => client.download("https://a.example/1", { signal: AbortSignal.abort(new Error("no")) }),
    Error,
    "no",
  );
  assertEquals(sent, []);
});

Deno.test("standing() distinguishes a busy host from a ready one", async () => {
  const { client } = scene(images(silence), { pace: { interval: 0, concurrency: 1 } });
  assertEquals(client.standing?.("https://a.example/1"), "ready");
  const controller = new AbortController();
  const waiting = client.download("https://a.example/1", { signal: controller.signal });
  await Promise.resolve();
  assertEquals(client.standing?.("https://a.example/2"), "busy");
  controller.abort(new Error("enough"));
  await assertRejects(() => waiting, Error, "enough");
});

/** How six hosts fail, one after the other, and the outage that is reported. */
const TLS_FAILURES: readonly (readonly [string, readonly string[], RegExp])[] = [
  ["one cause: the clock", ["certificate not valid yet: x"], /any of 6 hosts .*Check the clock of/],
  ["one cause: the authority", ["UnknownIssuer"], /Check the certificate authority .*DENO_CERT/],
  ["several causes", ["UnknownIssuer", "certificate expired: x"], /^none$/],
  ["names that do not match", ['certificate not valid for name "x"'], /^none$/],
];

for (const [what, causes, says] of TLS_FAILURES) {
  Deno.test(`outage() when every host fails TLS for ${what}`, async () => {
    const { client, sent } = scene(({ url }) => {
      if (url.includes("good")) return new Response(null, { status: 404 });
      const cause = causes[sent.length % causes.length];
      throw new TypeError(`client error (Connect): invalid peer certificate: ${cause}`);
    });
    const download = (host: string) => client.download(`https://${host}.example/`, { signal });
    for (const host of ["a", "b", "c", "d", "e"]) await download(host);
    assertEquals(client.outage?.(), undefined);
    await download("f");
    assertMatch(client.outage?.() ?? "none", says);
    await download("good");
    assertEquals(client.outage?.(), undefined);
    await download("g");
    // Hosts have certificates that have ended or are their own; none has one of the future.
    const isSure = causes.some((cause) => cause.includes("not valid yet"));
    assertMatch(client.outage?.() ?? "none", isSure ? /to 7 of 8 hosts/ : /^none$/);
  });
}

Deno.test("outage() when most hosts' certificates are not valid yet, though old ones are", async () => {
  const { client } = scene(({ url }) => {
    if (url.includes("old")) return new Response("fish");
    throw new TypeError("client error (Connect): invalid peer certificate: NotValidYet");
  });
  const download = (host: string) => client.download(`https://${host}.example/`, { signal });
  for (const host of ["old1", "old2", "old3", "old4", "old5", "old6"]) await download(host);
  for (const host of ["a", "b", "c", "d", "e", "f"]) await download(host);
  assertEquals(client.outage?.(), undefined);
  await download("g");
  assertMatch(client.outage?.() ?? "none", /to 7 of 13 hosts .*Check the clock of this machine/);
});

Deno.test("page() asks a host that packs pages in several members once, from then on unpacked", async () => {
  const whole = "<html><body>fish</body></html>";
  const { client, sent } = scene(
    images(({ headers }) =>
      headers.get("accept-encoding") === "identity"
        ? new Response(whole)
        : new Response(whole.slice(0, 12), { headers: { "content-encoding": "gzip" } })
    ),
  );
  for (const path of ["1", "2"]) {
    const answer = await client.page(`https://a.example/${path}`, { signal });
    assertEquals(answer.ok && new TextDecoder().decode(answer.bytes), whole);
  }
  const asked = sent.map(({ url, headers }) => [
    new URL(url).pathname,
    headers.get("accept-encoding"),
  ]);
  assertEquals(asked, [
    ["/robots.txt", "identity"],
    ["/1", "gzip, br"],
    ["/1", "identity"],
    ["/2", "identity"],
  ]);
});

Deno.test("outage() says that too many files are open, and no host is blamed for it", async () => {
  let exhausted = true;
  const { client } = scene(images(() => {
    if (!exhausted) return new Response("fish");
    throw new TypeError(
      "client error (Connect): tcp open error: Too many open files (os error 24)",
    );
  }));
  for (let n = 0; n < 8; n++) {
    const answer = await client.download(`https://a.example/${n}`, { signal });
    assertEquals(answer.ok || answer.outcome, "refused");
  }
  assertMatch(client.outage?.() ?? "", /too many open files.*ulimit -n/);
  assertEquals(client.standing?.("https://a.example/"), "ready");
  exhausted = false;
  assert((await client.download("https://a.example/1", { signal })).ok);
  assertEquals(client.outage?.(), undefined);
});

Deno.test("download() reads the date of Retry-After by the server's clock", async () => {
  const headers = {
    "date": "Sun, 22 Nov 2099 12:00:00 GMT",
    "retry-after": "Sun, 22 Nov 2099 12:00:05 GMT",
  };
  const { client } = scene(images(() => new Response(null, { status: 503, headers })));
  const answer = await client.download("https://a.example/1", { signal });
  assertEquals(answer.ok || answer.retryAfter, 5000);
});
