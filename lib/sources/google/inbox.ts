/**
 * What answers scrolling: the data of a tab's responses, as they arrive.
 *
 * @module
 */

import type { Tab, TabResponse } from "../../browser/browser.ts";
import { isGoogleHost } from "./addresses.ts";
import { findResults, type Found } from "./embedded.ts";

/** The data of responses, as they arrive in a tab. */
export class Inbox {
  #batches: Found[][] = [];
  #reading: Promise<void> = Promise.resolve();
  #arrived = Promise.withResolvers<void>();
  #open = false;
  #check: string | undefined;
  #page: TabResponse | undefined;

  /** Starts to listen to a tab. */
  constructor(tab: Tab) {
    tab.onResponse((response) => this.#hear(response));
  }

  /** Ends when the next response with results is in. */
  get next(): Promise<void> {
    return this.#arrived.promise;
  }

  /**
   * Whether what arrives is of interest. It is shut at first: pages are read in the browser, and
   * what an opened panel loads is of its related strip.
   */
  set open(open: boolean) {
    this.#open = open;
    this.#check = undefined;
  }

  /** Whether nothing arrived since it was emptied. */
  get empty(): boolean {
    return this.#batches.length === 0;
  }

  /**
   * The markup of a page as it came, before its scripts changed it.
   *
   * @param url Where the page is.
   * @returns The markup; empty where it is not at hand.
   */
  async pageText(url: string): Promise<string> {
    const page = this.#page;
    return page === undefined || page.url !== url.replace(/#.*/, "") ? "" : await bodyOf(page);
  }

  /** Where a robot check is that came in place of an answer to scrolling. */
  get check(): string | undefined {
    return this.#check;
  }

  /** Takes out what arrived, one list a response. */
  async take(): Promise<Found[][]> {
    await this.#reading;
    this.#arrived = Promise.withResolvers<void>();
    return this.#batches.splice(0);
  }

  #hear(response: TabResponse): void {
    if (response.type === "text/html") this.#page = response;
    if (!this.#open) return;
    if (isRobotCheck(response)) {
      this.#check = response.url;
      this.#arrived.resolve();
    }
    if (!isWorthReading(response)) return;
    // One after the other, in the order in which they arrived.
    this.#reading = Promise.all([this.#reading, bodyOf(response)]).then(([, text]) => {
      const found = findResults(text);
      if (found.length === 0) return;
      this.#batches.push(found);
      this.#arrived.resolve();
    });
  }
}

function isRobotCheck({ url }: TabResponse): boolean {
  const { hostname, pathname } = URL.parse(url) ?? { hostname: "", pathname: "" };
  return isGoogleHost(hostname) && pathname.startsWith("/sorry/");
}

function isWorthReading({ url, status, type }: TabResponse): boolean {
  const host = URL.parse(url)?.hostname ?? "";
  return status >= 200 && status < 300 && isGoogleHost(host) &&
    !/^(?:image|font|video|audio)\/|css/.test(type);
}

async function bodyOf(response: TabResponse): Promise<string> {
  try {
    return await response.text();
  } catch (thrown) {
    // The browser has let go of it, or the tab is gone, which whoever uses the tab hears too.
    if (thrown instanceof Error) return "";
    throw thrown;
  }
}
