/**
 * A worker: takes partitions of hosts and source sites by lease, searches and fetches there.
 *
 * Inside one worker throttling, robots.txt and the setting aside of hosts work as on one machine;
 * a lease says that no other worker asks the same hosts, so they hold over all machines.
 *
 * @module
 */

import type { JsMsg } from "@nats-io/jetstream";
import { delay } from "@std/async";
import { Failure, type Notice, reason } from "../base/failure.ts";
import { Lanes } from "../base/lanes.ts";
import { backOff, forever } from "../base/retry.ts";
import type { ImageStore } from "../dataset/image_store.ts";
import { hostName } from "../dataset/lock.ts";
import type { FetchedImage, Fetcher, FetchResult } from "../scrape/fetch_candidate.ts";
import type { ImageSource } from "../sources/source.ts";
import { type Examined, type Presence, read, type RunMessage, type Task } from "./messages.ts";
import {
  BEAT,
  follow,
  LEASE,
  type Lease,
  pack,
  partitionOf,
  PARTITIONS,
  PAUSE,
  type Queue,
  readOr,
} from "./queue.ts";
import { answerSearches } from "./search.ts";

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
/** A candidate that was given to workers so often is fetched alone: it may be what kills them. */
const SUSPECT = 3;
/** Work under way is reported so often, in milliseconds. */
const REPORT = 10_000;
/** The rate is that of so many beats. */
const RATE_BEATS = 20;
/** So much of what a worker does is said, the longest first. */
const MOST_SAID = 8;
/** How often a redirect may lead from one worker to another. */
const MOST_HOPS = 10;
/** A source that was another worker's is left alone for so long at least, in milliseconds. */
const SETTLE = 1000;

/**
 * Works until the signal fires.
 *
 * @throws {Failure} When the keeper is of another version (status 2), when nothing can be fetched
 * from this machine (status 75), or the signal's reason.
 */
