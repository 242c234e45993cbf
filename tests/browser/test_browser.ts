/** The browser that tests use: the one that the program itself finds, or fetches. */

import { findBrowser } from "../../lib/browser/find_browser.ts";
import { fetchBrowser } from "../../lib/browser/fetch_browser.ts";

/** Its program, fetched without a question. */
export async function testBrowser(): Promise<string> {
  return Deno.env.get("CHROME_PATH") || await findBrowser() || await fetchBrowser({
    cache: ".cache",
    notice: (text) => console.error(text),
    signal: new AbortController().signal,
  });
}
