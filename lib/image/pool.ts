/**
 * A few workers, each with a codec, and a queue before them.
 *
 * @module
 */

import { Failure, reason } from "../base/failure.ts";
import { compileCodec } from "./codec.ts";
import { DEFAULT_LIMITS, type ExamineLimits } from "./examine.ts";
import { ImageWorker, WorkerLost } from "./image_worker.ts";
import type { Wear } from "./messages.ts";

/** How a pool's workers are kept. */
export interface PoolOptions {
  /** What an image must be to be kept; `DEFAULT_LIMITS` unless given. */
  readonly limits?: ExamineLimits;
  /** The greatest number of workers; the number of processors, at most 4, unless given. */
  readonly workers?: number;
  /** How long one image may take, in milliseconds; 60 seconds unless given. */
  readonly timeLimit?: number;
  /** A worker whose codec has taken more bytes than this is replaced; 512 MiB unless given. */
  readonly heapLimit?: number;
}

/** The workers read HEIC and AVIF in addition, or do not. */
export type Team = "common" | "heif";

/** One piece of work for a worker. */
export interface Task<Result> {
  /** Whose it is. */
  readonly team: Team;
  /** Has a worker do it within a limit in milliseconds. */
  work(
    worker: ImageWorker,
    limit: number,
  ): Promise<{ readonly result: Result; readonly wear: Wear }>;
  /** What it comes to when the worker was lost over it. */
  lost(why: WorkerLost): Result;
}

/** How long a worker may take to load its codec, in milliseconds. */
const START_LIMIT = 60_000;

/**
 * A worker is replaced after so many images that did not decode: they cost up to 100 kB each, which
 * its codec does not give back.
 */
const MOST_FAILURES = 250;

/** How long a worker may take to free its memory, in milliseconds. */
const END_LIMIT = 5_000;

interface Job {
  /** Whether somebody waits for it still. */
  isWanted(): boolean;
  /** Has a worker do it. Gives how far its codec is used up, or nothing when it is lost. */
  give(worker: ImageWorker): Promise<Wear | undefined>;
  fail(why: unknown): void;
}

/**
 * The workers. They start when there is work for them; HEIC and AVIF, which are rare and need
 * larger codecs, have one of their own.
 */
export class Pool {
  readonly #limits: ExamineLimits;
  readonly #timeLimit: number;
  readonly #heapLimit: number;
  readonly #most: Readonly<Record<Team, number>>;
  readonly #queues: Readonly<Record<Team, Job[]>> = { common: [], heif: [] };
  readonly #running: Record<Team, number> = { common: 0, heif: 0 };
  readonly #idle: Readonly<Record<Team, ImageWorker[]>> = { common: [], heif: [] };
  readonly #closing = new AbortController();
  #module: Promise<WebAssembly.Module> | undefined;

  /** Makes a pool; no worker is started yet. */
  constructor(options: PoolOptions) {
    this.#limits = options.limits ?? DEFAULT_LIMITS;
    this.#timeLimit = options.timeLimit ?? 60_000;
    this.#heapLimit = options.heapLimit ?? 512 * 2 ** 20;
    const common = options.workers ?? Math.min(4, navigator.hardwareConcurrency);
    this.#most = { common, heif: 1 };
  }

  /**
   * Has a worker do a task, after those that came before it.
   *
   * @param task The task.
   * @param signal Ends the waiting.
   * @returns What came of it.
   * @throws {Failure} When no worker can be started.
   * @throws The signal's reason when it fires; an `AbortError` when the pool is closed.
   */
  async add<Result>(task: Task<Result>, signal: AbortSignal): Promise<Result> {
    // Not AbortSignal.any(): in Deno 2.9.6 the signals it is made of remember it for as long as they
    // live, which here is the run. (Seen: after 120,000 images, 100 MB.)
    const signals = [signal, this.#closing.signal];
    for (const each of signals) each.throwIfAborted();
    const done = Promise.withResolvers<Result>();
    const abort = (): void => done.reject(signals.find(({ aborted }) => aborted)?.reason);
    for (const each of signals) each.addEventListener("abort", abort, { once: true });
    this.#queues[task.team].push({
      isWanted: () => !signals.some(({ aborted }) => aborted),
      give: (worker) => this.#give(worker, task, done),
      fail: done.reject,
    });
    if (this.#running[task.team] < this.#most[task.team]) this.#run(task.team);
    try {
      return await done.promise;
    } finally {
      for (const each of signals) each.removeEventListener("abort", abort);
    }
  }

  /** Ends the workers; what they were doing ends with an `AbortError`. */
  close(): void {
    this.#closing.abort(new DOMException("The examiner was closed", "AbortError"));
    for (const idle of Object.values(this.#idle)) {
      for (const worker of idle.splice(0)) worker.end();
    }
  }

  /** Takes jobs from a queue until it is empty, with one worker, replaced where need be. */
  async #run(team: Team): Promise<void> {
    this.#running[team]++;
    let worker = this.#idle[team].pop();
    for (let job = this.#queues[team].shift(); job; job = this.#queues[team].shift()) {
      if (!job.isWanted()) continue;
      try {
        worker ??= await this.#start(team);
      } catch (thrown) {
        job.fail(cannotStart(thrown));
        continue;
      }
      worker = await this.#keep(worker, job);
    }
    this.#running[team]--;
    if (worker === undefined) return;
    if (this.#closing.signal.aborted) worker.end();
    else this.#idle[team].push(worker);
  }

  /** Has a worker do a job. Returns the worker, if it can do another. */
  async #keep(worker: ImageWorker, job: Job): Promise<ImageWorker | undefined> {
    const end = (): void => worker.end();
    this.#closing.signal.addEventListener("abort", end, { once: true });
    try {
      const wear = await job.give(worker);
      if (wear === undefined) return undefined;
      if (wear.heap <= this.#heapLimit && wear.failures < MOST_FAILURES) return worker;
      await worker.retire(END_LIMIT);
      return undefined;
    } finally {
      this.#closing.signal.removeEventListener("abort", end);
    }
  }

  async #give<Result>(
    worker: ImageWorker,
    task: Task<Result>,
    done: PromiseWithResolvers<Result>,
  ): Promise<Wear | undefined> {
    try {
      const { result, wear } = await task.work(worker, this.#timeLimit);
      done.resolve(result);
      return wear;
    } catch (thrown) {
      if (!(thrown instanceof WorkerLost)) throw thrown;
      done.resolve(task.lost(thrown));
      return undefined;
    }
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
