/**
 * What all searches of one run share: the pace, the stop, the person at the window, kept pages.
 *
 * @module
 */

import { abortable } from "@std/async";
import { BrowserFault, type Deadline, type Tab } from "../../browser/browser.ts";
import { type Notice, StageStop } from "../source.ts";
import { refuseConsent } from "./consent.ts";
import type { Pace } from "./pace.ts";
import { robotCheckStop, SOLVE_BY_HAND, waitUntilSolved } from "./robot_check.ts";
import { withoutPrivateParts } from "./save_page.ts";

/** At most so many pages are kept for a bug report in one run. */
const MOST_KEPT_PAGES = 3;

/** After so many failed jobs with no search between them that worked, the site is unreachable. */
const FAILED_IN_A_ROW = 3;

/** How long the page with the check may take to load, in milliseconds. */
const SHOW_WITHIN = 30_000;

/** What a run of the Google stage is made of. */
export interface RunParts {
  /** The clock of the searches. */
  readonly pace: Pace;
  /** Whether a person sees the browser's window. */
  readonly headed: boolean;
  /** How many species are searched for at once, for the words of a stop. */
  readonly jobs: number;
  /** Keeps a page and gives where it is. */
  keepPage(name: string, text: string): Promise<string>;
  /** Tells a person something. */
  readonly notice: Notice;
}

/** One run of the Google stage, shared by all its jobs. */
export class GoogleRun {
  /** The clock of the searches. */
  readonly pace: Pace;
  readonly #parts: RunParts;
  readonly #stage = new AbortController();
  readonly #firstSearch = new Queue();
  readonly #consent = new Queue();
  #refusals = 0;
  #worked = 0;
  #failedInARow = 0;
  #keptPages = 0;
  #solving: Promise<void> | undefined;

  /** Starts a run. */
  constructor(parts: RunParts) {
    this.#parts = parts;
    this.pace = parts.pace;
  }

  /** Fires, with a {@link StageStop} as its reason, when the stage stops. */
  get ended(): AbortSignal {
    return this.#stage.signal;
  }

  /** How many searches went well so far. */
  get worked(): number {
    return this.#worked;
  }

  /** A search went well. */
  searchWorked(): void {
    this.#worked += 1;
    this.#failedInARow = 0;
    this.pace.allWell();
  }

  /**
   * A job failed because its searches could not be loaded. Where that is so for one job after the
   * other, or from the start, the site cannot be reached and the stage stops.
   *
   * @param why What went wrong at last.
   * @param refused Whether the network said no, rather than nothing.
   * @throws {StageStop} When the site cannot be reached.
   */
  jobFailed(why: string, refused: boolean): void {
    this.#failedInARow += 1;
    if (this.#failedInARow < FAILED_IN_A_ROW && !(refused && this.#worked === 0)) return;
    this.stop(
      new StageStop(
        "unreachable",
        `Google cannot be reached, so the search for images was stopped: ${why}. Everything found so far is kept, and the next run goes on where this one stopped. Check the network, and HTTPS_PROXY if there is one, and run again.`,
      ),
    );
  }

  /**
   * Stops the stage: every open job ends with this.
   *
   * @throws {StageStop} Always: the one that stopped the stage first.
   */
  stop(stop: StageStop): never {
    this.#stage.abort(stop);
    throw this.#stage.signal.reason;
  }

  /**
   * Does the first search of the run alone, so that a question for consent is asked, and answered,
   * once and not by every job; later searches run side by side.
   *
   * @param signal Ends the wait.
   * @param search The search.
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

  /** How often consent was refused so far. */
  get refusals(): number {
    return this.#refusals;
  }

  /**
   * Refuses consent, unless another job has done so since this tab's page was asked for.
   *
   * @param tab The tab with the question.
   * @param before {@link refusals} when the page was asked for.
   * @param deadline When to give up.
   * @throws {StageStop} When there is nothing to refuse with: accepting is not ours to do.
   */
  async refuse(tab: Tab, before: number, deadline: Deadline): Promise<void> {
    const leave = await this.#consent.enter(deadline.signal);
    try {
      if (this.#refusals > before) return;
      if (!await refuseConsent(tab, deadline)) {
        this.stop(
          new StageStop(
            "consent",
            "Google asks for consent to cookies on a page that has no button to refuse as we know it, so the search for images was stopped; nothing was accepted. Everything found so far is kept. Run with --headed to see the page, and please report it.",
          ),
        );
      }
      this.#refusals += 1;
      this.#parts.notice("Google asked for consent to cookies; it was refused.");
    } finally {
      leave();
    }
  }

  /**
   * Meets the robot check: stops the stage, or waits until the person at the window has solved it.
   *
   * @param tab The tab with the check.
   * @param signal Ends the wait.
   * @param where The check's address, where the tab does not show it: a script was answered with it.
   * @throws {StageStop} When nobody is there to solve it.
   */
  async robotCheck(tab: Tab, signal: AbortSignal, where?: string): Promise<void> {
    const { headed, jobs, notice } = this.#parts;
    if (!headed) this.stop(robotCheckStop(jobs));
    if (this.#solving !== undefined) return await abortable(this.#solving, signal);
    const solved = Promise.withResolvers<void>();
    this.#solving = solved.promise;
    try {
      notice(SOLVE_BY_HAND);
      if (where !== undefined) await tab.goto(where, { within: SHOW_WITHIN, signal });
      await waitUntilSolved(tab, signal);
      notice("The check is answered; the search goes on.");
    } catch (thrown) {
      // The person closed the window instead.
      if (thrown instanceof BrowserFault) this.stop(robotCheckStop(jobs));
      throw thrown;
    } finally {
      this.#solving = undefined;
      solved.resolve();
    }
  }

  /** Tells a person something. */
  notice(text: string): void {
    this.#parts.notice(text);
  }

  /**
   * Keeps a page for a bug report, without private parts; only the first few of a run.
   *
   * @param name The file's name.
   * @param html The page.
   * @returns Where it is, or nothing where enough are kept.
   */
  async keepPage(name: string, html: string): Promise<string | undefined> {
    if (this.#keptPages >= MOST_KEPT_PAGES) return undefined;
    this.#keptPages += 1;
    return await this.#parts.keepPage(name, withoutPrivateParts(html));
  }
}

/** Lets one in at a time. */
class Queue {
  #last: Promise<void> = Promise.resolve();

  /**
   * Waits until everyone before has left.
   *
   * @returns How to leave; leaving twice does no harm.
   */
  async enter(signal: AbortSignal): Promise<() => void> {
    const before = this.#last;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#last = before.then(() => promise);
    try {
      await abortable(before, signal);
    } catch (thrown) {
      resolve();
      throw thrown;
    }
    return resolve;
  }
}