export async function runWorker(options: WorkerOptions): Promise<void> {
  const worker = new Worker(options, await hostName() ?? "worker");
  const { signal } = worker;
  try {
    await forever("speak with the queue", BEAT, () => worker.beat(), options.notice, signal);
    throw signal.reason;
  } finally {
    await worker.close();
  }
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
  readonly signal: AbortSignal;
  /** By partition, or `s-` and a source's name. */
  readonly #held = new Map<string, Held>();
  #presence: Lease | undefined;
  #run: { readonly flags: string; readonly hands: Hands } | undefined;
  readonly #doing = new Set<{ readonly what: string; readonly since: number }>();
  readonly #lanes = new Lanes(LANES);
  #fetched = 0;
  /** How many were fetched until each of the last beats. */
  #pace: readonly number[] = [];
  #trouble: string | undefined;

  constructor(options: WorkerOptions, host: string) {
    this.#options = options;
    this.#name = `${host.replace(/[^\w-]+/g, "-")}-${crypto.randomUUID().slice(0, 8)}`;
    this.signal = AbortSignal.any([options.signal, this.#end.signal]);
  }

  async close(): Promise<void> {
    this.#end.abort(new DOMException("The worker ends.", "AbortError"));
    await this.#putDown();
    await this.#presence?.release().catch(() => undefined);
  }

  async beat(): Promise<void> {
    const { queue, only } = this.#options;
    const holder = await queue.holder("keeper");
    if (holder !== undefined) await this.#obey(read.run(holder.data));
    const hands = this.#run?.hands;
    if (hands === undefined) {
      if (this.#trouble === undefined) {
        this.#options.notice("Waiting for a keeper: deno task keeper --queue.");
      }
      this.#trouble = "waiting for a keeper";
      return;
    }
    const name = `w.${only ?? "both"}.${this.#name}`;
    this.#presence = await queue.take(name, pack(this.#describe()), this.#presence);
    await Promise.all([...this.#held].map(async ([name, { lease }]) => {
      if (!(lease.isHeld && await lease.renew())) this.#held.delete(name);
    }));
    await this.#claim(hands);
  }

  /** Works for a run as its keeper wants it. */
  async #obey(run: RunMessage): Promise<void> {
    const { version, sites, notice, makeHands } = this.#options;
    if (run.version !== version) {
      throw new Failure(
        `The keeper on ${run.host} is Aquaset ${run.version}, this worker ${version}: both must be the same.`,
        2,
      );
    }
    const flags = JSON.stringify([run.flags, run.sources]);
    if (this.#run?.flags === flags) return;
    await this.#putDown();
    this.#trouble = undefined;
    const owns = (url: string) => this.#held.get(partitionOf(url, sites))?.lease.isHeld ?? false;
    this.#run = { flags, hands: await makeHands(run, owns) };
    notice(`Working for the keeper on ${run.host}.`);
  }

  /** What it says of itself. */
  #describe(): Presence {
    this.#pace = [...this.#pace, this.#fetched].slice(-RATE_BEATS);
    const [before = 0] = this.#pace;
    const minutes = Math.max(1, this.#pace.length - 1) * BEAT / 60_000;
    const now = performance.now();
    return {
      name: this.#name,
      version: this.#options.version,
      since: this.#since,
      fetching: this.#lanes.used,
      fetched: this.#fetched,
      perMinute: Math.round((this.#fetched - before) / minutes),
      // The longest first: a set has them in the order in which they began.
      doing: [...this.#doing].slice(0, MOST_SAID).map(({ what, since }) => ({
        what,
        seconds: Math.round((now - since) / 1000),
      })),
      owns: this.#held.size,
      ...(this.#trouble === undefined ? {} : { trouble: this.#trouble }),
    };
  }

  /** Says that something is being done until the returned function is called. */
  #begin(what: string): () => void {
    const begun = { what, since: performance.now() };
    this.#doing.add(begun);
    return () => this.#doing.delete(begun);
  }

  /** Takes what is free and gives back what is more than a fair share. */
  async #claim(hands: Hands): Promise<void> {
    const { queue, only } = this.#options;
    const { names, age } = await queue.leases();
    // The leases of before may just have been lost with the queue's disk.
    if (age < LEASE) return;
    const partitions = Array.from({ length: PARTITIONS }, (_, number) => `p${number}`);
    const sites = [...hands.sources.keys()].map((name) => `s-${name}`);
    for (const { all, not } of [{ all: partitions, not: "search" }, { all: sites, not: "fetch" }]) {
      if (only === not) continue;
      const peers = [...names].filter((name) =>
        name.startsWith("w.") && !name.startsWith(`w.${not}.`)
      );
      const share = Math.ceil(all.length / Math.max(1, peers.length));
      const own = all.filter((name) => this.#held.has(name));
      const idle = own.filter((name) => this.#held.get(name)?.doing.size === 0);
      // The beat goes on meanwhile.
      for (const name of idle.slice(0, Math.max(0, own.length - share))) this.#giveBack(name);
      const free = all.filter((name) => !names.has(name) && !this.#held.has(name))
        .sort(() => Math.random() - 0.5);
      await Promise.all(
        free.slice(0, Math.max(0, share - own.length)).map(async (name) => {
          const lease = await queue.take(name);
          if (lease === undefined) return;
          const doing = new Set<Promise<void>>();
          this.#held.set(name, { lease, doing, work: this.#workOn(name, lease, doing, hands) });
        }),
      );
    }
  }

  /** Ends what goes on under a lease, then gives it back. */
  async #giveBack(name: string): Promise<void> {
    const held = this.#held.get(name);
    this.#held.delete(name);
    // Where the queue is away, the lease ends by itself.
    await held?.lease.release(held.work).catch(() => undefined);
  }

  async #putDown(): Promise<void> {
    await Promise.all([...this.#held.keys()].map((name) => this.#giveBack(name)));
    const run = this.#run;
    this.#run = undefined;
    await run?.hands.close();
  }

  /** Does a partition's tasks, and answers for its source, until the lease is lost. */
  async #workOn(
    name: string,
    lease: Lease,
    doing: Set<Promise<void>>,
    hands: Hands,
  ): Promise<void> {
    const { queue, notice } = this.#options;
    const signal = AbortSignal.any([lease.signal, this.signal]);
    const source = name.startsWith("s-") ? hands.sources.get(name.slice(2)) : undefined;
    if (source !== undefined) {
      // Who had it before may have asked a moment ago.
      await delay(Math.max(SETTLE, hands.interval), { signal }).catch(() => undefined);
    }
    const answering = source && answerSearches(
      queue,
      source,
      ({ id, search = id }) => this.#begin(`searches ${source.name} for ${search}`),
      notice,
      signal,
    );
    const take = (message: JsMsg) => {
      const done: Promise<void> = this.#do(message, lease, hands, signal)
        .finally(() => doing.delete(done));
      doing.add(done);
    };
    const work = async () => await follow(await queue.tasksOf(name), take, signal);
    // It is said already that the queue is away.
    await forever(`go on with ${name}`, PAUSE, work, () => undefined, signal);
    // Nothing more is asked of the hosts when somebody else may ask them.
    await Promise.all([...doing, answering]);
  }

  async #do(message: JsMsg, lease: Lease, hands: Hands, signal: AbortSignal): Promise<void> {
    const beat = setInterval(() => message.working(), REPORT);
    let [leave, done] = [() => {}, () => {}];
    try {
      const task = readOr(read.task, message, this.#options.notice);
      if (task === undefined) return;
      const { key, species, source, candidate } = task;
      const isSuspect = message.info.deliveryCount >= SUSPECT;
      leave = await this.#lanes.enter(signal, isSuspect);
      if (!lease.isHeld) throw signal.reason;
      if (isSuspect) await this.#report({ key });
      done = this.#begin(`fetches ${candidate.url}`);
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
      const isFatal = error instanceof Failure || error instanceof Deno.errors.NotCapable;
      if (isFatal && !signal.aborted) this.#end.abort(error);
    } finally {
      clearInterval(beat);
      done();
      leave();
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
    if (!result.ok || !result.examination.ok) return result;
    const { examination } = result;
    if (!(examination.bytes instanceof Uint8Array)) return result;
    const { bytes } = examination;
    await this.#persistently(
      "put an image into the store",
      () => this.#options.store.put(examination, bytes, this.signal),
    );
    const image: FetchedImage = { ...examination, bytes: { length: bytes.length, stored: true } };
    return { ...result, examination: image };
  }

  async #report(examined: Examined): Promise<void> {
    const { queue } = this.#options;
    await this.#persistently("report a result", () => queue.report(examined.key, pack(examined)));
  }

  async #persistently(what: string, work: () => Promise<void>): Promise<void> {
    for (let failures = 1;; failures++) {
      try {
        await work();
        this.#trouble = undefined;
        return;
      } catch (error) {
        this.signal.throwIfAborted();
        if (error instanceof Deno.errors.NotCapable) throw error;
        const trouble = `cannot ${what}: ${reason(error)}`;
        if (failures > 1 && trouble !== this.#trouble) {
          this.#options.notice(`C${trouble.slice(1)}; trying again until it works.`);
          this.#trouble = trouble;
        }
        await delay(backOff(failures, Math.random, { longest: 5000 }), { signal: this.signal });
      }
    }
  }
}
