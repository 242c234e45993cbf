/**
 * The review's server: on loopback alone, for the page that it gives out itself.
 *
 * @module
 */

import { basename, resolve } from "@std/path";
import type { Dataset } from "../dataset/dataset.ts";
import { diskFailure, isMissing } from "../base/disk_failure.ts";
import { fileInside } from "../base/inside.ts";
import { isSpeciesId } from "../dataset/log_line.ts";
import { Failure, reason } from "../base/failure.ts";
import type { Thumbnailer } from "../image/create_renderer.ts";
import { reportDocument } from "../report/document.ts";
import { overviewOf, type SpeciesStanding } from "../report/gather.ts";
import { Thumbnails } from "../report/thumbnails.ts";
import { Board } from "./board.ts";
import { cookieName, makeToken, refuse } from "./guard.ts";
import { Listeners } from "./listeners.ts";
import { BadOrder, isImageName, readOrder } from "./order.ts";
import { type ReviewPage, reviewPage } from "./review_page.ts";

/** How a review is served. */
export interface ReviewOptions {
  /** The data folder, open for writing; not closed here. */
  readonly dataset: Dataset;
  /** Makes thumbnails that are not there; not closed here. */
  readonly thumbnailer: Thumbnailer;
  /** The port; 0 for any that is free. */
  readonly port: number;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/** A review that is being served. */
export interface Review {
  /** The address to open, with its token. */
  readonly address: string;
  /** Ends when the signal fires; rejects when the data folder cannot be written any more. */
  readonly ended: Promise<void>;
}

/** How long requests may take to their end after the review's, in milliseconds. */
const PATIENCE = 1000;

const TYPES: Readonly<Record<string, string>> = {
  jpg: "image/jpeg",
  png: "image/png",
  webp: "image/webp",
  gif: "image/gif",
};

/** What every answer carries. */
const HEADERS: Readonly<Record<string, string>> = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "x-frame-options": "DENY",
};

/** No image, page or sheet of ours may do anything as a document. */
const NO_POLICY = "default-src 'none'; frame-ancestors 'none'";

/**
 * Serves the review on 127.0.0.1.
 *
 * @param options How.
 * @returns The running review.
 * @throws {Failure} When the log cannot be read or the port is taken.
 */
