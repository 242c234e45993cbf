/**
 * A worker: takes partitions of hosts and source sites by lease, searches and fetches there.
 *
 * Inside one worker throttling, robots.txt and the setting aside of hosts work as on one machine;
 * a lease says that no other worker asks the same hosts, so they hold over all machines.
 *
 * @module
 */

import type { ConsumerMessages, JsMsg } from "@nats-io/jetstream";
import type { Subscription } from "@nats-io/transport-node";
import { delay } from "@std/async";
import { Failure, type Notice, reason } from "../base/failure.ts";
import { backOff } from "../base/retry.ts";
import type { FetchedImage, Fetcher, FetchResult } from "../scrape/fetch_candidate.ts";
import { type Candidate, type ImageSource, type SourceEnd, StageStop } from "../sources/source.ts";
import type { ImageStore } from "./image_store.ts";
import {
  type Examined,
  type Presence,
  type Question,
  read,
  type Reply,
  type RunMessage,
  type Task,
} from "./messages.ts";
import {
  BEAT,
  hostName,
  LEASE,
  type Lease,
  pack,
  partitionOf,
  PARTITIONS,
  type Queue,
  readOr,
} from "./queue.ts";

/** What a worker searches and fetches with, made for one run's flags. */
export interface Hands {
  readonly fetcher: Fetcher;
  readonly sources: ReadonlyMap<string, ImageSource>;
  /** The least time between two requests of a source, in milliseconds. */
  readonly interval: number;
  close(): Promise<void>;
}

/** How a worker works. */
export interface WorkerOptions {
  readonly queue: Queue;
  readonly store: ImageStore;
  /** What it does; both unless given. */
  readonly only?: "search" | "fetch" | undefined;
  /** This program's version: it must be the keeper's. */
  readonly version: string;
  /** Makes what it works with. */
  readonly makeHands: (run: RunMessage, owns: (url: string) => boolean) => Promise<Hands>;
  /** Hosts of source sites, each with its source's name. */
  readonly sites: ReadonlyMap<string, string>;
  readonly notice: Notice;
  /** Ends it: what is under way goes back into the queue. */
  readonly signal: AbortSignal;
}

/** How many candidates are fetched at once, at most. */
const LANES = 64;
/** How many of one partition. */
const LANES_OF_ONE = 8;
/** A candidate that was given to workers so often is fetched alone: it may be what kills them. */
const SUSPECT = 3;
/** Work under way is reported so often, in milliseconds. */
const REPORT = 10_000;
/** How long a question of the keeper waits for a candidate; then it asks again, in milliseconds. */
const SEARCH_ANSWER = 8000;
/** A search that nobody asks after for so long is over, in milliseconds. */
const FORGOTTEN = 60_000;
/** The pause before something is tried again, in milliseconds. */
const PAUSE = 300;
/** The rate is that of so many beats. */
const RATE_BEATS = 20;
/** So much of what a worker does is said, the longest first. */
const MOST_SAID = 8;
/** How often a redirect may lead from one worker to another. */
const MOST_HOPS = 10;
/** A source that was another worker's is left alone for so long at least, in milliseconds. */
const SETTLE = 1000;
/** How often it is said that the store is away, in milliseconds. */
const SAY_AGAIN = 30_000;

/**
 * Works until the signal fires.
 *
 * @throws {Failure} When the keeper is of another version (status 2), when nothing can be fetched
 * from this machine (status 75), or the signal's reason.
 */
export async function runWorker(options: WorkerOptions): Promise<void> {
  const worker = new Worker(options, await hostName());
  try {
    await worker.run();
  } finally {
    await worker.close();
  }
}

/** A search under way. */
interface Search {
  readonly found: AsyncGenerator<Candidate, SourceEnd, void>;
  readonly stop: AbortController;
  readonly demand: { missing: number; successRate: number };
  readonly source: string;
  readonly latin: string;
  readonly since: number;
  number: number;
  reply: Promise<Reply>;
  asked: number;
}

/** A lease, and what goes on under it. */
interface Held {
  readonly lease: Lease;
  readonly doing: ReadonlySet<Promise<void>>;
  readonly work: Promise<void>;
}

