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

/** Where a button that says no may be, when none of these is there. */
const BUTTONS = 'button, input[type="submit"], [role="button"]';
/** What it says then; nothing else is pressed. */
const WORDS: readonly string[] = [
  ..."Reject all|Alle ablehnen|Tout refuser|Rechazar todo|Rifiuta tutto|Rejeitar tudo".split("|"),
  ..."Recusar tudo|Alles afwijzen|Odrzuć wszystko|Avvisa alla|Avvisa allt|Afvis alle".split("|"),
  ..."Avvis alle|Hylkää kaikki|Odmítnout vše|Odmietnuť všetko|Az összes elutasítása".split("|"),
  ..."Respinge tot|Respingeți tot|Απόρριψη όλων|Отхвърляне на всички|Odbij sve".split("|"),
  ..."Zavrni vse|Atmesti viską|Noraidīt visu|Keeldu kõigist|Rebutja-ho tot".split("|"),
  ..."Tümünü reddet|Отклонить все|Відхилити все|すべて拒否|모두 거부|全部拒绝|全部拒絕".split("|"),
  ..."رفض الكل|דחיית הכול|Tolak semua|Từ chối tất cả|ปฏิเสธทั้งหมด|सभी अस्वीकार करें".split("|"),
].map((words) => words.toLowerCase());

/** Finds the first refusal that is seen, else the first there is. */
const FIND_REFUSAL = `({ selectors, anywhere, words }) => {
  let hidden = null;
  const says = (button) => [button.getAttribute("aria-label"), button.value, button.textContent]
    .some((text) => words.includes((text || "").trim().toLowerCase()));
  for (const selector of [...selectors, anywhere]) {
    const buttons = [...document.querySelectorAll(selector)];
    const ours = buttons.filter((button) => selector !== anywhere || says(button));
    const seen = ours.find((button) => button.getClientRects().length > 0);
    if (seen !== undefined) return { selector, index: buttons.indexOf(seen) };
    if (ours.length > 0 && hidden === null) hidden = { selector, index: buttons.indexOf(ours[0]) };
  }
  return hidden;
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
  const asking = [
    ...[...document.querySelectorAll('form input[name="set_eom"]')].map((one) => one.form),
    ...document.querySelectorAll('form[action*="consent.google."], #W0wltc'),
  ].some((one) => one !== null && one.getClientRects().length > 0);
  if (asking) return globalThis.asksForConsent !== true;
  return !location.hostname.startsWith("consent.");
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
  const wanted = { selectors: REFUSALS, anywhere: BUTTONS, words: WORDS };
  const button = await tab.evaluate(FIND_REFUSAL, wanted, toButton, deadline);
  if (button === undefined) return false;
  await tab.evaluate(MARK, null, () => undefined, deadline);
  await tab.click(button.selector, button.index, deadline);
  await tab.until(ANSWERED, null, deadline);
  return true;
}

function toButton(value: unknown): { selector: string; index: number } | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { selector, index }: { selector?: unknown; index?: unknown } = value;
  const known = [...REFUSALS, BUTTONS].find((one) => one === selector);
  return known === undefined || typeof index !== "number" ? undefined : { selector: known, index };
}
