/**
 * Pages through the browser, for sites that turn plain requests away.
 *
 * @module
 */

import { classifyStatus } from "../../web/classify.ts";
import type { Answer, NotReceived } from "../../web/client.ts";
import { type Arrival, BrowserFault, type Deadline, type Tab } from "../../browser/browser.ts";
import type { BrowserKeeper } from "../../browser/keeper.ts";

/** How long a page may take, its scripts' checks included, in milliseconds. */
const WITHIN = 45_000;

/** A challenge reloads the page once it is passed: until then the document says so. */
const PAST_CHALLENGE = `() => document.readyState !== "loading" &&
  document.querySelector("#challenge-running, #challenge-form, #cf-challenge-running") === null &&
  !/^(just a moment|checking your browser)/i.test(document.title)`;

/**
 * A function that fetches a page through a browser and answers as the client would.
 */
export function pageRenderer(
  keeper: Pick<BrowserKeeper, "tab">,
): (url: string, signal: AbortSignal) => Promise<Answer> {
  return async (url, signal) => {
    const deadline: Deadline = { within: WITHIN, signal };
    const tab = await keeper.tab(deadline);
    try {
      return await render(tab, url, deadline);
    } catch (thrown) {
      signal.throwIfAborted();
      if (thrown instanceof BrowserFault) return failed(url, thrown);
      throw thrown;
    } finally {
      await tab.close();
    }
  };
}

async function render(tab: Tab, url: string, deadline: Deadline): Promise<Answer> {
  const arrival = await tab.goto(url, deadline);
  await tab.until(PAST_CHALLENGE, null, deadline);
  const bytes = new TextEncoder().encode(await tab.html(deadline));
  const { status } = arrival;
  if (status >= 400) return refused(arrival, bytes);
  return {
    ok: true,
    url: await tab.url(),
    status: 200,
    headers: new Headers({ "content-type": "text/html; charset=utf-8" }),
    bytes,
    notes: ["through the browser"],
  };
}

function refused({ url, status }: Arrival, bytes: Uint8Array<ArrayBuffer>): NotReceived {
  return {
    ok: false,
    outcome: classifyStatus(status),
    detail: `HTTP ${status} through the browser`,
    url,
    status,
    bytes: bytes.slice(0, 65_536),
  };
}

function failed(url: string, fault: BrowserFault): NotReceived {
  return {
    ok: false,
    outcome: fault.kind === "timeout" || fault.kind === "hung" ? "timeout" : "refused",
    detail: `browser: ${fault.message}`,
    url,
  };
}
