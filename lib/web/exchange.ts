/**
 * One request and its answer, without redirects and retries. The body is not trusted: it is counted
 * after decoding and abandoned as soon as it is too large or too slow.
 *
 * @module
 */

import { gunzipSync, gzipSync, inflateRawSync, inflateSync } from "node:zlib";
import { abortable } from "@std/async";
import { reason } from "../base/failure.ts";
import { classifyError, classifyStatus, TooLarge } from "./classify.ts";
import type { NotReceived, Received } from "./client.ts";
import { type Deadlines, seconds, Timeouts } from "./deadline.ts";
import { readDate, readRetryAfter } from "./headers.ts";
import type { Resolved } from "./resolve.ts";
import type { Transport } from "./transport.ts";
import { isRedirect } from "./url.ts";

const ERROR_MOST = 64 * 1024;
const ERROR_TOTAL = 5000;
/** The most content encodings, one around the other. */
const MOST_LAYERS = 4;

export interface BodyLimits {
  readonly most: number;
  /** Whether a longer body is refused, or cut. */
  readonly beyond: "refuse" | "cut";
  readonly deadlines: Deadlines;
}

interface ExchangeOptions {
  readonly headers: Headers;
  readonly signal: AbortSignal;
  readonly limits: BodyLimits;
  /** Milliseconds since 1970, for `Retry-After` of servers that send no `Date`. */
  readonly today: () => number;
  readonly resolve: (hostname: string) => Promise<Resolved>;
  readonly send: Transport["send"];
  /** Why a success with these headers is refused, such as an opt-out; `undefined` to read its body. */
  readonly refuse: (headers: Headers) => string | undefined;
}

export interface Redirected {
  readonly ok: "elsewhere";
  readonly status: number;
  readonly location: string | null;
}

/**
 * Sends one request and reads its answer.
 *
 * @throws The reason of the caller's signal, and nothing else.
 */
export async function exchange(
  url: URL,
  options: ExchangeOptions,
): Promise<Received | NotReceived | Redirected> {
  const timeouts = new Timeouts(options.signal);
  const { answer, total } = options.limits.deadlines;
  let stage: "asking" | "reading" = "asking";
  try {
    timeouts.set("answer", answer, `no answer for ${seconds(answer)}`);
    timeouts.set("total", total, `not done after ${seconds(total)}`);
    const resolved = await abortable(options.resolve(url.hostname), timeouts.signal);
    if (!resolved.ok) return { ...resolved, url: url.href };
    const { headers } = options;
    const response = await options.send(url, {
      headers,
      redirect: "manual",
      signal: timeouts.signal,
    });
    timeouts.clear("answer");
    stage = "reading";
    return await read(url, response, options, timeouts);
  } catch (thrown) {
    options.signal.throwIfAborted();
    // After a timeout, what the platform throws is only a consequence.
    const cause = timeouts.signal.aborted ? timeouts.signal.reason : thrown;
    return { ok: false, ...classifyError(cause, stage), url: url.href };
  } finally {
    timeouts.end();
  }
}

async function read(
  url: URL,
  response: Response,
  options: ExchangeOptions,
  timeouts: Timeouts,
): Promise<Received | NotReceived | Redirected> {
  const { status, headers } = response;
  if (isRedirect(status)) {
    await response.body?.cancel();
    return { ok: "elsewhere", status, location: once(headers.get("location")) };
  }
  if (status < 200 || status > 299) {
    const isBusy = status === 429 || status >= 500;
    const asked = isBusy ? headers.get("retry-after") : null;
    // Compared with the server's own clock: ours may be hours off.
    const inHeader = readRetryAfter(
      asked,
      readDate(headers.get("date") ?? "") ?? options.today(),
    );
    const bytes = await readErrorBody(response, options, timeouts);
    const retryAfter = inHeader ?? (isBusy ? readWait(bytes) : undefined);
    return {
      ok: false,
      outcome: classifyStatus(status),
      detail: status < 400 ? `HTTP ${status} leads nowhere` : `HTTP ${status}`,
      url: url.href,
      status,
      ...(retryAfter === undefined ? {} : { retryAfter }),
      bytes,
    };
  }
  const isPart = status === 206;
  const refused = isPart
    ? "HTTP 206: a part, though everything was requested"
    : options.refuse(headers);
  if (refused !== undefined) {
    await response.body?.cancel();
    const outcome = isPart ? "truncated" : "opted-out";
    return { ok: false, outcome, detail: refused, url: url.href, status };
  }
  try {
    const raw = await readBody(response, options.limits, timeouts);
    const isPlain = options.headers.get("accept-encoding") === "identity";
    const decoded = decode(raw, response, isPlain, options.limits);
    return { ok: true, url: url.href, status, headers, ...decoded };
  } catch (thrown) {
    // Frees the connection.
    if (!response.bodyUsed) await response.body?.cancel();
    throw thrown;
  }
}

/** A header that came twice alike: a slip. Two that differ stay one broken value. */
function once(value: string | null): string | null {
  const half = value?.slice(0, (value.length - 2) / 2);
  return half !== undefined && value === `${half}, ${half}` ? half : value;
}

/** The wait that a JSON body asks for in words, as Django's APIs do, in milliseconds. */
function readWait(bytes: Uint8Array): number | undefined {
  const text = new TextDecoder().decode(bytes.subarray(0, 1000));
  const [, seconds] = /\bavailable in (\d{1,6}) seconds?\b/.exec(text) ?? [];
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}

