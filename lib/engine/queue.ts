/**
 * The queue: a NATS server with JetStream, its streams, and leases on it.
 *
 * | stream | holds | until |
 * | --- | --- | --- |
 * | `AQUASET_FETCH` | a task each, by partition: `aquaset.fetch.p12.<key>` | a worker has done it |
 * | `AQUASET_EXAMINED` | what came of each: `aquaset.examined.<key>` | it is in the log, or an hour |
 * | `AQUASET_LEASE` | who has what: `aquaset.lease.p12`, `.keeper`, `.w.<worker>` | it is not renewed |
 *
 * @module
 */

import {
  AckPolicy,
  DiscardPolicy,
  jetstream,
  JetStreamApiError,
  type JetStreamClient,
  type JetStreamManager,
  jetstreamManager,
  type JsMsg,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from "@nats-io/jetstream";
import {
  connect,
  type NatsConnection,
  nkeyAuthenticator,
  tokenAuthenticator,
  usernamePasswordAuthenticator,
} from "@nats-io/transport-node";
import { Failure, type Notice, reason } from "../base/failure.ts";
import type { Credentials } from "./credentials.ts";

/** How many partitions the hosts are divided into. */
export const PARTITIONS = 64;
/** A lease that was not renewed for so long is free, in milliseconds, by the server's clock. */
export const LEASE = 12_000;
/** Leases are renewed so often, in milliseconds. */
export const BEAT = 3000;
/** Whoever has a lease trusts in it for less than that: the message took some time to arrive. */
const TRUST = LEASE - BEAT;
/** A task that nobody reports on for so long is given to another worker, in milliseconds. */
const ACK_WAIT = 30_000;
/** How long the server may take to answer, in milliseconds. */
const ANSWER = 5000;
/** The stream is full with so many tasks: who adds one waits. */
const MOST_TASKS = 50_000;

/** The streams' names. */
export const STREAM = {
  fetch: "AQUASET_FETCH",
  examined: "AQUASET_EXAMINED",
  lease: "AQUASET_LEASE",
} as const;

const nanos = (milliseconds: number) => milliseconds * 1_000_000;

const STREAMS: readonly (Partial<StreamConfig> & { name: string })[] = [
  {
    name: STREAM.fetch,
    subjects: ["aquaset.fetch.>"],
    retention: RetentionPolicy.Workqueue,
    storage: StorageType.File,
    discard: DiscardPolicy.New,
    max_msgs: MOST_TASKS,
    // The same task cannot be queued twice.
    max_msgs_per_subject: 1,
    discard_new_per_subject: true,
  },
  {
    name: STREAM.examined,
    subjects: ["aquaset.examined.>"],
    retention: RetentionPolicy.Workqueue,
    storage: StorageType.File,
    max_age: nanos(3_600_000),
  },
  {
    name: STREAM.lease,
    subjects: ["aquaset.lease.>"],
    storage: StorageType.File,
    max_msgs_per_subject: 1,
    max_age: nanos(LEASE),
  },
];

/** JetStream's codes for what is expected to happen. */
const CODE = { wrongSequence: 10071, noMessage: 10037, noStream: 10059, isFull: 10077 };

function isCode(thrown: unknown, code: number): boolean {
  return thrown instanceof JetStreamApiError && thrown.code === code;
}

/** How much is in a queue. */
export interface QueueCounts {
  /** Candidates that are queued or being fetched. */
  readonly tasks: number;
  /** How many of them are being fetched. */
  readonly underWay: number;
  /** How many of these were given to another worker before. */
  readonly again: number;
  /** How many wait, by partition. */
  readonly waiting: ReadonlyMap<string, number>;
  /** Results that are not yet known to be in the log. */
  readonly results: number;
  /** The server's time, in milliseconds since 1970. */
  readonly now: number;
}

/** A connection to the queue. It reconnects by itself, for ever. */
export class Queue {
  readonly name: string;
  readonly connection: NatsConnection;
  readonly #js: JetStreamClient;
  readonly #manager: JetStreamManager;

  /** Use {@linkcode openQueue}. */
  constructor(name: string, connection: NatsConnection, manager: JetStreamManager) {
    this.name = name;
    this.connection = connection;
    this.#js = jetstream(connection, { timeout: ANSWER });
    this.#manager = manager;
  }

  /**
   * Makes the streams that are not there.
   *
   * @returns Whether tasks may be lost, because their stream was not there.
   */
  async makeStreams(): Promise<boolean> {
    let isNew = false;
    for (const config of STREAMS) {
      try {
        await this.#manager.streams.info(config.name);
      } catch (error) {
        if (!isCode(error, CODE.noStream)) throw error;
        await this.#manager.streams.add(config);
        isNew = true;
      }
    }
    return isNew;
  }

  /**
   * Adds a task.
   *
   * @returns False when the queue is full. A task that is queued already is fine.
   */
  async addTask(partition: string, key: string, task: Uint8Array): Promise<boolean> {
    try {
      await this.#js.publish(`aquaset.fetch.${partition}.${key}`, task);
      return true;
    } catch (error) {
      if (!isCode(error, CODE.isFull)) throw error;
      return /per subject/.test(reason(error));
    }
  }

  /** Takes a task back, unless a worker is at it. */
  async dropTask(key: string): Promise<void> {
    await this.#manager.streams.purge(STREAM.fetch, { filter: `aquaset.fetch.*.${key}` });
  }

  /** Drops all tasks. */
  async dropTasks(): Promise<void> {
    await this.#manager.streams.purge(STREAM.fetch);
  }

  /** Reports what came of a task. */
  async report(key: string, examined: Uint8Array): Promise<void> {
    await this.#js.publish(`aquaset.examined.${key}`, examined);
  }

  /** The tasks of a partition. */
  async tasksOf(partition: string): ReturnType<Queue["consumer"]> {
    return await this.consumer(STREAM.fetch, `fetch-${partition}`, {
      filter_subject: `aquaset.fetch.${partition}.>`,
      max_ack_pending: 64,
    });
  }

  /** All that came of tasks and is not yet known to be in the log, from the start. */
  async results(): ReturnType<Queue["consumer"]> {
    await this.#manager.consumers.delete(STREAM.examined, "keeper").catch((error: unknown) => {
      if (!(error instanceof JetStreamApiError)) throw error;
    });
    return await this.consumer(STREAM.examined, "keeper", { max_ack_pending: 100_000 });
  }

  /** A consumer that several processes may share. */
  async consumer(
    stream: string,
    name: string,
    more: { readonly filter_subject?: string; readonly max_ack_pending: number },
  ): ReturnType<JetStreamClient["consumers"]["get"]> {
    await this.#manager.consumers.add(stream, {
      durable_name: name,
      ack_policy: AckPolicy.Explicit,
      ack_wait: nanos(ACK_WAIT),
      ...more,
    });
    return await this.#js.consumers.get(stream, name);
  }

  /** The names of all leases, and how long ago their stream was made, in ms by its own clock. */
  async leases(): Promise<{ readonly names: ReadonlySet<string>; readonly age: number }> {
    const info = await this.#manager.streams.info(STREAM.lease, { subjects_filter: ">" });
    const names = Object.keys(info.state.subjects ?? {}).map((subject) => subject.slice(14));
    return {
      names: new Set(names),
      age: info.ts === undefined ? 0 : Date.parse(info.ts) - Date.parse(info.created),
    };
  }

  /** What a lease's holder says, and when it said so; `undefined` where nobody has it. */
  async holder(
    name: string,
  ): Promise<{ sequence: number; data: Uint8Array; time: Date } | undefined> {
    try {
      const subject = `aquaset.lease.${name}`;
      const message = await this.#manager.streams.getMessage(STREAM.lease, {
        last_by_subj: subject,
      });
      return message === null
        ? undefined
        : { sequence: message.seq, data: message.data, time: message.time };
    } catch (error) {
      if (isCode(error, CODE.noMessage) || isCode(error, CODE.noStream)) return undefined;
      throw error;
    }
  }

  /** Takes a lease that nobody has; `undefined` where somebody does. */
  async take(name: string, data: Uint8Array = new Uint8Array()): Promise<Lease | undefined> {
    const lease = new Lease(
      name,
      (expected, said) => this.#write(name, expected, said),
      () => this.#manager.streams.purge(STREAM.lease, { filter: `aquaset.lease.${name}` }),
    );
    return await lease.renew(data) ? lease : undefined;
  }

  /** How many tasks and results there are, and the server's time. */
  async counts(): Promise<QueueCounts> {
    const tasks = await this.#manager.streams.info(STREAM.fetch);
    const results = await this.#manager.streams.info(STREAM.examined);
    const byPartition = await Array.fromAsync(this.#manager.consumers.list(STREAM.fetch));
    const sum = (key: "num_ack_pending" | "num_redelivered") =>
      byPartition.reduce((all, info) => all + info[key], 0);
    return {
      tasks: tasks.state.messages,
      underWay: sum("num_ack_pending"),
      again: sum("num_redelivered"),
      waiting: new Map(
        byPartition.filter((info) => info.num_pending > 0)
          .map((info) => [info.name.slice("fetch-".length), info.num_pending]),
      ),
      results: results.state.messages,
      now: results.ts === undefined ? Date.now() : Date.parse(results.ts),
    };
  }

  /** Ends the connection; what was published last is sent first. */
  async close(): Promise<void> {
    // A server that is away must not keep the process.
    if (this.connection.isClosed()) return;
    const left = new Promise((resolve) => Deno.unrefTimer(Number(setTimeout(resolve, 2000))));
    await Promise.race([this.connection.flush().catch(() => undefined), left]);
    await this.connection.close();
  }

  async #write(name: string, expected: number, data: Uint8Array): Promise<number | undefined> {
    try {
      const expect = { lastSubjectSequence: expected };
      return (await this.#js.publish(`aquaset.lease.${name}`, data, { expect })).seq;
    } catch (error) {
      if (isCode(error, CODE.wrongSequence)) return undefined;
      throw error;
    }
  }
}

