/**
 * Consent to cookies: answered with the refusal, by the button that is there for it.
 *
 * @module
 */

import type { Deadline, Tab } from "../../browser/browser.ts";

/**
 * The buttons that refuse. The forms of consent.google.com (seen, 2026-09) carry
 * `set_eom=true` when they refuse and `set_eom=false` when they accept, in any language; results
 * pages used to ask over the results, with `#W0wltc` for no and `#L2AGLb` for yes (told).
 */
const REFUSALS: readonly string[] = [
  'form:has(input[name="set_eom"][value="true"]) button',
  'form:has(input[name="set_eom"][value="true"]) input[type="submit"]',
  "#W0wltc",
];

/** Finds the first refusal that is seen, else the first there is. */
const FIND_REFUSAL = `(selectors) => {
  let hidden = null;
  for (const selector of selectors) {
    const buttons = [...document.querySelectorAll(selector)];
    const index = buttons.findIndex((button) => button.getClientRects().length > 0);
    if (index >= 0) return { selector, index };
    if (buttons.length > 0 && hidden === null) hidden = { selector, index: 0 };
  }
  return hidden;
}`;

/** Whether nothing asks for consent any more; the forms' page gives way to the search. */
const ANSWERED = `() => {
  if (location.hostname.startsWith("consent.")) return false;
  if (document.querySelector('form input[name="set_eom"]') !== null) return false;
  const button = document.querySelector("#W0wltc");
  return document.readyState !== "loading" && (button === null || button.getClientRects().length === 0);
}`;

/**
 * Refuses and waits until the question is gone. Never presses what accepts.
 *
 * @param tab The tab with the question.
 * @param deadline When to give up.
 * @returns Whether there was a button to refuse with.
 * @throws {BrowserFault} When the question does not go away.
 */
export async function refuseConsent(tab: Tab, deadline: Deadline): Promise<boolean> {
  const button = await tab.evaluate(FIND_REFUSAL, REFUSALS, toButton, deadline);
  if (button === undefined) return false;
  await tab.click(button.selector, button.index, deadline);
  await tab.until(ANSWERED, null, deadline);
  return true;
}

function toButton(value: unknown): { selector: string; index: number } | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { selector, index }: { selector?: unknown; index?: unknown } = value;
  const known = REFUSALS.find((one) => one === selector);
  return known === undefined || typeof index !== "number" ? undefined : { selector: known, index };
}
