/**
 * What an answer of a mirror comes to, before anybody reads it as a page.
 *
 * @module
 */

import type { Answer, NotReceived, Received } from "../../web/client.ts";
import { decodeHtml } from "../../web/html.ts";

/** What an answer comes to. */
export type Verdict =
  /** A page. */
  | { readonly kind: "page"; readonly text: string }
  /** There is no such page. */
  | { readonly kind: "gone"; readonly reason: string }
  /** robots.txt does not allow it. */
  | { readonly kind: "not-allowed"; readonly reason: string }
  /** The server has too much to do. */
  | { readonly kind: "overloaded"; readonly reason: string; readonly wait: number }
  /** The server failed with this page. */
  | { readonly kind: "broken"; readonly reason: string }
  /** The server turns away what is no browser. */
  | { readonly kind: "turned-away"; readonly reason: string; readonly challenge: boolean }
  /** The server cannot be reached. */
  | { readonly kind: "down"; readonly reason: string };

/** Told of FishBase: `Too many connections`; the others are what MySQL and PHP say in its place. */
const OVERLOAD =
  /too many connections|max_user_connections|max_connections|mysql server has gone away|can(?:'|&#0?39;|’)t connect to (?:local )?mysql|error establishing a database connection/i;
/** Said of a moment, and meant only on a page with nothing else. */
const BUSY =
  /\b(?:server|service|(?:web ?)?site|page|database|fishbase) (?:is )?(?:currently )?(?:too busy|overloaded|temporarily (?:unavailable|down|offline|closed))|\bservice unavailable\b|\bbandwidth limit exceeded\b|\b(?:under|undergoing|down for) (?:\w+ )?maintenance\b/i;
/** What the pages say that want to see a browser before they let anybody in. */
const CHALLENGE =
  /just a moment\.\.\.|challenge-platform|cf[-_]chl|cf-turnstile|cf-browser-verification|checking your browser|enable javascript and cookies|please (?:enable|turn on) javascript|attention required! \| cloudflare|ddos[- ]guard|ddos protection by|_incapsula_|incapsula incident|sucuri website firewall|g-recaptcha|h-?captcha|are you (?:a )?(?:human|robot)|verif(?:y|ying)(?: that)? you are (?:a )?human|not a (?:ro)?bot!|anubis_challenge|pardon our interruption|one moment, please/i;
const CHALLENGED = {
  kind: "turned-away",
  reason: "a JavaScript challenge",
  challenge: true,
} as const;
/** What only a page of the site itself has: a challenge names the address that was asked for too. */
const OWN_LINK =
  /<a\b[^>]*(?:(?:species|thumbnails|collaborator|pictures)summary|randomspecies|search)\.php|id=["']?ss-|<fishbase\b/i;
/** What is looked for on a page. */
const CONTENT =
  /\/images\/(?:species|thumbnails)\/|\/uploads\/|id=["']?ss-(?:sciname|photo)|\bno (?:image|photo|picture)/i;
const OWN = /(?:species|thumbnails|collaborator|pictures)summary\.php|id=["']?ss-|<fishbase\b/i;

/** What says something of the page rather than of the server: others may be well. */
const PAGE_FAULTS: ReadonlySet<string> = new Set([
  "client-error",
  "too-large",
  "truncated",
  "redirect-loop",
  "bad-url",
]);

/**
 * What an answer comes to.
 *
 * @param answer The answer.
 */
export function judge(answer: Answer): Verdict {
  return answer.ok ? judgeReceived(answer) : judgeNotReceived(answer);
}

function judgeReceived(answer: Received): Verdict {
  const text = decodeHtml(answer.bytes, answer.headers.get("content-type"));
  if (isChallenge(text)) return CHALLENGED;
  const overloaded = saysOverload(text);
  if (overloaded !== undefined) return { kind: "overloaded", reason: overloaded, wait: 0 };
  if (breaksOff(text)) return { kind: "broken", reason: "the page breaks off in the middle" };
  return { kind: "page", text };
}

function judgeNotReceived(answer: NotReceived): Verdict {
  const { outcome, detail, status } = answer;
  const text = answer.bytes === undefined ? "" : decodeHtml(answer.bytes);
  const reason = detail;
  if (isChallenge(text)) {
    return { ...CHALLENGED, reason: `${CHALLENGED.reason}, ${detail}` };
  }
  const overloaded = saysOverload(text);
  const aside = /set aside for (\d+)(?:\.\d+)? ?(s|min)/i.exec(detail);
  const wait = answer.retryAfter ??
    (aside === null ? 0 : Number(aside[1]) * (aside[2] === "min" ? 60_000 : 1000));
  if (overloaded !== undefined) return { kind: "overloaded", reason: overloaded, wait };
  if (outcome === "opted-out") return { kind: "not-allowed", reason };
  if (outcome === "rate-limited" || status === 429) return { kind: "overloaded", reason, wait };
  if (outcome === "server-error") {
    const resting = status === 503 || answer.retryAfter !== undefined || aside !== null;
    return resting ? { kind: "overloaded", reason, wait } : { kind: "broken", reason };
  }
  if (outcome === "forbidden") return { kind: "turned-away", reason, challenge: false };
  if (outcome === "gone" && status !== undefined) return { kind: "gone", reason };
  if (PAGE_FAULTS.has(outcome)) return { kind: "broken", reason };
  return { kind: "down", reason };
}

function isChallenge(text: string): boolean {
  return CHALLENGE.test(text.slice(0, 200_000)) && !OWN_LINK.test(text);
}

/** Whether a page ends within a tag: the server, or something on the way, has lost the rest. */
function breaksOff(text: string): boolean {
  return /<[a-z/!][^<>]*$/i.test(text.slice(-20_000)) &&
    !/<\/(?:body|html|fishbase)\s*>/i.test(text);
}

function saysOverload(text: string): string | undefined {
  if (OWN.test(text)) {
    // A page that has all it should have is no overload page, whatever words are on it; one that has
    // a frame and the message in place of what belongs into it is.
    const said = OVERLOAD.exec(text);
    if (said === null) return undefined;
    const after = text.slice(said.index);
    return text.length < 5000 || !CONTENT.test(after) ? said[0] : undefined;
  }
  return OVERLOAD.exec(text)?.[0] ?? (text.length < 5000 ? BUSY.exec(text)?.[0] : undefined);
}
