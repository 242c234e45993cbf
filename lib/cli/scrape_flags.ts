/**
 * The flags that every scraping script knows, and those of each source.
 *
 * @module
 */

import { Failure } from "../base/failure.ts";
import { userAgent } from "../web/headers.ts";
import { parseShard, type Shard } from "../dataset/shard.ts";
import {
  bytes,
  custom,
  type Flag,
  oneOf,
  onOff,
  optionalText,
  optionalWhole,
  seconds,
  text,
  texts,
  whole,
} from "./flags.ts";

export interface Size {
  readonly width: number;
  readonly height: number;
}

export const DATA: Flag<string> = text("DIR", "./data", "the data folder");

export const JSON_OUT: Flag<boolean> = onOff("one JSON document on standard output");

/** `--contact`: a bad one is refused here, not at the first request. */
export const CONTACT: Flag<string | undefined> = optionalText(
  "TEXT",
  "contact in the User-Agent: an address or URL",
  userAgent,
);

/** Flags of all that look at species one by one. */
export const SCRAPE_FLAGS = {
  data: DATA,
  images: whole(200, 1, 100_000, "images wanted per species, over all sources"),
  only: texts("NAME", 'only this species: "Betta splendens"'),
  limit: optionalWhole(1, 1_000_000, "only the first N species"),
  jobs: whole(8, 1, 64, "species at a time"),
  shard: custom<Shard | undefined>(
    "I/N",
    "",
    "only the I-th of N shares of the species",
    (value) => value === undefined ? undefined : parseShard(value),
  ),
  retry: oneOf(["transient", "all", "none"], "transient", "which failed images to try again"),
  license: oneOf(
    ["any", "nc", "free"],
    "any",
    "nc: Creative Commons; free: for any use",
  ),
  "min-size": custom<Size>("WxH", "100x100", "smallest image to keep; long ones by area", readSize),
  "max-aspect": custom<number>("R", "5", "longest side to shortest at most", readAspect),
  "max-bytes": bytes("30M", "1k", "1G", "largest file to fetch"),
  contact: CONTACT,
  "allow-private": onOff("fetch from private networks too"),
  "strict-robots": onOff("let robots.txt bind documented APIs too"),
  "check-pages": onOff("obey opt-outs on the pages of images without a licence"),
  "ignore-opt-outs": onOff("fetch what asks not to be used; warns"),
  json: JSON_OUT,
} as const;

/** Flags of what works on many machines. */
export const QUEUE_FLAGS = {
  queue: optionalText("URL", "share the work with workers: nats://host:4222", (value) => {
    refusePassword(value);
    // Several servers may be named.
    if (/^((nats|tls):\/\/[^\s,/]+(,\s*|$))+$/.test(value)) return;
    throw new TypeError("takes nats://host:4222 or tls://host:4222");
  }),
  store: optionalText("STORE", "for images: s3://bucket/prefix or a folder", refusePassword),
  credentials: optionalText("FILE", "passwords of queue and store as NAME=value"),
} as const;

export const BROWSER_FLAGS = {
  browser: optionalText("PATH", "the Chromium to use"),
  headed: onOff("show the browser's window"),
} as const;

export const FISHBASE_FLAGS = {
  "fishbase-delay": seconds(2, 3600, "between two FishBase pages"),
  kinds: custom<readonly string[]>(
    "LIST",
    "photo",
    "also drawing, larva, egg, x-ray",
    readKinds,
  ),
  render: onOff("read FishBase's pages through the browser"),
} as const;

/** Flags of the stages that ask documented APIs. */
export const API_FLAGS = {
  "wild-only": onOff("leave captive animals out"),
  "per-author": whole(20, 1, 100, "percent of the images from one photographer"),
  "full-size": onOff("fetch originals instead of 1,024 pixels"),
} as const;

export const GOOGLE_FLAGS = {
  "google-delay": seconds(3, 3600, "between two Google searches"),
  query: texts("TEXT", "of {latin} {genus} {common} {group}", checkQuery),
} as const;

/** The sources that `scrape` asks, in this order, unless `--sources` says otherwise. */
const DEFAULT_SOURCES: readonly SourceName[] = [
  "fishbase",
  "inaturalist",
  "gbif",
  "commons",
  "google",
];
const SOURCES = [...DEFAULT_SOURCES, "openverse"] as const;

export type SourceName = "fishbase" | "inaturalist" | "gbif" | "commons" | "openverse" | "google";

export const SOURCES_FLAG: Flag<readonly SourceName[]> = custom(
  "LIST",
  DEFAULT_SOURCES.join(","),
  "in turn",
  readSources,
);

function readSources(value = DEFAULT_SOURCES.join(",")): readonly SourceName[] {
  const given = value.split(",").map((name) => name.trim()).filter(Boolean);
  const known = given.map((name) => SOURCES.find((source) => source === name));
  const sources = known.filter((source) => source !== undefined);
  if (
    sources.length === 0 || sources.length < given.length ||
    new Set(sources).size < sources.length
  ) {
    throw new TypeError(`takes a list of ${SOURCES.join(", ")}, each once`);
  }
  return sources;
}

function readSize(value: string | undefined): Size {
  const match = /^(\d{1,5})(?:[x×](\d{1,5}))?$/i.exec(value ?? "100x100");
  if (match === null) throw new TypeError("takes WIDTHxHEIGHT in pixels, such as 100x100");
  const width = Number(match[1]);
  return { width, height: Number(match[2] ?? match[1]) };
}

function readAspect(value: string | undefined): number {
  const number = /^\d+(\.\d+)?$/.test(value ?? "5") ? Number(value ?? "5") : NaN;
  if (!(number >= 1 && number <= 1000)) throw new TypeError("takes a number from 1 to 1000");
  return number;
}

const KINDS = ["photo", "drawing", "larva", "egg", "x-ray"];

function readKinds(value: string | undefined): readonly string[] {
  const kinds = (value ?? "photo").split(",").map((kind) => kind.trim()).filter(Boolean);
  if (kinds.length === 0 || kinds.some((kind) => !KINDS.includes(kind))) {
    throw new TypeError(`takes a list of ${KINDS.join(", ")}`);
  }
  return kinds;
}

function checkQuery(query: string): void {
  const names = [...query.matchAll(/\{([^{}]*)\}/g)].map(([, name]) => name ?? "");
  const telling = ["latin", "genus", "common"];
  if (
    !names.some((name) => telling.includes(name)) ||
    !names.every((name) => name === "group" || telling.includes(name)) ||
    /[{}]/.test(query.replaceAll(/\{[^{}]*\}/g, ""))
  ) {
    throw new TypeError(
      'takes a text with {latin}, {genus} or {common} in it, and nothing else in braces but {group}, such as "{latin} juvenile"',
    );
  }
}

/** Everybody on the machine can read a flag, and the log has it. */
function refusePassword(value: string): void {
  if (!/:\/\/[^/]*@/.test(value)) return;
  throw new Failure(
    "Leave names and passwords out of --queue and --store: set them in the environment, or name a file by --credentials.",
    2,
  );
}
