/**
 * One candidate on its way: downloaded and examined, or why not.
 *
 * @module
 */

import type { Examination, Examiner } from "../image/examine.ts";
import type { Candidate } from "../sources/source.ts";
import type { Answer, Client, NotReceived } from "../web/client.ts";
import type { JobInHand } from "./in_hand.ts";
import type { Progress } from "./progress.ts";

/** What came of a candidate that nothing is decided about yet. */
export type Fetched =
  | {
    readonly ok: true;
    readonly examination: Examination;
    readonly notes: readonly string[];
    /** How large the image was when it came, in bytes. */
    readonly bytes: number;
  }
  | { readonly ok: false; readonly answer: NotReceived };

/** What fetching works with. */
export interface FetchTools {
  /** The way out. */
  readonly client: Client;
  /** What looks at bytes. */
  readonly examiner: Examiner;
  /** Hears of downloads. */
  readonly progress: Pick<Progress, "fetching">;
}

/**
 * Downloads a candidate and examines what came.
 *
 * @param candidate The candidate.
 * @param tools What to work with.
 * @param inHand Where its job counts its bytes.
 * @param signal Ends it.
 * @throws The signal's reason, and nothing else.
 */
export async function fetchOne(
  candidate: Candidate,
  tools: FetchTools,
  inHand: JobInHand,
  signal: AbortSignal,
): Promise<Fetched> {
  tools.progress.fetching(1);
  try {
    const answer = await download(candidate, tools.client, inHand, signal);
    if (!answer.ok) return { ok: false, answer };
    // The buffer is handed over to be examined, so that its size is to be had only now.
    const bytes = answer.bytes.length;
    const examination = await tools.examiner.examine(answer.bytes, signal);
    return { ok: true, examination, notes: answer.notes, bytes };
  } finally {
    tools.progress.fetching(-1);
  }
}

/** Downloads a candidate, from its other addresses where the first says that it is gone. */
async function download(
  { url, alternatives = [], page }: Candidate,
  client: Client,
  inHand: JobInHand,
  signal: AbortSignal,
): Promise<Answer> {
  let came = 0;
  inHand.begun();
  try {
    const first = await client.download(url, { signal, page });
    let answer = first;
    for (const other of alternatives) {
      if (answer.ok || answer.outcome !== "gone") break;
      answer = await client.download(other, { signal, page });
    }
    if (!answer.ok) return first;
    came = answer.bytes.length;
    return answer === first
      ? answer
      : { ...answer, notes: [...answer.notes, `from ${answer.url}`] };
  } finally {
    inHand.ended(came);
  }
}
