/**
 * A few workers with decoders, a queue before them, and the memory that they share.
 *
 * @module
 */

import { Failure, reason } from "../base/failure.ts";
import { codecFolder, compileCodec } from "./codec.ts";
import { DEFAULT_LIMITS, type ExamineLimits } from "./examine.ts";
import { heicScript } from "./heic.ts";
import { compileJpegDecoder } from "./jpeg.ts";
import type { FromWorker, Result, ToWorker, Work } from "./worker.ts";

/** How a pool's workers are kept. */
export interface PoolOptions {
  /** What an image must be to be kept; `DEFAULT_LIMITS` unless given. */
  readonly limits?: ExamineLimits;
  /** The greatest number of workers; the number of processors, at most 4, unless given. */
  readonly workers?: number;
  /** Whether the workers start at once; otherwise when there is work for them. */
  readonly warm?: boolean;
  /** How long one image may take, in milliseconds; 60 seconds unless given. */
  readonly timeLimit?: number;
  /** A worker in which libvips has taken more bytes than this is replaced; 256 MiB unless given. */
  readonly heapLimit?: number;
  /**
   * How many bytes of pixels all workers together may decode at a time, small images not counted;
   * 800 MB unless given.
   */
  readonly memory?: number;
}

/** How long a worker may take to load its decoder, in milliseconds. */
const START_LIMIT = 60_000;

/** A worker is replaced after so many images that did not decode: see `Wear`. */
const MOST_FAILURES = 250;

/** Workers of one kind, and the work that waits for them. */
interface Lane {
  /** Whether they read HEIC and AVIF in addition. */
  readonly isHeif: boolean;
  readonly most: number;
  readonly queue: Queued[];
  readonly idle: ImageWorker[];
  running: number;
}

interface Queued extends PromiseWithResolvers<Result> {
  readonly work: Work;
  /** Whether somebody still waits for it. */
  isWanted(): boolean;
}

/**
 * The workers. They start when there is work for them, or before if so wished; HEIC and AVIF, which are rare and need
 * larger decoders, have one of their own.
 */
export class Pool {
  readonly #limits: ExamineLimits;
  readonly #timeLimit: number;
  readonly #heapLimit: number;
  readonly #memory: DecodingBudget;
  readonly #common: Lane;
  readonly #heif: Lane = { isHeif: true, most: 1, queue: [], idle: [], running: 0 };
  readonly #workers = new Set<ImageWorker>();
  readonly #closing = new AbortController();

