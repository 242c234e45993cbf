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
  type Consumer,
  DiscardPolicy,
  jetstream,
  JetStreamApiError,
  type JetStreamClient,
  type JetStreamManager,
  jetstreamManager,
  type JsMsg,
  RetentionPolicy,
  type StoredMsg,
  type StreamConfig,
} from "@nats-io/jetstream";
import { connect, type NatsConnection, nkeyAuthenticator } from "@nats-io/transport-node";
import { Failure, type Notice, reason } from "../base/failure.ts";
import { hash } from "../base/seeded.ts";

/** Who to be at queue and store, by the names of their own tools' environment. */
export type Credentials = Readonly<Record<string, string>>;

/** How many partitions the hosts are divided into. */
export const PARTITIONS = 64;
/** A lease that was not renewed for so long is free, in milliseconds, by the server's clock. */
export const LEASE = 12_000;
/** Leases are renewed so often, in milliseconds. */
export const BEAT = 3000;
/** The pause before something is tried again, in milliseconds. */
export const PAUSE = 300;
/** Whoever has a lease trusts in it for less than that: the message took some time to arrive. */
const TRUST = LEASE - BEAT;
/** A message that nobody reports on for so long is given out again, in milliseconds. */
const ACK_WAIT = 30_000;
/** How long the server may take to answer, or be gone unnoticed, in milliseconds. */
const ANSWER = 5000;
/** The stream is full with so many tasks: who adds one waits. */
const MOST_TASKS = 50_000;
/** How many tasks of a partition are given out at once. */
const TASKS_AT_ONCE = 8;

/** The streams' names. */
export const STREAM = {
  fetch: "AQUASET_FETCH",
  examined: "AQUASET_EXAMINED",
  lease: "AQUASET_LEASE",
} as const;

/** What the subjects of leases begin with. */
const LEASES = "aquaset.lease.";

const nanos = (milliseconds: number) => milliseconds * 1_000_000;

const STREAMS: readonly (Partial<StreamConfig> & { name: string })[] = [
  {
    name: STREAM.fetch,
    subjects: ["aquaset.fetch.>"],
    retention: RetentionPolicy.Workqueue,
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
    max_age: nanos(3_600_000),
  },
  {
    name: STREAM.lease,
    subjects: ["aquaset.lease.>"],
    max_msgs_per_subject: 1,
    max_age: nanos(LEASE),
  },
];

/** JetStream's codes for what is expected to happen. */
const CODE = {
  noConsumer: 10014,
  noMessage: 10037,
  noStream: 10059,
  wrongSequence: 10071,
  isFull: 10077,
};

function isCode(thrown: unknown, ...codes: readonly number[]): boolean {
  return thrown instanceof JetStreamApiError && codes.includes(thrown.code);
}

/** What the server answers; `undefined` where that is an error with one of the codes. */
async function unless<T>(answer: Promise<T>, ...codes: readonly number[]): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isCode(error, ...codes)) return undefined;
    throw error;
  }
}

/** A connection to the queue. It reconnects by itself, for ever. */
export class Queue {
  readonly js: JetStreamClient;

  /** Use {@linkcode openQueue}. */
  constructor(
    readonly name: string,
    readonly connection: NatsConnection,
    readonly manager: JetStreamManager,
  ) {
    this.js = jetstream(connection, { timeout: ANSWER });
  }

  /**
   * Makes the streams that are not there.
   *
   * @returns Whether tasks may be lost, because their stream was not there.
   */
  async makeStreams(): Promise<boolean> {
    let isNew = false;
    for (const config of STREAMS) {
      if (await unless(this.manager.streams.info(config.name), CODE.noStream)) continue;
      await this.manager.streams.add(config);
      isNew = true;
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
      await this.js.publish(`aquaset.fetch.${partition}.${key}`, task);
      return true;
    } catch (error) {
      if (!isCode(error, CODE.isFull)) throw error;
      return /per subject/.test(reason(error));
    }
  }

  /** Takes a task back, or all, but for what workers are at. */
  async dropTasks(key = "*"): Promise<void> {
    await this.manager.streams.purge(STREAM.fetch, { filter: `aquaset.fetch.*.${key}` });
  }

  /** Reports what came of a task. */
  async report(key: string, examined: Uint8Array): Promise<void> {
    await this.js.publish(`aquaset.examined.${key}`, examined);
  }

  /** The tasks of a partition. */
  async tasksOf(partition: string): Promise<Consumer> {
    return await this.#consumer(STREAM.fetch, `fetch-${partition}`, {
      filter_subject: `aquaset.fetch.${partition}.>`,
      max_ack_pending: TASKS_AT_ONCE,
    });
  }

  /** All that came of tasks and is not yet known to be in the log, from the start. */
  async results(): Promise<Consumer> {
    await unless(this.manager.consumers.delete(STREAM.examined, "keeper"), CODE.noConsumer);
    return await this.#consumer(STREAM.examined, "keeper", { max_ack_pending: 100_000 });
  }

  async #consumer(
    stream: string,
    name: string,
    more: { readonly filter_subject?: string; readonly max_ack_pending: number },
  ): Promise<Consumer> {
    await this.manager.consumers.add(stream, {
      durable_name: name,
      ack_policy: AckPolicy.Explicit,
      ack_wait: nanos(ACK_WAIT),
      ...more,
    });
    return await this.js.consumers.get(stream, name);
  }

  /** The names of all leases, and how long ago their stream was made, in ms by its own clock. */
  async leases(): Promise<{ readonly names: ReadonlySet<string>; readonly age: number }> {
    const info = await this.manager.streams.info(STREAM.lease, { subjects_filter: ">" });
    const subjects = Object.keys(info.state.subjects ?? {});
    return {
      names: new Set(subjects.map((subject) => subject.slice(LEASES.length))),
      age: info.ts === undefined ? 0 : Date.parse(info.ts) - Date.parse(info.created),
    };
  }

  /** What a lease's holder said last; `undefined` where nobody has it. */
  async holder(name: string): Promise<Pick<StoredMsg, "seq" | "data" | "time"> | undefined> {
    const last = this.manager.streams.getMessage(STREAM.lease, { last_by_subj: LEASES + name });
    return await unless(last, CODE.noMessage, CODE.noStream) ?? undefined;
  }

  /** Takes a lease that nobody has, or renews it; `undefined` where somebody else has it. */
  async take(
    name: string,
    data: Uint8Array = new Uint8Array(),
    held?: Lease,
  ): Promise<Lease | undefined> {
    if (await held?.renew(data) === true) return held;
    const lease = new Lease(this, LEASES + name);
    return await lease.renew(data) ? lease : undefined;
  }

  /** Ends the connection. */
  async close(): Promise<void> {
    await this.connection.close();
  }
}

