/**
 * robots.txt by RFC 9309: reading one, and what is known of each site, asked for once a run.
 *
 * The package `robots-parser` (3.0.1) was tried in its place: 6 of the 42 cases of the tests come out
 * wrong (groups split by other lines, escapes, rules without a slash), and a file made for it blocks
 * for 13.7 s, where this takes 31 ms (2026-11).
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import type { Answer, NotReceived } from "./client.ts";
import { Deadline, orAborted, seconds, TimedOut } from "./deadline.ts";
import { PRODUCT_TOKEN } from "./headers.ts";

/** The most of a robots.txt that is read, in bytes (RFC 9309, 2.5: at least 500 KiB). */
export const ROBOTS_MOST = 500 * 1024;

/** Longer lines are skipped: cut off, a rule would mean something else. */
const LONGEST_LINE = 16_384;

interface Rule {
  readonly allow: boolean;
  /** As it was written. */
  readonly text: string;
  /** The literal pieces between the asterisks. */
  readonly pieces: readonly string[];
  /** Whether the last piece has to end the path. */
  readonly anchored: boolean;
  /** How specific it is. */
  readonly length: number;
}

interface Group {
  readonly rules: Rule[];
  crawlDelay: number | undefined;
}

/** What a robots.txt says to one robot. */
export interface Robots {
  /** How long to wait between two requests, in milliseconds, where it is said. */
  readonly crawlDelay: number | undefined;
  /**
   * The rule that forbids a URL, as it is written; nothing when the URL is allowed. The longest rule
   * that matches decides, and of two of the same length the one that allows.
   */
  forbids(url: URL): string | undefined;
}

/**
 * Reads a robots.txt. Whatever it is, it can be read: lines that make no sense are skipped.
 *
 * The groups that name the robot are taken together; where there are none, those for `*` are.
 *
 * @param text The file.
 * @param token The robot's product token, in any case.
 *
 * @example
 * ```ts
 * const robots = parseRobots("User-agent: *\nDisallow: /private", "Aquaset");
 * robots.forbids(new URL("https://a.example/private/1.jpg")); // "Disallow: /private"
 * ```
 */
