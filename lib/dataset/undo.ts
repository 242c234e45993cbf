/**
 * Rejects the images of one run or one query, such as a query that was wrong.
 *
 * @module
 */

import { join } from "@std/path";
import { Failure } from "../base/failure.ts";
import type { Dataset } from "./dataset.ts";
import { LOG_NAME, readLog } from "./log_reader.ts";

/** Which images: those of the run that began at a time, or those that a query found. */
export type Undone = { readonly run: string } | { readonly query: string };

const RUNS_NAMED = 5;

/**
 * Logs every image that a run or a query brought as rejected: its file stays, but it no longer
 * counts, and the next scrape looks for others.
 *
 * @param which A run's time may be cut short, as long as it names one run. In a query `{latin}`,
 * `{genus}` and `{common}` stand for any name.
 * @returns How many images were rejected.
 * @throws {Failure} With status 2 where there is no such run or query, or several such runs.
 */
export async function undoImages(dataset: Dataset, which: Undone): Promise<number> {
  await dataset.flush();
  const runs = new Set<string>();
  const found = new Map<string, { species: string; sha256: string }>();
  const query = "query" in which ? queryPattern(which.query) : undefined;
  let run = "";
  await readLog(join(dataset.dir, LOG_NAME), (line) => {
    if (line.event === "run") runs.add(run = line.time);
    if (line.event !== "image" || line.outcome !== "kept" || line.sha256 === undefined) return;
    const isMeant = "run" in which ? run.startsWith(which.run) : query?.test(line.query ?? "");
    const { species, sha256 } = line;
    if (isMeant === true) found.set(`${species} ${sha256}`, { species, sha256 });
  });
  const reason = "run" in which
    ? `the run of ${oneOf(runs, which.run)} was undone`
    : `the query ${which.query} was undone`;
  if ("query" in which && found.size === 0) {
    throw new Failure(`No image in ${dataset.dir} was found by the query "${which.query}".`, 2);
  }
  let undone = 0;
  for (const { species, sha256 } of found.values()) {
    const image = dataset.state.image(species, sha256);
    if (image === undefined || image.rejected) continue;
    dataset.append({ event: "rejected", species: image.species, sha256, reason });
    undone++;
  }
  await dataset.flush();
  return undone;
}

function oneOf(runs: ReadonlySet<string>, time: string): string {
  const meant = [...runs].filter((run) => run.startsWith(time));
  const [run] = meant;
  if (run !== undefined && meant.length === 1) return run;
  const last = (meant.length > 0 ? meant : [...runs]).slice(-RUNS_NAMED).join(", ");
  throw new Failure(
    `${
      meant.length === 0 ? "No run" : "More than one run"
    } began at ${time}: the last are ${last}.`,
    2,
  );
}

function queryPattern(query: string): RegExp {
  const parts = query.split(/\{(?:latin|genus|common)\}/);
  return new RegExp(`^${parts.map((part) => RegExp.escape(part)).join(".+")}$`);
}
