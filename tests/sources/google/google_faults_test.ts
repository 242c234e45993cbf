// What goes wrong with tabs and browsers while Google is searched.

import { assertEquals, assertStringIncludes } from "@std/assert";
import { BrowserFault, type Tab } from "../../../lib/browser/browser.ts";
import { fish, take, testSource } from "./run_google.ts";

/** A tab that does nothing, but for what is said. */
function fakeTab(parts: Partial<Tab>): Tab {
  return {
    goto: (url) => Promise.resolve({ url, status: 200 }),
    url: () => Promise.resolve("about:blank"),
    html: () => Promise.resolve(""),
    evaluate: (_source, _argument, read) => Promise.resolve(read({})),
    until: () => Promise.resolve(),
    scrollToEnd: () => Promise.resolve(),
    click: () => Promise.resolve(),
    onResponse: () => undefined,
    loading: 0,
    dead: false,
    close: () => Promise.resolve(),
    ...parts,
  };
}

Deno.test("candidates() tries a page whose script does not end once more, and says so", async () => {
  let tabs = 0;
  const hung = fakeTab({
    goto: () => Promise.reject(new BrowserFault("hung", "a script of the page did not end")),
  });
  const tab = () => {
    tabs += 1;
    return Promise.resolve(hung);
  };
  await using test = testSource({ keeper: { tab, close: () => Promise.resolve() } });
  const { end } = await take(test.source, fish("Betta splendens"));
  assertEquals([end?.why, tabs], ["failed", 2]);
  assertStringIncludes(end !== undefined && "reason" in end ? end.reason : "", "did not end");
});