  constructor(options: PoolOptions) {
    this.#limits = options.limits ?? DEFAULT_LIMITS;
    this.#timeLimit = options.timeLimit ?? 60_000;
    this.#heapLimit = options.heapLimit ?? 256 * 2 ** 20;
    this.#memory = new DecodingBudget(options.memory ?? 800_000_000);
    const most = options.workers ?? Math.min(4, navigator.hardwareConcurrency);
    this.#common = { isHeif: false, most, queue: [], idle: [], running: 0 };
    while (options.warm && this.#common.running < most) this.#runWorker(this.#common, true);
  }

  /**
   * Has a worker do some work, after what came before it.
   *
   * @throws {Failure} When no worker can be started.
   * @throws The signal's reason when it fires; an `AbortError` when the pool is closed.
   */
  async run(work: Work, signal: AbortSignal): Promise<Result> {
    // Not AbortSignal.any(): in Deno 2.9.6 the signals it is made of remember it for as long as they
    // live, which here is the run. (Seen: after 120,000 images, 100 MB.)
    const signals = [signal, this.#closing.signal];
    for (const each of signals) each.throwIfAborted();
    const done = Promise.withResolvers<Result>();
    const abort = (): void => done.reject(signals.find(({ aborted }) => aborted)?.reason);
    for (const each of signals) each.addEventListener("abort", abort, { once: true });
    const isHeif = work.say === "look" && (work.type === "avif" || work.type === "heic");
    const lane = isHeif ? this.#heif : this.#common;
    lane.queue.push({ ...done, work, isWanted: () => !signals.some(({ aborted }) => aborted) });
    if (lane.running < lane.most) this.#runWorker(lane);
    try {
      return await done.promise;
    } finally {
      for (const each of signals) each.removeEventListener("abort", abort);
    }
  }

  /** Ends the workers; what they were doing ends with an `AbortError`. */
  close(): void {
    this.#closing.abort(new DOMException("The examiner was closed", "AbortError"));
    for (const worker of this.#workers) worker.end();
  }

  /** Does what is in a queue until it is empty, with one worker, replaced where need be. */
  async #runWorker(lane: Lane, isEarly = false): Promise<void> {
    lane.running++;
    let worker = lane.idle.pop();
    // A worker that cannot start now fails again, and is reported, when there is work.
    if (isEarly) worker = await this.#start(lane).catch(() => undefined);
    for (let next = lane.queue.shift(); next; next = lane.queue.shift()) {
      if (!next.isWanted()) continue;
      try {
        worker ??= await this.#start(lane);
        const { result, wear } = await worker.do(next.work, this.#timeLimit, this.#memory);
        next.resolve(result);
        if (wear.heap <= this.#heapLimit && wear.failures < MOST_FAILURES) continue;
        worker.retire();
      } catch (thrown) {
        if (thrown instanceof WorkerLost) next.resolve({ lost: thrown.message });
        else {
          worker?.end();
          next.reject(cannotStart(thrown));
        }
      }
      if (worker !== undefined) this.#workers.delete(worker);
      worker = undefined;
    }
    lane.running--;
    if (worker !== undefined) lane.idle.push(worker);
  }

  async #start({ isHeif }: Lane): Promise<ImageWorker> {
    const jpegDecoder = await compileJpegDecoder();
    const worker = new ImageWorker([codecFolder(), ...(isHeif ? [heicScript()] : [])]);
    this.#workers.add(worker);
    if (this.#closing.signal.aborted) worker.end();
    try {
      await worker.start({ say: "start", limits: this.#limits, jpegDecoder, isHeif });
      return worker;
    } catch (thrown) {
      worker.end();
      this.#workers.delete(worker);
      // The image is not to blame for what is lost here.
      throw thrown instanceof WorkerLost ? new Error(thrown.message) : thrown;
    }
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

/** How many bytes of pixels may be decoded at a time, over all workers together. */
export class DecodingBudget {
  readonly #total: number;
  readonly #waiting: { readonly bytes: number; start(): void }[] = [];
  #taken = 0;

  constructor(total: number) {
    this.#total = total;
  }

  /** Waits until so many bytes are free, after those who waited before; at most all of them. */
  async take(bytes: number): Promise<number> {
    const wanted = Math.min(bytes, this.#total);
    await new Promise<void>((start) => {
      this.#waiting.push({ bytes: wanted, start });
      this.#next();
    });
    return wanted;
  }

  giveBack(bytes: number): void {
    this.#taken -= bytes;
    this.#next();
  }

  #next(): void {
    for (let [first] = this.#waiting; first !== undefined; [first] = this.#waiting) {
      if (this.#taken + first.bytes > this.#total) return;
      this.#waiting.shift();
      this.#taken += first.bytes;
      first.start();
    }
  }
}

/** A worker that died, or took too long over what it was to do; it ends by itself. */
class WorkerLost extends Error {
  override readonly name = "WorkerLost";
}

type Done = Extract<FromWorker, { say: "done" }>;

/** One worker, seen from outside: it does one piece of work at a time. */
class ImageWorker {
  readonly #worker: Worker;
  #waiting: PromiseWithResolvers<FromWorker> | undefined;
  #ended = false;

  constructor(files: readonly string[]) {
    this.#worker = new Worker(new URL("./worker.ts", import.meta.url), {
      type: "module",
      name: "image examiner",
      deno: {
        permissions: {
          env: false,
          ffi: false,
          import: false,
          net: false,
          run: false,
          sys: false,
          write: false,
          read: files.map((file) => new URL(file)),
        },
      },
    });
    this.#worker.onmessage = (event: MessageEvent<FromWorker>): void => {
      this.#waiting?.resolve(event.data);
    };
    this.#worker.onerror = (event: ErrorEvent): void => {
      event.preventDefault();
      this.#waiting?.reject(new WorkerLost(`the decoder died: ${event.message}`));
    };
  }

  /** Waits until it listens, and has it load what it needs for any image. */
  async start(message: Extract<ToWorker, { say: "start" }>): Promise<void> {
    await this.#answer(START_LIMIT, "not started");
    this.#send(message);
    const said = await this.#answer(START_LIMIT, "not started");
    if (said.say === "failed") throw new Error(said.why);
  }

  /**
   * Does a piece of work.
   *
   * @throws {WorkerLost} When the worker died or took too long.
   * @throws {Error} When it could not load a decoder.
   */
  async do(work: Work, timeLimit: number, memory: DecodingBudget): Promise<Done> {
    let taken = 0;
    try {
      const files = work.say === "look" ? [work.bytes] : work.images;
      this.#send(work, files.map(({ buffer }) => buffer));
      for (;;) {
        const said = await this.#answer(timeLimit, "not decoded");
        if (said.say === "done") return said;
        if (said.say !== "needs") throw new Error(said.say === "failed" ? said.why : "no answer");
        if (said.what === "vips") this.#send({ say: "given", vips: await compileCodec() });
        else {
          taken += await memory.take(said.what);
          this.#send({ say: "given" });
        }
      }
    } finally {
      memory.giveBack(taken);
    }
  }

  /**
   * Has the worker free its memory and end itself when it comes back from what it is doing. It could
   * not be stopped in the midst of that: Deno does not interrupt a worker that is computing (seen
   * with 2.9.6), and libvips' threads would stay for ever.
   */
  retire(): void {
    this.#send({ say: "end" });
  }

  /**
   * Ends the worker, whatever it is doing. Threads of its libvips remain, idle, until the program
   * ends.
   */
  end(): void {
    this.#ended = true;
    this.#worker.terminate();
    this.#waiting?.reject(new WorkerLost("the worker was ended"));
  }

  #send(message: ToWorker, transfer: Transferable[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  async #answer(limit: number, undone: string): Promise<FromWorker> {
    if (this.#ended) throw new WorkerLost("the worker was ended");
    const waiting = Promise.withResolvers<FromWorker>();
    this.#waiting = waiting;
    const timer = setTimeout(() => {
      waiting.reject(new WorkerLost(`${undone} within ${limit / 1000} s`));
    }, limit);
    try {
      return await waiting.promise;
    } catch (thrown) {
      this.retire();
      throw thrown;
    } finally {
      clearTimeout(timer);
      this.#waiting = undefined;
    }
  }
}
