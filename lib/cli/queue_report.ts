/**
 * What goes on at a queue, for people and as JSON.
 *
 * @module
 */

import { Failure, type Notice, reason } from "../base/failure.ts";
import { plural } from "../base/plural.ts";
import { readCredentials } from "../engine/credentials.ts";
import { openQueue } from "../engine/queue.ts";
import { type QueueStatus, queueStatus } from "../engine/queue_status.ts";

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

function reportOf({ keeper, workers, tasks, results, owned, stuck }: QueueStatus): string {
  const lines = keeper === undefined
    ? []
    : [`Keeper on ${keeper.host} since ${keeper.since}, Aquaset ${keeper.version}.`];
  lines.push(
    `${plural(workers.length, "worker has", "workers have")} ${owned} partitions and sites; ` +
      `${tasks} candidates queued, ${results} results on their way to the log.`,
  );
  for (const { name, since, fetching, fetched, searching } of workers) {
    const searches = searching.length === 0 ? "" : `, searches ${searching.join(", ")}`;
    lines.push(`  ${name} since ${since}: fetches ${fetching}, has fetched ${fetched}${searches}`);
  }
  return [...lines, ...stuck].join("\n");
}
