/**
 * Asking the mirrors for pages: one page at a time whoever asks, a delay between two, a wait when
 * the site is overloaded, the next mirror when one is down.
 *
 * @module
 */

import type { Clock } from "../../base/clock.ts";
import { Queue } from "../../base/queue.ts";
import { backOff } from "../../base/retry.ts";
import type { Answer, Client } from "../../web/client.ts";
import { decodeHtml } from "../../web/html.ts";
import { type Notice, StageStop } from "../source.ts";
import { mirrorHosts, onMirror } from "./addresses.ts";

/** How often a page is asked for on an overloaded mirror, and on one that fails or is silent. */
const OVERLOAD_TRIES = 5;
const TRIES = 2;
/** How many pages in a row may fail until a mirror that has answered counts as down. */
const MOST_FAILURES = 3;
/** The waits while a mirror is overloaded, in milliseconds. */
const BACK_OFF = { first: 5_000, longest: 120_000 };
/** The longest `Retry-After` that is waited for, and the longest `Crawl-delay`, in milliseconds. */
const LONGEST_WAIT = 600_000;
const LONGEST_CRAWL_DELAY = 120_000;
/** How many of a mirror's images are fetched at once. */
const IMAGES_AT_ONCE = 2;

export interface MirrorsParts {
  readonly client: Client;
  readonly clock: Clock;
  /** From 0 up to, not including, 1. */
  readonly random: () => number;
  /** Host names, in the order they are asked. */
  readonly mirrors: readonly string[];
  /** The least time between two pages, in milliseconds. */
  readonly delay: number;
  readonly notice: Notice;
  readonly renderPage?: ((url: string, signal: AbortSignal) => Promise<Answer>) | undefined;
}

export interface ReceivedPage {
  readonly ok: true;
  /** The URL that answered. */
  readonly url: string;
  readonly text: string;
  readonly bytes: Uint8Array;
}

/** A page of a mirror, or why there is none. */
export type Page =
  | ReceivedPage
  | {
    readonly ok: false;
    /** `gone`: no such page. `forbidden`: by robots.txt. `failed`: worth trying again. */
    readonly why: "gone" | "forbidden" | "failed";
    readonly reason: string;
  };

/** What an answer says of the page and of the mirror. */
export type Verdict =
  | { readonly kind: "page"; readonly page: ReceivedPage }
  | { readonly kind: "gone" | "forbidden"; readonly reason: string }
  /** The server is overloaded; `wait` is what it asks for, in milliseconds. */
  | { readonly kind: "overloaded"; readonly reason: string; readonly wait: number }
  /** The server failed with this page. */
  | { readonly kind: "broken"; readonly reason: string }
  /** The server lets browsers in only. */
  | { readonly kind: "turned-away"; readonly reason: string }
  /** The server cannot be reached. */
  | { readonly kind: "down"; readonly reason: string };

interface Mirror {
  readonly host: string;
  /** The least time between two pages, once robots.txt has been read, in milliseconds. */
  delay?: number;
  answered: boolean;
  /** How many pages in a row have failed. */
  failures: number;
  /** Why it is not asked any more in this run. */
  down?: string;
  turnedAway?: boolean;
}

/** The mirrors of one run. */
export class Mirrors {
  readonly #parts: MirrorsParts;
  readonly #mirrors: readonly Mirror[];
  readonly #hosts: ReadonlySet<string>;
  readonly #queue = new Queue();
  /** When the next page may be asked for, by the clock. */
  #next = -Infinity;

  constructor(parts: MirrorsParts) {
    this.#parts = parts;
    this.#hosts = mirrorHosts(parts.mirrors);
    this.#mirrors = parts.mirrors.map((host) => ({ host, answered: false, failures: 0 }));
    for (const host of parts.mirrors) parts.client.pace(host, { concurrency: IMAGES_AT_ONCE });
  }

  /** The mirror in use: the first that is not down. */
  get current(): string {
    return (this.#mirrors.find(({ down }) => down === undefined) ?? this.#mirrors[0])?.host ?? "";
  }

  /**
   * Asks for a page when it is its turn.
   *
   * @throws {StageStop} When no mirror can be asked any more.
   */
  async ask(path: string, signal: AbortSignal): Promise<Page> {
    const leave = await this.#queue.enter(signal);
    try {
      return await this.#askAny(path, signal);
    } finally {
      leave();
    }
  }

  async #askAny(path: string, signal: AbortSignal): Promise<Page> {
    for (const mirror of this.#mirrors) {
      if (mirror.down !== undefined) continue;
      const page = await this.#askOne(mirror, path, signal);
      if (page !== undefined) return page;
    }
    throw this.#stop();
  }