export function parseRobots(text: string, token: string): Robots {
  const own: Group = { rules: [], crawlDelay: undefined };
  const others: Group = { rules: [], crawlDelay: undefined };
  let named = false;
  let current: Group[] = [];
  let naming = false;
  for (const line of text.replace(/^\ufeff/, "").split(/\r\n?|\n/)) {
    if (line.length > LONGEST_LINE) continue;
    const colon = line.indexOf(":");
    const key = line.slice(0, Math.max(0, colon)).trim();
    const value = line.slice(colon + 1).replace(/#.*/s, "").trim();
    switch (key.toLowerCase()) {
      case "user-agent": {
        // Only a rule ends the list of robots that a group is for, not other lines.
        if (!naming) current = [];
        naming = true;
        const agent = /^[a-z_-]+/i.exec(value)?.[0].toLowerCase();
        if (agent === token.toLowerCase()) {
          named = true;
          current.push(own);
        } else if (value === "*") current.push(others);
        break;
      }
      case "allow":
      case "disallow": {
        naming = false;
        const rule = readRule(key.toLowerCase() === "allow", value);
        if (rule !== undefined) { for (const group of new Set(current)) group.rules.push(rule); }
        break;
      }
      case "crawl-delay":
        if (/^\d+(?:\.\d+)?$/.test(value)) {
          for (const group of current) group.crawlDelay = Number(value) * 1000;
        }
    }
  }
  const { rules, crawlDelay } = named ? own : others;
  return { crawlDelay, forbids: (url) => forbidding(rules, url) };
}

function forbidding(rules: readonly Rule[], url: URL): string | undefined {
  if (url.pathname === "/robots.txt") return undefined;
  const path = normalise(url.pathname + url.search);
  let best: Rule | undefined;
  for (const rule of rules) {
    if (best !== undefined && rule.length < best.length) continue;
    if (best !== undefined && rule.length === best.length && (best.allow || !rule.allow)) continue;
    if (matches(rule, path)) best = rule;
  }
  return best === undefined || best.allow ? undefined : `Disallow: ${best.text.slice(0, 200)}`;
}

function readRule(allow: boolean, text: string): Rule | undefined {
  // A rule without a path says nothing; a missing slash at the start is added.
  if (text === "") return undefined;
  const anchored = text.endsWith("$");
  const pattern = normalise(anchored ? text.slice(0, -1) : text);
  const rooted = pattern.startsWith("/") || pattern.startsWith("*") ? pattern : `/${pattern}`;
  return { allow, text, pieces: rooted.split(/\*+/), anchored, length: pattern.length };
}

/**
 * Whether a rule matches: each piece is looked for after the one before it, the first at the start.
 * Takes the length of the path times that of the rule at most, whatever a stranger has written.
 */
function matches({ pieces, anchored }: Rule, path: string): boolean {
  const [first = "", ...rest] = pieces;
  if (!path.startsWith(first)) return false;
  let at = first.length;
  const last = anchored ? rest.pop() : undefined;
  for (const piece of rest) {
    const found = path.indexOf(piece, at);
    if (found === -1) return false;
    at = found + piece.length;
  }
  if (!anchored) return true;
  if (last === undefined) return at === path.length;
  return path.length - last.length >= at && path.endsWith(last);
}

/** Paths that mean the same, in one spelling (RFC 9309, 2.2.2). */
function normalise(path: string): string {
  return path
    .toWellFormed()
    .replace(/[^\x21-\x7e]+/g, (text) => encodeURIComponent(text))
    .replace(/%([0-9a-f]{2})/gi, (escape, hex: string) => {
      const character = String.fromCharCode(parseInt(hex, 16));
      return /[A-Za-z0-9\-._~]/.test(character) ? character : escape.toUpperCase();
    });
}

/** A robots.txt is good for a day (RFC 9309, 2.4), in milliseconds. */
const GOOD_FOR = 86_400_000;

/** The most sites that are remembered, so that a long run stays small. */
const MOST_REMEMBERED = 2000;

/** What is known of a site's robots.txt: its rules, or why there are none to go by for now. */
export type RobotsKnown =
  | { readonly ok: true; readonly robots: Robots }
  | { readonly ok: false; readonly failure: NotReceived };

interface Entry {
  readonly known: Promise<RobotsKnown>;
  readonly controller: AbortController;
  readonly at: number;
  waiting: number;
  settled: boolean;
}

const EVERYTHING: RobotsKnown = { ok: true, robots: parseRobots("", PRODUCT_TOKEN) };

/** Asks for each site's robots.txt once, however many wait for it. */
export class RobotsCache {
  readonly #ask: (url: string, signal: AbortSignal) => Promise<Answer>;
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();

  /**
   * @param ask Asks for a robots.txt, redirects and retries included.
   * @param clock The time.
   */
  constructor(ask: (url: string, signal: AbortSignal) => Promise<Answer>, clock: Clock) {
    this.#ask = ask;
    this.#clock = clock;
  }

  /** Whether a site's robots.txt is being asked for now. */
  isAsking(url: URL): boolean {
    return this.#entries.get(url.origin)?.settled === false;
  }

  /**
   * What a site's robots.txt says.
   *
   * @param url Any URL of the site.
   * @param signal Ends the waiting; the request itself too when nobody is left waiting.
   * @param patience How long to wait, in milliseconds, counted from when it was asked for; as long as
   * it takes unless given. The request goes on, for those who come later.
   */
  async get(url: URL, signal: AbortSignal, patience?: number): Promise<RobotsKnown> {
    signal.throwIfAborted();
    let entry = this.#entries.get(url.origin);
    if (entry === undefined || (entry.settled && this.#clock.now() - entry.at > GOOD_FOR)) {
      entry = this.#begin(url.origin);
    }
    if (entry.settled) return entry.known;
    entry.waiting++;
    const late = new Deadline(signal);
    try {
      if (patience !== undefined) {
        const message = `host set aside: no robots.txt for ${seconds(patience)} so far`;
        late.set("patience", Math.max(0, patience - (this.#clock.now() - entry.at)), message);
      }
      return await orAborted(entry.known, late.signal);
    } catch (thrown) {
      signal.throwIfAborted();
      if (!(thrown instanceof TimedOut)) throw thrown;
      const timeout = { outcome: "timeout", detail: thrown.message, setAside: true } as const;
      return { ok: false, failure: { ok: false, url: url.href, ...timeout } };
    } finally {
      late.end();
      entry.waiting--;
      if (signal.aborted && entry.waiting === 0 && !entry.settled) {
        if (this.#entries.get(url.origin) === entry) this.#entries.delete(url.origin);
        entry.controller.abort(signal.reason);
      }
    }
  }

  /** Ends what is still being asked for. */
  close(): void {
    for (const { settled, controller } of this.#entries.values()) {
      if (!settled) controller.abort(new DOMException("The client is closed.", "AbortError"));
    }
  }

  #begin(origin: string): Entry {
    const controller = new AbortController();
    const known = this.#read(`${origin}/robots.txt`, controller.signal);
    const at = this.#clock.now();
    const entry: Entry = { known, controller, at, waiting: 0, settled: false };
    this.#entries.delete(origin);
    this.#entries.set(origin, entry);
    const oldest = this.#entries.entries().next();
    if (this.#entries.size > MOST_REMEMBERED && !oldest.done && oldest.value[1].settled) {
      this.#entries.delete(oldest.value[0]);
    }
    const forget = (): void => {
      entry.settled = true;
      if (this.#entries.get(origin) === entry) this.#entries.delete(origin);
    };
    // The next caller asks again for what failed; the breaker keeps that from happening often.
    known.then((result) => result.ok ? entry.settled = true : forget(), forget);
    return entry;
  }

  async #read(url: string, signal: AbortSignal): Promise<RobotsKnown> {
    const answer = await this.#ask(url, signal);
    if (answer.ok) {
      const text = new TextDecoder().decode(answer.bytes);
      return { ok: true, robots: parseRobots(text, PRODUCT_TOKEN) };
    }
    return isUnavailable(answer, url) ? EVERYTHING : { ok: false, failure: answer };
  }
}

/**
 * Whether there is plainly no robots.txt, which allows everything (RFC 9309, 2.3.1.3): any 4xx, more
 * redirects than are followed, a redirect to where nobody goes. Status 429 is not among these: it
 * asks for less, not for everything.
 */
function isUnavailable(answer: NotReceived, asked: string): boolean {
  // A bad URL is that of a redirect: the one that was asked for is the site's own.
  if (answer.outcome === "redirect-loop" || answer.outcome === "bad-url") return true;
  if (answer.outcome === "forbidden-address") return answer.url !== asked;
  return answer.status !== undefined && answer.status >= 400 && answer.status < 500 &&
    answer.status !== 429;
}