/** The start of an error's body; empty when it cannot be read. */
async function readErrorBody(
  response: Response,
  { limits, signal }: ExchangeOptions,
  timeouts: Timeouts,
): Promise<Uint8Array<ArrayBuffer>> {
  timeouts.set("total", Math.min(ERROR_TOTAL, limits.deadlines.total), "error page too slow");
  try {
    return await readBody(response, { ...limits, most: ERROR_MOST, beyond: "cut" }, timeouts);
  } catch {
    signal.throwIfAborted();
    return new Uint8Array();
  }
}

async function readBody(
  response: Response,
  { most, beyond, deadlines }: BodyLimits,
  timeouts: Timeouts,
): Promise<Uint8Array<ArrayBuffer>> {
  const announced = Number(response.headers.get("content-length") ?? 0);
  if (beyond === "refuse" && announced > most) {
    throw new TooLarge(`${announced} bytes announced, ${most} allowed`);
  }
  const { window, floor } = deadlines;
  const tooSlow = `less than ${floor} bytes a second for ${seconds(window)}`;
  const chunks: Uint8Array[] = [];
  let [count, inWindow] = [0, 0];
  timeouts.set("speed", window, tooSlow);
  try {
    for await (const chunk of response.body ?? []) {
      inWindow += chunk.length;
      if (inWindow >= floor * window / 1000) {
        timeouts.set("speed", window, tooSlow);
        inWindow = 0;
      }
      const room = most - count;
      if (chunk.length > room && beyond === "refuse") throw new TooLarge(`more than ${most} bytes`);
      chunks.push(chunk.subarray(0, room));
      count += Math.min(chunk.length, room);
      if (chunk.length > room) break;
    }
  } finally {
    timeouts.clear("speed");
  }
  const bytes = new Uint8Array(count);
  chunks.reduce((at, chunk) => (bytes.set(chunk, at), at + chunk.length), 0);
  return bytes;
}

/** Why a page is asked for again, unpacked. */
export const ONLY_FIRST_MEMBER = "only the first part of the gzip body could be unpacked";

/**
 * Undoes the content encodings that `fetch` has left. Gives the bytes and notes for the log.
 *
 * Deno 2.9 decodes `gzip` and `br` unless we asked for `identity`, but of a gzip body only the first
 * member, silently. So a body that arrived much longer than its text compresses to counts as
 * truncated, and where its length is not known, a page without its end: the retry asks for
 * `identity`, and then every member is read. Half a JSON document is found by `json.ts`.
 */
function decode(
  raw: Uint8Array<ArrayBuffer>,
  response: Response,
  isPlain: boolean,
  { most, beyond }: BodyLimits,
): { readonly bytes: Uint8Array<ArrayBuffer>; readonly notes: readonly string[] } {
  const encoding = response.headers.get("content-encoding")?.toLowerCase() ?? "";
  const layers = encoding.split(",").map((name) => name.trim())
    .filter((name) => name !== "" && name !== "identity");
  if (!isPlain && layers.length === 1 && (layers[0] === "gzip" || layers[0] === "br")) {
    const announced = response.headers.get("content-length");
    const packed = raw.length > 4_000_000 ? raw.length : gzipSync(raw, { level: 1 }).length * 1.3;
    const isCut = announced === null ? hasNoEnd(raw) : Number(announced) > packed + 256;
    const weCut = beyond === "cut" && raw.length === most;
    if (layers[0] === "gzip" && isCut && !weCut) throw new Error(ONLY_FIRST_MEMBER);
    return { bytes: raw, notes: [] };
  }
  const name = `Content-Encoding ${encoding.slice(0, 40)}`;
  if (!layers.every((layer) => /^(?:x-)?(?:gzip|deflate|compress|br|zstd)$/.test(layer))) {
    // An unknown name is a mistake of the server: browsers use the body as it is.
    return { bytes: raw, notes: [`${name} is not known`] };
  }
  if (layers.length > MOST_LAYERS) throw new Error(`encoded ${layers.length} times`);
  let bytes = raw;
  for (const layer of layers.reverse()) bytes = undo(layer, bytes, most);
  return { bytes, notes: [] };
}

/** Whether a body is nothing, or a page that does not end as pages do. */
function hasNoEnd(bytes: Uint8Array): boolean {
  const text = (part: Uint8Array) => new TextDecoder().decode(part);
  const isPage = /^\s*<(?:!doctype html|html)\b/i.test(text(bytes.subarray(0, 1000)));
  return bytes.length === 0 || isPage && !/<\/html\s*>/i.test(text(bytes.subarray(-4000)));
}

/** Undoes one encoding. Not brotli and zstd: Node's zlib does not notice when their body is cut off. */
function undo(layer: string, bytes: Uint8Array, most: number): Uint8Array<ArrayBuffer> {
  const isGzip = layer.endsWith("gzip");
  if (!isGzip && layer !== "deflate") {
    throw new Error(`Content-Encoding ${layer} was not asked for`);
  }
  const isZlib = ((bytes[0] ?? 0) & 0x0f) === 8 &&
    ((bytes[0] ?? 0) * 256 + (bytes[1] ?? 0)) % 31 === 0;
  const unpack = isGzip ? gunzipSync : isZlib ? inflateSync : inflateRawSync;
  try {
    return new Uint8Array(unpack(bytes, { maxOutputLength: most }));
  } catch (thrown) {
    const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : reason(thrown);
    if (code === "ERR_BUFFER_TOO_LARGE") throw new TooLarge(`more than ${most} bytes`);
    throw new Error(`cannot decode ${layer}: ${code}`);
  }
}
