/**
 * What all searches of one run share: the pace, consent, the robot check, and the decision to stop
 * when Google does not answer.
 *
 * Consent is refused, never given. The robot check is never bypassed: the stage stops, or waits
 * for a person at the browser's window.
 *
 * @module
 */

import { abortable } from "@std/async";
import { type Clock, systemClock } from "../../base/clock.ts";
import { Lanes } from "../../base/lanes.ts";
import { backOff } from "../../base/retry.ts";
import { PROJECT_URL } from "../../base/version.ts";
import { BrowserFault, type Deadline, type Tab } from "../../browser/browser.ts";
import { type Notice, StageStop } from "../source.ts";
import { holdsWithin, toTarget } from "./more.ts";

/** Time and chance, so that a test can control them. Times are in milliseconds. */
export interface PaceParts extends Pick<Clock, "now" | "sleep"> {
  /** From 0 up to, not including, 1. */
  random(): number;
  /** How long to wait for the first, the second … scroll in a row that brings nothing. */
  readonly patience: readonly number[];
  /** How long an answer to scrolling may take. */
  readonly answerWithin: number;
}

const REAL_PACE: PaceParts = {
  ...systemClock,
  random: Math.random,
  patience: [800, 1_200, 2_000],
  answerWithin: 30_000,
};

/** The wait after a throttling response, doubled each time, in milliseconds. */
const BACK_OFF = { first: 3_000, longest: 120_000 };

/**
 * Keeps time between searches, and slows all jobs down together when Google throttles.
 *
 * Searches start one delay apart, a quarter more or less by chance. A throttling response puts the
 * next search off by three seconds, the next one by six, and so on; a search that works resets that.
 * Responses that several jobs get during one wait count once.
 */
export class Pace {
  readonly #delay: number;
  readonly #parts: PaceParts;
  #nextAt = -Infinity;
  #calmAt = -Infinity;
  #throttled = 0;

  /** Paces searches, with so many milliseconds between two. */
  constructor(delayMs: number, parts: PaceParts = REAL_PACE) {
    this.#delay = delayMs;
    this.#parts = parts;
  }

  /** How long scrolling waits. */
  get scrolling(): Pick<PaceParts, "patience" | "answerWithin"> {
    return this.#parts;
  }

  /** Waits for the next search's turn, or until the signal fires. */
  async turn(signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      const now = this.#parts.now();
      const next = Math.max(this.#nextAt, this.#calmAt);
      if (now >= next) {
        this.#nextAt = now + this.#delay * (0.75 + 0.5 * this.#parts.random());
        return;
      }
      // Others wait for the same moment: whoever wakes first puts it off for the rest.
      await this.#parts.sleep(next - now, signal);
    }
  }

  /** Backs off after a throttling response; gives for how many milliseconds no search starts now. */
  backOff(): number {
    const now = this.#parts.now();
    if (now >= this.#calmAt) {
      this.#throttled += 1;
      // Without chance: all jobs wait for the same moment, and start one after the other.
      this.#calmAt = now + backOff(this.#throttled, () => 1, BACK_OFF);
    }
    return this.#calmAt - now;
  }

  /** Lets the next throttling response start small again, after a search that went well. */
  reset(): void {
    this.#throttled = 0;
  }
}

/** How many pages are kept for a bug report in one run. */
const MOST_KEPT_PAGES = 3;
/** The site counts as unreachable after this many failed jobs without a search that worked. */
const FAILED_IN_A_ROW = 3;
/** How long the page with the check may take to load, in milliseconds. */
const SHOW_WITHIN = 30_000;
/** The browser's waits need a limit; this one is repeated until the person has answered. */
const ONE_LOOK = 60_000;

/** What a run of the Google stage is made of. */
export interface RunParts {
  /** Spaces searches out. */
  readonly pace: Pace;
  /** Whether a person sees the browser's window. */
  readonly headed: boolean;
  /** How many species are searched for at once, for the advice of a stop. */
  readonly jobs: number;
  /** Keeps a page for a bug report and gives its path. */
  keepPage(name: string, text: string): Promise<string>;
  /** Hears what a person should read. */
  readonly notice: Notice;
}

/** One run of the Google stage, shared by all its jobs. */
export class GoogleRun {
  readonly #parts: RunParts;
  readonly #stage = new AbortController();
  readonly #firstSearch = new Lanes();
  #worked = 0;
  #failedInARow = 0;
  #keptPages = 0;
  #solving: Promise<void> | undefined;
  readonly pace: Pace;
  readonly notice: Notice;
  /** Fires when the stage stops, with the {@link StageStop} as its reason. */
  readonly ended = this.#stage.signal;

  constructor(parts: RunParts) {
    this.#parts = parts;
    this.pace = parts.pace;
    this.notice = parts.notice;
  }

  /** How many searches went well so far. */
  get worked(): number {
    return this.#worked;
  }

  /** Notes that a search went well. */
  searchWorked(): void {
    this.#worked += 1;
    this.#failedInARow = 0;
    this.pace.reset();
  }

