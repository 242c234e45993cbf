import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { BrowserFault, type Tab } from "../../../lib/browser/browser.ts";
import type { Answer } from "../../../lib/web/client.ts";
import { FISHBASE_MIRRORS } from "../../../lib/sources/fishbase/addresses.ts";
import { judge, Mirrors, pageRenderer } from "../../../lib/sources/fishbase/mirrors.ts";
import { StageStop } from "../../../lib/sources/source.ts";
import { FAILED, FakeSite, GONE, type Page, REFUSED, UNKNOWN } from "./fake_site.ts";

const HOSTS = ["www.fishbase.se", "www.fishbase.org", "www.fishbase.us"];
const SIGNAL = new AbortController().signal;

function open(site: FakeSite): { readonly mirrors: Mirrors; readonly notices: string[] } {
  const notices: string[] = [];
  const mirrors = new Mirrors({
    client: site,
    clock: site.clock,
    random: () => 0.5,
    mirrors: HOSTS,
    delay: 2000,
    notice: (text) => notices.push(text),
  });
  return { mirrors, notices };
}

Deno.test("FISHBASE_MIRRORS are hosts and nothing else", () => {
  for (const host of FISHBASE_MIRRORS) assertEquals(new URL(`https://${host}/`).host, host);
});

Deno.test("ask() keeps the delay and never asks for two pages at once, whoever asks", async () => {
  for (const [crawlDelay, least] of [[undefined, 2000], [10_000, 10_000], [500, 2000]] as const) {
    const site = new FakeSite({ "/a": UNKNOWN });
    site.crawlDelay = crawlDelay;
    const { mirrors } = open(site);
    await Promise.all(Array.from({ length: 8 }, () => mirrors.ask("/a", SIGNAL)));
    assertEquals([site.mostAtOnce, site.log.length], [1, 8]);
    for (const [index, { begin }] of site.log.entries()) {
      const before = site.log[index - 1];
      if (before !== undefined) assert(begin - before.end >= least, `${begin - before.end} ms`);
    }
  }
});

Deno.test("ask() goes to the next mirror when one is down, once, and says so once", async () => {
  const site = new FakeSite({ "/a": UNKNOWN }, { "www.fishbase.se": REFUSED });
  const { mirrors, notices } = open(site);
  await Promise.all([1, 2, 3].map(() => mirrors.ask("/a", SIGNAL)));
  assertEquals(mirrors.current, "www.fishbase.org");
  assertEquals(site.log.filter(({ host }) => host === "www.fishbase.se").length, 2);
  assertEquals(notices, [
    "www.fishbase.se is down (connection refused): www.fishbase.org is asked instead.",
  ]);
});

Deno.test("ask() stops the stage when no mirror answers, each asked twice", async () => {
  const down = Object.fromEntries(HOSTS.map((host, at) => [host, at === 1 ? FAILED : REFUSED]));
  const site = new FakeSite({}, down);
  const stop = await assertRejects(() => open(site).mirrors.ask("/a", SIGNAL), StageStop);
  assertEquals(stop.why, "unreachable");
  for (const host of HOSTS) {
    assertStringIncludes(stop.message, host);
    assertEquals(site.log.filter((asked) => asked.host === host).length, 2);
  }
});

Deno.test("ask() keeps a mirror that has answered when one page alone fails", async () => {
  const timeout: Page = { outcome: "timeout", detail: "no byte for 15 s" };
  const cut: Page = { outcome: "truncated", detail: "cut" };
  for (const fault of [FAILED, timeout, cut, REFUSED]) {
    const { mirrors, notices } = open(new FakeSite({ "/a": UNKNOWN, "/b": fault }));
    await mirrors.ask("/a", SIGNAL);
    const page = await mirrors.ask("/b", SIGNAL);
    assertEquals([page.ok, !page.ok && page.why, notices], [false, "failed", []]);
    assertEquals(mirrors.current, "www.fishbase.se");
  }
});

