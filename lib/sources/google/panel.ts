/**
 * The third road: a click on a card, and what the panel or the card's `/imgres` link says then.
 *
 * @module
 */

import { BrowserFault, type Tab } from "../../browser/browser.ts";
import { isOriginal, pixels, readImageLink } from "./addresses.ts";
import type { Card } from "./page.ts";
import type { Result } from "./results.ts";

/** How long the panel may take to show the full image, in milliseconds. */
const PANEL_WITHIN = 2_000;
const ACT_WITHIN = 10_000;

/** What the page shows of a card after a click. */
interface Shown {
  /** The full image's address, empty as long as it is none. */
  readonly url: string;
  /** What the panel says of its size: `1,920 × 1,282`. */
  readonly size: string;
  /** The panel's link to the page. */
  readonly page: string;
  readonly title: string;
  /** The card's or the panel's `/imgres` link for this card. */
  readonly link: string;
}

/**
 * Looks for the card's full image. The panel's image has `jsname="kn3ccd"` (seen, 2024 and 2026)
 * and stands within an element that names the docid; one that names another docid is the card's
 * before, whose panel may still be on its way. Where no docid is named, an image that was there
 * before the click does not count, nor one with another page and title than the card's.
 */
const LOOK = `({ docid, page, title, before }) => {
  const links = [...document.querySelectorAll('a[href*="/imgres?"]')];
  const link = links.find((one) => {
    const card = one.closest("[data-docid], [data-id], [data-tbnid]");
    const tbnid = /[?&]tbnid=([^&#]*)/.exec(one.getAttribute("href") || "");
    if (tbnid !== null) return decodeURIComponent(tbnid[1]).replace(/:$/, "") === docid;
    return card !== null && [card.dataset.docid, card.dataset.id, card.dataset.tbnid].includes(docid);
  });
  const shown = { url: "", size: "", page: "", title: "", link: link === undefined ? "" : link.href };
  for (const image of document.querySelectorAll('img[jsname="kn3ccd"], [role="dialog"] img[jsname], img.iPVvYb, img.n3VNCb')) {
    const url = image.src;
    if (!/^https?:/.test(url) || /^https?:\\/\\/[^/]*(?:gstatic|google)\\.com\\//.test(url)) continue;
    if (image.getAttribute("jsname") === "JuXqh") continue;
    const place = image.closest("[data-id], [data-docid], [data-tbnid]");
    const named = place === null ? "" : place.dataset.id || place.dataset.docid || place.dataset.tbnid || "";
    const around = image.closest("a[href]");
    const ours = around !== null && around.href === page || image.alt !== "" && image.alt === title;
    const known = page !== "" && around !== null || title !== "" && image.alt !== "";
    if (named === "" ? before.includes(url) || known && !ours : named !== docid) continue;
    const box = around || image.parentElement;
    const text = box === null ? "" : box.textContent || "";
    const size = /\\d[\\d,.\\s]*×\\s*\\d[\\d,.]*/.exec(text);
    shown.url = url;
    shown.size = size === null ? "" : size[0];
    shown.page = around === null ? "" : around.href;
    shown.title = image.alt || "";
    break;
  }
  return shown;
}`;
const READY = `(argument) => {
  const shown = (${LOOK})(argument);
  return shown.url !== "" || shown.link !== "" || document.querySelector("#captcha-form") !== null;
}`;
/** The full images that are on the page already. */
const IMAGES =
  `() => [...document.querySelectorAll('img[jsname="kn3ccd"], img.iPVvYb, img.n3VNCb')].map((image) => image.src)`;

/**
 * Clicks a card and reads the panel.
 *
 * @param tab The tab with the results.
 * @param card The card.
 * @param signal Ends every wait.
 * @returns The result, or nothing where the click showed none.
 * @throws {BrowserFault} When the tab fails.
 */
export async function clickCard(
  tab: Tab,
  card: Card,
  signal: AbortSignal,
): Promise<Result | undefined> {
  if (!/^[\w:-]+$/.test(card.docid)) return undefined;
  const act = { within: ACT_WITHIN, signal };
  const before = await tab.evaluate(IMAGES, null, toTexts, act);
  const { docid, page, title } = card;
  const argument = { docid, page, title, before };
  const target = await tab.evaluate(CLICKABLE, card.docid, toTarget, act);
  if (target === undefined) return undefined;
  await tab.click(target.selector, target.index, act);
  try {
    await tab.until(READY, argument, { within: PANEL_WITHIN, signal });
  } catch (thrown) {
    if (!(thrown instanceof BrowserFault) || thrown.kind !== "timeout") throw thrown;
    return undefined;
  }
  return toResult(await tab.evaluate(LOOK, argument, toShown, act), card);
}

/**
 * The card's part to click: what opens the panel, never what lies within a link that leaves the
 * page. In the grid of 2020 there are tiles that are nothing but links to other searches (seen).
 */
const CLICKABLE = `(docid) => {
  const parts = ["a", "[role=button]", "img", ""];
  const names = ["[data-docid='" + docid + "'][data-lpage]", "[data-docid='" + docid + "']",
    "[data-id='" + docid + "']", "[data-tbnid='" + docid + "']", "[id='e-" + docid + "']",
    "[jsdata*=';" + docid + ";']"];
  const card = names.find((name) => document.querySelector(name) !== null);
  if (card === undefined) return null;
  const stays = (link) => link === null || link.target !== "_blank" &&
    /^(?:#|javascript:|[^?#]*\\/imgres\\?|$)/i.test(link.getAttribute("href") || "");
  for (const part of parts) {
    const selector = (card + " " + part).trim();
    const index = [...document.querySelectorAll(selector)].findIndex((element) =>
      stays(element.closest("a")) && (part !== "" || [...element.querySelectorAll("a")].every(stays))
    );
    if (index >= 0) return { selector, index };
  }
  return null;
}`;

function toTarget(value: unknown): { selector: string; index: number } | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { selector, index }: { selector?: unknown; index?: unknown } = value;
  return typeof selector === "string" && typeof index === "number"
    ? { selector, index }
    : undefined;
}

function toResult(shown: Shown, card: Card): Result | undefined {
  // The link names its card, the panel's image not always: the link is the surer of the two.
  const link = shown.link === "" ? undefined : readImageLink(shown.link);
  const url = link?.url ?? (isOriginal(shown.url) ? shown.url : undefined);
  if (url === undefined) return undefined;
  const [width, height] = shown.size.split("×").map((part) => pixels(part.replace(/\D/g, "")));
  const page = card.page || link?.page || (isOriginal(shown.page) ? shown.page : "");
  return {
    docid: card.docid,
    url,
    width: link?.width ?? width,
    height: link?.height ?? height,
    page,
    title: shown.title || card.title,
    thumbnail: "",
    road: "panel",
  };
}

function toShown(value: unknown): Shown {
  const given: Readonly<Record<string, unknown>> = typeof value === "object" && value !== null
    ? { ...value }
    : {};
  const text = (key: string): string => {
    const field = given[key];
    return typeof field === "string" ? field : "";
  };
  return {
    url: text("url"),
    size: text("size"),
    page: text("page"),
    title: text("title"),
    link: text("link"),
  };
}

function toTexts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}
