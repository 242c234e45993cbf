/**
 * A search that the keeper has a worker make: the keeper asks for one candidate after the other, as
 * many as it wants, and says each time how many are still missing.
 *
 * @module
 */

import { errors } from "@nats-io/transport-node";
import { abortable, delay } from "@std/async";
import { type Notice, reason } from "../base/failure.ts";
import {
  type Candidate,
  type Demand,
  type ImageSource,
  type SourceEnd,
  StageStop,
} from "../sources/source.ts";
import type { Species } from "../species/species.ts";
import { type Question, read, type Reply } from "./messages.ts";
import { pack, PAUSE, type Queue } from "./queue.ts";

/** A question without an answer is asked again after so long, in milliseconds. */
const ASK_AGAIN = 15_000;
/** A search that nobody asks after for so long is over, in milliseconds. */
const FORGOTTEN = 60_000;
/** The known URLs of a species that go with a question, in bytes at most: a message has 1 MB. */
const MOST_KNOWN = 800_000;

/** Has a worker search; see {@linkcode ImageSource.candidates}. `known` are URLs decided before. */
export async function* searchAfar(
  { connection }: Queue,
  source: string,
  species: Species,
  demand: Demand,
  known: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<Candidate, SourceEnd, void> {
  const subject = `aquaset.search.${source}`;
  let room = MOST_KNOWN;
  // Not to know one costs a search some time and no more.
  const fits = known.filter((url) => (room -= url.length + 3) > 0);
  let [session, number] = [crypto.randomUUID(), 0];
  const question = () => {
    const { missing, successRate } = demand;
    const known = number === 0 ? fits : [];
    return pack({ session, number, species, missing, successRate, known } satisfies Question);
  };
  try {
    while (true) {
      const answer = connection.request(subject, question(), { timeout: ASK_AGAIN })
        .then(({ data }) => read.reply(data), (error: Error) => error);
      let reply = await abortable(answer, signal);
      if (reply instanceof Error) {
        // It takes longer, or nobody searches there at the moment, or the queue is away.
        await delay(PAUSE, { signal });
        const isNobodyThere = reply instanceof errors.RequestError && reply.isNoResponders();
        if (number === 0 || !isNobodyThere) continue;
        reply = { kind: "lost" };
      }
      if (reply.kind === "end") return reply.end;
      if (reply.kind === "stop") throw new StageStop(reply.why, reply.message);
      if (reply.kind === "lost") {
        // The worker died: another begins anew, and what it finds again is passed over.
        [session, number] = [crypto.randomUUID(), 0];
        continue;
      }
      yield reply.candidate;
      number++;
    }
  } finally {
    number = -1;
    connection.publish(subject, question());
  }
}

/**
 * Answers the keeper's questions for candidates of a source until the signal fires.
 *
 * @param begun Called with each search that begins; what it returns is called when that is over.
 * @returns When nothing more is asked of the site.
 */
export async function answerSearches(
  queue: Queue,
  source: ImageSource,
  begun: (species: Species) => () => void,
  notice: Notice,
  signal: AbortSignal,
): Promise<void> {
  const searches = new Map<string, Search>();
  const end = async (session: string) => {
    const search = searches.get(session);
    searches.delete(session);
    await search?.end();
  };
  const answer = async (data: Uint8Array): Promise<Reply | undefined> => {
    const question = read.question(data);
    const { session, number, species } = question;
    if (signal.aborted) return { kind: "lost" };
    for (const [other, { asked }] of searches) {
      if (performance.now() - asked > FORGOTTEN) end(other);
    }
    if (number < 0) return void end(session);
    if (number === 0 && !searches.has(session)) {
      searches.set(session, new Search(source, question, begun(species), signal));
    }
    return await searches.get(session)?.next(question) ?? { kind: "lost" };
  };
  const questions = queue.connection.subscribe(`aquaset.search.${source.name}`, {
    callback: (error, message) => {
      if (error !== null) return;
      answer(message.data).then((reply) => reply && message.respond(pack(reply)))
        .catch((thrown: unknown) => notice(`Cannot answer the keeper: ${reason(thrown)}.`));
    },
  });
  await abortable(questions.closed, signal).catch(() => undefined);
  // What was asked by now is still answered: with "lost".
  questions.drain().catch(() => undefined);
  await Promise.all([...searches.keys()].map(end));
}

/** A search under way. */
class Search {
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  readonly #demand: { missing: number; successRate: number; known(url: string): boolean };
  readonly #found: AsyncGenerator<Candidate, SourceEnd, void>;
  readonly #over: () => void;
  #number = -1;
  #reply: Promise<Reply> | undefined;
  asked = 0;

  constructor(source: ImageSource, question: Question, over: () => void, signal: AbortSignal) {
    const { species, known, missing, successRate } = question;
    const decided = new Set(known);
    this.#signal = AbortSignal.any([this.#stop.signal, signal]);
    this.#demand = { missing, successRate, known: (url) => decided.has(url) };
    this.#found = source.candidates(species, this.#demand, this.#signal);
    this.#over = over;
  }

  /** A question that was asked before, because its answer was lost or late, is answered as before. */
  next({ number, missing, successRate }: Question): Promise<Reply> | undefined {
    this.asked = performance.now();
    Object.assign(this.#demand, { missing, successRate });
    if (number > this.#number) {
      this.#number = number;
      this.#reply = this.#find();
    }
    return this.#reply;
  }

  async end(): Promise<void> {
    this.#stop.abort(new DOMException("The search is over.", "AbortError"));
    // What it throws while it is put away concerns nobody.
    await this.#found.return({ why: "exhausted" }).catch(() => undefined);
    this.#over();
  }

  async #find(): Promise<Reply> {
    try {
      const next = await this.#found.next();
      return next.done
        ? { kind: "end", end: next.value }
        : { kind: "candidate", candidate: next.value };
    } catch (error) {
      if (error instanceof StageStop) {
        return { kind: "stop", why: error.why, message: error.message };
      }
      // It was put away: another worker begins it anew.
      if (this.#signal.aborted) return { kind: "lost" };
      return { kind: "end", end: { why: "failed", reason: reason(error) } };
    }
  }
}
