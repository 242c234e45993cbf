/**
 * The kinds of images in the demo world: what a photo host sends, and the outcome it must have.
 *
 * @module
 */

import type { Outcome } from "../base/outcome.ts";
import type { HostRole } from "./hosts.ts";
import type { Format, Photo, Size, Treatment } from "./photo.ts";

export type Service =
  | "send" // the picture
  | "lie" // the picture, with a wrong `Content-Type`
  | "hotlink" // the picture, only to those who come from its page
  | "hops" // the picture, after three hops over three hosts
  | "recover" // refuses the first time with 503, then sends the picture
  | "short" // announces more bytes than it sends
  | "drip" // sends some bytes a second
  | "silent" // does not answer
  | "circle" // redirects in a circle
  | "private" // redirects to a private address
  | "page" // sends a web page
  | "drawing" // sends a drawing in SVG
  | "nothing" // sends an empty body
  | "robots" // forbids by robots.txt
  | "noai" // the picture, with `X-Robots-Tag: noai`
  | "reserved" // the picture, with `tdm-reservation: 1`
  | { readonly status: number }; // answers with a status alone

export type Subject =
  | "own"
  | "before" // that of the last good picture before it
  | "shared" // one that another species' search finds too
  | "placeholder"; // "Image not available"

export interface Kind {
  /** What it is called in the truth. */
  readonly name: string;
  readonly outcome: Outcome;
  readonly treatment: Treatment;
  /** Its format; mostly JPEG, also WebP, PNG and GIF, unless given. */
  readonly format?: Format;
  readonly service: Service;
  readonly host: HostRole;
  readonly subject: Subject;
}

export type ApiSourceName = "inaturalist" | "gbif" | "commons" | "openverse";

export interface Finding {
  readonly source: "fishbase" | ApiSourceName | "google";
  /** Its place among the source's findings, from 0. */
  readonly index: number;
  readonly url: string;
  readonly page: string;
  readonly title: string;
  /** What it is like and what must come of it. */
  readonly kind: Kind;
  /** What is sent where something is. */
  readonly photo: Photo;
  /** The licence that FishBase gives it: an SPDX id, or nothing. */
  readonly license?: string;
  /** FishBase: whether the published tables do not have it yet. */
  readonly newer?: boolean;
  /** FishBase: whether the upload's file is gone and only a script gives it. */
  readonly byScript?: boolean;
  /** The size the source says it has: true but for pictures that only seem to be some. */
  readonly size: Size;
}

function kind(
  name: string,
  outcome: Outcome,
  rest: Partial<Omit<Kind, "name" | "outcome">> = {},
): Kind {
  return {
    name,
    outcome,
    treatment: "plain",
    service: "send",
    host: "any",
    subject: "own",
    ...rest,
  };
}

/** The good picture before it once more, changed a little. */
function like(treatment: Treatment): Kind {
  return kind(treatment, "near-duplicate", { treatment, format: "jpeg", subject: "before" });
}

export const GOOD: Kind = kind("good", "kept");

export const SPECIAL: readonly Kind[] = [
  kind("missing", "gone", { service: { status: 404 } }),
  kind("forbidden", "forbidden", { service: { status: 403 } }),
  kind("page-called-jpg", "not-an-image", { service: "page" }),
  kind("twin", "duplicate", { subject: "before" }),
  kind("cut-off", "corrupt", { treatment: "cut-off", format: "jpeg" }),
  kind("wrong-type", "kept", { service: "lie", format: "jpeg" }),
  kind("moved", "kept", { service: "hops", format: "jpeg" }),
  kind("broken-server", "server-error", { service: { status: 500 }, host: "broken" }),
  like("recompressed"),
  kind("tiny", "too-small", { treatment: "tiny", format: "jpeg" }),
  kind("hotlink", "kept", { service: "hotlink", format: "jpeg" }),
  kind("short-transfer", "truncated", { service: "short", host: "leaky", format: "jpeg" }),
  kind("drawing", "not-an-image", { service: "drawing" }),
  like("smaller"),
  kind("empty", "not-an-image", { service: "nothing" }),
  kind("blank", "blank", { treatment: "blank", format: "jpeg" }),
  kind("circle", "redirect-loop", { service: "circle" }),
  kind("robots", "opted-out", { service: "robots", host: "robots", format: "jpeg" }),
  like("mirrored"),
  kind("removed", "gone", { service: { status: 410 } }),
  kind("banner", "bad-aspect", { treatment: "banner", format: "jpeg" }),
  kind("no-ai", "opted-out", { service: "noai", format: "jpeg" }),
  kind("cmyk", "kept", { treatment: "cmyk", format: "jpeg" }),
  kind("rotated", "kept", { treatment: "rotated", format: "jpeg" }),
  kind("too-many", "rate-limited", { service: { status: 429 }, host: "overloaded" }),
  kind("sixteen-bit", "kept", { treatment: "sixteen-bit", format: "png" }),
  like("captioned"),
  kind("login", "forbidden", { service: { status: 401 } }),
  kind("bomb", "too-large", { treatment: "bomb", format: "png" }),
  kind("avif", "kept", { format: "avif" }),
  kind("private-address", "forbidden-address", { service: "private" }),
  kind("animated", "kept", { treatment: "animated", format: "gif" }),
  like("cropped"),
  kind("teapot", "client-error", { service: { status: 418 } }),
  kind("recovers", "kept", { service: "recover", host: "waking", format: "jpeg" }),
  kind("profile", "kept", { treatment: "profile", format: "jpeg" }),
  like("bordered"),
  kind("bad-certificate", "tls-error", { host: "bad-certificate", format: "jpeg" }),
  kind("unreachable", "refused", { host: "unreachable", format: "jpeg" }),
  kind("garbage-behind", "kept", { treatment: "garbage-behind", format: "jpeg" }),
  kind("larger", "kept", { treatment: "larger", format: "jpeg", subject: "before" }),
  like("brighter"),
  kind("plain-http", "kept", { host: "plain-http", format: "jpeg" }),
  kind("grey", "kept", { treatment: "grey", format: "jpeg" }),
  kind("reserved", "opted-out", { service: "reserved", format: "jpeg" }),
];

/** The picture that two species' searches find. */
export const SHARED: Kind = kind("shared", "ambiguous", { format: "jpeg", subject: "shared" });
/** "Image not available", found for three species or more. */
export const PLACEHOLDER: Kind = kind("placeholder", "placeholder", {
  treatment: "placeholder",
  format: "png",
  subject: "placeholder",
});
export const SILENT: Kind = kind("silent", "timeout", { service: "silent", host: "slow" });
export const DRIP: Kind = kind("drip", "timeout", {
  service: "drip",
  host: "slow",
  format: "jpeg",
});
