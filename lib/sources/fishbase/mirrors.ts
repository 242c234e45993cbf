/**
 * The mirrors: whose turn it is, how long to wait, whom to ask when one is down.
 *
 * A mirror is given one page to find at a time, whoever asks, and is left alone for the delay
 * between the end of one and the start of the next. When it has too much to do, everybody waits.
 *
 * @module
 */

import { abortable } from "@std/async";
import { backOff } from "../../base/retry.ts";
import type { Answer, Client } from "../../web/client.ts";
import type { Clock } from "../../base/clock.ts";
import { type Notice, StageStop } from "../source.ts";
import { mirrorHosts, onMirror } from "./addresses.ts";
import { judge } from "./answers.ts";
import type { Asking, Judged, Mirror, Trouble } from "./mirror.ts";
import type { MissingPage, PageAnswer } from "./page_answer.ts";

/** How often a page is asked for on a mirror that has too much to do. */
const MOST_ASKS = 5;
/** How often a page is asked for on a mirror that fails with it or does not answer. */
const FEW_ASKS = 2;
/** How many pages in a row have to fail until a mirror that has answered counts as down. */
const MOST_BROKEN = 3;
/** How long mirrors that were there are left alone once all are down, in milliseconds. */
const SECOND_CHANCE = 60_000;
/** The back-off's first and longest wait, in milliseconds. */
const BACK_OFF = { first: 5_000, longest: 120_000 } as const;
/** The longest wait that a server may ask for before it counts as down, in milliseconds. */
const LONGEST_REST = 600_000;
/** The longest `Crawl-delay` that is kept to; `Crawl-delay: 10` is told. In milliseconds. */
const LONGEST_CRAWL_DELAY = 120_000;
/** How many of a mirror's images are fetched at once. */
const IMAGES_AT_ONCE = 2;

/** What the mirrors work with. */
export interface MirrorsParts {
  /** The way out. */
  readonly client: Client;
  /** The time. */
  readonly clock: Clock;
  /** From 0 up to, not including, 1. */
  readonly random: () => number;
  /** The mirrors, in the order they are asked. */
  readonly mirrors: readonly string[];
  /** The least time between two pages of a mirror, in milliseconds. */
  readonly delay: number;
  /** Told what a person should hear. */
  readonly notice: Notice;
  /** Fetches a page through the browser. */
  readonly renderPage?: ((url: string, signal: AbortSignal) => Promise<Answer>) | undefined;
}

/** The mirrors of one run. */
export class Mirrors {
  readonly #parts: MirrorsParts;
  readonly #mirrors: readonly Mirror[];
  /** The hosts that belong to the mirrors. */
  readonly hosts: ReadonlySet<string>;
  /** The mirror that gave the last page. */
  #latest: Mirror | undefined;
  #secondChance: Promise<void> | undefined;