class Worker {
  readonly #options: WorkerOptions;
  readonly #name: string;
  readonly #since = new Date().toISOString();
  readonly #end = new AbortController();
  readonly #signal: AbortSignal;
  /** By lease: what pulls its tasks. */
  readonly #leases = new Map<string, Held>();
  readonly #searches = new Map<string, Search>();
  #presence: Lease | undefined;
  #run: { readonly flags: string; readonly hands: Hands } | undefined;
  /** The URLs that are being fetched, by task, each with its beginning. */
  readonly #fetching = new Map<string, { readonly url: string; readonly since: number }>();
  #fetched = 0;
  /** Resolves when a suspect is done that is fetched alone. */
  #alone: Promise<void> | undefined;
  /** How many were fetched at each of the last beats. */
  readonly #pace: { readonly at: number; readonly fetched: number }[] = [];
  #trouble: string | undefined;

  constructor(options: WorkerOptions, host: string) {
    this.#options = options;
    this.#name = `${host.replace(/[^\w-]+/g, "-")}-${crypto.randomUUID().slice(0, 8)}`;
    this.#signal = AbortSignal.any([options.signal, this.#end.signal]);
  }

  async run(): Promise<void> {
    const { notice } = this.#options;
    let failing = false;
    while (!this.#signal.aborted) {
      try {
        await this.#beat();
        failing = false;
      } catch (error) {
        if (error instanceof Failure) throw error;
        if (!failing && !this.#signal.aborted) {
          notice(`Cannot speak with the queue at the moment: ${reason(error)}; trying again.`);
        }
        failing = true;
      }
      await delay(BEAT, { signal: this.#signal }).catch(() => undefined);
    }
    throw this.#signal.reason;
  }

  async close(): Promise<void> {
    this.#end.abort(new DOMException("The worker ends.", "AbortError"));
    await this.#releaseAll();
    try {
      await this.#presence?.release();
    } catch (error) {
      this.#options.notice(`Could not say goodbye to the queue: ${reason(error)}.`);
    }
    await this.#run?.hands.close();
  }

  async #beat(): Promise<void> {
    const { queue, notice, version } = this.#options;
    const holder = await queue.holder("keeper");
    if (holder !== undefined) {
      const run = read.run(holder.data);
      if (run.version !== version) {
        throw new Failure(
          `The keeper on ${run.host} is Aquaset ${run.version}, this worker ${version}: both must be the same.`,
          2,
        );
      }
      const flags = JSON.stringify([run.flags, run.sources]);
      if (this.#run?.flags !== flags) {
        await this.#releaseAll();
        await this.#run?.hands.close();
        this.#run = undefined;
        this.#run = { flags, hands: await this.#options.makeHands(run, (url) => this.#owns(url)) };
        notice(`Working for the keeper on ${run.host}.`);
      }
    } else if (this.#run === undefined) {
      if (this.#trouble === undefined) notice("Waiting for a keeper: deno task scrape --queue.");
      this.#trouble = "waiting for a keeper";
      return;
    }
    this.#trouble = undefined;
    await this.#sayPresence();
    await Promise.all([...this.#leases].map(async ([name, { lease }]) => {
      const isOurs = lease.isHeld && await lease.renew();
      if (!isOurs) this.#leases.delete(name);
    }));
    this.#forgetSearches();
    await this.#claim();
  }

  #owns(url: string): boolean {
    return this.#leases.get(partitionOf(url, this.#options.sites))?.lease.isHeld ?? false;
  }

