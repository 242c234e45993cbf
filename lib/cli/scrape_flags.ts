/**
 * The flags that every scraping script knows, and those of each source.
 *
 * @module
 */

import { Failure } from "../base/failure.ts";
import { parseShard } from "../dataset/shard.ts";
import { userAgent } from "../web/headers.ts";
import {
  bytes,
  custom,
  decimal,
  type Flag,
  type FlagValues,
  listOf,
  oneOf,
  onOff,
  onPage,
  optional,
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

/** Flags that say how images are fetched and which of them are fit to be kept. */
export const FETCH_FLAGS = {
  contact: CONTACT,
  ...onPage("pictures", {
    "min-size": custom("WxH", "100x100", "smallest image to keep; long ones by area", readSize),
    "max-aspect": decimal(5, 1, 1000, "longest side to shortest at most"),
    "max-bytes": bytes("30M", "1k", "1G", "largest file to fetch"),
    "check-pages": onOff("obey opt-outs on the pages of images without a licence"),
    "ignore-opt-outs": onOff("fetch what asks not to be used; warns"),
  }),
  ...onPage("searches", {
    "strict-robots": onOff("let robots.txt bind documented APIs too"),
  }),
  ...onPage("machines", {
    jobs: whole(8, 1, 64, "species at a time"),
  }),
} as const;

/** Flags of all that look at species one by one. */
export const SCRAPE_FLAGS = {
  data: DATA,
  images: whole(200, 1, 100_000, "images wanted per species, over all sources"),
  only: texts("NAME", 'only this species: "Betta splendens"'),
  limit: optionalWhole(1, 1_000_000, "only the first N species"),
  license: oneOf(["any", "nc", "free"], "any", "nc: Creative Commons; free: for any use"),
  ...FETCH_FLAGS,
  ...onPage("searches", {
    retry: oneOf(["transient", "all", "none"], "transient", "which failed images to try again"),
  }),
  ...onPage("machines", {
    shard: optional("I/N", "only the I-th of N shares of the species", parseShard),
    "allow-private": onOff("fetch from private networks too"),
  }),
  json: JSON_OUT,
} as const;

/** Flags of what works on many machines. */
export const QUEUE_FLAGS = onPage("machines", {
  queue: optionalText("URL", "share the work with workers: nats://host:4222", (value) => {
    refusePassword(value);
    // Several servers may be named.
    if (/^((nats|tls):\/\/[^\s,/]+(,\s*|$))+$/.test(value)) return;
    throw new TypeError("takes nats://host:4222 or tls://host:4222");
  }),
  store: optionalText("STORE", "for images: s3://bucket/prefix or a folder", refusePassword),
  credentials: optionalText("FILE", "passwords of queue and store as NAME=value"),
});

export const BROWSER_FLAGS = onPage("searches", {
  browser: optionalText("PATH", "the Chromium to use"),
  headed: onOff("show the browser's window"),
});

const KINDS = ["photo", "drawing", "larva", "egg", "x-ray"] as const;

export const FISHBASE_FLAGS = {
  ...onPage("searches", {
    "fishbase-delay": seconds(2, 3600, "between two FishBase pages"),
    render: onOff("read FishBase's pages through the browser"),
  }),
  ...onPage("pictures", {
    kinds: listOf(KINDS, "photo", "also drawing, larva, egg, x-ray"),
  }),
} as const;

/** Flags of the stages that ask documented APIs. */
export const API_FLAGS = onPage("pictures", {
  "wild-only": onOff("leave captive animals out"),
  "per-author": whole(20, 1, 100, "percent of the images from one photographer"),
  "full-size": onOff("fetch originals instead of 1,024 pixels"),
});

export const GOOGLE_FLAGS = onPage("searches", {
  "google-delay": seconds(3, 3600, "between two Google searches"),
  query: texts("TEXT", "of {latin} {genus} {common} {group}", checkQuery),
});

/** The flags of all sources. */
export const SOURCE_FLAGS = {
  ...SCRAPE_FLAGS,
  ...BROWSER_FLAGS,
  ...FISHBASE_FLAGS,
  ...API_FLAGS,
  ...GOOGLE_FLAGS,
} as const;

export type SourceFlags = FlagValues<typeof SOURCE_FLAGS>;

/** What a keeper says to its workers: how to search and fetch. */
export const WORKERS_OBEY = { ...FETCH_FLAGS, ...FISHBASE_FLAGS, ...GOOGLE_FLAGS } as const;

const SOURCES = ["fishbase", "inaturalist", "gbif", "commons", "google", "openverse"] as const;

export type SourceName = typeof SOURCES[number];

/** The sources that `scrape` asks, in turn. */
export const SOURCES_FLAG: Flag<readonly SourceName[]> = listOf(
  SOURCES,
  "fishbase,inaturalist,gbif,commons,google",
  "in turn",
);

function readSize(value: string): Size {
  const [, width, height = width] = /^(\d{1,5})(?:[x×](\d{1,5}))?$/i.exec(value) ?? [];
  if (width === undefined) throw new TypeError("takes WIDTHxHEIGHT in pixels, such as 100x100");
  return { width: Number(width), height: Number(height) };
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
