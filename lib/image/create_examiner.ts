/**
 * The examiner: looks at images in a pool of workers.
 *
 * @module
 */

import { type Examination, type ExaminedOther, type Examiner } from "./examine.ts";
import { sha256 } from "./look.ts";
import { type ReadableType, recognise } from "./magic.ts";
import { Pool, type PoolOptions } from "./pool.ts";

/** How images are examined. */
export type ExaminerOptions = PoolOptions;

/**
 * Makes an examiner. Workers start when there is work for them; HEIC and AVIF, which are rare and
 * need larger codecs, have one of their own.
 *
 * @param options How images are examined.
 * @returns The examiner; close it at the end.
 *
 * @example
 * ```ts
 * import { createExaminer } from "./create_examiner.ts";
 *
 * const examiner = createExaminer();
 * const bytes = new TextEncoder().encode("<!DOCTYPE html><p>Not found");
 * const examination = await examiner.examine(bytes, AbortSignal.timeout(30_000));
 * examiner.close();
 * // { ok: false, outcome: "not-an-image", detail: "HTML page", sha256: "…" }
 * ```
 */
export function createExaminer(options: ExaminerOptions = {}): Examiner {
  const pool = new Pool(options);
  return {
    examine: async (bytes, signal) => {
      signal.throwIfAborted();
      const recognised = recognise(bytes);
      switch (recognised.kind) {
        case "image":
          return await examine(pool, bytes, recognised.type, signal);
        case "unsupported":
          return await other(bytes, "unsupported-type", recognised.name);
        case "other":
          return await other(bytes, "not-an-image", recognised.name);
      }
    },
    close: () => pool.close(),
  };
}

async function other(
  bytes: Uint8Array<ArrayBuffer>,
  outcome: ExaminedOther["outcome"],
  detail: string,
): Promise<ExaminedOther> {
  return { ok: false, outcome, detail, sha256: await sha256(bytes) };
}

async function examine(
  pool: Pool,
  bytes: Uint8Array<ArrayBuffer>,
  type: ReadableType,
  signal: AbortSignal,
): Promise<Examination> {
  const came = await sha256(bytes);
  return await pool.add<Examination>({
    team: type === "avif" || type === "heic" ? "heif" : "common",
    work: async (worker, limit) => {
      const { examination, wear } = await worker.look({ bytes, type, came }, limit);
      return { result: examination, wear };
    },
    lost: ({ message }) => ({ ok: false, outcome: "corrupt", detail: message, sha256: came }),
  }, signal);
}
