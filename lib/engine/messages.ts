/**
 * What keeper and workers say to each other, read from its bytes.
 *
 * @module
 */

import * as v from "valibot";
import { Failure } from "../base/failure.ts";
import { EXAMINED_OUTCOMES, NETWORK_OUTCOMES } from "../base/outcome.ts";
import type { Credit } from "../image/credit.ts";
import { IMAGE_FLAGS } from "../image/flags.ts";
import type { FetchedImage, FetchResult } from "../scrape/fetch_candidate.ts";
import type { Candidate, SourceEnd } from "../sources/source.ts";
import type { Species } from "../species/species.ts";

const TEXT = v.string();
const MORE = v.exactOptional(TEXT);
const SIZE = v.exactOptional(v.number());
const FOUND = v.exactOptional(v.record(TEXT, v.unknown()));

// `satisfies` says that no field is forgotten: what a schema does not name is dropped.
const CANDIDATE_FIELDS = {
  url: TEXT,
  alternatives: v.exactOptional(v.array(TEXT)),
  page: TEXT,
  width: SIZE,
  height: SIZE,
  title: MORE,
  author: MORE,
  license: MORE,
  licenseText: MORE,
  licenseUrl: MORE,
  observation: MORE,
  observed: MORE,
  quality: MORE,
  basis: MORE,
  origin: MORE,
  captive: v.exactOptional(v.boolean()),
  sha256: MORE,
  kind: MORE,
  sex: v.exactOptional(v.picklist(["male", "female"])),
  stage: MORE,
  road: MORE,
  query: MORE,
} satisfies Record<keyof Candidate, unknown>;
const CANDIDATE: v.GenericSchema<unknown, Candidate> = v.object(CANDIDATE_FIELDS);
const CREDIT = {
  author: MORE,
  license: MORE,
  optOut: MORE,
  synthetic: MORE,
} satisfies Record<keyof Credit, unknown>;

/** What the keeper says of its run, in its lease. */
const RUN = v.object({
  version: TEXT,
  flags: v.array(TEXT),
  sources: v.array(TEXT),
  host: TEXT,
  since: TEXT,
  progress: v.exactOptional(v.object({
    images: v.number(),
    wanted: v.number(),
    perMinute: v.number(),
    secondsLeft: v.exactOptional(v.number()),
  })),
});
/** The run that a keeper leads: its version, the flags that workers need, its sources, how far it is. */
export type RunMessage = v.InferOutput<typeof RUN>;

const TASK = v.object({
  key: TEXT,
  species: TEXT,
  source: TEXT,
  candidate: CANDIDATE,
  hops: v.exactOptional(v.number()),
});
/** A candidate to be fetched; `hops` where a redirect led from one worker's hosts to another's. */
export type Task = v.InferOutput<typeof TASK>;

const HASH = v.pipe(TEXT, v.regex(/^[0-9a-f]{64}$/));
const PRINT = v.pipe(TEXT, v.regex(/^[0-9a-f]{1,4000}$/));
/** What the log takes for a count: a worker must not make the keeper write a line that it cannot read. */
const COUNT = v.pipe(v.number(), v.integer(), v.minValue(0));
const IMAGE = {
  ok: v.literal(true),
  bytes: v.object({ length: COUNT, stored: v.literal(true) }),
  sha256: HASH,
  type: v.picklist(["jpeg", "png", "webp", "gif"]),
  width: COUNT,
  height: COUNT,
  fingerprint: PRINT,
  mirrored: PRINT,
  inner: v.exactOptional(v.pipe(v.number(), v.minValue(0), v.maxValue(1))),
  flags: v.exactOptional(v.array(v.picklist(IMAGE_FLAGS))),
  credit: v.exactOptional(v.object(CREDIT)),
  original: v.exactOptional(v.object({ sha256: TEXT, type: TEXT })),
} satisfies Record<keyof FetchedImage, unknown>;
const EXAMINATION = v.variant("ok", [
  v.object(IMAGE),
  v.object({
    ok: v.literal(false),
    outcome: v.picklist(EXAMINED_OUTCOMES),
    detail: TEXT,
    width: v.exactOptional(COUNT),
    height: v.exactOptional(COUNT),
    sha256: HASH,
  }),
]);

const RESULT: v.GenericSchema<unknown, FetchResult> = v.variant("ok", [
  v.object({ ok: v.literal(true), examination: EXAMINATION, notes: v.array(TEXT) }),
  v.object({
    ok: v.literal(false),
    answer: v.object({ outcome: v.picklist(NETWORK_OUTCOMES), detail: TEXT }),
  }),
]);
const EXAMINED = v.object({ key: TEXT, result: v.exactOptional(RESULT) });
/** What came of a task; without a result, a worker begins it alone, since others ended with it. */
export type Examined = v.InferOutput<typeof EXAMINED>;

const isSpecies = (value: unknown): boolean =>
  typeof value === "object" && value !== null && "id" in value && typeof value.id === "string" &&
  "common" in value && Array.isArray(value.common);
const QUESTION = v.object({
  session: TEXT,
  number: v.number(),
  species: v.custom<Species>(isSpecies),
  missing: v.number(),
  successRate: v.number(),
  known: v.pipe(v.array(TEXT), v.readonly()),
});
/** The keeper asks for a search's next candidate; number 0 begins the search, -1 ends it. */
export type Question = v.InferOutput<typeof QUESTION>;

const END: v.GenericSchema<unknown, SourceEnd> = v.variant("why", [
  v.object({ why: v.literal("exhausted"), detail: FOUND }),
  v.object({ why: v.literal("not-found"), reason: TEXT, detail: FOUND }),
  v.object({ why: v.literal("no-latin-name"), reason: TEXT }),
  v.object({ why: v.literal("failed"), reason: TEXT }),
  v.object({ why: v.literal("not-recognised"), reason: TEXT, savedPage: MORE }),
]);
const REPLY = v.variant("kind", [
  v.object({ kind: v.literal("lost") }),
  v.object({ kind: v.literal("candidate"), candidate: CANDIDATE }),
  v.object({ kind: v.literal("end"), end: END }),
  v.object({ kind: v.literal("stop"), why: TEXT, message: TEXT }),
]);
/** What the searching worker answers. */
export type Reply = v.InferOutput<typeof REPLY>;

const PRESENCE = v.object({
  name: TEXT,
  version: TEXT,
  since: TEXT,
  fetching: v.number(),
  fetched: v.number(),
  perMinute: v.number(),
  /** The longest first. */
  doing: v.array(v.object({ what: TEXT, seconds: v.number() })),
  owns: v.number(),
  trouble: MORE,
});
/** What a worker says of itself. */
export type Presence = v.InferOutput<typeof PRESENCE>;

function reader<Output>(what: string, schema: v.GenericSchema<unknown, Output>) {
  const whole = v.pipe(v.string(), v.parseJson(), schema);
  return (bytes: Uint8Array): Output => {
    const read = v.safeParse(whole, new TextDecoder().decode(bytes));
    if (read.success) return read.output;
    const [issue] = read.issues;
    throw new Failure(
      `Cannot read ${what} of the queue: ${v.getDotPath(issue) ?? "it"}: ${issue.message}.`,
    );
  };
}

/** Each throws a {@linkcode Failure} when the bytes are not what they should be. */
export const read = {
  run: reader("the keeper's run", RUN),
  task: reader("a task", TASK),
  examined: reader("a result", EXAMINED),
  question: reader("a question", QUESTION),
  reply: reader("a reply", REPLY),
  presence: reader("a worker's report", PRESENCE),
};
