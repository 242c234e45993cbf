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
} from "./messages.ts";
import { BEAT, hostName, LEASE, type Lease, pack, PARTITIONS, type Queue } from "./queue.ts";

/** What a worker searches and fetches with, made for one run's flags. */
export interface Hands {
  readonly fetcher: Fetcher;
  readonly sources: ReadonlyMap<string, ImageSource>;
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
  readonly makeHands: (run: RunMessage) => Promise<Hands>;
  readonly notice: Notice;
  /** Ends it: what is under way goes back into the queue. */
  readonly signal: AbortSignal;
}

/** How many candidates are fetched at once, at most. */
const LANES = 64;
/** How many of one partition. */
const LANES_OF_ONE = 8;
/** How often a candidate is given to a worker; then it is taken for what kills them. */
const MOST_DELIVERIES = 5;
/** Work under way is reported so often, in milliseconds. */
const REPORT = 10_000;
/** How long a question of the keeper waits for a candidate; then it asks again, in milliseconds. */
const SEARCH_ANSWER = 8000;
/** A search that nobody asks after for so long is over, in milliseconds. */
const FORGOTTEN = 60_000;
/** The pause before something is tried again, in milliseconds. */
const PAUSE = 300;
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
  readonly latin: string;
  number: number;
  reply: Promise<Reply>;
  asked: number;
}

class Worker {
  readonly #options: WorkerOptions;
  readonly #name: string;
  readonly #since = new Date().toISOString();
  readonly #end = new AbortController();
  readonly #signal: AbortSignal;
  /** By lease: what pulls its tasks. */
  readonly #leases = new Map<string, { readonly lease: Lease; readonly work: Promise<void> }>();
  readonly #busy = new Map<string, number>();
  readonly #searches = new Map<string, Search>();
  #presence: Lease | undefined;
  #run: { readonly flags: string; readonly hands: Hands } | undefined;
  #fetching = 0;
  #fetched = 0;
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
        this.#run = { flags, hands: await this.#options.makeHands(run) };
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

  async #sayPresence(): Promise<void> {
    const { queue, version, only } = this.#options;
    const data = pack(
      {
        name: this.#name,
        version,
        since: this.#since,
        fetching: this.#fetching,
        fetched: this.#fetched,
        searching: [...this.#searches.values()].map(({ latin }) => latin),
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
      const own = all.filter((name) => this.#leases.has(name));
      const idle = own.filter((name) => (this.#busy.get(name) ?? 0) === 0);
      for (const name of idle.slice(0, Math.max(0, own.length - share))) {
        const held = this.#leases.get(name);
        this.#leases.delete(name);
        held?.lease.lose();
        await held?.work;
        await held?.lease.remove();
      }
      const free = all.filter((name) => !names.has(name) && !this.#leases.has(name));
      const wanted = free.sort(() => Math.random() - 0.5).slice(0, Math.max(0, share - own.length));
      await Promise.all(wanted.map(async (name) => {
        const lease = await queue.take(name);
        if (lease === undefined) return;
        const work = this.#workOn(name, lease, run.hands);
        work.catch((error: unknown) => {
          if (error instanceof Failure) this.#end.abort(error);
          else notice(`Cannot go on with ${name}: ${reason(error)}; trying again.`);
          lease.lose();
        });
        this.#leases.set(name, { lease, work: work.catch(() => undefined) });
      }));
    }
  }

  async #releaseAll(): Promise<void> {
    const held = [...this.#leases.values()];
    this.#leases.clear();
    for (const { lease } of held) lease.lose();
    await Promise.all(held.map(async ({ lease, work }) => {
      await work;
      // Where the queue is away, the lease ends by itself.
      await lease.remove().catch(() => undefined);
    }));
    for (const session of this.#searches.keys()) this.#forget(session);
  }

  /** Does a partition's tasks, and answers for its source, until the lease is lost. */
  async #workOn(name: string, lease: Lease, hands: Hands): Promise<void> {
    const signal = AbortSignal.any([lease.signal, this.#signal]);
    const source = name.startsWith("s-") ? hands.sources.get(name.slice(2)) : undefined;
    const answering = source === undefined ? undefined : this.#answer(source);
    const doing = new Set<Promise<void>>();
    let messages: ConsumerMessages | undefined;
    signal.addEventListener("abort", () => messages?.stop(), { once: true });
    let changed = Promise.withResolvers<void>();
    try {
      while (!signal.aborted) {
        try {
          const consumer = await this.#options.queue.tasksOf(name);
          while (!signal.aborted) {
            const room = Math.min(LANES_OF_ONE - doing.size, LANES - this.#fetching);
            if (room <= 0) {
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
                  this.#busy.set(name, doing.size);
                  changed.resolve();
                  changed = Promise.withResolvers();
                });
              doing.add(done);
              this.#busy.set(name, doing.size);
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
      await Promise.all(doing);
      answering?.unsubscribe();
    }
  }

  async #do(message: JsMsg, lease: Lease, hands: Hands, signal: AbortSignal): Promise<void> {
    if (signal.aborted || !lease.isHeld) return message.nak();
    this.#fetching++;
    const beat = setInterval(() => message.working(), REPORT);
    try {
      const { key, species, source, candidate } = read.task(message.data);
      if (message.info.deliveryCount > MOST_DELIVERIES) {
        await this.#report({ key, result: poisoned(), poison: true });
        return message.ack();
      }
      const order = { species, source, candidate, arrived: () => undefined };
      const result = await hands.fetcher.fetch(order, signal);
      const outage = hands.fetcher.outage?.();
      if (outage !== undefined) throw new Failure(outage, 75);
      await this.#report({ key, result: await this.#stored(result) });
      this.#fetched++;
      message.ack();
    } catch (error) {
      message.nak();
      if (!signal.aborted) throw error;
    } finally {
      clearInterval(beat);
      this.#fetching--;
    }
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
        latin: species.search ?? species.id,
      },
      reply: Promise.resolve({ kind: "lost" }),
    };
    search.reply = nextOf(search);
    this.#searches.set(session, search);
    return search;
  }

  #forget(session: string): void {
    const search = this.#searches.get(session);
    this.#searches.delete(session);
    if (search === undefined) return;
    search.stop.abort(new DOMException("The search is over.", "AbortError"));
    // What it throws while it is put away concerns nobody.
    search.found.return({ why: "exhausted" }).catch(() => undefined);
  }

  #forgetSearches(): void {
    for (const [session, { asked }] of this.#searches) {
      if (performance.now() - asked > FORGOTTEN) this.#forget(session);
    }
  }
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

function poisoned(): FetchResult {
  const detail = `given up: ${MOST_DELIVERIES} workers ended while they fetched it`;
  return { ok: false, answer: { outcome: "client-error", detail } };
}
