/**
 * The keeper: decides and logs as one machine does, and has workers search and fetch for it.
 *
 * What it does not know it asks again: a keeper that was killed reads its log, takes the results that
 * the queue still has, and queues the rest.
 *
 * @module
 */

import type { ConsumerMessages, JsMsg } from "@nats-io/jetstream";
import { abortable, delay } from "@std/async";
import { Failure, type Notice, reason } from "../base/failure.ts";
import type { Fetcher, FetchOrder, FetchResult } from "../scrape/fetch_candidate.ts";
import type { Demand, ImageSource, SourceEnd } from "../sources/source.ts";
import { type Candidate, StageStop } from "../sources/source.ts";
import type { Species } from "../species/species.ts";
import { type Question, read, type Reply, type RunMessage, type Task } from "./messages.ts";
import {
  BEAT,
  hostName,
  LEASE,
  type Lease,
  pack,
  partitionOf,
  type Queue,
  readOr,
} from "./queue.ts";

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
/** The pause before something is tried again, in milliseconds. */
const PAUSE = 300;
/** How long a worker may take to answer a question, in milliseconds. */
const QUESTION_ANSWER = 15_000;
/** The known URLs of a species that go with a question, in bytes at most: a message has 1 MB. */
const MOST_KNOWN = 800_000;
/** How often a candidate may end a worker that does nothing else. */
const MOST_ALONE = 2;
/** So many results that nobody wants any more are known as such. */
const MOST_DROPPED = 200_000;

interface Pending {
  readonly partition: string;
  readonly task: Uint8Array;
  /** When it was queued last; `undefined` while it is not. */
  queued: number | undefined;
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
  const { queue, signal, run } = options;
  const said = { ...run, host: await hostName(), since: new Date().toISOString() };
  await queue.makeStreams();
  const lease = await takeKeeperLease(queue, pack(said), options.notice, signal);
  return new Keeper(options, lease, said);
}

