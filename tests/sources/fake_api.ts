/**
 * A client of JSON APIs that answers from a function, and what a job over it comes to.
 *
 * @module
 */

import type { ApiOptions } from "../../lib/sources/api.ts";
import type { Candidate, Demand, ImageSource, SourceEnd } from "../../lib/sources/source.ts";
import type {
  Answer,
  Client,
  DownloadRequest,
  NotReceived,
  PageRequest,
} from "../../lib/web/client.ts";
import { fish } from "./fishbase/fake_site.ts";

/** An answer that is no JSON value: a body as it is, or none. */
export class Raw {
  constructor(readonly body: string | Omit<NotReceived, "ok" | "url">) {}
}

/** 404. */
export const MISSING = new Raw({ outcome: "gone", detail: "HTTP 404", status: 404 });
/** Nobody is there. */
export const REFUSED = new Raw({ outcome: "refused", detail: "connection refused" });
/** 429, after the client's own retries. */
export const LIMITED = new Raw({ outcome: "rate-limited", detail: "HTTP 429", status: 429 });

/** Answers requests of pages, and remembers what was asked for. */
export class FakeApi implements Client {
  readonly asked: string[] = [];

  constructor(readonly answer: (url: URL) => unknown) {}

  page(url: string, request?: Pick<PageRequest, "sent">): Promise<Answer> {
    request?.sent?.();
    const { pathname, search } = new URL(url);
    this.asked.push(pathname + search);
    const value = this.answer(new URL(url));
    if (value instanceof Raw && typeof value.body !== "string") {
      return Promise.resolve({ ok: false, url, ...value.body });
    }
    const text = value instanceof Raw ? String(value.body) : JSON.stringify(value);
    const bytes = new TextEncoder().encode(text);
    return Promise.resolve({
      ok: true,
      url,
      status: 200,
      headers: new Headers(),
      bytes,
      notes: [],
    });
  }

  download(_url: string, _request: DownloadRequest): Promise<Answer> {
    return Promise.reject(new Error("The source has no business with files"));
  }
  robots(): Promise<{ allowed: true }> {
    return Promise.resolve({ allowed: true });
  }
  pace(): void {}
  close(): void {}
}

/** What a source is opened with, and what it said and kept. */
export function parts(
  client: Client,
): {
  readonly options: ApiOptions;
  readonly notices: readonly string[];
  readonly kept: readonly string[];
} {
  const notices: string[] = [];
  const kept: string[] = [];
  return {
    notices,
    kept,
    options: {
      client,
      notice: (text: string) => notices.push(text),
      keepPage: (name: string) => Promise.resolve(`pages/${kept[kept.push(name) - 1]}`),
      // No waiting between tries.
      clock: { now: () => 0, today: () => 0, sleep: () => Promise.resolve() },
    },
  };
}

/** Runs a job to its end. */
export async function runJob(
  source: ImageSource,
  latin: string,
  demand: Demand = { missing: 200, successRate: 1, known: () => false },
): Promise<{ readonly candidates: readonly Candidate[]; readonly end: SourceEnd }> {
  const candidates: Candidate[] = [];
  const rank = latin.split(" ").length > 2 ? "subspecies" : "species";
  const found = source.candidates(fish(latin, rank), demand, new AbortController().signal);
  for (;;) {
    const next = await found.next();
    if (next.done) return { candidates, end: next.value };
    candidates.push(next.value);
  }
}