  async #sayPresence(): Promise<void> {
    const { queue, version, only } = this.#options;
    const now = performance.now();
    this.#pace.push({ at: now, fetched: this.#fetched });
    if (this.#pace.length > RATE_BEATS) this.#pace.shift();
    const { at, fetched } = this.#pace[0] ?? { at: now, fetched: 0 };
    const doing = [
      ...[...this.#searches.values()].map(({ source, latin, since }) => ({
        what: `searches ${source} for ${latin}`,
        since,
      })),
      ...[...this.#fetching.values()].map(({ url, since }) => ({ what: `fetches ${url}`, since })),
    ].sort((one, other) => one.since - other.since).slice(0, MOST_SAID);
    const data = pack(
      {
        name: this.#name,
        version,
        since: this.#since,
        fetching: this.#fetching.size,
        fetched: this.#fetched,
        perMinute: Math.round((this.#fetched - fetched) * 60_000 / Math.max(1, now - at)),
        doing: doing.map(({ what, since }) => ({
          what,
          seconds: Math.round((now - since) / 1000),
        })),
        owns: this.#leases.size,
        ...(this.#trouble === undefined ? {} : { trouble: this.#trouble }),
      } satisfies Presence,
    );
    if (this.#presence !== undefined && await this.#presence.renew(data)) return;
    this.#presence = await queue.take(`w.${only ?? "both"}.${this.#name}`, data);
  }

  /** Takes what is free and gives back what is more than a fair share. */
  async #claim(): Promise<void> {
    const { queue, only, notice } = this.#options;
    const run = this.#run;
    if (run === undefined) return;
    const { names, age } = await queue.leases();
    // The leases of before may just have been lost with the queue's disk.
    if (age < LEASE) return;
    const sites = [...run.hands.sources.keys()].map((name) => `s-${name}`);
    const partitions = Array.from({ length: PARTITIONS }, (_, number) => `p${number}`);
    const groups = [
      { all: partitions, other: "w.search.", isMine: only !== "search" },
      { all: sites, other: "w.fetch.", isMine: only !== "fetch" },
    ];
    for (const { all, other, isMine } of groups) {
      if (!isMine) continue;
      const others = [...names].filter((name) =>
        name.startsWith("w.") && !name.startsWith(other) && !name.endsWith(this.#name)
      );
      const share = Math.ceil(all.length / (others.length + 1));
      const own = [...this.#leases].filter(([name]) => all.includes(name));
      const idle = own.filter(([, { doing }]) => doing.size === 0);
      for (const [name, held] of idle.slice(0, Math.max(0, own.length - share))) {
        this.#leases.delete(name);
        // The beat goes on meanwhile.
        giveBack(held);
      }
      const free = all.filter((name) => !names.has(name) && !this.#leases.has(name));
      const wanted = free.sort(() => Math.random() - 0.5).slice(0, Math.max(0, share - own.length));
      await Promise.all(wanted.map(async (name) => {
        const lease = await queue.take(name);
        if (lease === undefined) return;
        const doing = new Set<Promise<void>>();
        const work = this.#workOn(name, lease, doing, run.hands);
        work.catch((error: unknown) => {
          if (error instanceof Failure) this.#end.abort(error);
          else notice(`Cannot go on with ${name}: ${reason(error)}; trying again.`);
          lease.lose();
        });
        this.#leases.set(name, { lease, doing, work: work.catch(() => undefined) });
      }));
    }
  }

  async #releaseAll(): Promise<void> {
    const held = [...this.#leases.values()];
    this.#leases.clear();
    await Promise.all(held.map(giveBack));
  }

  /** Does a partition's tasks, and answers for its source, until the lease is lost. */
  async #workOn(
    name: string,
    lease: Lease,
    doing: Set<Promise<void>>,
    hands: Hands,
  ): Promise<void> {
    const signal = AbortSignal.any([lease.signal, this.#signal]);
    const source = name.startsWith("s-") ? hands.sources.get(name.slice(2)) : undefined;
    if (source !== undefined) {
      // Who had it before may have asked a moment ago.
      await delay(Math.max(SETTLE, hands.interval), { signal }).catch(() => undefined);
    }
    const answering = source === undefined || signal.aborted ? undefined : this.#answer(source);
    let messages: ConsumerMessages | undefined;
    signal.addEventListener("abort", () => messages?.stop(), { once: true });
    let changed = Promise.withResolvers<void>();
    try {
      while (!signal.aborted) {
        try {
          const consumer = await this.#options.queue.tasksOf(name);
          while (!signal.aborted) {
            const room = Math.min(LANES_OF_ONE - doing.size, LANES - this.#fetching.size);
            if (room <= 0 || this.#alone !== undefined) {
              await Promise.race([changed.promise, delay(PAUSE)]);
              continue;
            }
            messages = await consumer.fetch({ max_messages: room, expires: 5000 });
            if (signal.aborted || !lease.isHeld) messages.stop();
            for await (const message of messages) {
              const done: Promise<void> = this.#do(message, lease, hands, signal)
                .catch((error: unknown) => {
                  if (error instanceof Failure) this.#end.abort(error);
                })
                .finally(() => {
                  doing.delete(done);
                  changed.resolve();
                  changed = Promise.withResolvers();
                });
              doing.add(done);
            }
            if (doing.size === 0) await consumer.info();
          }
        } catch (error) {
          if (error instanceof Failure) throw error;
          // The queue is away, or has lost the consumer: it is made anew.
          await delay(PAUSE, { signal }).catch(() => undefined);
        }
      }
    } finally {
      answering?.unsubscribe();
      // Nothing more is asked of the site when somebody else may ask it.
      const searches = [...this.#searches].filter(([, search]) => search.source === source?.name);
      await Promise.all([...doing, ...searches.map(([session]) => this.#forget(session))]);
    }
  }

  async #do(message: JsMsg, lease: Lease, hands: Hands, signal: AbortSignal): Promise<void> {
    if (signal.aborted || !lease.isHeld) return message.nak();
    const id = `${message.info.stream} ${message.seq}`;
    const beat = setInterval(() => message.working(), REPORT);
    let leave = () => {};
    try {
      const task = readOr(read.task, message, this.#options.notice);
      if (task === undefined) return;
      const { key, species, source, candidate } = task;
      leave = await this.#enter(message.info.deliveryCount >= SUSPECT, key, signal);
      this.#fetching.set(id, { url: candidate.url, since: performance.now() });
      const order = { species, source, candidate, arrived: () => undefined };
      const result = await hands.fetcher.fetch(order, signal);
      const outage = hands.fetcher.outage?.();
      if (outage !== undefined) throw new Failure(outage, 75);
      const elsewhere = result.ok ? undefined : result.answer.elsewhere;
      if (elsewhere === undefined || (task.hops ?? 0) >= MOST_HOPS) {
        await this.#report({ key, result: await this.#stored(result) });
      } else await this.#pass(task, elsewhere);
      this.#fetched++;
      message.ack();
    } catch (error) {
      message.nak();
      if (!signal.aborted) throw error;
    } finally {
      clearInterval(beat);
      this.#fetching.delete(id);
      leave();
    }
  }

  /** Waits until a task may begin: a suspect when nothing else goes on here, the others when none does. */
  async #enter(isSuspect: boolean, key: string, signal: AbortSignal): Promise<() => void> {
    while (this.#alone !== undefined) await this.#alone;
    if (!isSuspect) return () => {};
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#alone = promise;
    const leave = () => {
      this.#alone = undefined;
      resolve();
    };
    try {
      while (this.#fetching.size > 0) await delay(PAUSE, { signal });
      await this.#report({ key });
      return leave;
    } catch (error) {
      leave();
      throw error;
    }
  }

  /** Gives a task to whoever asks the host that it was redirected to. */
  async #pass(task: Task, url: string): Promise<void> {
    const { queue, sites } = this.#options;
    const passed = { ...task, candidate: { ...task.candidate, url }, hops: (task.hops ?? 0) + 1 };
    await this.#persistently("pass a candidate on", async () => {
      if (await queue.addTask(partitionOf(url, sites), task.key, pack(passed))) return;
      throw new Error("the queue is full");
    });
  }

  /** Puts an image into the store, however long that is away, and gives what is said of it. */
  async #stored(result: FetchResult): Promise<FetchResult> {
    if (!result.ok) return { ok: false, answer: result.answer };
    const { examination } = result;
    if (!examination.ok || !(examination.bytes instanceof Uint8Array)) return result;
    const { bytes } = examination;
    await this.#persistently(
      "put an image into the store",
      () => this.#options.store.put(examination, bytes, this.#signal),
    );
    const image: FetchedImage = { ...examination, bytes: { length: bytes.length, stored: true } };
    return { ...result, examination: image };
  }

  async #report(examined: Examined): Promise<void> {
    const data = pack(examined);
    await this.#persistently(
      "report a result",
      () => this.#options.queue.report(examined.key, data),
    );
  }

  async #persistently(what: string, work: () => Promise<void>): Promise<void> {
    let said = -Infinity;
    for (let failures = 1;; failures++) {
      this.#signal.throwIfAborted();
      try {
        return await work();
      } catch (error) {
        this.#signal.throwIfAborted();
        if (error instanceof Deno.errors.NotCapable) throw error;
        this.#trouble = `Cannot ${what}: ${reason(error)}`;
        if (failures > 1 && performance.now() - said > SAY_AGAIN) {
          said = performance.now();
          this.#options.notice(`${this.#trouble}; trying again until it works.`);
        }
        await delay(backOff(failures, Math.random, { longest: 5000 }), { signal: this.#signal });
      }
    }
  }

  /** Answers the keeper's questions for candidates of a source. */
  #answer(source: ImageSource): Subscription {
    const { connection } = this.#options.queue;
    return connection.subscribe(`aquaset.search.${source.name}`, {
      callback: (error, message) => {
        if (error !== null) return;
        this.#replyTo(source, message.data).then((reply) => {
          if (reply !== undefined) message.respond(pack(reply));
        }).catch((thrown: unknown) => {
          this.#options.notice(`Cannot answer the keeper: ${reason(thrown)}.`);
        });
      },
    });
  }

  async #replyTo(source: ImageSource, data: Uint8Array): Promise<Reply | undefined> {
    const question = read.question(data);
    if (question.number < 0) {
      this.#forget(question.session);
      return undefined;
    }
    const search = this.#searches.get(question.session) ??
      (question.number === 0 ? this.#begin(source, question) : undefined);
    if (search === undefined) return { kind: "lost" };
    search.asked = performance.now();
    search.demand.missing = question.missing;
    search.demand.successRate = question.successRate;
    // A question that was asked before, because its answer was lost, is answered as before.
    if (question.number > search.number) {
      search.number = question.number;
      search.reply = nextOf(search);
    }
    const pending: Reply = { kind: "pending" };
    const late = new AbortController();
    try {
      return await Promise.race([
        search.reply,
        delay(SEARCH_ANSWER, { signal: late.signal }).then(() => pending, () => pending),
      ]);
    } finally {
      late.abort();
    }
  }

  #begin(source: ImageSource, { session, species, known, missing, successRate }: Question): Search {
    const decided = new Set(known);
    const stop = new AbortController();
    const demand = { missing, successRate, known: (url: string) => decided.has(url) };
    const found = source.candidates(species, demand, AbortSignal.any([stop.signal, this.#signal]));
    const search: Search = {
      ...{
        found,
        stop,
        demand,
        number: 0,
        asked: performance.now(),
        since: performance.now(),
        source: source.name,
        latin: species.search ?? species.id,
      },
      reply: Promise.resolve({ kind: "lost" }),
    };
    search.reply = nextOf(search);
    this.#searches.set(session, search);
    return search;
  }

  async #forget(session: string): Promise<void> {
    const search = this.#searches.get(session);
    this.#searches.delete(session);
    if (search === undefined) return;
    search.stop.abort(new DOMException("The search is over.", "AbortError"));
    // What it throws while it is put away concerns nobody.
    await search.found.return({ why: "exhausted" }).catch(() => undefined);
  }

  #forgetSearches(): void {
    for (const [session, { asked }] of this.#searches) {
      if (performance.now() - asked > FORGOTTEN) this.#forget(session);
    }
  }
}

/** Ends what goes on under a lease, then gives it back. */
async function giveBack({ lease, work }: Held): Promise<void> {
  lease.lose();
  await work;
  // Where the queue is away, the lease ends by itself.
  await lease.remove().catch(() => undefined);
}

async function nextOf({ found, stop }: Search): Promise<Reply> {
  try {
    const next = await found.next();
    return next.done
      ? { kind: "end", end: next.value }
      : { kind: "candidate", candidate: next.value };
  } catch (error) {
    if (error instanceof StageStop) return { kind: "stop", why: error.why, message: error.message };
    // The search was put away, or failed as a defect would: another worker begins it anew.
    if (stop.signal.aborted) return { kind: "lost" };
    return { kind: "end", end: { why: "failed", reason: reason(error) } };
  }
}
