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
import type { FromWorker, Result, ToWorker, Wear, Work } from "./messages.ts";

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

export interface Job<T> {
  readonly work: Work;
  /** The buffers that are handed over to the worker. */
  readonly transfer: readonly ArrayBuffer[];
  /** Takes the result; undefined where it is one of another kind of work. */
  read(result: Result): T | undefined;
  /** What it comes to when the worker died or took too long over it. */
  lost(why: string): T;
}

/** How long a worker may take to load its decoder, and to free its memory, in milliseconds. */
const START_LIMIT = 60_000;
const END_LIMIT = 5_000;

/** A worker is replaced after so many images that did not decode: see `Wear`. */
const MOST_FAILURES = 250;

/** The workers of the one kind read HEIC and AVIF in addition. */
type Kind = "common" | "heif";

interface Shared {
  readonly limits: ExamineLimits;
  readonly timeLimit: number;
  readonly memory: DecodingBudget;
  /** Machine code that is compiled once, when it is first needed. */
  jpegDecoder(): Promise<WebAssembly.Module>;
  vips(): Promise<WebAssembly.Module>;
}

interface Queued {
  /** Whether somebody still waits for it. */
  isWanted(): boolean;
  /** Has a worker do it. Returns how far that is used up, or nothing where it was lost. */
  give(worker: ImageWorker): Promise<Wear | undefined>;
  fail(why: unknown): void;
}

/**
 * The workers. They start when there is work for them, or before if so wished; HEIC and AVIF, which are rare and need
 * larger decoders, have one of their own.
 */
export class Pool {
  readonly #shared: Shared;
  readonly #heapLimit: number;
  readonly #most: Readonly<Record<Kind, number>>;
  readonly #queues: Readonly<Record<Kind, Queued[]>> = { common: [], heif: [] };
  readonly #running: Record<Kind, number> = { common: 0, heif: 0 };
  readonly #idle: Readonly<Record<Kind, ImageWorker[]>> = { common: [], heif: [] };
  readonly #closing = new AbortController();

  constructor(options: PoolOptions) {
    let jpegDecoder: Promise<WebAssembly.Module> | undefined;
    let vips: Promise<WebAssembly.Module> | undefined;
    this.#shared = {
      limits: options.limits ?? DEFAULT_LIMITS,
      timeLimit: options.timeLimit ?? 60_000,
      memory: new DecodingBudget(options.memory ?? 800_000_000),
      jpegDecoder: () => jpegDecoder ??= compileJpegDecoder(),
      vips: () => vips ??= compileCodec(),
    };
    this.#heapLimit = options.heapLimit ?? 256 * 2 ** 20;
    const common = options.workers ?? Math.min(4, navigator.hardwareConcurrency);
    this.#most = { common, heif: 1 };
    while (options.warm && this.#running.common < common) this.#runWorker("common", true);
  }