  /** Asks one mirror as often as it makes sense; `undefined` when that shows that it is down. */
  async #askOne(mirror: Mirror, path: string, signal: AbortSignal): Promise<Page | undefined> {
    const url = onMirror(mirror.host, path);
    let first: string | undefined;
    for (let tries = 1;; tries++) {
      const verdict = await this.#once(mirror, url, signal);
      switch (verdict.kind) {
        case "page":
        case "gone":
          mirror.answered = true;
          mirror.failures = 0;
          if (verdict.kind === "page") return verdict.page;
          return { ok: false, why: "gone", reason: `${mirror.host}: ${verdict.reason}` };
        case "forbidden":
          return { ok: false, why: "forbidden", reason: `${mirror.host}: ${verdict.reason}` };
      }
      // The client sets failing hosts aside: what went wrong first says more.
      first ??= verdict.reason;
      const wait = verdict.kind === "overloaded" ? verdict.wait : 0;
      const most = verdict.kind === "overloaded" ? OVERLOAD_TRIES : TRIES;
      if (verdict.kind === "turned-away" || tries >= most || wait > LONGEST_WAIT) {
        return this.#giveUp(mirror, verdict.kind, first);
      }
      await this.#rest(mirror, verdict.kind, first, wait, tries, signal);
    }
  }

  /** Decides whether the page failed or the mirror: one that has answered may fail with a few pages. */
  #giveUp(mirror: Mirror, kind: Verdict["kind"], reason: string): Page | undefined {
    mirror.failures++;
    const pageFailed = (kind === "broken" || kind === "down") && mirror.answered &&
      mirror.failures < MOST_FAILURES;
    if (pageFailed) return { ok: false, why: "failed", reason: `${mirror.host}: ${reason}` };
    mirror.down = reason;
    mirror.turnedAway = kind === "turned-away";
    const next = this.#mirrors.find(({ down }) => down === undefined);
    const hint = this.#parts.renderPage === undefined
      ? "; --render reads pages through the browser"
      : "";
    const what = mirror.turnedAway
      ? `turns us away (${reason})${hint}`
      : kind === "overloaded"
      ? `is overloaded (${reason})`
      : `is down (${reason})`;
    const then = next === undefined
      ? "there is no further mirror"
      : `${next.host} is asked instead`;
    this.#parts.notice(`${mirror.host} ${what}: ${then}.`);
    return undefined;
  }

  /** Waits while holding the turn, so that all requests wait, images included. */
  async #rest(
    mirror: Mirror,
    kind: Verdict["kind"],
    reason: string,
    asked: number,
    tries: number,
    signal: AbortSignal,
  ): Promise<void> {
    const { client, clock, notice, random } = this.#parts;
    const wait = Math.max(asked, backOff(tries, random, BACK_OFF));
    if (kind === "overloaded" && tries === 1) {
      notice(`${mirror.host} is overloaded (${reason}): waiting ${seconds(wait)}.`);
    }
    client.pace(mirror.host, { concurrency: 0 });
    try {
      await clock.sleep(wait, signal);
    } finally {
      client.pace(mirror.host, { concurrency: IMAGES_AT_ONCE });
    }
  }

  async #once(mirror: Mirror, url: string, signal: AbortSignal): Promise<Verdict> {
    const { client, clock, renderPage } = this.#parts;
    mirror.delay ??= await this.#delayOf(url, signal);
    const wait = this.#next - clock.now();
    if (wait > 0) await clock.sleep(wait, signal);
    try {
      if (renderPage !== undefined) {
        const { allowed, reason = "robots.txt" } = await client.robots(url, signal);
        if (!allowed) return { kind: "forbidden", reason };
      }
      return judge(
        renderPage === undefined
          ? await client.page(url, { signal, hosts: this.#hosts, tries: 1 })
          : await renderPage(url, signal),
      );
    } finally {
      this.#next = clock.now() + mirror.delay;
    }
  }

  async #delayOf(url: string, signal: AbortSignal): Promise<number> {
    const { client, delay, notice } = this.#parts;
    const { crawlDelay = 0 } = await client.robots(url, signal);
    const kept = Math.min(crawlDelay, LONGEST_CRAWL_DELAY);
    if (kept > delay) {
      notice(`${new URL(url).host} asks for ${seconds(kept)} between two pages, which is kept.`);
    }
    return Math.max(delay, kept);
  }

  #stop(): StageStop {
    const reasons = this.#mirrors.map(({ host, down }) => `${host}: ${down ?? "not asked"}`);
    const turnedAway = this.#mirrors.some((mirror) => mirror.turnedAway);
    const advice = turnedAway && this.#parts.renderPage === undefined
      ? "Plain requests are turned away: run again with --render, which reads the pages through the browser."
      : "Everything found so far is kept; run again later.";
    return new StageStop(
      turnedAway ? "turned-away" : "unreachable",
      `No mirror of FishBase can be asked (${reasons.join("; ")}). ${advice}`,
    );
  }
}

