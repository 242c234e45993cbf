/**
 * The examiner: looks at images in a pool of workers.
 *
 * @module
 */

import type { Examiner } from "./examine.ts";
import { sha256 } from "./look.ts";
import { Pool, type PoolOptions } from "./pool.ts";
import { recognise } from "./recognise.ts";

/** How images are examined. */
export type ExaminerOptions = PoolOptions;

/**
 * Makes an examiner. Workers start when there is work for them; HEIC and AVIF, which are rare and
 * need larger decoders, have one of their own.
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
      const came = sha256(bytes);
      if (recognised.kind !== "image") {
        const { kind, name: detail } = recognised;
        const outcome = kind === "unsupported" ? "unsupported-type" : "not-an-image";
        return { ok: false, outcome, detail, sha256: came };
      }
      const work = { say: "look", bytes, type: recognised.type, sha256: came } as const;
      const { examination, lost = "" } = await pool.run(work, signal);
      return examination ?? { ok: false, outcome: "corrupt", detail: lost, sha256: came };
    },
    close: () => pool.close(),
  };
}