export async function serveReview(options: ReviewOptions): Promise<Review> {
  const { port, signal } = options;
  const token = makeToken();
  const desk = await Desk.open(options, token);
  let host = "";
  const serve = async (request: Request): Promise<Response> => {
    const response = refuse(request, { host, token }) ?? await desk.answer(request, host);
    for (const [name, value] of Object.entries(HEADERS)) response.headers.set(name, value);
    if (!response.headers.has("content-security-policy")) {
      response.headers.set("content-security-policy", NO_POLICY);
    }
    if (!response.headers.has("cache-control")) response.headers.set("cache-control", "no-store");
    return response;
  };
  const server = listen(port, serve);
  host = `127.0.0.1:${server.addr.port}`;
  return {
    address: `http://${host}/?token=${token}`,
    ended: end(server, desk, signal),
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

async function end(server: Deno.HttpServer, desk: Desk, signal: AbortSignal): Promise<void> {
  const stopped = Promise.withResolvers<void>();
  const stop = (): void => stopped.resolve();
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    await Promise.race([stopped.promise, desk.broken]);
  } finally {
    signal.removeEventListener("abort", stop);
    desk.close();
    const patience = new Promise<void>((resolve) => timer = setTimeout(resolve, PATIENCE));
    await Promise.race([server.shutdown(), patience]);
    clearTimeout(timer);
  }
}

/** Answers the requests that may pass. */
class Desk {
  readonly #options: ReviewOptions;
  readonly #token: string;
  readonly #board: Board;
  readonly #thumbnails: Thumbnails;
  readonly #page: ReviewPage;
  /** The species as they stood when the review began. */
  readonly #species: readonly SpeciesStanding[];
  readonly #listeners = new Listeners();
  readonly #broken = Promise.withResolvers<never>();

  private constructor(
    options: ReviewOptions,
    token: string,
    page: ReviewPage,
    species: readonly SpeciesStanding[],
  ) {
    this.#options = options;
    this.#token = token;
    this.#board = new Board(options.dataset);
    this.#page = page;
    this.#species = species;
    this.#thumbnails = new Thumbnails(options.dataset.dir, options.thumbnailer);
    // Whoever waits for the end hears of it; until then it is nobody's.
    this.#broken.promise.catch(() => "told by whoever waits for the end");
  }

  static async open(options: ReviewOptions, token: string): Promise<Desk> {
    const { dataset } = options;
    const page = await reviewPage(nameOf(dataset), token);
    return new Desk(options, token, page, (await overviewOf(dataset.dir, dataset)).species);
  }

  /** Rejects when a verdict could not be written. */
  get broken(): Promise<never> {
    return this.#broken.promise;
  }

  /** Ends what goes on for long. */
  close(): void {
    this.#listeners.close();
  }

  async answer(request: Request, host: string): Promise<Response> {
    try {
      const { pathname } = new URL(request.url);
      if (request.method === "POST") {
        return pathname === "/verdicts" ? await this.#judge(request) : notFound();
      }
      return await this.#get(pathname, host);
    } catch (error) {
      if (error instanceof BadOrder) return plain(error.status, error.message);
      if (this.#options.signal.aborted) return plain(503, "The review has ended.");
      if (error instanceof Failure) return plain(500, error.message);
      throw error;
    }
  }

  async #get(path: string, host: string): Promise<Response> {
    switch (path) {
      case "/":
        return this.#frame(host);
      case "/species":
        return Response.json(this.#list());
      case "/events":
        return this.#listeners.listen();
      case "/report/":
      case "/report/index.html":
        return await this.#report();
    }
    const species = /^\/species\/([^/]+)$/.exec(path)?.[1];
    if (isSpeciesId(species)) return Response.json(this.#board.images(species));
    const [, folder, name] = /^\/images\/([^/]+)\/([^/]+)$/.exec(path) ?? [];
    if (isSpeciesId(folder) && isImageName(name)) {
      const image = this.#board.image({ species: folder, name });
      const path = image && await fileInside(this.#options.dataset.dir, image.file);
      if (path !== undefined) return await file(path);
    }
    const thumb = /^\/report\/thumbs\/[0-9a-f]{2}\/([0-9a-f]{16,64})\.jpg$/.exec(path)?.[1];
    return thumb === undefined ? notFound() : await this.#thumbnail(thumb);
  }

  #frame(host: string): Response {
    return new Response(this.#page.text, {
      headers: {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": this.#page.policy,
        "set-cookie": `${cookieName(host)}=${this.#token}; Path=/; HttpOnly; SameSite=Strict`,
      },
    });
  }

  #list(): unknown {
    return this.#species.map(({ id, name, common, why }) => ({
      ...this.#board.count(id),
      name,
      common,
      why,
    }));
  }

  async #report(): Promise<Response> {
    const { dataset, signal } = this.#options;
    const pieces = await reportDocument({
      name: nameOf(dataset),
      overview: await overviewOf(dataset.dir, dataset),
      state: dataset.state,
      made: new Date(),
      signal,
    });
    // The document brings a stricter policy of its own.
    return new Response(pieces.join(""), {
      headers: {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": "frame-ancestors 'none'",
      },
    });
  }

  async #thumbnail(stem: string): Promise<Response> {
    const image = this.#board.named(stem);
    if (image === undefined) return notFound();
    const path = await this.#thumbnails.ensure(image, this.#options.signal);
    return path === undefined ? notFound() : await file(path);
  }

  async #judge(request: Request): Promise<Response> {
    const order = await readOrder(request);
    try {
      const changes = await this.#board.give(order);
      const counts = [...new Set(changes.map(({ species }) => species))]
        .map((species) => this.#board.count(species));
      if (changes.length > 0) this.#listeners.tell({ changes, counts });
      return Response.json({ changes, counts });
    } catch (error) {
      this.#broken.reject(error);
      throw error;
    }
  }
}

function nameOf(dataset: Dataset): string {
  return basename(resolve(dataset.dir));
}

/** A picture's file. Its name says its content, so it may be kept by the browser. */
async function file(path: string): Promise<Response> {
  try {
    if (!(await Deno.lstat(path)).isFile) return notFound();
    const opened = await Deno.open(path, { read: true });
    return new Response(opened.readable, {
      headers: {
        "content-type": TYPES[path.slice(path.lastIndexOf(".") + 1)] ?? "application/octet-stream",
        "cache-control": "private, max-age=86400, immutable",
      },
    });
  } catch (error) {
    if (isMissing(error)) return notFound();
    throw diskFailure(`read ${path}`, error);
  }
}

function plain(status: number, text: string): Response {
  return new Response(`${text}\n`, {
    status,
    headers: { "content-type": "text/plain; charset=utf-8" },
  });
}

function notFound(): Response {
  return plain(404, "There is nothing here.");
}
