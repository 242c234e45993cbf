/**
 * Answers of APIs, as recorded or as written in their shapes, and what comes of them.
 *
 * @module
 */

import type { ApiOptions } from "../../lib/sources/api.ts";
import { createCommons } from "../../lib/sources/commons.ts";
import { createGbif } from "../../lib/sources/gbif.ts";
import { createINaturalist } from "../../lib/sources/inaturalist.ts";
import { createOpenverse } from "../../lib/sources/openverse.ts";
import { type Candidate, type ImageSource, StageStop } from "../../lib/sources/source.ts";
import { FakeApi, parts, Raw, runJob } from "./fake_api.ts";

/** The sources behind APIs, by name. */
export const API_SOURCES: Readonly<Record<string, (options: ApiOptions) => ImageSource>> = {
  inaturalist: createINaturalist,
  gbif: createGbif,
  commons: createCommons,
  openverse: createOpenverse,
};

/** Any value of JSON. */
export type Json = null | boolean | number | string | readonly Json[] | {
  readonly [name: string]: Json;
};

/** One answer. */
export interface Recorded {
  /** What the request's path and query must contain, such as `/v1/taxa?q=Betta+demo`. */
  readonly at: readonly string[];
  /** 200 unless given. */
  readonly status?: number;
  readonly body: Json;
}

/** The answers that one species gets, in order; the last is given again and again. */
export interface Recording {
  readonly latin: string;
  readonly wildOnly?: boolean;
  readonly fullSize?: boolean;
  readonly otherNames?: readonly string[];
  readonly answers: readonly Recorded[];
}

/** What comes of a recording. */
export interface Outcome {
  readonly requests: number;
  readonly candidates: readonly Candidate[];
  /** How the search ended; `stop`, where it ended the stage. */
  readonly end: unknown;
}

/** Plays a recording to a source. */
export async function play(source: string, recording: Recording): Promise<Outcome> {
  const { answers, fullSize = false, latin, otherNames = [], wildOnly = false } = recording;
  const wrong: string[] = [];
  let at = 0;
  const client = new FakeApi((url) => {
    const answer = answers[Math.min(at++, answers.length - 1)];
    if (answer === undefined) throw new Error("There is no answer.");
    const asked = url.pathname + url.search;
    wrong.push(
      ...answer.at.filter((part) => !asked.includes(part)).map((part) => `${asked} has no ${part}`),
    );
    return answerOf(answer);
  });
  const { options } = parts(client);
  const create = API_SOURCES[source];
  if (create === undefined) throw new Error(`There is no source ${source}.`);
  const made = create({ ...options, fullSize, wildOnly, otherNames: () => otherNames });
  const outcome = await runJob(made, latin).catch((thrown) => {
    if (!(thrown instanceof StageStop)) throw thrown;
    return { candidates: [], end: { stop: thrown.why, message: thrown.message } };
  });
  if (wrong.length > 0) throw new Error(wrong.join("\n"));
  return { requests: client.asked.length, ...outcome };
}

function answerOf({ body, status = 200 }: Recorded): unknown {
  if (status === 200) return typeof body === "string" ? new Raw(body) : body;
  const outcomes: Readonly<Record<number, "rate-limited" | "forbidden" | "gone" | "server-error">> =
    {
      403: "forbidden",
      404: "gone",
      429: "rate-limited",
      503: "server-error",
    };
  return new Raw({ outcome: outcomes[status] ?? "client-error", detail: `HTTP ${status}`, status });
}
