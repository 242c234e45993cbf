/**
 * Going to a search and reading what came, through consent, robot check and soft signs.
 *
 * @module
 */

import { BrowserFault, type Deadline, type Tab } from "../../browser/browser.ts";
import { StageStop } from "../source.ts";
import { queryOf, searchAddress } from "./addresses.ts";
import type { Found } from "./embedded.ts";
import type { Inbox } from "./inbox.ts";
import { kindOfPage, type PageKind } from "./kind_of_page.ts";
import { type PageReading, READ_PAGE } from "./page.ts";
import { toPageReading } from "./reading.ts";
import { findInPage, findInScripts, isAbout } from "./results.ts";
import type { GoogleRun } from "./run.ts";

/** How long a page may take to load, in milliseconds. */
const LOAD_WITHIN = 30_000;
/** How long a look at a loaded page may take. */
export const LOOK_WITHIN = 15_000;
/** How long a page without results may take to get some by its scripts. */
const SCRIPTS_WITHIN = 3_000;
/** How often soft signs are met with patience by one search. */
const PATIENCE = 3;
/** How often one search is asked for anew because of consent or a solved check. */
const MOST_DETOURS = 5;

/** A page of results, or of none. */
export interface Arrival {
  /** What the page is. */
  readonly kind: Extract<PageKind, { readonly kind: "results" | "no-results" | "not-recognised" }>;
  /** What it says. */
  readonly page: PageReading;
  /** What its scripts hold. */
  readonly found: readonly Found[];
  /** Where it is. */
  readonly url: string;
}

