/**
 * Downloading and examining one candidate: by this process, or by whoever else can.
 *
 * @module
 */

import type { ImageFile } from "../dataset/store.ts";
import type { ExaminedImage, ExaminedOther, Examiner } from "../image/examine.ts";
import type { Candidate } from "../sources/source.ts";
import { pageOptOut } from "../web/html.ts";
import type { Answer, Client, HostStanding, NotReceived } from "../web/client.ts";

/** An image that can be kept; its bytes are here, or already in a store. */
export type FetchedImage = Omit<ExaminedImage, "bytes"> & ImageFile;

/** What came of a candidate: what is in the bytes, or why there are none. */
export type FetchResult =
  & (
    | {
      readonly ok: true;
      readonly examination: FetchedImage | ExaminedOther;
      readonly notes: readonly string[];
    }
    | { readonly ok: false; readonly answer: Pick<NotReceived, "outcome" | "detail" | "elsewhere"> }
  )
  & {
    /** To be called once the decision about it is appended to the log. */
    readonly decided?: () => void;
  };

/** A candidate to be fetched. */
export interface FetchOrder {
  /** What is fetched. */
  readonly candidate: Candidate;
  /** The species' id. */
  readonly species: string;
  /** The source's name. */
  readonly source: string;
  /** Called with the number of bytes once the download has ended; 0 where nothing came. */
  arrived(bytes: number): void;
}

/** Downloads and examines candidates. */
export interface Fetcher {
  /** Throws the signal's reason and nothing else. */
  fetch(order: FetchOrder, signal: AbortSignal): Promise<FetchResult>;
  /** How long a candidate may take where no host is to blame, in ms; a few seconds unless given. */
  readonly patience?: number;
  /** How the URL's host stands, see {@linkcode Client.standing}. */
  standing?(url: string): HostStanding;
  /** Why nothing at all can be fetched, see {@linkcode Client.outage}. */
  outage?(): string | undefined;
}

/**
 * Fetches with a client and an examiner of this process.
 *
 * @param client Downloads.
 * @param examiner Looks at the bytes.
 * @param checkPages Whether a picture without a licence is fetched only where its page does not forbid it.
 */
export function fetchHere(client: Client, examiner: Examiner, checkPages = false): Fetcher {
  const optOut = pageOptOuts(client);
  return {
    async fetch({ candidate, arrived }, signal) {
      const refused = checkPages && candidate.license === undefined
        ? await optOut(candidate.page, signal)
        : undefined;
      if (refused !== undefined) {
        arrived(0);
        return { ok: false, answer: { outcome: "opted-out", detail: refused } };
      }
      const answer = await download(candidate, client, signal);
      arrived(answer.ok ? answer.bytes.length : 0);
      if (!answer.ok) return { ok: false, answer };
      const examination = await examiner.examine(answer.bytes, signal);
      return { ok: true, examination, notes: answer.notes };
    },
    standing: (url) => client.standing?.(url) ?? "ready",
    outage: () => client.outage?.(),
  };
}

/** How many pages are remembered. */
const MOST_PAGES = 5_000;

/**
 * Asks pages, each once, why their pictures may not be used; `undefined` too where a page cannot be
 * read.
 */
function pageOptOuts(client: Client): (page: string, signal: AbortSignal) => Promise<OptOut> {
  const said = new Map<string, Promise<OptOut>>();
  const ask = async (page: string, signal: AbortSignal): Promise<OptOut> => {
    try {
      const answer = await client.page(page, { signal, tries: 1 });
      return answer.ok ? pageOptOut(answer.headers, answer.bytes) : undefined;
    } catch (thrown) {
      // Another job may ask again.
      said.delete(page);
      throw thrown;
    }
  };
  return (page, signal) => {
    const known = said.getOrInsertComputed(page, () => ask(page, signal));
    const [oldest] = said.keys();
    if (said.size > MOST_PAGES && oldest !== undefined) said.delete(oldest);
    return known;
  };
}

type OptOut = string | undefined;

/** Downloads a candidate, from its other addresses where the first says that it is gone. */
async function download(
  { url, alternatives = [], page }: Candidate,
  client: Client,
  signal: AbortSignal,
): Promise<Answer> {
  const first = await client.download(url, { signal, page });
  let answer = first;
  for (const other of alternatives) {
    if (answer.ok || answer.outcome !== "gone") break;
    answer = await client.download(other, { signal, page });
  }
  // An address that did not answer may have the picture the next time.
  if (!answer.ok) return answer.outcome === "gone" ? first : answer;
  return answer === first ? answer : { ...answer, notes: [...answer.notes, `from ${answer.url}`] };
}
