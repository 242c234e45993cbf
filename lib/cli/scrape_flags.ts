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
  decimal,
  type Flag,
  flag,
  type FlagValues,
  listOf,
  oneOf,
  onOff,
  onPage,
  repeated,
  seconds,
  text,
  whole,
} from "./flags.ts";

export interface Size {
  readonly width: number;
  readonly height: number;
}

export const DATA: Flag<string> = flag(text("DIR"), "the data folder", "./data");

export const JSON_OUT: Flag<boolean> = onOff("one JSON document on standard output");

/** `--contact`: a bad one is refused here, not at the first request. */
export const CONTACT: Flag<string | undefined> = flag(
  text("TEXT", userAgent),
  "contact in the User-Agent: an address or URL",
);

/** Flags that say how images are fetched and which of them are fit to be kept. */
export const FETCH_FLAGS = {
  contact: CONTACT,
  ...onPage("pictures", {
    "min-size": flag(
      { takes: "WxH", read: readSize },
      "smallest image to keep; long ones by area",
      "100x100",
    ),
    "max-aspect": flag(decimal(1, 1000), "longest side to shortest at most", 5),
    "max-bytes": flag(bytes("1k", "1G"), "largest file to fetch", "30M"),
    "check-pages": onOff("obey opt-outs on the pages of images without a licence"),
    "ignore-opt-outs": onOff("fetch what asks not to be used; warns"),
  }),
  ...onPage("searches", {
    "strict-robots": onOff("let robots.txt bind documented APIs too"),
  }),
  ...onPage("machines", {
    jobs: flag(whole(1, 64), "species at a time", 8),
  }),
} as const;

/** Flags of all that look at species one by one. */
export const SCRAPE_FLAGS = {
  data: DATA,
  images: flag(whole(1, 100_000), "images wanted per species, over all sources", 200),
  only: repeated(text("NAME"), 'only this species: "Betta splendens"'),
  limit: flag(whole(1, 1_000_000), "only the first N species"),
  license: flag(oneOf(["any", "nc", "free"]), "nc: Creative Commons; free: for any use", "any"),
  ...FETCH_FLAGS,
  ...onPage("searches", {
    retry: flag(
      oneOf(["transient", "all", "none"]),
      "which failed images to try again",
      "transient",
    ),
  }),
  ...onPage("machines", {
    shard: flag({ takes: "I/N", read: parseShard }, "only the I-th of N shares of the species"),
    "allow-private": onOff("fetch from private networks too"),
  }),
  json: JSON_OUT,
} as const;

/** Flags of what works on many machines. */
export const QUEUE_FLAGS = onPage("machines", {
  queue: flag(
    text("URL", (value) => {
      refusePassword(value);
      // Several servers may be named.
      if (/^((nats|tls):\/\/[^\s,/]+(,\s*|$))+$/.test(value)) return;
      throw new TypeError("takes nats://host:4222 or tls://host:4222");
    }),
    "share the work with workers: nats://host:4222",
  ),
  store: flag(text("STORE", refusePassword), "for images: s3://bucket/prefix or a folder"),
  credentials: flag(text("FILE"), "passwords of queue and store as NAME=value"),
});

export const BROWSER_FLAGS = onPage("searches", {
  browser: flag(text("PATH"), "the Chromium to use"),
  headed: onOff("show the browser's window"),
});

const KINDS = ["photo", "drawing", "larva", "egg", "x-ray"] as const;

export const FISHBASE_FLAGS = {
  ...onPage("searches", {
    "fishbase-delay": flag(seconds(3600), "between two FishBase pages", 2),
    render: onOff("read FishBase's pages through the browser"),
  }),
  ...onPage("pictures", {
    kinds: flag(listOf(KINDS), "also drawing, larva, egg, x-ray", "photo"),
  }),
} as const;

/** Flags of the stages that ask documented APIs. */
export const API_FLAGS = onPage("pictures", {
  "wild-only": onOff("leave captive animals out"),
  "per-author": flag(whole(1, 100), "percent of the images from one photographer", 20),
  "full-size": onOff("fetch originals instead of 1,024 pixels"),
});

export const GOOGLE_FLAGS = onPage("searches", {
  "google-delay": flag(seconds(3600), "between two Google searches", 3),
  query: repeated(text("TEXT", checkQuery), "of {latin} {genus} {common} {group}"),
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
export const SOURCES_FLAG: Flag<readonly SourceName[]> = flag(
  listOf(SOURCES),
  "in turn",
  "fishbase,inaturalist,gbif,commons,google",
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