  /**
   * Has a worker do a job, after those that came before it.
   *
   * @throws {Failure} When no worker can be started.
   * @throws The signal's reason when it fires; an `AbortError` when the pool is closed.
   */
  async run<T>(job: Job<T>, signal: AbortSignal): Promise<T> {
    // Not AbortSignal.any(): in Deno 2.9.6 the signals it is made of remember it for as long as they
    // live, which here is the run. (Seen: after 120,000 images, 100 MB.)
    const signals = [signal, this.#closing.signal];
    for (const each of signals) each.throwIfAborted();
    const done = Promise.withResolvers<T>();
    const abort = (): void => done.reject(signals.find(({ aborted }) => aborted)?.reason);
    for (const each of signals) each.addEventListener("abort", abort, { once: true });
    const kind = kindOf(job.work);
    this.#queues[kind].push({
      isWanted: () => !signals.some(({ aborted }) => aborted),
      give: (worker) => give(worker, job, done),
      fail: done.reject,
    });
    if (this.#running[kind] < this.#most[kind]) this.#runWorker(kind);
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
  async #runWorker(kind: Kind, isEarly = false): Promise<void> {
    this.#running[kind]++;
    let worker = this.#idle[kind].pop();
    // A worker that cannot start now fails again, and is reported, when there is work.
    if (isEarly) worker ??= await ImageWorker.start(this.#shared, kind).catch(() => undefined);
    for (let next = this.#queues[kind].shift(); next; next = this.#queues[kind].shift()) {
      if (!next.isWanted()) continue;
      try {
        worker ??= await ImageWorker.start(this.#shared, kind);
        worker = await this.#doNext(worker, next);
      } catch (thrown) {
        worker?.end();
        worker = undefined;
        next.fail(cannotStart(thrown));
      }
    }
    this.#running[kind]--;
    if (worker === undefined) return;
    if (this.#closing.signal.aborted) worker.end();
    else this.#idle[kind].push(worker);
  }

  /** Has a worker do a job. Returns the worker, if it can do another. */
  async #doNext(worker: ImageWorker, next: Queued): Promise<ImageWorker | undefined> {
    const end = (): void => worker.end();
    this.#closing.signal.addEventListener("abort", end, { once: true });
    try {
      const wear = await next.give(worker);
      if (wear === undefined) return undefined;
      if (wear.heap <= this.#heapLimit && wear.failures < MOST_FAILURES) return worker;
      await worker.retire();
      return undefined;
    } finally {
      this.#closing.signal.removeEventListener("abort", end);
    }
  }
}

function kindOf(work: Work): Kind {
  return work.say === "look" && (work.type === "avif" || work.type === "heic") ? "heif" : "common";
}

async function give<T>(
  worker: ImageWorker,
  job: Job<T>,
  done: PromiseWithResolvers<T>,
): Promise<Wear | undefined> {
  try {
    const { result, wear } = await worker.do(job.work, job.transfer);
    const read = job.read(result);
    if (read === undefined) throw new TypeError(`A worker answered ${job.work.say} wrongly`);
    done.resolve(read);
    return wear;
  } catch (thrown) {
    if (!(thrown instanceof WorkerLost)) throw thrown;
    done.resolve(job.lost(thrown.message));
    return undefined;
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

/** A worker that died, or took too long over what it was to do; it is ended. */
class WorkerLost extends Error {
  override readonly name = "WorkerLost";
}

type Done = Extract<FromWorker, { say: "done" }>;

/** One worker, seen from outside: it does one piece of work at a time. */
class ImageWorker {
  readonly #worker: Worker;
  readonly #shared: Shared;
  #waiting: PromiseWithResolvers<FromWorker> | undefined;
  #ended = false;

  private constructor(shared: Shared, files: readonly string[]) {
    this.#shared = shared;
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

  static async start(shared: Shared, kind: Kind): Promise<ImageWorker> {
    const jpegDecoder = await shared.jpegDecoder();
    const vipsFolder = codecFolder();
    const heic = kind === "heif" ? { heicScript: heicScript() } : {};
    const worker = new ImageWorker(shared, [vipsFolder, ...Object.values(heic)]);
    const { limits } = shared;
    try {
      expect(await worker.#answer(START_LIMIT, "not started"), "listening");
      worker.#send({ say: "start", limits, jpegDecoder, vipsFolder, ...heic });
      expect(await worker.#answer(START_LIMIT, "not started"), "ready");
      return worker;
    } catch (thrown) {
      worker.end();
      throw thrown;
    }
  }

  /**
   * Does a piece of work.
   *
   * @throws {WorkerLost} When the worker died or took too long; it is ended then.
   * @throws {Error} When it could not load a decoder.
   */
  async do(work: Work, transfer: readonly ArrayBuffer[]): Promise<Done> {
    const { memory, timeLimit } = this.#shared;
    let taken = 0;
    try {
      this.#send(work, [...transfer]);
      for (;;) {
        const said = await this.#answer(timeLimit, "not decoded");
        switch (said.say) {
          case "done":
            return said;
          case "needs memory":
            taken += await memory.take(said.bytes);
            this.#send({ say: "memory" });
            break;
          case "needs vips":
            this.#send({ say: "vips", module: await this.#shared.vips() });
            break;
          default:
            throw new Error(said.say === "failed" ? said.why : `the worker said ${said.say}`);
        }
      }
    } finally {
      memory.giveBack(taken);
    }
  }

  /** Ends the worker when it has nothing to do, and frees its memory. */
  async retire(): Promise<void> {
    this.#send({ say: "end" });
    try {
      await this.#answer(END_LIMIT, "not ended");
    } catch (thrown) {
      if (!(thrown instanceof WorkerLost)) throw thrown;
    }
    this.end();
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

  /**
   * Has the worker free its memory and end itself when it comes back from what it is doing. It could
   * not be stopped in the midst of that: Deno does not interrupt a worker that is computing (seen
   * with 2.9.6), and libvips' threads would stay for ever.
   */
  #giveUp(): void {
    this.#worker.onmessage = (event: MessageEvent<FromWorker>): void => {
      if (event.data.say === "ended") this.#worker.terminate();
      // Its work ends before it listens again only if it gets what it asks for.
      if (event.data.say === "needs memory") this.#send({ say: "memory" });
      if (event.data.say === "needs vips") this.#worker.terminate();
    };
    this.#send({ say: "end" });
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
      this.#giveUp();
      throw thrown;
    } finally {
      clearTimeout(timer);
      this.#waiting = undefined;
    }
  }
}

function expect(said: FromWorker, expected: FromWorker["say"]): void {
  if (said.say === expected) return;
  throw new Error(said.say === "failed" ? said.why : `the worker said ${said.say}`);
}
