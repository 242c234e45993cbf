/**
 * The robot check: the stage stops, or waits for a person to solve it. Nothing gets around it.
 *
 * @module
 */

import { BrowserFault, type Tab } from "../../browser/browser.ts";
import { StageStop } from "../source.ts";

/** How long one look at the page of a person at work lasts, in milliseconds. */
const ONE_LOOK = 60_000;

/** Whether the tab has left the check; a page that is still loading has not. */
const SOLVED = `() => document.readyState !== "loading" &&
  !location.pathname.startsWith("/sorry/") &&
  document.querySelector('#captcha-form, form[action*="CaptchaRedirect"]') === null`;

/**
 * The stop of the stage.
 *
 * @param jobs How many species were searched for at once.
 */
export function robotCheckStop(jobs: number): StageStop {
  const fewer = jobs > 1
    ? `with fewer searches at once (--jobs ${Math.max(1, Math.floor(jobs / 2))}) and`
    : "with";
  return new StageStop(
    "robot-check",
    "Google asks for proof that it is not searched by a robot, so the search for images was stopped. " +
      "Everything found so far is kept, and the next run goes on where this one stopped. " +
      `Come back in some hours; or go on ${fewer} more time between them (--google-delay 10); ` +
      "or run with --headed: then a window opens, you answer the check yourself, and the search goes on.",
  );
}

/** What a person with the window before them is told. */
export const SOLVE_BY_HAND =
  "Google asks for proof that it is not searched by a robot. Please answer the check in the browser's window; the search goes on by itself afterwards. All searches wait until then. Ctrl+C ends the run; everything found so far is kept.";

/**
 * Waits, as long as it takes, until a person has solved the check.
 *
 * @param tab The tab with the check.
 * @param signal Ends the wait.
 * @throws {BrowserFault} When the tab is closed meanwhile.
 */
export async function waitUntilSolved(tab: Tab, signal: AbortSignal): Promise<void> {
  for (;;) {
    try {
      await tab.until(SOLVED, null, { within: ONE_LOOK, signal });
      return;
    } catch (thrown) {
      if (!(thrown instanceof BrowserFault) || thrown.kind !== "timeout") throw thrown;
    }
  }
}
