/**
 * Asking the mirrors for pages: one page at a time whoever asks, a delay between two, a wait when
 * the site is overloaded, the next mirror when one is down; through the browser where the site turns
 * plain requests away.
 *
 * @module
 */

import type { Clock } from "../../base/clock.ts";
import { Lanes } from "../../base/lanes.ts";
import { backOff } from "../../base/retry.ts";
import { BrowserFault, type Deadline } from "../../browser/browser.ts";
import type { BrowserKeeper } from "../../browser/keeper.ts";
import { classifyStatus } from "../../web/classify.ts";
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
  | { readonly kind: "gone"; readonly reason: string }
  | { readonly kind: "forbidden"; readonly reason: string }
  | Trouble;

/** Why a page may be asked for again, here or elsewhere. */
interface Trouble {
  /**
   * `overloaded`: the server is. `turned-away`: it lets browsers in only. `failed`: it cannot be
   * reached, or fails with this page.
   */
  readonly kind: "overloaded" | "turned-away" | "failed";
  readonly reason: string;
  /** What the server asks for, in milliseconds. */
  readonly wait?: number;
}

interface Mirror {
  readonly host: string;
  /** The least time between two pages, once robots.txt has been read, in milliseconds. */
  delay?: number;
  answered: boolean;
  /** How many pages in a row have failed. */
  failures: number;
  /** Why it is not asked any more in this run. */
  down?: Trouble;
}

/** The mirrors of one run. */
export class Mirrors {
  readonly #parts: MirrorsParts;
  readonly #mirrors: readonly Mirror[];
  readonly #hosts: ReadonlySet<string>;
  readonly #queue = new Lanes();
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
      if (verdict.kind === "page" || verdict.kind === "gone") {
        mirror.answered = true;
        mirror.failures = 0;
      }
      if (verdict.kind === "page") return verdict.page;
      if (verdict.kind === "gone" || verdict.kind === "forbidden") {
        return { ok: false, why: verdict.kind, reason: `${mirror.host}: ${verdict.reason}` };
      }
      // The client sets failing hosts aside: what went wrong first says more.
      first ??= verdict.reason;
      const { kind, wait: asked = 0 } = verdict;
      const most = kind === "overloaded" ? OVERLOAD_TRIES : TRIES;
      if (kind === "turned-away" || tries >= most || asked > LONGEST_WAIT) {
        return this.#giveUp(mirror, { kind, reason: first });
      }
      const { notice, random } = this.#parts;
      const wait = Math.max(asked, backOff(tries, random, BACK_OFF));
      if (kind === "overloaded" && tries === 1) {
        notice(`${mirror.host} is overloaded (${first}): waiting ${seconds(wait)}.`);
      }
      await this.#rest(mirror, wait, signal);
    }
  }

  /** Decides whether the page failed or the mirror: one that has answered may fail with a few pages. */
  #giveUp(mirror: Mirror, trouble: Trouble): Page | undefined {
    const { kind, reason } = trouble;
    mirror.failures++;
    if (kind === "failed" && mirror.answered && mirror.failures < MOST_FAILURES) {
      return { ok: false, why: "failed", reason: `${mirror.host}: ${reason}` };
    }
    mirror.down = trouble;
    const { notice, renderPage } = this.#parts;
    const hint = renderPage === undefined ? "; --render reads pages through the browser" : "";
    const what = {
      "turned-away": `turns us away (${reason})${hint}`,
      "overloaded": `is overloaded (${reason})`,
      "failed": `is down (${reason})`,
    }[kind];
    const next = this.#mirrors.find(({ down }) => down === undefined);
    const then = next === undefined
      ? "there is no further mirror"
      : `${next.host} is asked instead`;
    notice(`${mirror.host} ${what}: ${then}.`);
    return undefined;
  }

  /** Waits while holding the turn, so that all requests wait, images included. */
  async #rest({ host }: Mirror, wait: number, signal: AbortSignal): Promise<void> {
    const { client, clock } = this.#parts;
    client.pace(host, { concurrency: 0 });
    try {
      await clock.sleep(wait, signal);
    } finally {
      client.pace(host, { concurrency: IMAGES_AT_ONCE });
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
    const reasons = this.#mirrors.map(({ host, down }) => `${host}: ${down?.reason}`);
    const turnedAway = this.#mirrors.some(({ down }) => down?.kind === "turned-away");
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
    if (cut) return { kind: "failed", reason: "the page breaks off in the middle" };
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
  return { kind: "failed", reason };
}

function seconds(milliseconds: number): string {
  return `${Math.round(milliseconds / 100) / 10} s`;
}

/** How long a page may take in the browser, its scripts' checks included, in milliseconds. */
const RENDER_WITHIN = 45_000;
/** A challenge reloads the page once it is passed: until then the document says so. */
const PAST_CHALLENGE = `() => document.readyState !== "loading" &&
  document.querySelector("#challenge-running, #challenge-form, #cf-challenge-running") === null &&
  !/^(just a moment|checking your browser)/i.test(document.title)`;

/** A function that fetches a page through a browser and answers as the client would. */
export function pageRenderer(
  keeper: Pick<BrowserKeeper, "tab">,
): (url: string, signal: AbortSignal) => Promise<Answer> {
  return async (url, signal) => {
    const deadline: Deadline = { within: RENDER_WITHIN, signal };
    const tab = await keeper.tab(deadline);
    try {
      const { status } = await tab.goto(url, deadline);
      await tab.until(PAST_CHALLENGE, null, deadline);
      const page = {
        url: await tab.url(),
        status,
        bytes: new TextEncoder().encode(await tab.html(deadline)),
      };
      if (status >= 400) {
        const detail = `HTTP ${status} through the browser`;
        return { ...page, ok: false, outcome: classifyStatus(status), detail };
      }
      const headers = new Headers({ "content-type": "text/html; charset=utf-8" });
      return { ...page, ok: true, headers, notes: ["through the browser"] };
    } catch (thrown) {
      signal.throwIfAborted();
      if (!(thrown instanceof BrowserFault)) throw thrown;
      const isLate = thrown.kind === "timeout" || thrown.kind === "hung";
      const detail = `browser: ${thrown.message}`;
      return { ok: false, outcome: isLate ? "timeout" : "refused", detail, url };
    } finally {
      await tab.close();
    }
  };
}