  /**
   * Asks nobody yet.
   *
   * @param parts What they work with.
   */
  constructor(parts: MirrorsParts) {
    this.#parts = parts;
    this.hosts = mirrorHosts(parts.mirrors);
    this.#mirrors = parts.mirrors.map((host) => ({
      host,
      turn: Promise.resolve(),
      next: -Infinity,
      answered: false,
      broken: 0,
      turnedAway: false,
      chanceTaken: false,
    }));
    for (const { host } of this.#mirrors) {
      parts.client.pace(host, { concurrency: IMAGES_AT_ONCE });
    }
  }

  /** The mirror that is asked now: the one that gave the last page, else the first not down. */
  get current(): string {
    if (this.#latest !== undefined && this.#latest.down === undefined) return this.#latest.host;
    return (this.#mirrors.find(({ down }) => down === undefined) ?? this.#mirrors[0])?.host ?? "";
  }

  /**
   * Asks for a page, on the next mirror where one is down.
   *
   * @param path Path and query.
   * @param signal Ends it.
   * @param plain Whether the page is data that no browser shows as it is.
   * @throws {StageStop} When all mirrors are down or turn us away.
   */
  async ask(path: string, signal: AbortSignal, plain = false): Promise<PageAnswer> {
    let broken: MissingPage | undefined;
    for (const mirror of this.#mirrors) {
      if (mirror.down !== undefined) continue;
      const verdict = await this.#inTurn(
        mirror,
        signal,
        () => this.#insist(mirror, { path, signal, plain, suspect: broken !== undefined }),
      );
      if (verdict === undefined) continue;
      const reason = "reason" in verdict ? `${mirror.host}: ${verdict.reason}` : "";
      if (verdict.kind === "page") return verdict.page;
      if (verdict.kind === "gone" || verdict.kind === "not-allowed") {
        const gone = verdict.kind === "gone";
        return { ok: false, gone, reason, ...(!gone && { forbidden: true as const }) };
      }
      // A page that fails on two mirrors that are there fails on all of them.
      const there = mirror.down === undefined && verdict.kind !== "down";
      if (there && broken !== undefined) return broken;
      if (mirror.down === undefined) broken ??= { ok: false, gone: false, reason };
    }
    if (broken !== undefined) return broken;
    if (!await this.#await(signal)) throw this.#allDown();
    return await this.ask(path, signal, plain);
  }

  /** Waits for mirrors that have answered in this run: what was there a while ago may come back. */
  async #await(signal: AbortSignal): Promise<boolean> {
    const { clock, notice } = this.#parts;
    if (this.#secondChance === undefined) {
      const gone = this.#mirrors.filter(({ answered, chanceTaken, down, turnedAway }) =>
        answered && !chanceTaken && down !== undefined && !turnedAway
      );
      if (gone.length === 0) return false;
      const hosts = gone.map(({ host }) => host).join(", ");
      notice(`No mirror answers any more: ${hosts} is asked again in ${seconds(SECOND_CHANCE)}.`);
      this.#secondChance = clock.sleep(SECOND_CHANCE, signal).then(() => {
        for (const mirror of gone) {
          delete mirror.down;
          mirror.broken = 0;
          mirror.chanceTaken = true;
        }
      }).finally(() => this.#secondChance = undefined);
    }
    await abortable(this.#secondChance, signal);
    return true;
  }

  /** One page at a time, with the delay between; nothing when the mirror went down meanwhile. */
  async #inTurn<T>(
    mirror: Mirror,
    signal: AbortSignal,
    work: () => Promise<T>,
  ): Promise<T | undefined> {
    const { clock } = this.#parts;
    const before = mirror.turn;
    const { promise: mine, resolve: pass } = Promise.withResolvers<void>();
    mirror.turn = before.then(() => mine);
    try {
      await abortable(before, signal);
      if (mirror.down !== undefined) return undefined;
      return await work();
    } finally {
      mirror.next = Math.max(mirror.next, clock.now() + (mirror.delay ?? this.#parts.delay));
      pass();
    }
  }

  /** Asks for a page as often as it makes sense. The mirror is this job's alone meanwhile. */
  async #insist(mirror: Mirror, asking: Asking): Promise<Judged> {
    const { signal } = asking;
    let first: Trouble | undefined;
    for (let asks = 1;; asks++) {
      const judged = await this.#once(mirror, asking);
      if (judged.kind === "page" || judged.kind === "gone") {
        mirror.answered = true;
        mirror.broken = 0;
        mirror.chanceTaken = false;
        this.#latest = mirror;
        return judged;
      }
      if (judged.kind === "not-allowed") return judged;
      if (judged.kind === "turned-away") return this.#giveUp(mirror, judged, asking);
      // What has failed elsewhere is asked for once.
      const few = asking.suspect ? 1 : FEW_ASKS;
      const most = judged.kind === "overloaded" ? MOST_ASKS : few;
      const asked = judged.kind === "overloaded" ? judged.wait : 0;
      // The client sets hosts aside that fail: what went wrong first says more.
      const { reason } = first?.kind === judged.kind ? first : judged;
      if (asks >= most || asked > LONGEST_REST) {
        return this.#giveUp(mirror, { ...judged, reason }, asking);
      }
      first ??= judged;
      await this.#rest(mirror, judged, asks, signal);
    }
  }

  /** Decides whether it is the page's fault or the mirror's. */
  #giveUp(mirror: Mirror, judged: Trouble, { plain, suspect }: Asking): Judged {
    mirror.broken++;
    const { kind } = judged;
    const some = kind === "broken" || (kind === "turned-away" && !judged.challenge) ||
      kind === "down";
    // The page has failed elsewhere, or others have come from here.
    const few = mirror.broken < MOST_BROKEN;
    const page = suspect ? kind !== "down" || few : mirror.answered && few;
    const data = plain && kind === "turned-away";
    if (!(some && page) && !data) this.#setDown(mirror, judged);
    return judged;
  }

  /** Waits, and everybody with us: the turn is kept, and images wait too. */
  async #rest(
    mirror: Mirror,
    judged: Trouble,
    asks: number,
    signal: AbortSignal,
  ): Promise<void> {
    const { client, clock, notice, random } = this.#parts;
    const asked = judged.kind === "overloaded" ? judged.wait : 0;
    const jitter = backOff(asks, random, BACK_OFF);
    const wait = Math.max(asked, jitter, mirror.delay ?? this.#parts.delay);
    if (judged.kind === "overloaded" && asks === 1) {
      notice(`${mirror.host} has too much to do (${judged.reason}): all wait ${seconds(wait)}.`);
    }
    client.pace(mirror.host, { concurrency: 0 });
    try {
      await clock.sleep(wait, signal);
    } finally {
      client.pace(mirror.host, { concurrency: IMAGES_AT_ONCE });
    }
  }

  async #once(mirror: Mirror, { path, plain, signal }: Asking): Promise<Judged> {
    const { client, clock, renderPage } = this.#parts;
    const url = onMirror(mirror.host, path);
    if (mirror.delay === undefined) mirror.delay = await this.#delayOf(url, signal);
    const wait = mirror.next - clock.now();
    if (wait > 0) await clock.sleep(wait, signal);
    const rendered = renderPage !== undefined && !plain;
    try {
      if (rendered) {
        const { allowed, reason = "robots.txt" } = await client.robots(url, signal);
        if (!allowed) return { kind: "not-allowed", reason };
      }
      const answer = rendered
        ? await renderPage(url, signal)
        : await client.page(url, { signal, hosts: this.hosts, tries: 1 });
      const verdict = judge(answer);
      if (verdict.kind !== "page" || !answer.ok) return verdict.kind === "page" ? DOWN : verdict;
      const { text } = verdict;
      const page = { ok: true, mirror: mirror.host, url: answer.url, text, bytes: answer.bytes };
      return { kind: "page", page: { ...page, ok: true } };
    } finally {
      mirror.next = clock.now() + mirror.delay;
    }
  }

  async #delayOf(url: string, signal: AbortSignal): Promise<number> {
    const { client, delay, notice } = this.#parts;
    const { crawlDelay = 0 } = await client.robots(url, signal);
    const kept = Math.min(crawlDelay, LONGEST_CRAWL_DELAY);
    if (kept > delay) {
      notice(`${new URL(url).host} asks for ${seconds(kept)} between two pages: kept to.`);
    }
    return Math.max(delay, kept);
  }

  #setDown(mirror: Mirror, { kind, reason }: Trouble): void {
    mirror.down = reason;
    mirror.turnedAway = kind === "turned-away";
    const next = this.#mirrors.find(({ down }) => down === undefined);
    const what = mirror.turnedAway
      ? `turns us away (${reason})${this.#renderHint()}`
      : kind === "overloaded"
      ? `has too much to do (${reason})`
      : `is down (${reason})`;
    const then = next === undefined
      ? "there is no further mirror"
      : `${next.host} is asked instead`;
    this.#parts.notice(`${mirror.host} ${what}: ${then}.`);
  }

  #renderHint(): string {
    return this.#parts.renderPage === undefined ? "; --render reads pages through the browser" : "";
  }

  #allDown(): StageStop {
    const reasons = this.#mirrors.map(({ host, down }) => `${host}: ${down ?? "not asked"}`);
    const turnedAway = this.#mirrors.some((mirror) => mirror.turnedAway);
    const advice = turnedAway && this.#parts.renderPage === undefined
      ? "Plain requests are turned away: run again with --render, which reads the pages through the browser."
      : "Everything found so far is kept; run again later.";
    const told = `No mirror of FishBase can be asked (${reasons.join("; ")}). ${advice}`;
    return new StageStop(turnedAway ? "turned-away" : "unreachable", told);
  }
}

const DOWN: Trouble = { kind: "down", reason: "no answer" };

function seconds(milliseconds: number): string {
  return `${Math.round(milliseconds / 100) / 10} s`;
}