/**
 * Something that one process has at a time. It is lost by not renewing it; the server's clock alone
 * says when, and the holder stops trusting in it before that by counting from when it asked.
 */
export class Lease {
  readonly #lost = new AbortController();
  #sequence = 0;
  #until: { readonly steady: number; readonly today: number } = { steady: 0, today: 0 };

  /** Use {@linkcode Queue.take}. */
  constructor(
    readonly name: string,
    readonly write: (expected: number, data: Uint8Array) => Promise<number | undefined>,
    readonly remove: () => Promise<unknown>,
  ) {}

  /** Fires when the lease is lost or given back. */
  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  /** Whether it may be trusted in now. */
  get isHeld(): boolean {
    // A machine that slept finds its steady clock where it was; one whose clock was set, the other.
    const { steady, today } = this.#until;
    const isHeld = !this.signal.aborted && performance.now() < steady && Date.now() < today;
    if (!isHeld) this.lose();
    return isHeld;
  }

  /** Renews it; false where another has it. Throws when the queue does not answer. */
  async renew(data: Uint8Array = new Uint8Array()): Promise<boolean> {
    const until = { steady: performance.now() + TRUST, today: Date.now() + TRUST };
    const sequence = await this.write(this.#sequence, data);
    if (sequence === undefined) {
      this.lose();
      return false;
    }
    this.#sequence = sequence;
    this.#until = until;
    return true;
  }

  /** Says here that it is lost. */
  lose(): void {
    if (!this.signal.aborted) {
      this.#lost.abort(new DOMException("The lease is lost.", "AbortError"));
    }
  }

  /** Gives it back, so that others have it at once. */
  async release(): Promise<void> {
    const { aborted } = this.signal;
    this.lose();
    if (!aborted) await this.remove();
  }
}

/**
 * Connects to the queue.
 *
 * @param name `nats://host:4222`, or several with commas between; `tls://` for TLS.
 * @param credentials Who to be.
 * @param notice Hears when the server is away and back.
 * @throws {Failure} When it cannot be reached, or has no JetStream.
 */
export async function openQueue(
  name: string,
  credentials: Credentials,
  notice: Notice,
): Promise<Queue> {
  const servers = name.split(",").map((one) => checkedServer(one.trim()));
  let connection: NatsConnection;
  try {
    connection = await connect({
      servers,
      name: "aquaset",
      maxReconnectAttempts: -1,
      reconnectTimeWait: 500,
      pingInterval: 5000,
      maxPingOut: 2,
      timeout: ANSWER,
      ...servers.some((one) => one.startsWith("tls:")) ? { tls: {} } : {},
      authenticator: authenticators(credentials),
    });
  } catch (error) {
    throw new Failure(
      `Cannot reach the queue ${name}: ${reason(error)}. ${adviceFor(reason(error))}`,
      75,
      error,
    );
  }
  try {
    const manager = await jetstreamManager(connection, { timeout: ANSWER });
    sayStatus(name, connection, notice);
    return new Queue(name, connection, manager);
  } catch (error) {
    await connection.close();
    throw new Failure(
      `Cannot use the queue ${name}: ${reason(error)}. Start nats-server with -js.`,
      75,
      error,
    );
  }
}

function adviceFor(why: string): string {
  if (/authorization|authentication/i.test(why)) {
    return "Set NATS_USER and NATS_PASSWORD, NATS_TOKEN or NATS_NKEY_SEED, or name a file by --credentials.";
  }
  if (/certificate/i.test(why)) return "DENO_CERT must name the authority that the server has.";
  return "Is nats-server running there, with -js?";
}

function authenticators(credentials: Credentials) {
  const { NATS_USER, NATS_PASSWORD, NATS_TOKEN, NATS_NKEY_SEED } = credentials;
  if (NATS_NKEY_SEED !== undefined) {
    return nkeyAuthenticator(new TextEncoder().encode(NATS_NKEY_SEED));
  }
  if (NATS_TOKEN !== undefined) return tokenAuthenticator(NATS_TOKEN);
  if (NATS_USER === undefined) return [];
  return usernamePasswordAuthenticator(NATS_USER, NATS_PASSWORD);
}

function checkedServer(server: string): string {
  const url = URL.canParse(server) ? new URL(server) : undefined;
  if (url === undefined || !["nats:", "tls:"].includes(url.protocol)) {
    throw new Failure(`Cannot use ${server} as a queue: name nats://host:4222.`, 2);
  }
  if (url.username === "" && url.password === "") return server;
  throw new Failure(
    "Leave user and password out of --queue: set NATS_USER and NATS_PASSWORD, or name a file by --credentials.",
    2,
  );
}

function sayStatus(name: string, connection: NatsConnection, notice: Notice): void {
  const listen = async () => {
    for await (const status of connection.status()) {
      if (status.type === "disconnect") notice(`The queue ${name} is away; waiting for it.`);
      if (status.type === "reconnect") notice(`The queue ${name} is back.`);
    }
  };
  listen().catch((error: unknown) => notice(`Lost sight of the queue ${name}: ${reason(error)}.`));
}

/**
 * The partition of a URL's host: one worker at a time asks it.
 *
 * @param url The URL.
 * @param sites Hosts of source sites with the source's name: whoever searches there fetches there.
 */
export function partitionOf(url: string, sites: ReadonlyMap<string, string>): string {
  const host = URL.canParse(url) ? new URL(url).hostname : "";
  const source = sites.get(host);
  if (source !== undefined) return `s-${source}`;
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(host)) {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  }
  return `p${hash % PARTITIONS}`;
}

/** Anything as the bytes of a message. */
export function pack(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

/** Who was told that there is something that cannot be read: once is enough. */
const told = new WeakSet<Notice>();

/** What a message says; one that cannot be read is removed, so that it ends nobody. */
export function readOr<T>(
  read: (bytes: Uint8Array) => T,
  message: JsMsg,
  notice: Notice,
): T | undefined {
  try {
    return read(message.data);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (!told.has(notice)) notice(`${error.message} It is removed.`);
    told.add(notice);
    message.term();
    return undefined;
  }
}

/** This machine's name, where it may be asked for. */
export async function hostName(): Promise<string> {
  const { state } = await Deno.permissions.query({ name: "sys", kind: "hostname" });
  return state === "granted" ? Deno.hostname() : "an unnamed machine";
}
