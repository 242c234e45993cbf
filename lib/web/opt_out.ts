/**
 * Whether a server asks that an image is not used for this.
 *
 * Two headers say so. `X-Robots-Tag` with `noai` or `noimageai` speaks of training networks;
 * `noindex`, `noimageindex` and `none` speak of search engines, and are honoured too, because a
 * server that does not want its picture found does not want it collected either.
 * `TDM-Reservation: 1` reserves the rights to text and data mining (the TDM Reservation Protocol).
 *
 * @module
 */

import { PRODUCT_TOKEN } from "./user_agent.ts";

const TRAINING: ReadonlySet<string> = new Set(["noai", "noimageai"]);

const OPT_OUTS: ReadonlySet<string> = new Set([
  ...TRAINING,
  "noindex",
  "noimageindex",
  "none",
]);

/** Rules that have a value after a colon; any other word before a colon names a robot. */
const WITH_VALUE: ReadonlySet<string> = new Set([
  "unavailable_after",
  "max-snippet",
  "max-image-preview",
  "max-video-preview",
]);

/**
 * Reads an image's response headers for an opt-out that concerns Aquaset.
 *
 * @param headers The response's headers.
 * @returns Which header says so, in its words, or nothing.
 *
 * @example
 * ```ts
 * optOut(new Headers({ "x-robots-tag": "googlebot: noindex" })); // undefined: not for us
 * optOut(new Headers({ "x-robots-tag": "noai" })); // "X-Robots-Tag: noai"
 * ```
 */
export function optOut(headers: Headers): string | undefined {
  const reserved = headers.get("tdm-reservation")?.split(",").some((part) => part.trim() === "1");
  if (reserved) return "TDM-Reservation: 1";
  const tag = headers.get("x-robots-tag");
  // A robot's name holds for the rules that follow it. Several headers come joined by commas, so a
  // header for all robots that follows one for another robot cannot be told from its second rule.
  // In doubt a rule about training counts, which few write for one robot alone.
  let concerned = true;
  for (const part of tag?.slice(0, 8192).toLowerCase().split(",") ?? []) {
    const colon = part.indexOf(":");
    const name = part.slice(0, Math.max(0, colon)).trim();
    const named = colon >= 0 && !WITH_VALUE.has(name);
    if (named) concerned = name === PRODUCT_TOKEN.toLowerCase() || name === "*";
    const rule = (named ? part.slice(colon + 1) : part).trim();
    const counts = concerned || (!named && TRAINING.has(rule));
    if (counts && OPT_OUTS.has(rule)) return `X-Robots-Tag: ${rule}`;
  }
  return undefined;
}
