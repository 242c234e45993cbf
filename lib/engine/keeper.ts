/**
 * The keeper: decides and logs as one machine does, and has workers search and fetch for it.
 *
 * What it does not know it asks again: a keeper that was killed reads its log, takes the results that
 * the queue still has, and queues the rest.
 *
 * @module
 */

import type { JsMsg } from "@nats-io/jetstream";
import { abortable, delay } from "@std/async";
import { Failure, type Notice, reason } from "../base/failure.ts";
import { sha256Of } from "../base/files.ts";
import { forever } from "../base/retry.ts";
import { hostName } from "../dataset/lock.ts";
import type { Fetcher, FetchOrder, FetchResult } from "../scrape/fetch_candidate.ts";
import type { ImageSource } from "../sources/source.ts";
import { read, type RunMessage, type Task } from "./messages.ts";
import {
  BEAT,
  follow,
  LEASE,
  type Lease,
  pack,
  partitionOf,
  PAUSE,
  type Queue,
  readOr,
} from "./queue.ts";
import { searchAfar } from "./search.ts";

/** What a keeper works with. */
export interface KeeperOptions {
  readonly queue: Queue;
  /** What it tells the workers. */
  readonly run: Omit<RunMessage, "since" | "host" | "progress">;
  /** How far the run is, for whoever asks the queue. */
  readonly progress?: () => RunMessage["progress"];
  /** Hosts of source sites, each with its source's name. */
  readonly sites: ReadonlyMap<string, string>;
  /** The URLs that were decided for a species before. */
  readonly decidedUrls: (species: string) => readonly string[];
  /** Waits until all that was decided is on the disk. */
  readonly flush: () => Promise<void>;
  readonly notice: Notice;
  readonly signal: AbortSignal;
}

/** Queued tasks are queued again after so long, should the queue have lost them, in milliseconds. */
const QUEUE_AGAIN = 30_000;
/** How long a keeper waits for the lease of one that was killed, in milliseconds. */
const TAKE_OVER = LEASE + BEAT;
/** How often a candidate may end a worker that does nothing else. */
const MOST_ALONE = 2;
/** So many results that nobody wants any more are known as such. */
const MOST_UNWANTED = 200_000;

interface Pending {
  readonly partition: string;
  readonly task: Uint8Array;
  /** When it was queued last. */
  queued: number;
  /** How often a worker began it alone. */
  alone: number;
  readonly resolve: (result: FetchResult) => void;
}

/**
 * Becomes the keeper of a queue.
 *
 * @throws {Failure} With status 2, when the queue has another keeper.
 */
export async function startKeeper(options: KeeperOptions): Promise<Keeper> {
  const { queue, run, notice, signal } = options;
  const host = await hostName() ?? "an unnamed machine";
  const said = { ...run, host, since: new Date().toISOString() };
  await queue.makeStreams();
  const first = await queue.holder("keeper");
  if (first !== undefined) {
    notice("The queue has a keeper, or had one until a moment ago; looking whether it is alive.");
  }
  const end = performance.now() + TAKE_OVER;
  while (true) {
    const lease = await queue.take("keeper", pack(said));
    if (lease !== undefined) return new Keeper(options, lease, said);
    const now = await queue.holder("keeper");
    if (now !== undefined && (now.seq !== first?.seq || performance.now() > end)) {
      const { host, since } = read.run(now.data);
      throw new Failure(
        `The queue ${queue.name} has a keeper since ${since}, on ${host}: it can have one only. Start workers instead: deno task worker.`,
        2,
      );
    }
    await delay(PAUSE, { signal });
  }
}

/** See {@linkcode startKeeper}. Close it when done. */
export class Keeper implements Fetcher {
  readonly #options: KeeperOptions;
  readonly #said: RunMessage;
  readonly #over = new AbortController();
  readonly #broken = new AbortController();
  /** Fires with a {@linkcode Failure} when the run cannot go on. */
  readonly broken: AbortSignal = this.#broken.signal;
  /** By key, as all that follows: what was asked for, and has no result yet. */
  readonly #pending = new Map<string, Pending>();
  /** Results that are not yet decided; those of a keeper before were perhaps not asked for either. */
  readonly #results = new Map<string, { readonly result: FetchResult; readonly message: JsMsg }>();
  /** What nobody wants a result of any more. */
  readonly #unwanted = new Set<string>();
  /** What is decided, and not yet known to be on the disk. */
  #decided: JsMsg[] = [];
  readonly #loops: Promise<void>[];
  #lease: Lease;
  #isAlone = false;
  /** A worker may die over a candidate, and the next one too. */
  readonly patience: number = 2 * (QUEUE_AGAIN + TAKE_OVER);
  /** How many candidates were given up, because workers died of them. */
  poison = 0;