Deno.test("ask() gives up a mirror that has answered when page after page fails", async () => {
  const hosts: Record<string, Page | undefined> = {};
  const site = new FakeSite({ "/a": UNKNOWN }, hosts);
  const { mirrors, notices } = open(site);
  await mirrors.ask("/a", SIGNAL);
  hosts["www.fishbase.se"] = FAILED;
  const pages = [];
  for (let time = 0; time < 3; time++) pages.push((await mirrors.ask("/a", SIGNAL)).ok);
  assertEquals(pages, [false, false, true]);
  assertStringIncludes(notices[0] ?? "", "www.fishbase.org is asked instead");
});

Deno.test("ask() makes everybody wait out an overload, and goes on", async () => {
  const busy: Page = {
    outcome: "server-error",
    detail: "HTTP 503",
    status: 503,
    retryAfter: 40_000,
  };
  const site = new FakeSite({
    "/a": ["<br /><b>Warning</b>: mysqli_connect(): Too many connections", busy, UNKNOWN],
    "/b": UNKNOWN,
  });
  const { mirrors, notices } = open(site);
  const pages = await Promise.all(["/a", "/b"].map((path) => mirrors.ask(path, SIGNAL)));
  assertEquals(pages.map(({ ok }) => ok), [true, true]);
  assertEquals(site.log.map(({ path }) => path), ["/a", "/a", "/a", "/b"]);
  const [first, second, third] = site.log;
  assert((second?.begin ?? 0) - (first?.end ?? 0) >= 2000, "at least the delay");
  assert((third?.begin ?? 0) - (second?.end ?? 0) >= 40_000, "Retry-After");
  assertEquals(notices.length, 1);
  assertStringIncludes(notices[0] ?? "", "Too many connections");
});

Deno.test("ask() goes to another mirror when an overload does not end", async () => {
  const site = new FakeSite({ "/a": UNKNOWN }, {
    "www.fishbase.se": "<b>Too many connections</b>",
  });
  const { mirrors, notices } = open(site);
  assert((await mirrors.ask("/a", SIGNAL)).ok);
  assertEquals(site.log.filter(({ host }) => host === "www.fishbase.se").length, 5);
  assertStringIncludes(notices.join(" "), "www.fishbase.org is asked instead");
});

Deno.test("ask() tells what is gone from what robots.txt forbids", async () => {
  const robots: Page = { outcome: "opted-out", detail: "robots.txt: Disallow: /b" };
  const { mirrors } = open(new FakeSite({ "/a": GONE, "/b": robots }));
  for (const [path, why] of [["/a", "gone"], ["/b", "forbidden"]] as const) {
    const page = await mirrors.ask(path, SIGNAL);
    assertEquals(!page.ok && page.why, why);
  }
});

const URL_OF_ALL = "https://www.fishbase.se/photos/ThumbnailsSummary.php?ID=7";
const FRAME = `<html><body><a href='/summary/SpeciesSummary.php?id=7'>x</a>${
  "<p>FishBase ".repeat(900)
}`;
const PHOTO = "<td><img src='../images/species/Bedem_u0.jpg'></td>";
const END = "</body></html>";

function received(text: string): Answer {
  const bytes = new TextEncoder().encode(text);
  return { ok: true, url: URL_OF_ALL, status: 200, headers: new Headers(), bytes, notes: [] };
}

function refused(text: string, status: number): Answer {
  const bytes = new TextEncoder().encode(text);
  const outcome = status === 403 ? "forbidden" : "server-error";
  return { ok: false, url: URL_OF_ALL, outcome, detail: `HTTP ${status}`, status, bytes };
}