/**
 * Something that one process has at a time. It is lost by not renewing it; the server's clock alone
 * says when, and the holder stops trusting in it before that by counting from when it asked.
 */
export class Lease {
  readonly #queue: Queue;
  readonly #subject: string;
  readonly #lost = new AbortController();
  /** Fires when the lease is lost or given back. */
  readonly signal: AbortSignal = this.#lost.signal;
  #sequence = 0;
  #until = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Use {@linkcode Queue.take}. */
  constructor(queue: Queue, subject: string) {
    this.#queue = queue;
    this.#subject = subject;
  }

  /** Whether it may be trusted in now. */
  get isHeld(): boolean {
    // The timer does not run while a machine sleeps.
    if (Date.now() >= this.#until) this.#lose();
    return !this.signal.aborted;
  }

  /** Renews it; false where another has it. Throws when the queue does not answer. */
  async renew(data: Uint8Array = new Uint8Array()): Promise<boolean> {
    const [asked, today] = [performance.now(), Date.now()];
    const expect = { lastSubjectSequence: this.#sequence };
    const written = this.#queue.js.publish(this.#subject, data, { expect });
    const found = await unless(written, CODE.wrongSequence);
    if (found === undefined) {
      this.#lose();
      return false;
    }
    this.#sequence = found.seq;
    this.#until = today + TRUST;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#lose(), asked + TRUST - performance.now());
    return true;
  }

  /** Gives it back, when the work under it that this ends is over, so that others have it at once. */
  async release(work?: Promise<unknown>): Promise<void> {
    this.#lose();
    await work;
    // Whoever has taken it meanwhile keeps it.
    await this.#queue.manager.streams.purge(STREAM.lease, {
      filter: this.#subject,
      seq: this.#sequence + 1,
    });
  }

  #lose(): void {
    clearTimeout(this.#timer);
    this.#lost.abort(new DOMException("The lease is lost.", "AbortError"));
  }
}

/**
 * Connects to the queue.
 *
 * @param name `nats://host:4222`, or several with commas between; `tls://` for TLS.
 * @param notice Hears when the server is away and back.
 * @throws {Failure} When it cannot be reached, or has no JetStream.
 */
export async function openQueue(
  name: string,
  { NATS_USER, NATS_PASSWORD, NATS_TOKEN, NATS_NKEY_SEED }: Credentials,
  notice: Notice,
): Promise<Queue> {
  const servers = name.split(",").map((one) => one.trim());
  let connection: NatsConnection | undefined;
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
      ...NATS_NKEY_SEED &&
        { authenticator: nkeyAuthenticator(new TextEncoder().encode(NATS_NKEY_SEED)) },
      ...NATS_TOKEN && { token: NATS_TOKEN },
      ...NATS_USER && { user: NATS_USER, pass: NATS_PASSWORD ?? "" },
    });
    const manager = await jetstreamManager(connection, { timeout: ANSWER });
    sayStatus(name, connection, notice);
    return new Queue(name, connection, manager);
  } catch (error) {
    await connection?.close();
    const [verb, advice] = connection === undefined
      ? ["reach", adviceFor(reason(error))]
      : ["use", "Start nats-server with -js."];
    throw new Failure(`Cannot ${verb} the queue ${name}: ${reason(error)}. ${advice}`, 75, error);
  }
}

function adviceFor(why: string): string {
  if (/authorization|authentication/i.test(why)) {
    return "Set NATS_USER and NATS_PASSWORD, NATS_TOKEN or NATS_NKEY_SEED, or name a file by --credentials.";
  }
  if (/certificate/i.test(why)) return "DENO_CERT must name the authority that the server has.";
  return "Is nats-server running there, with -js?";
}

async function sayStatus(name: string, connection: NatsConnection, notice: Notice): Promise<void> {
  for await (const status of connection.status()) {
    if (status.type === "disconnect") notice(`The queue ${name} is away; waiting for it.`);
    if (status.type === "reconnect") notice(`The queue ${name} is back.`);
  }
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
  return `p${hash(host) % PARTITIONS}`;
}

/** Anything as the bytes of a message. */
export function pack(value: unknown): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(value));
}

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
    notice(`${error.message} It is removed.`);
    message.term();
    return undefined;
  }
}

/** Hands over what comes to a consumer until the signal fires. Throws when the queue has lost it. */
export async function follow(
  consumer: Consumer,
  take: (message: JsMsg) => void,
  signal: AbortSignal,
): Promise<void> {
  const messages = await consumer.consume({
    callback: take,
    expires: ANSWER,
    abort_on_missing_resource: true,
  });
  signal.addEventListener("abort", () => messages.stop(), { once: true });
  if (signal.aborted) messages.stop();
  const error = await messages.closed();
  if (error instanceof Error) throw error;
}
