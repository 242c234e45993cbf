/**
 * What goes on at a queue, seen from anywhere.
 *
 * @module
 */

import { type Presence, read, type RunMessage } from "./messages.ts";
import { BEAT, LEASE, type Queue, type QueueCounts } from "./queue.ts";

/** What goes on at a queue. */
export interface QueueStatus extends Pick<QueueCounts, "tasks" | "underWay" | "again" | "results"> {
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
  const { now, waiting, ...counts } = await queue.counts();
  const heard = said.filter((one) => one !== undefined)
    .map(({ data, time }) => ({ ...read.presence(data), silent: now - time.getTime() }));
  const workers = heard.map(({ silent: _, ...presence }) => presence);
  const isYoung = age < 2 * LEASE;
  const free = (keeper?.sources ?? []).filter((name) => !names.has(`s-${name}`));
  const left = [...waiting].filter(([partition]) => !names.has(partition))
    .reduce((sum, [, tasks]) => sum + tasks, 0);
  const stuck = [
    ...(keeper === undefined ? ["There is no keeper: nothing is decided."] : []),
    ...(workers.length === 0 ? ["There is no worker: nothing is fetched."] : []),
    ...(workers.length === 0 || isYoung ? [] : free.map((name) => `No worker searches ${name}.`)),
    ...(workers.length === 0 || isYoung || left === 0
      ? []
      : [`${left} candidates wait for hosts that no worker has at the moment.`]),
    ...heard.flatMap(({ name, trouble, silent, doing }) => [
      ...(trouble === undefined ? [] : [`${name}: ${trouble}.`]),
      ...(silent < 2 * BEAT ? [] : [
        `${name} has said nothing for ${Math.round(silent / 1000)} s: others take over after ${
          LEASE / 1000
        } s.`,
      ]),
      ...doing.filter(({ seconds }) => seconds > LONG)
        .map(({ what, seconds }) => `${name} ${what} for ${seconds} s now.`),
    ]),
  ];
  const owned = held.filter((name) => /^(?:p\d+|s-.+)$/.test(name)).length;
  return { keeper, workers, ...counts, owned, stuck };
}
