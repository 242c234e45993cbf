/**
 * What goes on at a queue, for people and as JSON.
 *
 * @module
 */

import { Failure, type Notice, reason } from "../base/failure.ts";
import { plural } from "../base/plural.ts";
import { type Presence, read, type RunMessage } from "../engine/messages.ts";
import { BEAT, LEASE, openQueue, type Queue, STREAM } from "../engine/queue.ts";
import { readCredentials } from "./credentials.ts";
import { leftText } from "./progress.ts";
import { lineList, lines } from "./terminal_text.ts";

export interface QueueStatus {
  /** Candidates that are queued or being fetched. */
  readonly tasks: number;
  /** How many of them are being fetched. */
  readonly underWay: number;
  /** How many of these were given to another worker before. */
  readonly again: number;
  /** Results that are not yet known to be in the log. */
  readonly results: number;
  /** The run, if there is a keeper. */
  readonly keeper: RunMessage | undefined;
  /** The workers that are alive, or were a moment ago. */
  readonly workers: readonly Presence[];
  /** Partitions and source sites that some worker has. */
  readonly owned: number;
  /** What is wrong, a sentence each. */
  readonly stuck: readonly string[];
}

/** A worker that fetches or searches longer for one thing is stuck, in seconds. */
const LONG = 300;

/** Reads what goes on. Throws when the queue does not answer. */
export async function queueStatus(queue: Queue): Promise<QueueStatus> {
  const { names, age } = await queue.leases();
  const held = [...names];
  const holder = await queue.holder("keeper");
  const keeper = holder === undefined ? undefined : read.run(holder.data);
  const said = await Promise.all(
    held.filter((name) => name.startsWith("w.")).map((name) => queue.holder(name)),
  );
  const { streams, consumers } = queue.manager;
  const results = await streams.info(STREAM.examined);
  const partitions = await Array.fromAsync(consumers.list(STREAM.fetch));
  // The server's clock, as leases have it.
  const now = results.ts === undefined ? Date.now() : Date.parse(results.ts);
  const sum = (key: "num_pending" | "num_ack_pending" | "num_redelivered", of = partitions) =>
    of.reduce((all, info) => all + info[key], 0);
  const heard = said.filter((one) => one !== undefined)
    .map(({ data, time }) => ({ ...read.presence(data), silent: now - time.getTime() }));
  const workers = heard.map(({ silent: _, ...presence }) => presence);
  // Workers that have just begun may take what is free.
  const isSettled = workers.length > 0 && age >= 2 * LEASE;
  const free = (keeper?.sources ?? []).filter((name) => !names.has(`s-${name}`));
  const left = sum("num_pending", partitions.filter(({ name }) => !names.has(name.slice(6))));
  const stuck = lineList(
    keeper === undefined && "There is no keeper: nothing is decided.",
    workers.length === 0 && "There is no worker: nothing is fetched.",
    isSettled && free.map((name) => `No worker searches ${name}.`),
    isSettled && left > 0 &&
      `${left} candidates wait for hosts that no worker has at the moment.`,
    heard.flatMap(({ name, trouble, silent, doing }) =>
      lineList(
        trouble !== undefined && `${name}: ${trouble}.`,
        silent >= 2 * BEAT && `${name} has said nothing for ${Math.round(silent / 1000)} s: ` +
            `others take over after ${LEASE / 1000} s.`,
        doing.filter(({ seconds }) => seconds > LONG)
          .map(({ what, seconds }) => `${name} ${what} for ${seconds} s now.`),
      )
    ),
  );
  const owned = held.filter((name) => /^(?:p\d+|s-.+)$/.test(name)).length;
  return {
    keeper,
    workers,
    tasks: (await streams.info(STREAM.fetch)).state.messages,
    underWay: sum("num_ack_pending"),
    again: sum("num_redelivered"),
    results: results.state.messages,
    owned,
    stuck,
  };
}

/**
 * Asks a queue what goes on.
 *
 * @throws {Failure} When it cannot be reached.
 */
export async function describeQueue(
  name: string,
  flags: { readonly credentials: string | undefined; readonly json: boolean },
  notice: Notice,
): Promise<string> {
  const queue = await openQueue(name, await readCredentials(flags.credentials), notice);
  try {
    const status = await queueStatus(queue);
    return flags.json ? JSON.stringify(status, null, 2) : reportOf(status);
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(
      `Cannot read the queue ${name}: ${reason(error)}. Did a keeper use it before?`,
      1,
      error,
    );
  } finally {
    await queue.close();
  }
}

function reportOf(status: QueueStatus): string {
  const { keeper, workers, tasks, underWay, again, results, owned, stuck } = status;
  const { progress } = keeper ?? {};
  const left = progress?.secondsLeft === undefined ? undefined : progress.secondsLeft * 1000;
  return lines(
    keeper && `Keeper on ${keeper.host} since ${toSeconds(keeper.since)}, ` +
        `Aquaset ${keeper.version}.`,
    progress && `${progress.images} of ${progress.wanted} images, ${progress.perMinute}/min, ` +
        `${leftText(left) || "0s left"}.`,
    `Candidates: ${tasks - underWay} wait, ${underWay} are being fetched` +
      `${again === 0 ? "" : `, ${again} of them not for the first time`}; ` +
      `${plural(results, "result is", "results are")} on the way to the log.`,
    `${plural(workers.length, "worker has", "workers have")} ${owned} partitions and sites.`,
    workers.flatMap(({ name, since, fetching, fetched, perMinute, doing }) => {
      const [first] = doing;
      const searches = doing.filter(({ what }) => what.startsWith("searches")).length;
      return [
        `  ${name} since ${toSeconds(since)}: ${fetched} fetched, ${perMinute}/min;`,
        `    now fetches ${fetching}, searches ${searches}${first ? ", the longest" : ""}`,
        ...first ? [`    for ${first.seconds} s: ${first.what}`] : [],
      ];
    }),
    stuck,
  );
}

function toSeconds(time: string): string {
  return time.replace(/\.\d+/, "");
}