Deno.test("judge() tells pages from challenges, overloads and pages that break off", () => {
  const cloudflare = `<title>Just a moment...</title><script>window._cf_chl_opt={cvId:'3',
cUPMDTk:"\\/photos\\/ThumbnailsSummary.php?ID=7&__cf_chl_tk=x"};</script>`;
  const overload = "<br /><b>Warning</b>: mysqli_connect(): Too many connections in x.php";
  const maintenance = "<title>FishBase</title><p>The site is down for scheduled maintenance.";
  const cases: [Answer, string][] = [
    [received(cloudflare), "turned-away"],
    [refused(cloudflare, 403), "turned-away"],
    [received("<h1>Verifying you are human</h1><div class='cf-turnstile'></div>"), "turned-away"],
    [refused("no", 403), "turned-away"],
    // The site's own pages carry a script of the same guard.
    [received(`${FRAME}<script src='/cdn-cgi/cf_chl/main.js'></script>${PHOTO}${END}`), "page"],
    [received(`${FRAME}${overload}`), "overloaded"],
    [received(`${FRAME}${PHOTO}${overload}${END}`), "overloaded"],
    [received(`${overload}${FRAME}${PHOTO}${END}`), "page"],
    [received(`${overload}${FRAME}No photo available.${END}`), "page"],
    [refused(overload, 500), "overloaded"],
    [refused("oops", 500), "failed"],
    [received(maintenance), "overloaded"],
    [received(`${FRAME}<p>Under maintenance on Sunday.${PHOTO}${END}`), "page"],
    [received(`${FRAME}${PHOTO}<td><img src='../images/spe`), "failed"],
    [received(`${FRAME}${PHOTO}`), "page"],
    [received(`${FRAME}${PHOTO}${END}<!-- served by 3 `), "page"],
  ];
  for (const [index, [answer, kind]] of cases.entries()) {
    assertEquals(judge(answer).kind, kind, `case ${index}`);
  }
});

const URL_ASKED = "https://www.fishbase.se/summary/Betta-splendens.html";

/** A tab that arrives with a status, or fails, and counts how often it was closed. */
function tab(arrive: () => number): Tab & { closed: number } {
  return {
    closed: 0,
    dead: false,
    loading: 0,
    goto: () => Promise.resolve().then(() => ({ url: URL_ASKED, status: arrive() })),
    url: () => Promise.resolve(`${URL_ASKED}?lang=en`),
    html: () => Promise.resolve("<p>Bettà"),
    until: () => Promise.resolve(),
    evaluate: () => Promise.reject(new TypeError("not asked for")),
    scrollToEnd: () => Promise.resolve(),
    click: () => Promise.resolve(),
    onResponse: () => undefined,
    close() {
      this.closed++;
      return Promise.resolve();
    },
  };
}

Deno.test("pageRenderer() gives the document as the client would", async () => {
  const opened = tab(() => 200);
  const answer = await pageRenderer({ tab: () => Promise.resolve(opened) })(URL_ASKED, SIGNAL);
  assert(answer.ok);
  assertEquals(answer.url, `${URL_ASKED}?lang=en`);
  assertEquals(new TextDecoder().decode(answer.bytes), "<p>Bettà");
  assertStringIncludes(answer.headers.get("content-type") ?? "", "utf-8");
  assertEquals(opened.closed, 1);
});

Deno.test("pageRenderer() tells error statuses apart", async () => {
  const cases: [number, string][] = [
    [404, "gone"],
    [403, "forbidden"],
    [429, "rate-limited"],
    [503, "server-error"],
    [418, "client-error"],
  ];
  for (const [status, outcome] of cases) {
    const opened = tab(() => status);
    const answer = await pageRenderer({ tab: () => Promise.resolve(opened) })(URL_ASKED, SIGNAL);
    assert(!answer.ok);
    assertEquals([answer.outcome, answer.status], [outcome, status]);
  }
});

Deno.test("pageRenderer() makes an outcome of a browser's fault and closes the tab", async () => {
  const opened = tab(() => {
    throw new BrowserFault("timeout", "the page took too long");
  });
  const answer = await pageRenderer({ tab: () => Promise.resolve(opened) })(URL_ASKED, SIGNAL);
  assert(!answer.ok);
  assertEquals(answer.outcome, "timeout");
  assertEquals(opened.closed, 1);
});

Deno.test("pageRenderer() rejects with the signal's reason", async () => {
  const stop = new AbortController();
  const opened = tab(() => {
    stop.abort(new RangeError("enough"));
    throw new BrowserFault("tab-dead", "closed");
  });
  await assertRejects(
    () => pageRenderer({ tab: () => Promise.resolve(opened) })(URL_ASKED, stop.signal),
    RangeError,
    "enough",
  );
});