/** One search: where to, in which tab, as part of which run. */
export interface Search {
  /** What is searched for. */
  readonly query: string;
  /** Whether the spelling is forced. */
  readonly forced: boolean;
  /** The tab. */
  readonly tab: Tab;
  /** What listens to the tab. */
  readonly inbox: Pick<Inbox, "pageText">;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/** Thrown when soft signs did not end: the job fails, others go on. */
export class NotServed extends Error {
  /** Always `"NotServed"`. */
  override readonly name = "NotServed";
}

/**
 * Goes to a search, at the stage's pace, and through what stands before the results.
 *
 * @param search The search.
 * @param run The run it is part of.
 * @returns The page.
 * @throws {StageStop} At a robot check nobody is there to solve; when Google serves no search at all.
 * @throws {NotServed} When Google does not serve this search, but others.
 * @throws {BrowserFault} When the tab fails.
 */
export function arrive(search: Search, run: GoogleRun): Promise<Arrival> {
  return run.inTurn(search.signal, () => arriveInTurn(search, run));
}

async function arriveInTurn(search: Search, run: GoogleRun): Promise<Arrival> {
  const { tab, signal, query } = search;
  const workedBefore = run.worked;
  let softSigns = 0;
  for (let detours = 0; detours < MOST_DETOURS;) {
    const refusals = run.refusals;
    const look = await load(search, run);
    const { kind } = look;
    switch (kind.kind) {
      case "results":
      case "no-results":
      case "not-recognised":
        run.searchWorked();
        return { ...look, kind };
      case "robot-check":
        detours += 1;
        await run.robotCheck(tab, signal);
        break;
      case "consent":
        detours += 1;
        await run.refuse(tab, refusals, { within: LOAD_WITHIN, signal });
        break;
      default:
        softSigns += 1;
        if (softSigns > PATIENCE) notServed(kind, query, run, workedBefore);
        softSign(kind, run);
    }
  }
  throw new NotServed(
    `Google kept asking for consent or for a check instead of showing "${query}"`,
  );
}

/** Loads the search, unless the tab is there already, as it is after consent or a check. */
async function load(search: Search, run: GoogleRun): Promise<Look> {
  const { tab, signal, query, forced } = search;
  const url = URL.parse(await tab.url());
  if (url !== null && queryOf(url.href) === query && url.searchParams.has("udm")) {
    const forcedHere = url.searchParams.get("nfpr") === "1";
    const here = await lookAt(search, 0);
    if (forcedHere === forced && here.kind.kind === "results") return here;
  }
  await run.pace.turn(signal);
  const { status } = await tab.goto(searchAddress(query, { forced }), {
    within: LOAD_WITHIN,
    signal,
  });
  const look = await lookAt(search, status);
  if (isSettled(look.kind)) return look;
  // The shell becomes the results by its own scripts, where they may run.
  await cardsAppear(tab, signal);
  return await lookAt(search, status);
}

function isSettled(kind: PageKind): boolean {
  if (kind.kind === "no-results") return kind.certain;
  return !["shell", "empty", "not-recognised"].includes(kind.kind);
}

interface Look {
  readonly kind: PageKind;
  readonly page: PageReading;
  readonly found: readonly Found[];
  readonly url: string;
}

async function lookAt(search: Search, status: number): Promise<Look> {
  const deadline = { within: LOOK_WITHIN, signal: search.signal };
  const page = await readPage(search.tab, true, deadline);
  const found = await findOnPage(search, page, deadline);
  const url = await search.tab.url();
  return { kind: kindOfPage(page, { url, status, data: found.length > 0 }), page, found, url };
}

/**
 * The data of a page: in its scripts, or elsewhere in its markup, or in its markup as it came, when
 * scripts took themselves away or a script that does not come keeps the rest from being parsed. More
 * is only asked for when it is needed.
 */
async function findOnPage(
  { tab, inbox }: Search,
  page: PageReading,
  deadline: Deadline,
): Promise<readonly Found[]> {
  const inScripts = findInScripts(page);
  if (isAbout(inScripts, page.cards) || page.captcha || page.consent) return inScripts;
  const found = findInPage(page, await tab.html(deadline));
  if (isAbout(found, page.cards)) return found;
  const asItCame = findInPage(page, await inbox.pageText(await tab.url()));
  return isAbout(asItCame, page.cards) ? asItCame : found;
}

/**
 * Reads the tab's page.
 *
 * @param tab The tab.
 * @param withScripts Whether the inline scripts are wanted.
 * @param deadline When to give up.
 * @throws {BrowserFault} When the page cannot be read.
 */
export async function readPage(
  tab: Tab,
  withScripts: boolean,
  deadline: Deadline,
): Promise<PageReading> {
  const value = await tab.evaluate<unknown>(READ_PAGE, withScripts, (given) => given, deadline);
  try {
    return toPageReading(value);
  } catch (thrown) {
    if (!(thrown instanceof TypeError)) throw thrown;
    throw new BrowserFault("page", `the page could not be read: ${thrown.message}`);
  }
}

const SOMETHING_CAME = `() => document.querySelector(
  '[data-docid], .isv-r[data-id], a[href*="/imgres?"], #captcha-form, form input[name="set_eom"]',
) !== null`;

async function cardsAppear(tab: Tab, signal: AbortSignal): Promise<void> {
  try {
    await tab.until(SOMETHING_CAME, null, { within: SCRIPTS_WITHIN, signal });
  } catch (thrown) {
    // Nothing came: the page is judged as it is.
    if (!(thrown instanceof BrowserFault) || thrown.kind !== "timeout") throw thrown;
  }
}

type SoftSign = Extract<PageKind, { readonly kind: "shell" | "empty" | "turned-away" }>;

function softSign(kind: SoftSign, run: GoogleRun): void {
  const pause = Math.ceil(run.pace.slowDown() / 1000);
  run.notice(`Google answered with ${inWords(kind)}; all searches slow down for ${pause} s.`);
}

function notServed(kind: SoftSign, query: string, run: GoogleRun, workedBefore: number): never {
  const what = inWords(kind);
  if (run.worked > workedBefore) {
    throw new NotServed(
      `Google answered the search for ${query} with ${what}, ${PATIENCE + 1} times`,
    );
  }
  run.stop(
    new StageStop(
      kind.kind === "turned-away" && kind.status === 429 ? "rate-limited" : "unreachable",
      `Google answers searches with ${what}, ${
        PATIENCE + 1
      } times in a row although they were slowed down, so the search for images was stopped. Everything found so far is kept, and the next run goes on where this one stopped. Come back later, or go on with fewer searches at once (--jobs) and more time between them (--google-delay).`,
    ),
  );
}

function inWords(kind: SoftSign): string {
  switch (kind.kind) {
    case "shell":
      return "the page for browsers without JavaScript";
    case "empty":
      return "an empty page";
    case "turned-away":
      return `HTTP ${kind.status}`;
  }
}
