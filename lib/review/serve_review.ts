/**
 * The review's server: on loopback alone, for the page that it gives out itself.
 *
 * Other users of this machine can connect to it, and other pages in the browser can send requests
 * to it. The page itself holds no secret and anybody may load it. What it shows and does needs the
 * token in the address that the script prints (after `#`, which no browser sends), given back in a
 * header; pictures, to which a page cannot add a header, are under a path that cannot be guessed.
 * There is no cookie: cookies go to every port of a host.
 *
 * @module
 */

import { delay } from "@std/async";
import { timingSafeEqual } from "node:crypto";
import { Failure, reason } from "../base/failure.ts";
import { diskFailure, isMissing } from "../base/disk_failure.ts";
import { fileInside } from "../base/inside.ts";
import type { Dataset } from "../dataset/dataset.ts";
import { isSpeciesId } from "../species/species.ts";
import type { Thumbnailer } from "../image/create_renderer.ts";
import { reportDocument } from "../report/document.ts";
import { overviewOf, type SpeciesStanding } from "../report/gather.ts";
import { sheetScript } from "../report/sheet.ts";
import { Thumbnails } from "../report/thumbnails.ts";
import { LicenseCounts, reportName, sheetOf } from "../report/write_report.ts";
import { Board } from "./board.ts";
import { BadOrder, isImagePath, readOrder } from "./order.ts";
import { type ReviewPage, reviewPage } from "./page.ts";

export interface ReviewOptions {
  /** The data folder, open for writing; not closed here. */
  readonly dataset: Dataset;
  /** Makes thumbnails that are missing; not closed here. */
  readonly thumbnailer: Thumbnailer;
  /** The port; 0 for any that is free. */
  readonly port: number;
  readonly signal: AbortSignal;
}

export interface Review {
  /** The address to open, with its token. */
  readonly address: string;
  /** Ends when the signal fires; rejects when the data folder cannot be written any more. */
  readonly ended: Promise<void>;
}

const TOKEN_HEADER = "x-aquaset-token";

/** How long requests may take to their end after the review's, in milliseconds. */
const PATIENCE = 1000;
/** How often a word is sent so that a dead connection is noticed, in milliseconds. */
const ALIVE_EVERY = 15_000;
/** How often tabs hear of the species that were looked at, in milliseconds. */
const TELL_EVERY = 400;

/** How long there must be no request before species are looked at, in milliseconds. */
const QUIET = 500;

/** What every answer carries. No image or answer of ours may do anything as a document. */
const HEADERS: Readonly<Record<string, string>> = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "x-frame-options": "DENY",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cache-control": "no-store",
};

/**
 * Serves the review on 127.0.0.1.
 *
 * @throws {Failure} When the log cannot be read or the port is taken.
 */
export async function serveReview(options: ReviewOptions): Promise<Review> {
  const { dataset, port, signal } = options;
  const { species } = await overviewOf(dataset.dir, dataset.state);
  const board = await Board.open(dataset, species);
  const server = new ReviewServer(options, species, board, await reviewPage());
  const http = listen(port, (request) => server.answer(request));
  server.host = `127.0.0.1:${http.addr.port}`;
  return {
    address: `http://${server.host}/#token=${server.token}`,
    ended: end(http, server, signal),
  };
}

function listen(
  port: number,
  serve: (request: Request) => Promise<Response>,
): Deno.HttpServer<Deno.NetAddr> {
  try {
    return Deno.serve({ hostname: "127.0.0.1", port, onListen: () => {} }, serve);
  } catch (error) {
    if (
      !(error instanceof Deno.errors.AddrInUse) && !(error instanceof Deno.errors.PermissionDenied)
    ) {
      throw error;
    }
    throw new Failure(
      `Cannot serve the review on port ${port} of 127.0.0.1: ${
        reason(error)
      }. Choose another with --port, or leave it out.`,
      1,
      error,
    );
  }
}

async function end(
  http: Deno.HttpServer,
  server: ReviewServer,
  signal: AbortSignal,
): Promise<void> {
  const stopped = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
  try {
    await Promise.race([stopped, server.broken]);
  } finally {
    await server.close();
    await Promise.race([http.shutdown(), delay(PATIENCE, { persistent: false })]);
  }
}

class ReviewServer {
  /** `127.0.0.1:<port>`. */
  host = "";
  readonly token = makeSecret();
  /** In the path of every picture. */
  readonly #secret = makeSecret();
  readonly #options: ReviewOptions;
  readonly #species: readonly SpeciesStanding[];
  readonly #board: Board;
  readonly #page: ReviewPage;
  readonly #thumbnails: Thumbnails;
  readonly #listeners = new Listeners();
  readonly #broken = Promise.withResolvers<never>();
  readonly #closing = new AbortController();
  readonly #scanned: Promise<void>;
  /** When the last request came. */
  #asked = 0;
  /** The number of the last news; answers carry it, so that a tab knows which of two is newer. */
  #news = 0;

