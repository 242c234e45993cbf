import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { BrowserFault, type Tab } from "../../../lib/browser/browser.ts";
import { pageRenderer } from "../../../lib/sources/fishbase/render_page.ts";

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

const { signal } = new AbortController();

Deno.test("pageRenderer() gives the document as the client would", async () => {
  const opened = tab(() => 200);
  const answer = await pageRenderer({ tab: () => Promise.resolve(opened) })(URL_ASKED, signal);
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
    const answer = await pageRenderer({ tab: () => Promise.resolve(opened) })(URL_ASKED, signal);
    assert(!answer.ok);
    assertEquals([answer.outcome, answer.status], [outcome, status]);
  }
});

Deno.test("pageRenderer() makes an outcome of a browser's fault and closes the tab", async () => {
  const opened = tab(() => {
    throw new BrowserFault("timeout", "the page took too long");
  });
  const answer = await pageRenderer({ tab: () => Promise.resolve(opened) })(URL_ASKED, signal);
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