  /**
   * Notes that a job failed because its searches could not be loaded. Where that happens to one job
   * after the other, or `refused` by the network from the start, the stage stops.
   */
  jobFailed(why: string, refused: boolean): void {
    this.#failedInARow += 1;
    if (this.#failedInARow < FAILED_IN_A_ROW && !(refused && this.#worked === 0)) return;
    this.stop(
      "unreachable",
      `Google cannot be reached, so the search for images was stopped: ${why}. Everything found so far is kept, and the next run goes on where this one stopped. Check the network, and HTTPS_PROXY if there is one, and run again.`,
    );
  }

  /** Stops the stage and every open job, by throwing the {@link StageStop} that stopped it first. */
  stop(why: string, message: string): never {
    this.#stage.abort(new StageStop(why, message));
    throw this.#stage.signal.reason;
  }

  /**
   * Does the first search of the run alone, so that consent is asked for and refused once and not
   * by every job; later searches run side by side.
   */
  async inTurn<T>(signal: AbortSignal, search: () => Promise<T>): Promise<T> {
    if (this.#solving !== undefined) await abortable(this.#solving, signal);
    if (this.#worked > 0) return await search();
    const leave = await this.#firstSearch.enter(signal);
    if (this.#worked > 0) leave();
    try {
      return await search();
    } finally {
      leave();
    }
  }

  /** Refuses consent in a tab; stops the stage where there is nothing to refuse with. */
  async refuseConsent(tab: Tab, deadline: Deadline): Promise<void> {
    const button = await tab.evaluate(FIND_REFUSAL, REFUSALS, toTarget, deadline);
    if (button === undefined) {
      this.stop(
        "consent",
        `Google asks for consent to cookies on a page without a button to refuse that we know, so the search for images was stopped; nothing was accepted. Everything found so far is kept. Run with --headed to see the page, and please report it at ${PROJECT_URL}/issues.`,
      );
    }
    await tab.evaluate(MARK, null, () => undefined, deadline);
    await tab.click(button.selector, button.index, deadline);
    await tab.until(ANSWERED, null, deadline);
    this.notice("Google asked for consent to cookies; it was refused.");
  }

  /** Stops the stage at a robot check, or waits until the person at the window has solved it. */
  async robotCheck(tab: Tab, signal: AbortSignal, where?: string): Promise<void> {
    if (!this.#parts.headed) this.#stopAtRobotCheck();
    if (this.#solving !== undefined) return await abortable(this.#solving, signal);
    const solved = Promise.withResolvers<void>();
    this.#solving = solved.promise;
    try {
      this.notice(
        "Google asks for proof that it is not searched by a robot. Please answer the check in the browser's window; the search goes on by itself afterwards. All searches wait until then. Ctrl+C ends the run; everything found so far is kept.",
      );
      if (where !== undefined) await tab.goto(where, { within: SHOW_WITHIN, signal });
      // As long as it takes.
      while (!await holdsWithin(tab, SOLVED, null, { within: ONE_LOOK, signal })) continue;
      this.notice("The check is answered; the search goes on.");
    } catch (thrown) {
      // The person closed the window instead.
      if (thrown instanceof BrowserFault) this.#stopAtRobotCheck();
      throw thrown;
    } finally {
      this.#solving = undefined;
      solved.resolve();
    }
  }

  #stopAtRobotCheck(): never {
    const { jobs } = this.#parts;
    const fewer = jobs > 1
      ? `with fewer searches at once (--jobs ${Math.max(1, Math.floor(jobs / 2))}) and`
      : "with";
    this.stop(
      "robot-check",
      "Google asks for proof that it is not searched by a robot, so the search for images was stopped. " +
        "Everything found so far is kept, and the next run goes on where this one stopped. " +
        `Come back in some hours; or go on ${fewer} more time between them (--google-delay 10); ` +
        "or run with --headed: then a window opens, you answer the check yourself, and the search goes on.",
    );
  }

  /** Keeps a page for a bug report; gives where it is, or nothing where enough are kept. */
  async keepPage(name: string, html: string): Promise<string | undefined> {
    if (this.#keptPages >= MOST_KEPT_PAGES) return undefined;
    this.#keptPages += 1;
    return await this.#parts.keepPage(name, html);
  }
}

/**
 * The buttons that refuse. The forms of consent.google.com (seen, 2026-09) carry `set_eom=true` when
 * they refuse and `false` when they accept, in any language; results pages asked with `#W0wltc` for
 * no and `#L2AGLb` for yes (reported).
 */
const REFUSALS = 'form:has(input[name="set_eom"][value="true"]) button, ' +
  'form:has(input[name="set_eom"][value="true"]) input[type="submit"], #W0wltc';
/** Finds a button that refuses, a visible one before others. */
const FIND_REFUSAL = `(selector) => {
  const buttons = [...document.querySelectorAll(selector)];
  const seen = buttons.findIndex((button) => button.getClientRects().length > 0);
  return buttons.length === 0 ? null : { selector, index: Math.max(0, seen) };
}`;
/** Marks the document that asks. */
const MARK = `() => {
  globalThis.asksForConsent = true;
}`;
/**
 * Whether nothing asks for consent any more, or another document asks again. A page of
 * consent.google.com that asks nothing is on its way to the search.
 */
const ANSWERED = `() => {
  if (document.readyState === "loading") return false;
  const asking = [...document.querySelectorAll(
    'form:has(input[name="set_eom"]), form[action*="consent.google."], #W0wltc',
  )].some((one) => one.getClientRects().length > 0);
  if (asking) return globalThis.asksForConsent !== true;
  return !location.hostname.startsWith("consent.");
}`;
/** Whether the tab has left the robot check; a page that is still loading has not. */
const SOLVED = `() => document.readyState !== "loading" &&
  !location.pathname.startsWith("/sorry/") &&
  document.querySelector('#captcha-form, form[action*="CaptchaRedirect"]') === null`;
