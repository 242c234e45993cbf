/**
 * Whether the scraper behaved: read from the demo world's own log of requests.
 *
 * @module
 */

import { FISHBASE, GOOGLE } from "./hosts.ts";
import type { LoggedRequest } from "./world.ts";

/** How many requests to one photo host may be under way at once. */
const AT_ONCE = 2;
/**
 * How much earlier than the delay a request may arrive, in milliseconds: it was sent in time, and
 * the one before it was late on its way.
 */
const JITTER = 60;

/**
 * Checks that FishBase was asked for one page at a time with the delay kept between, and no host
 * for more than two things at once.
 *
 * @param requests The world's log.
 * @param crawlDelay The delay between pages, in milliseconds.
 * @returns What was not as it must be, one sentence each.
 */
export function checkManners(requests: readonly LoggedRequest[], crawlDelay: number): string[] {
  const differences: string[] = [];
  const byHost = Map.groupBy(
    requests.filter(({ method }) => method !== "CONNECT"),
    ({ host }) => host,
  );
  const mirrors: readonly string[] = FISHBASE;
  for (const [host, all] of byHost) {
    if (host.includes("google") || host.endsWith(".gstatic.com") || host === GOOGLE) continue;
    const most = greatestOverlap(all.filter(({ answered }) => answered > 0));
    const allowed = mirrors.includes(host) ? AT_ONCE + 1 : AT_ONCE;
    if (most > allowed) differences.push(`${host}: ${most} requests at once, ${allowed} at most`);
    if (!mirrors.includes(host)) continue;
    const pages = all.filter(({ path }) => isPage(path));
    if (greatestOverlap(pages) > 1) differences.push(`${host}: two pages at once`);
    for (const [index, page] of pages.entries()) {
      const before = pages[index - 1];
      const between = before === undefined ? Infinity : page.time - before.time;
      if (between < crawlDelay - JITTER) {
        differences.push(
          `${host}: ${page.path} came ${Math.round(between)} ms after the page before`,
        );
      }
    }
  }
  return differences;
}

function isPage(path: string): boolean {
  return !/^\/(?:robots\.txt|images\/|tools\/(?:uploadphoto\/uploads\/|display_image))/i.test(path);
}

function greatestOverlap(requests: readonly LoggedRequest[]): number {
  const changes = requests.flatMap(({ time, answered }): [number, number][] => [[time, 1], [
    answered,
    -1,
  ]]).sort(([a, x], [b, y]) => a - b || x - y);
  let now = 0;
  let most = 0;
  for (const [, change] of changes) {
    now += change;
    most = Math.max(most, now);
  }
  return most;
}