async function takeKeeperLease(
  queue: Queue,
  said: Uint8Array,
  notice: Notice,
  signal: AbortSignal,
): Promise<Lease> {
  const first = await queue.holder("keeper");
  if (first !== undefined) {
    notice("The queue has a keeper, or had one until a moment ago; looking whether it is alive.");
  }
  const end = performance.now() + TAKE_OVER;
  while (true) {
    const lease = await queue.take("keeper", said);
    if (lease !== undefined) return lease;
    const now = await queue.holder("keeper");
    const isAlive = now !== undefined && first !== undefined && now.sequence !== first.sequence;
    if (now !== undefined && (isAlive || performance.now() > end)) {
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
  readonly #pending = new Map<string, Pending>();
  /** Results of tasks that nobody has asked for in this run yet. */
  readonly #early = new Map<string, FetchResult>();
  /** Results that are not yet acknowledged, by key. */
  readonly #unsettled = new Map<string, JsMsg>();
  /** What is decided, and not yet known to be on the disk. */
  #decided: JsMsg[] = [];
  readonly #dropped = new Set<string>();
  readonly #loops: Promise<void>[];
  #lease: Lease;
  #messages: ConsumerMessages | undefined;
  #workers: number | undefined;
  /** How many candidates were given up, because workers died of them. */
  poison = 0;

  /** Use {@linkcode startKeeper}. */
  constructor(options: KeeperOptions, lease: Lease, said: RunMessage) {
    this.#options = options;
    this.#lease = lease;
    this.#said = said;
    this.#loops = [
      this.#forever("renew the keeper's lease", BEAT, () => this.#beat()),
      this.#forever("read results", PAUSE, () => this.#receive()),
      this.#forever("acknowledge results", PAUSE, () => this.#acknowledge()),
    ];
  }

  /** Fires with a {@linkcode Failure} when the run cannot go on. */
  get broken(): AbortSignal {
    return this.#broken.signal;
  }

  /** Has a worker fetch a candidate. */
  async fetch({ candidate, species, source, arrived }: FetchOrder, signal: AbortSignal): Promise<
    FetchResult
  > {
    signal.throwIfAborted();
    const key = await this.#keyOf(species, source, candidate.url);
    this.#dropped.delete(key);
    const early = this.#early.get(key);
    this.#early.delete(key);
    const result = early ?? await this.#wait({ key, species, source, candidate }, signal);
    arrived(0);
    return { ...result, decided: () => this.#settle(key) };
  }

  /** A source whose searches a worker makes. */
  source(name: string, vouches: boolean): ImageSource {
    return {
      name,
      vouches,
      candidates: (species, demand, signal) => this.#search(name, species, demand, signal),
      close: () => Promise.resolve(),
    };
  }

  /** Ends it: what is decided is acknowledged, what is queued dropped. */
  async close(): Promise<void> {
    this.#over.abort(new DOMException("The keeper ends.", "AbortError"));
    this.#messages?.stop();
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
    const digest = await crypto.subtle.digest(
      "SHA-256",
      pack([this.#options.run.flags, species, source, url]).slice(),
    );
    return new Uint8Array(digest).toHex().slice(0, 32);
  }

  async #wait(task: Task, signal: AbortSignal): Promise<FetchResult> {
    const { queue, sites } = this.#options;
    const { key } = task;
    const { promise, resolve } = Promise.withResolvers<FetchResult>();
    const partition = partitionOf(task.candidate.url, sites);
    const pending: Pending = { partition, task: pack(task), queued: undefined, alone: 0, resolve };
    this.#pending.set(key, pending);
    // Where the queue is away, the beat tries again.
    const added = this.#add(key, pending).catch(() => undefined);
    try {
      return await abortable(promise, signal);
    } catch (thrown) {
      // Nobody wants it any more: the species has enough, or the run ends.
      this.#drop(key);
      added.then(() => queue.dropTask(key)).catch(() => undefined);
      throw thrown;
    } finally {
      this.#pending.delete(key);
    }
  }

  async #add(key: string, pending: Pending): Promise<void> {
    const isQueued = await this.#options.queue.addTask(pending.partition, key, pending.task);
    pending.queued = isQueued ? performance.now() : undefined;
  }

  async #beat(): Promise<void> {
    const { queue, notice, signal } = this.#options;
    const isNew = await queue.makeStreams();
    if (isNew) {
      notice("The queue had lost everything; it is filled again from the log.");
      this.#messages?.stop();
    }
    const progress = this.#options.progress?.();
    const said = pack({ ...this.#said, ...(progress === undefined ? {} : { progress }) });
    if (!await this.#lease.renew(said)) {
      const lease = await queue.take("keeper", said);
      if (lease === undefined) {
        throw new Failure(
          `Another keeper has taken the queue ${queue.name} while this one could not reach it.`,
        );
      }
      this.#lease = lease;
    }
    const { names } = await queue.leases();
    const workers = [...names].filter((name) => name.startsWith("w.")).length;
    if (workers !== this.#workers && (workers === 0 || this.#workers === 0)) {
      notice(
        workers === 0 ? "No worker is there; waiting: deno task worker." : "A worker is there.",
      );
    }
    this.#workers = workers;
    for (const [key, pending] of this.#pending) {
      const { queued } = pending;
      if (signal.aborted) return;
      if (!isNew && queued !== undefined && performance.now() - queued < QUEUE_AGAIN) continue;
      await this.#add(key, pending);
    }
  }

  async #receive(): Promise<void> {
    const consumer = await this.#options.queue.results();
    while (!this.#over.signal.aborted) {
      this.#messages = await consumer.fetch({ max_messages: 200, expires: 5000 });
      if (this.#over.signal.aborted) this.#messages.stop();
      for await (const message of this.#messages) this.#received(message);
      // Throws when the queue has lost the consumer.
      await consumer.info();
    }
  }

  #received(message: JsMsg): void {
    const examined = readOr(read.examined, message, this.#options.notice);
    if (examined === undefined) return;
    const { key, result } = examined;
    if (this.#dropped.has(key)) return message.ack();
    if (result === undefined) return this.#suspect(key, message);
    // Delivered again, it can only be acknowledged by the later message.
    this.#unsettled.set(key, message);
    const pending = this.#pending.get(key);
    if (pending === undefined) {
      this.#early.set(key, result);
      return;
    }
    this.#pending.delete(key);
    pending.resolve(result);
  }

  /** A worker begins a candidate alone: that others did before says that they died of it. */
  #suspect(key: string, message: JsMsg): void {
    message.ack();
    const pending = this.#pending.get(key);
    if (pending === undefined || ++pending.alone <= MOST_ALONE) return;
    this.poison++;
    this.#pending.delete(key);
    pending.resolve({
      ok: false,
      answer: { outcome: "client-error", detail: "given up: workers ended while they fetched it" },
    });
    this.#options.queue.dropTask(key).catch(() => undefined);
  }

  #settle(key: string): void {
    const message = this.#unsettled.get(key);
    this.#unsettled.delete(key);
    if (message !== undefined) this.#decided.push(message);
    // What comes a second time, from a worker that was taken for dead, is dropped.
    this.#drop(key);
  }

  #drop(key: string): void {
    this.#dropped.add(key);
    const [oldest] = this.#dropped;
    if (this.#dropped.size > MOST_DROPPED && oldest !== undefined) this.#dropped.delete(oldest);
  }

  async #acknowledge(): Promise<void> {
    const decided = this.#decided;
    if (decided.length === 0) return;
    this.#decided = [];
    await this.#options.flush();
    for (const message of decided) message.ack();
  }

  async *#search(
    source: string,
    species: Species,
    demand: Demand,
    signal: AbortSignal,
  ): AsyncGenerator<Candidate, SourceEnd, void> {
    const known = fitting(this.#options.decidedUrls(species.id));
    while (true) {
      const session = crypto.randomUUID();
      try {
        for (let number = 0;; number++) {
          const reply = await this.#ask(source, () => ({
            session,
            number,
            species,
            missing: demand.missing,
            successRate: demand.successRate,
            known: number === 0 ? known : [],
          }), signal);
          // The worker died: another begins anew, and what it finds again is passed over.
          if (reply.kind === "lost") break;
          if (reply.kind === "end") return reply.end;
          if (reply.kind === "stop") throw new StageStop(reply.why, reply.message);
          yield reply.candidate;
        }
      } finally {
        const end: Question = {
          ...{ session, number: -1, species, missing: 0, successRate: 1, known: [] },
        };
        this.#options.queue.connection.publish(`aquaset.search.${source}`, pack(end));
      }
    }
  }

  async #ask(
    source: string,
    question: () => Question,
    signal: AbortSignal,
  ): Promise<Exclude<Reply, { kind: "pending" }>> {
    const { connection } = this.#options.queue;
    while (true) {
      signal.throwIfAborted();
      const asked = question();
      const answer = connection
        .request(`aquaset.search.${source}`, pack(asked), { timeout: QUESTION_ANSWER })
        .then(({ data }) => read.reply(data), (error: Error) => error);
      const reply = await abortable(answer, signal);
      if (reply instanceof Failure) throw reply;
      if (reply instanceof Error) {
        // Nobody searches there at the moment, or the queue is away.
        await delay(PAUSE, { signal });
        if (asked.number > 0 && isNobodyThere(reply)) return { kind: "lost" };
      } else if (reply.kind !== "pending") return reply;
    }
  }

  /** Does something again and again until the end; what fails is tried again. */
  async #forever(what: string, pause: number, work: () => Promise<void>): Promise<void> {
    const { signal } = this.#over;
    let failing = false;
    while (!signal.aborted) {
      try {
        await work();
        failing = false;
      } catch (error) {
        if (error instanceof Failure) {
          this.#broken.abort(error);
          return;
        }
        if (!failing && !signal.aborted) {
          this.#options.notice(`Cannot ${what} at the moment: ${reason(error)}; trying again.`);
        }
        failing = true;
      }
      await delay(pause, { signal }).catch(() => undefined);
    }
  }
}

function isNobodyThere(error: Error): boolean {
  return /no responders/i.test(`${error.name} ${error.message}`) ||
    (error.cause instanceof Error && isNobodyThere(error.cause));
}

/** As many URLs as fit into a message: not to know one costs a search some time and no more. */
function fitting(urls: readonly string[]): readonly string[] {
  let left = MOST_KNOWN;
  return urls.filter((url) => (left -= url.length + 3) > 0);
}