  constructor(
    options: ReviewOptions,
    species: readonly SpeciesStanding[],
    board: Board,
    page: ReviewPage,
  ) {
    this.#options = options;
    this.#species = species;
    this.#board = board;
    this.#page = page;
    this.#thumbnails = new Thumbnails(options.dataset.dir, options.thumbnailer);
    this.#broken.promise.catch(() => {}); // Whoever waits for `broken` hears of it.
    this.#scanned = this.#scan();
  }

  /** Rejects when the data folder cannot be written any more. */
  get broken(): Promise<never> {
    return this.#broken.promise;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#listeners.close();
    await this.#scanned;
  }

  async answer(request: Request): Promise<Response> {
    this.#asked = performance.now();
    const response = this.#refuse(request) ?? await this.#route(request);
    for (const [name, value] of Object.entries(HEADERS)) {
      if (!response.headers.has(name)) response.headers.set(name, value);
    }
    return response;
  }

  /** Looks at a request before anything else does; `undefined` when it may pass. */
  #refuse(request: Request): Response | undefined {
    // A page of another name that was made to point here (DNS rebinding) names itself as the host.
    if (request.headers.get("host") !== this.host) {
      return textResponse(421, "This is not its host name.");
    }
    const origin = request.headers.get("origin");
    const site = request.headers.get("sec-fetch-site");
    if (
      (origin !== null && origin !== `http://${this.host}`) ||
      (site !== null && site !== "same-origin" && site !== "none")
    ) {
      return textResponse(403, "Another site may not ask.");
    }
    if (request.method !== "GET" && request.method !== "POST") {
      return textResponse(405, "GET and POST only.");
    }
    if (request.method === "POST" && origin === null) {
      return textResponse(403, "The Origin header is missing.");
    }
    const { pathname } = new URL(request.url);
    if (!pathname.startsWith("/api/")) {
      return request.method === "POST" ? notFound() : undefined;
    }
    return isSame(request.headers.get(TOKEN_HEADER) ?? "", this.token)
      ? undefined
      : textResponse(403, "Open the address that the review has printed: the token is missing.");
  }

  async #route(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    try {
      if (pathname === "/") return html(this.#page.text, this.#page.policy);
      const [, secret = "", path = ""] = /^\/pictures-([^/]+)\/(.*)$/.exec(pathname) ?? [];
      if (secret !== "") return isSame(secret, this.#secret) ? await this.#file(path) : notFound();
      switch (`${request.method} ${pathname}`) {
        case "GET /api/start":
          return Response.json(this.#start());
        case "GET /api/events":
          return this.#listeners.listen();
        case "GET /api/audit":
          return Response.json(this.#audit());
        case "POST /api/audit":
          await this.#writing(() => this.#board.startAudit());
          return Response.json(this.#audit());
        case "POST /api/verdicts":
          return await this.#judge(request);
      }
      const species = /^\/api\/species\/([^/]+)$/.exec(pathname)?.[1];
      if (request.method !== "GET" || !isSpeciesId(species)) return notFound();
      const images = this.#board.images(species);
      const [vouched, count] = [this.#board.vouched(species), this.#board.count(species)];
      return Response.json({ images, vouched, count, news: this.#news });
    } catch (error) {
      if (error instanceof BadOrder) return textResponse(error.status, error.message);
      if (this.#options.signal.aborted) return textResponse(503, "The review has ended.");
      if (error instanceof Failure) return textResponse(500, error.message);
      throw error;
    }
  }

  #start(): unknown {
    return {
      name: reportName(this.#options.dataset.dir),
      pictures: `/pictures-${this.#secret}/`,
      species: this.#species.map(({ id, name, isLatin, common, why }) => ({
        ...this.#board.count(id),
        name,
        isLatin,
        common,
        why,
      })),
      audit: this.#board.auditCount(),
    };
  }

  #audit(): unknown {
    const images = this.#board.auditImages();
    const species = new Set(images.map((image) => image.species));
    return {
      images,
      vouched: Object.fromEntries([...species].map((id) => [id, this.#board.vouched(id)])),
      audit: this.#board.auditCount(),
      news: this.#news,
    };
  }

  /** What a page gets without a header: pictures, and the report with its sheets. */
  async #file(path: string): Promise<Response> {
    const { dataset, signal } = this.#options;
    if (path === "report/index.html") return html(await this.#report());
    const sheet = /^report\/sheets\/([^/]+)\.js$/.exec(path)?.[1];
    if (isSpeciesId(sheet)) {
      const script = await sheetScript(sheet, sheetOf(dataset.state, sheet));
      return new Response(script, { headers: { "content-type": "text/javascript" } });
    }
    const file = /^images\/(.*)$/.exec(path)?.[1];
    if (isImagePath(file)) {
      return await sendPicture(
        this.#board.has(file) ? await fileInside(dataset.dir, path) : undefined,
      );
    }
    const stem = /^report\/thumbs\/[0-9a-f]{2}\/([0-9a-f]{16,64})\.jpg$/.exec(path)?.[1];
    const shown = stem === undefined ? undefined : this.#board.fileOf(stem);
    return await sendPicture(
      shown && await this.#thumbnails.ensure({ file: `images/${shown}` }, signal),
    );
  }

  async #report(): Promise<string> {
    const { dataset } = this.#options;
    const overview = await overviewOf(dataset.dir, dataset.state);
    const licenses = new LicenseCounts();
    for (const { id } of overview.species) licenses.add(id, sheetOf(dataset.state, id));
    await this.#scanned;
    const name = reportName(dataset.dir);
    return await reportDocument({ name, overview, licenses, made: new Date() });
  }

  async #judge(request: Request): Promise<Response> {
    const order = await readOrder(request);
    // A trait is known of all images only when all species were looked at.
    if (order.all !== undefined && order.species === undefined) await this.#scanned;
    const changes = await this.#writing(() => this.#board.give(order));
    const species = new Set(changes.flatMap(({ before, now }) => [before.species, now.species]));
    if (changes.length > 0) this.#news++;
    const news = {
      changes,
      counts: [...species].map((id) => this.#board.count(id)),
      audit: this.#board.auditCount(),
      news: this.#news,
    };
    if (changes.length > 0) this.#listeners.tell(news);
    return Response.json(news);
  }

  async #writing<Result>(write: () => Promise<Result>): Promise<Result> {
    try {
      return await write();
    } catch (error) {
      this.#broken.reject(error);
      throw error;
    }
  }

  /** Looks at all species, and tells the tabs some times a second. */
  async #scan(): Promise<void> {
    let looked: string[] = [];
    let last = performance.now();
    const tell = (): void => {
      // Counted now: verdicts may have been given since a species was looked at.
      const counts = looked.map((id) => this.#board.count(id));
      if (counts.length > 0) this.#listeners.tell({ changes: [], counts, news: this.#news });
      [looked, last] = [[], performance.now()];
    };
    try {
      await this.#board.scan(async (id) => {
        looked.push(id);
        if (performance.now() - last > TELL_EVERY) tell();
        // Whoever looks at pictures comes first.
        do await delay(5); while (
          performance.now() - this.#asked < QUIET && !this.#closing.signal.aborted
        );
      }, this.#closing.signal);
      tell();
    } catch (error) {
      this.#broken.reject(error);
    }
  }
}

/** The tabs that listen: each hears of every verdict, whichever tab gave it. */
class Listeners {
  readonly #streams = new Set<ReadableStreamDefaultController<Uint8Array>>();
  readonly #encoder = new TextEncoder();
  readonly #timer = setInterval(() => this.#send("\n"), ALIVE_EVERY);

  /** A response that goes on as long as its tab listens: a line of JSON for each word. */
  listen(): Response {
    let own: ReadableStreamDefaultController<Uint8Array> | undefined;
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => {
        own = controller;
        this.#streams.add(controller);
        controller.enqueue(this.#encoder.encode("\n"));
      },
      cancel: () => {
        if (own !== undefined) this.#streams.delete(own);
      },
    });
    return new Response(stream, { headers: { "content-type": "application/jsonl" } });
  }

  tell(value: unknown): void {
    this.#send(`${JSON.stringify(value)}\n`);
  }

  close(): void {
    clearInterval(this.#timer);
    for (const stream of this.#streams) stream.close();
    this.#streams.clear();
  }

  #send(text: string): void {
    const bytes = this.#encoder.encode(text);
    for (const stream of this.#streams) stream.enqueue(bytes);
  }
}

/** A secret that nobody can guess: 32 random bytes. */
function makeSecret(): string {
  return crypto.getRandomValues(new Uint8Array(32)).toBase64({
    alphabet: "base64url",
    omitPadding: true,
  });
}

/** Compares in a time that does not depend on how much of it is right. */
function isSame(one: string, other: string): boolean {
  const [given, right] = [new TextEncoder().encode(one), new TextEncoder().encode(other)];
  return given.length === right.length && timingSafeEqual(given, right);
}

/** A picture's file. Its name says its content, so the browser may keep it. */
async function sendPicture(path: string | undefined): Promise<Response> {
  if (path === undefined) return notFound();
  try {
    const file = await Deno.open(path, { read: true });
    return new Response(file.readable, {
      headers: {
        "content-type": `image/${path.slice(path.lastIndexOf(".") + 1).replace("jpg", "jpeg")}`,
        "cache-control": "private, max-age=86400, immutable",
      },
    });
  } catch (error) {
    if (isMissing(error)) return notFound();
    throw diskFailure(`read ${path}`, error);
  }
}

function html(text: string, policy = "frame-ancestors 'none'"): Response {
  return new Response(text, {
    headers: { "content-type": "text/html; charset=utf-8", "content-security-policy": policy },
  });
}

function textResponse(status: number, text: string): Response {
  return new Response(`${text}\n`, {
    status,
    headers: { "content-type": "text/plain; charset=utf-8" },
  });
}

function notFound(): Response {
  return textResponse(404, "There is nothing here.");
}