/** What FishBase's database says when there are too many visitors (reported), and its relatives. */
const OVERLOAD =
  /too many connections|max_user_connections|max_connections|mysql server has gone away|error establishing a database connection|\b(?:under|undergoing|down for) (?:\w+ )?maintenance\b|\btemporarily unavailable\b|\bservice unavailable\b/i;
/** Pages that admit only browsers: the site is behind Cloudflare (guess). */
const CHALLENGE =
  /just a moment\.\.\.|cf[-_]chl|cf-turnstile|checking your browser|enable javascript and cookies|h-?captcha|g-recaptcha|verifying you are human/i;
/** In pages of the site itself only; a challenge may repeat the requested address. */
const OWN = /<a\b[^>]*(?:species|thumbnails|collaborator|pictures)summary\.php|id=["']?ss-/i;
/** What is looked for on a page. */
const CONTENT =
  /\/images\/(?:species|thumbnails)\/|\/uploads\/|id=["']?ss-sciname|\bno (?:image|photo|picture)|species name is not in/i;
/** Outcomes that concern one page: other pages of the server may work. */
const PAGE_FAULTS: ReadonlySet<string> = new Set([
  "client-error",
  "too-large",
  "truncated",
  "redirect-loop",
  "bad-url",
]);

/** What an answer says of the page and of the mirror, before the page is read. */
export function judge(answer: Answer): Verdict {
  const type = answer.ok ? answer.headers.get("content-type") : undefined;
  const text = answer.bytes === undefined ? "" : decodeHtml(answer.bytes, type);
  const detail = answer.ok ? "" : `, ${answer.detail}`;
  if (CHALLENGE.test(text) && !OWN.test(text)) {
    return { kind: "turned-away", reason: `a JavaScript challenge${detail}` };
  }
  // The message may stand in a normal page in place of its content.
  const overload = OVERLOAD.exec(text);
  const wait = answer.ok ? 0 : answer.retryAfter ?? 0;
  if (overload !== null && !CONTENT.test(text.slice(overload.index))) {
    return { kind: "overloaded", reason: overload[0] + detail, wait };
  }
  if (answer.ok) {
    const cut = /<[a-z/!][^<>]*$/i.test(text.slice(-20_000)) && !/<\/(?:body|html)\s*>/i.test(text);
    if (cut) return { kind: "broken", reason: "the page breaks off in the middle" };
    return { kind: "page", page: { ok: true, url: answer.url, text, bytes: answer.bytes } };
  }
  const { outcome, detail: reason, retryAfter, setAside, status } = answer;
  if (outcome === "opted-out") return { kind: "forbidden", reason };
  const resting = status === 503 || retryAfter !== undefined || setAside === true;
  if (outcome === "rate-limited" || (outcome === "server-error" && resting)) {
    return { kind: "overloaded", reason, wait };
  }
  if (outcome === "forbidden") return { kind: "turned-away", reason };
  if (outcome === "gone" && status !== undefined) return { kind: "gone", reason };
  if (outcome === "server-error" || PAGE_FAULTS.has(outcome)) return { kind: "broken", reason };
  return { kind: "down", reason };
}

function seconds(milliseconds: number): string {
  return `${Math.round(milliseconds / 100) / 10} s`;
}
