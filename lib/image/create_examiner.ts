/**
 * The examiner: a few workers, each with a codec, and a queue before them.
 *
 * @module
 */

import { Failure, reason } from "../failure.ts";
import { compileCodec } from "./codec.ts";
import {
  DEFAULT_LIMITS,
  type Examination,
  type ExaminedOther,
  type ExamineLimits,
  type Examiner,
} from "./examine.ts";
import { type Answer, ImageWorker, WorkerLost } from "./image_worker.ts";
import { sha256 } from "./look.ts";
import { type ReadableType, recognise } from "./magic.ts";

/** How images are examined. */
export interface ExaminerOptions {
  /** What an image must be to be kept; `DEFAULT_LIMITS` unless given. */
  readonly limits?: ExamineLimits;
  /** The greatest number of workers; the number of processors, at most 4, unless given. */
  readonly workers?: number;
  /** How long one image may take, in milliseconds; 20 seconds unless given. */
  readonly timeLimit?: number;
  /** A worker whose codec has taken more bytes than this is replaced; 256 MiB unless given. */
  readonly heapLimit?: number;
}

/** How long a worker may take to load its codec, in milliseconds. */
const START_LIMIT = 60_000;

/** The workers read HEIC and AVIF in addition, or do not. */
type Team = "common" | "heif";

interface Job {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly type: ReadableType;
  /** SHA-256 of what came. */
  readonly came: string;
  readonly signal: AbortSignal;
  readonly done: PromiseWithResolvers<Examination>;
}

/**
 * Makes an examiner. Workers start when there is work for them; HEIC and AVIF, which are rare and
 * need larger codecs, have one of their own.
 *
 * @param options How images are examined.
 * @returns The examiner; close it at the end.
 *
 * @example
 * ```ts
 * import { createExaminer } from "./create_examiner.ts";
 *
 * const examiner = createExaminer();
 * const bytes = new TextEncoder().encode("<!DOCTYPE html><p>Not found");
 * const examination = await examiner.examine(bytes, AbortSignal.timeout(30_000));
 * examiner.close();
 * // { ok: false, outcome: "not-an-image", detail: "HTML page", sha256: "…" }
 * ```
 */
export function createExaminer(options: ExaminerOptions = {}): Examiner {
  const pool = new Pool(options);
  return {
    examine: async (bytes, signal) => {
      signal.throwIfAborted();
      const recognised = recognise(bytes);
      switch (recognised.kind) {
        case "image":
          return await pool.add(bytes, recognised.type, signal);
        case "unsupported":
          return await other(bytes, "unsupported-type", recognised.name);
        case "other":
          return await other(bytes, "not-an-image", recognised.name);
      }
    },
    close: () => pool.close(),
  };
}

async function other(
  bytes: Uint8Array<ArrayBuffer>,
  outcome: ExaminedOther["outcome"],
  detail: string,
): Promise<ExaminedOther> {
  return { ok: false, outcome, detail, sha256: await sha256(bytes) };
}

class Pool {
  readonly #limits: ExamineLimits;
  readonly #timeLimit: number;
  readonly #heapLimit: number;
  readonly #most: Readonly<Record<Team, number>>;
  readonly #queues: Readonly<Record<Team, Job[]>> = { common: [], heif: [] };
  readonly #running: Record<Team, number> = { common: 0, heif: 0 };
  readonly #idle: Readonly<Record<Team, ImageWorker[]>> = { common: [], heif: [] };
  readonly #closing = new AbortController();
  #module: Promise<WebAssembly.Module> | undefined;

  constructor(options: ExaminerOptions) {
    this.#limits = options.limits ?? DEFAULT_LIMITS;
    this.#timeLimit = options.timeLimit ?? 20_000;
    this.#heapLimit = options.heapLimit ?? 256 * 2 ** 20;
    const common = options.workers ?? Math.min(4, navigator.hardwareConcurrency);
    this.#most = { common, heif: 1 };
  }

  async add(
    bytes: Uint8Array<ArrayBuffer>,
    type: ReadableType,
    signal: AbortSignal,
  ): Promise<Examination> {
    const came = await sha256(bytes);
    const either = AbortSignal.any([signal, this.#closing.signal]);
    either.throwIfAborted();
    const job: Job = { bytes, type, came, signal: either, done: Promise.withResolvers() };
    const abort = (): void => job.done.reject(either.reason);
    either.addEventListener("abort", abort, { once: true });
    const team: Team = type === "avif" || type === "heic" ? "heif" : "common";
    this.#queues[team].push(job);
    if (this.#running[team] < this.#most[team]) this.#run(team);
    try {
      return await job.done.promise;
    } finally {
      either.removeEventListener("abort", abort);
    }
  }

  close(): void {
    this.#closing.abort(new DOMException("The examiner was closed", "AbortError"));
    for (const idle of Object.values(this.#idle)) {
      for (const worker of idle.splice(0)) worker.end();
    }
  }

  /** Takes images from a queue until it is empty, with one worker, replaced where need be. */
  async #run(team: Team): Promise<void> {
    this.#running[team]++;
    let worker = this.#idle[team].pop();
    for (let job = this.#queues[team].shift(); job; job = this.#queues[team].shift()) {
      if (job.signal.aborted) continue;
      try {
        worker ??= await this.#start(team);
      } catch (thrown) {
        job.done.reject(cannotStart(thrown));
        continue;
      }
      worker = await this.#give(worker, job);
    }
    this.#running[team]--;
    if (worker === undefined) return;
    if (this.#closing.signal.aborted) worker.end();
    else this.#idle[team].push(worker);
  }

  /** Has a worker do a job. Returns the worker, if it can do another. */
  async #give(worker: ImageWorker, job: Job): Promise<ImageWorker | undefined> {
    const end = (): void => worker.end();
    this.#closing.signal.addEventListener("abort", end, { once: true });
    try {
      const { examination, heap } = await this.#look(worker, job);
      job.done.resolve(examination);
      if (heap <= this.#heapLimit) return worker;
      worker.end();
    } catch (thrown) {
      if (!(thrown instanceof WorkerLost)) throw thrown;
      const lost = { ok: false, outcome: "corrupt", detail: thrown.message } as const;
      job.done.resolve({ ...lost, sha256: job.came });
    } finally {
      this.#closing.signal.removeEventListener("abort", end);
    }
    return undefined;
  }

  #look(worker: ImageWorker, job: Job): Promise<Answer> {
    return worker.look({ bytes: job.bytes, type: job.type, came: job.came }, this.#timeLimit);
  }

  async #start(team: Team): Promise<ImageWorker> {
    this.#module ??= compileCodec();
    const settings = { module: await this.#module, limits: this.#limits, startLimit: START_LIMIT };
    return await ImageWorker.start({ ...settings, heif: team === "heif" });
  }
}

function cannotStart(thrown: unknown): Failure {
  return new Failure(
    `Cannot examine images: their decoder does not start: ${reason(thrown)}. ` +
      "Run `deno install` to restore its files, and try again.",
    1,
    thrown,
  );
}
