/**
 * What goes on at a queue, seen from anywhere.
 *
 * @module
 */

import { type Presence, read, type RunMessage } from "./messages.ts";
import { LEASE, type Queue } from "./queue.ts";

/** What goes on at a queue. */
export interface QueueStatus {
  /** The run, if there is a keeper. */
  readonly keeper: RunMessage | undefined;
  /** The workers that are alive. */
  readonly workers: readonly Presence[];
  /** Candidates that are queued or being fetched. */
  readonly tasks: number;
  /** Results that are not yet known to be in the log. */
  readonly results: number;
  /** Partitions and source sites that some worker has. */
  readonly owned: number;
  /** What is wrong, a sentence each. */
  readonly stuck: readonly string[];
}

/** Reads what goes on. Throws when the queue does not answer. */
export async function queueStatus(queue: Queue): Promise<QueueStatus> {
  const { names, age } = await queue.leases();
  const held = [...names];
  const holder = await queue.holder("keeper");
  const said = await Promise.all(
    held.filter((name) => name.startsWith("w.")).map((name) => queue.holder(name)),
  );
  const workers = said.flatMap((one) => one === undefined ? [] : [read.presence(one.data)]);
  const keeper = holder === undefined ? undefined : read.run(holder.data);
  const counts = await queue.counts();
  const free = (keeper?.sources ?? []).filter((name) => !names.has(`s-${name}`));
  const isYoung = age < 2 * LEASE;
  const stuck = [
    ...(keeper === undefined ? ["There is no keeper: nothing is decided."] : []),
    ...(workers.length === 0 ? ["There is no worker: nothing is fetched."] : []),
    ...(workers.length === 0 || isYoung ? [] : free.map((name) => `No worker searches ${name}.`)),
    ...workers.flatMap(({ name, trouble }) =>
      trouble === undefined ? [] : [`${name}: ${trouble}.`]
    ),
  ];
  const owned = held.filter((name) => /^(?:p\d+|s-.+)$/.test(name)).length;
  return { keeper, workers, ...counts, owned, stuck };
}