  /** Use {@linkcode startKeeper}. */
  constructor(options: KeeperOptions, lease: Lease, said: RunMessage) {
    this.#options = options;
    this.#lease = lease;
    this.#said = said;
    const loop = (what: string, pause: number, work: () => Promise<void>) =>
      forever(what, pause, work, options.notice, this.#over.signal)
        .catch((failure: unknown) => this.#broken.abort(failure));
    this.#loops = [
      loop("renew the keeper's lease", BEAT, () => this.#beat()),
      loop("read results", PAUSE, async () => {
        const take = (message: JsMsg) => this.#receive(message);
        await follow(await options.queue.results(), take, this.#over.signal);
      }),
      loop("acknowledge results", PAUSE, () => this.#acknowledge()),
    ];
  }

  /** Has a worker fetch a candidate. */
  async fetch(order: FetchOrder, signal: AbortSignal): Promise<FetchResult> {
    const { candidate, species, source, arrived } = order;
    signal.throwIfAborted();
    const key = await this.#keyOf(species, source, candidate.url);
    this.#unwanted.delete(key);
    const result = this.#results.get(key)?.result ??
      await this.#wait({ key, species, source, candidate }, signal);
    arrived(0);
    return { ...result, decided: () => this.#settle(key) };
  }

  /** A source whose searches a worker makes. */
  source(name: string, vouches: boolean): ImageSource {
    const { queue, decidedUrls } = this.#options;
    return {
      name,
      vouches,
      candidates: (species, demand, signal) =>
        searchAfar(queue, name, species, demand, decidedUrls(species.id), signal),
      close: () => Promise.resolve(),
    };
  }

  /** Ends it: what is decided is acknowledged, what is queued dropped. */
  async close(): Promise<void> {
    this.#over.abort(new DOMException("The keeper ends.", "AbortError"));
    await Promise.all(this.#loops);
    try {
      await this.#acknowledge();
      await this.#options.queue.dropTasks();
      await this.#lease.release();
    } catch (error) {
      this.#options.notice(`Left the queue untidy: ${reason(error)}. The next keeper tidies it.`);
    }
  }

  /** The same for the same candidate under the same flags, so that a later keeper knows it again. */
  async #keyOf(species: string, source: string, url: string): Promise<string> {
    const said = pack([this.#options.run.flags, species, source, url]);
    return (await sha256Of(said)).slice(0, 32);
  }

  async #wait(task: Task, signal: AbortSignal): Promise<FetchResult> {
    const { queue, sites } = this.#options;
    const { promise, resolve } = Promise.withResolvers<FetchResult>();
    const partition = partitionOf(task.candidate.url, sites);
    const pending: Pending = { partition, task: pack(task), queued: -Infinity, alone: 0, resolve };
    this.#pending.set(task.key, pending);
    // Where the queue is away, the beat tries again.
    const added = this.#add(task.key, pending).catch(() => undefined);
    try {
      return await abortable(promise, signal);
    } catch (thrown) {
      // Nobody wants it any more: the species has enough, or the run ends.
      this.#disown(task.key);
      added.then(() => queue.dropTasks(task.key)).catch(() => undefined);
      throw thrown;
    } finally {
      this.#pending.delete(task.key);
    }
  }

  async #add(key: string, pending: Pending): Promise<void> {
    const isQueued = await this.#options.queue.addTask(pending.partition, key, pending.task);
    pending.queued = isQueued ? performance.now() : -Infinity;
  }

  async #beat(): Promise<void> {
    const { queue, notice } = this.#options;
    const isNew = await queue.makeStreams();
    if (isNew) notice("The queue had lost everything; it is filled again from the log.");
    const progress = this.#options.progress?.();
    const said = pack({ ...this.#said, ...(progress === undefined ? {} : { progress }) });
    const lease = await queue.take("keeper", said, this.#lease);
    if (lease === undefined) {
      throw new Failure(
        `Another keeper has taken the queue ${queue.name} while this one could not reach it.`,
      );
    }
    this.#lease = lease;
    const { names } = await queue.leases();
    const isAlone = ![...names].some((name) => name.startsWith("w."));
    if (isAlone !== this.#isAlone) {
      notice(isAlone ? "No worker is there; start one: deno task worker." : "A worker is there.");
    }
    this.#isAlone = isAlone;
    for (const [key, pending] of this.#pending) {
      const isDue = isNew || performance.now() - pending.queued > QUEUE_AGAIN;
      if (isDue) await this.#add(key, pending);
    }
  }

  #receive(message: JsMsg): void {
    const examined = readOr(read.examined, message, this.#options.notice);
    if (examined === undefined) return;
    const { key, result } = examined;
    if (this.#unwanted.has(key)) return message.ack();
    const pending = this.#pending.get(key);
    if (result === undefined) {
      message.ack();
      if (pending !== undefined) this.#suspect(key, pending);
      return;
    }
    // Delivered again, it can only be acknowledged by the later message.
    this.#results.set(key, { result, message });
    this.#pending.delete(key);
    pending?.resolve(result);
  }

  /** A worker begins a candidate alone: that others did before says that they died of it. */
  #suspect(key: string, pending: Pending): void {
    if (++pending.alone <= MOST_ALONE) return;
    this.poison++;
    this.#pending.delete(key);
    pending.resolve({
      ok: false,
      answer: { outcome: "client-error", detail: "given up: workers ended while they fetched it" },
    });
    this.#options.queue.dropTasks(key).catch(() => undefined);
  }

  #settle(key: string): void {
    const settled = this.#results.get(key);
    this.#results.delete(key);
    if (settled !== undefined) this.#decided.push(settled.message);
    // What comes a second time, from a worker that was taken for dead, is dropped.
    this.#disown(key);
  }

  #disown(key: string): void {
    this.#unwanted.add(key);
    const [oldest] = this.#unwanted;
    if (this.#unwanted.size > MOST_UNWANTED && oldest !== undefined) this.#unwanted.delete(oldest);
  }

  async #acknowledge(): Promise<void> {
    const decided = this.#decided;
    if (decided.length === 0) return;
    this.#decided = [];
    await this.#options.flush();
    for (const message of decided) message.ack();
  }
}
