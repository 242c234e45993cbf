import type { Answer, Client } from "../../../lib/web/client.ts";

/** A way out that answers every page request in turn, the last answer again and again. */
export function answeringClient(...answers: readonly Answer[]): Client & { asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    page(url) {
      const answer = answers[Math.min(asked.length, answers.length - 1)];
      asked.push(url);
      if (answer === undefined) return Promise.reject(new Error("no answer was prepared"));
      return Promise.resolve(answer);
    },
    download: () => Promise.reject(new Error("the species list downloads no images")),
    robots: () => Promise.resolve({ allowed: true }),
    pace: () => undefined,
    close: () => undefined,
  };
}

/** An answer that brings a page. */
export function received(
  bytes: Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = { "content-type": "text/html; charset=UTF-8" },
): Answer {
  return {
    ok: true,
    url: "https://en.wikipedia.org/wiki/List_of_fish",
    status: 200,
    headers: new Headers(headers),
    bytes,
    notes: [],
  };
}

/** A way out on which every address answers with the same page. */
export function pageClient(bytes: Uint8Array<ArrayBuffer>): Client {
  return answeringClient(received(bytes));
}
