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
  /\b(?:server|service|site|database) (?:is )?(?:too busy|overloaded|temporarily unavailable)|\bservice unavailable\b|\bbandwidth limit exceeded\b/i;
const CHALLENGE =
  /just a moment\.\.\.|challenge-platform|cf[-_]chl|cf-browser-verification|checking your browser|enable javascript and cookies|please (?:enable|turn on) javascript|attention required! \| cloudflare|ddos-guard|_incapsula_|g-recaptcha|h-captcha|are you (?:a )?(?:human|robot)/i;
const CHALLENGED = {
  kind: "turned-away",
  reason: "a JavaScript challenge",
  challenge: true,
} as const;
const OWN = /(?:species|thumbnails|collaborator|pictures)summary\.php|id=["']?ss-|<fishbase\b/i;

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
  if (outcome === "client-error" || outcome === "too-large") return { kind: "broken", reason };
  return { kind: "down", reason };
}

function isChallenge(text: string): boolean {
  return CHALLENGE.test(text.slice(0, 200_000)) && !OWN.test(text);
}

function saysOverload(text: string): string | undefined {
  // A page that has all it should have is no overload page, whatever words are on it.
  if (OWN.test(text)) {
    return text.length < 5000 ? OVERLOAD.exec(text)?.[0] : undefined;
  }
  return OVERLOAD.exec(text)?.[0] ?? (text.length < 5000 ? BUSY.exec(text)?.[0] : undefined);
}
