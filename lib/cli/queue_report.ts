/**
 * What goes on at a queue, for people and as JSON.
 *
 * @module
 */

import { Failure, type Notice, reason } from "../base/failure.ts";
import { plural } from "../base/plural.ts";
import { readCredentials } from "../engine/credentials.ts";
import { openQueue } from "../engine/queue.ts";
import { leftText } from "./progress.ts";
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

function reportOf(status: QueueStatus): string {
  const { keeper, workers, tasks, underWay, again, results, owned, stuck } = status;
  const lines: string[] = [];
  if (keeper !== undefined) {
    const { host, since, version, progress } = keeper;
    lines.push(`Keeper on ${host} since ${since}, Aquaset ${version}.`);
    if (progress !== undefined) {
      const { images, wanted, perMinute, secondsLeft } = progress;
      const left = secondsLeft === undefined ? undefined : secondsLeft * 1000;
      lines.push(
        `${images} of ${wanted} images, ${perMinute}/min, ${leftText(left) || "0s left"}.`,
      );
    }
  }
  lines.push(
    `Candidates: ${tasks - underWay} wait, ${underWay} are being fetched` +
      `${again === 0 ? "" : `, ${again} of them not for the first time`}; ` +
      `${plural(results, "result is", "results are")} on the way to the log.`,
    `${plural(workers.length, "worker has", "workers have")} ${owned} partitions and sites.`,
  );
  for (const { name, since, fetching, fetched, perMinute, doing } of workers) {
    const [first] = doing;
    const longest = first === undefined ? "" : `; longest: ${first.what}, for ${first.seconds} s`;
    const searches = doing.filter(({ what }) => what.startsWith("searches")).length;
    lines.push(
      `  ${name} since ${since}: ${fetched} fetched, ${perMinute}/min; now fetches ${fetching}, ` +
        `searches ${searches}${longest}`,
    );
  }
  return [...lines, ...stuck].join("\n");
}
