/**
 * What servers do that they should not, one row each: what the server does, what must come of it,
 * what must not happen.
 *
 * Each row is a test of `hostile_test.ts`. Rows on what is inside of the bytes (types, polyglots)
 * and on names belong to tables of their own, beside the examiner's and the store's tests.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import {
  brotliCompressSync,
  constants,
  deflateRawSync,
  deflateSync,
  gzipSync,
  zstdCompressSync,
} from "node:zlib";
import type { NetworkOutcome } from "../../lib/base/outcome.ts";
import type { ClientOptions } from "../../lib/web/create_client.ts";
import { answer, type Behaviour, paths, type Peer, reply } from "./hostile_server.ts";

export interface HostileCase {
  readonly name: string;
  readonly server: Behaviour;
  /** What must come of it: an outcome, or the body. */
  readonly comes: NetworkOutcome | { readonly body: string };
  /** What must not happen, in words; `tries`, `asked`, `most` and `detail` hold it to that. */
  readonly never: string;
  /** How many connections the server must have seen. */
  readonly connections?: number;
  /** A text that no request may hold. */
  readonly unasked?: RegExp;
  /** A text that some request must hold. */
  readonly asked?: RegExp;
  /** The most bytes the client may have taken. */
  readonly most?: number;
  /** What the detail or the notes must say. */
  readonly says?: RegExp;
  /** How the client is set up, beyond generous deadlines and no robots.txt. */
  readonly options?: ClientOptions;
  /** The URL to ask for; `http://93.184.215.14/` unless given. */
  readonly url?: string;
  /** The page the image stands on. */
  readonly page?: string;
  /** Set where a page is asked for, not an image. */
  readonly isPage?: true;
}

const OK = "HTTP/1.1 200 OK\r\n";
/** Deadlines for the rows that must run into one; the others are generous, whatever the machine does. */
const HASTY: ClientOptions = { deadlines: { answer: 300 } };
const HASTY_BODY: ClientOptions = { deadlines: { window: 300, floor: 10_000 } };
const SMALL: ClientOptions = { maxBytes: 100_000 };
const MEGABYTE = new Uint8Array(1 << 20);
const FISH = "a fish ".repeat(100);
/** Bytes that do not pack. */
const NOISE = crypto.getRandomValues(new Uint8Array(1000));

/** Sends the same for ever, or until the client has had enough. */
function endless(head: string, part: string | Uint8Array): Behaviour {
  return async (peer) => {
    await peer.request();
    await peer.send(head);
    while (await peer.send(part));
  };
}

/** Sends a start and then nothing more. */
function stall(...parts: readonly string[]): Behaviour {
  return async (peer) => {
    await answer(...parts)(peer);
    await peer.silence();
  };
}

/** Sends one piece every few milliseconds for ever. */
function drip(head: string, piece: string, every: number): Behaviour {
  return async (peer) => {
    await peer.request();
    if (head !== "" && !await peer.send(head)) return;
    while (await peer.send(piece)) await peer.wait(every);
  };
}

/** Does one thing the first time, the next the second, the last from then on. */
function inTurn(...behaviours: readonly Behaviour[]): Behaviour {
  return (peer: Peer) =>
    behaviours[Math.min(peer.nth, behaviours.length - 1)]?.(peer) ?? Promise.resolve();
}

function encoded(encoding: string, bytes: Uint8Array): Behaviour {
  return reply(200, { "Content-Encoding": encoding }, bytes);
}

function to(location: string, status = 302): Behaviour {
  return reply(status, { Location: location });
}

const LENGTHS: readonly HostileCase[] = [
  {
    name: "a body shorter than its length",
    server: answer(`${OK}Content-Length: 100\r\n\r\nshort`),
    comes: "truncated",
    never: "half an image counts as complete",
    connections: 3,
  },
  {
    name: "a body longer than its length",
    server: answer(`${OK}Content-Length: 4\r\n\r\nfishHTTP/1.1 200 OK\r\n\r\nsmuggled`),
    comes: { body: "fish" },
    never: "the rest is taken for the next answer",
  },
  {
    name: "two lengths that differ",
    server: answer(`${OK}Content-Length: 4\r\nContent-Length: 8\r\n\r\nfishfish`),
    comes: "refused",
    never: "one of the two is believed",
  },
  {
    name: "the same length twice",
    server: answer(`${OK}Content-Length: 4\r\nContent-Length: 4\r\n\r\nfish`),
    comes: { body: "fish" },
    never: "a harmless slip costs the image",
  },
  {
    name: "a length below zero",
    server: answer(`${OK}Content-Length: -1\r\n\r\nfish`),
    comes: "refused",
    never: "it is taken for a very large number",
  },
  {
    name: "a length that is no number",
    server: answer(`${OK}Content-Length: four\r\n\r\nfish`),
    comes: "refused",
    never: "it is taken for zero",
  },
  {
    name: "a length beyond 64 bits",
    server: answer(`${OK}Content-Length: 99999999999999999999999\r\n\r\nfish`),
    comes: "refused",
    never: "memory is set aside for it",
  },
  {
    name: "a length of 5 GB",
    server: endless(`${OK}Content-Length: 5000000000\r\n\r\n`, MEGABYTE),
    comes: "too-large",
    never: "the body is read at all",
    most: 8_000_000,
    connections: 1,
  },
  {
    name: "a length and chunks",
    server: answer(
      `${OK}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nfish\r\n0\r\n\r\n`,
    ),
    comes: { body: "fish" },
    never: "the length wins over the chunks",
  },
  {
    name: "chunks in many pieces",
    server: answer(
      `${OK}Transfer-Encoding: chunked\r\n\r\n2;x=y\r\nfi\r\n02\r\nsh\r\n0\r\nTrailer: 1\r\n\r\n`,
    ),
    comes: { body: "fish" },
    never: "extensions, zeros and trailers get into the body",
  },
  {
    name: "a chunk whose size is junk",
    server: answer(`${OK}Transfer-Encoding: chunked\r\n\r\n4\r\nfish\r\nzz\r\nfish`),
    comes: "truncated",
    never: "what came before counts as complete",
    connections: 3,
  },
  {
    name: "a chunk whose size overflows",
    server: answer(`${OK}Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\nfish`),
    comes: "truncated",
    never: "memory is set aside for it",
  },
  {
    name: "chunks without the last one",
    server: answer(`${OK}Transfer-Encoding: chunked\r\n\r\n4\r\nfish\r\n`),
    comes: "truncated",
    never: "it is taken for the end",
  },
  {
    name: "a chunk cut off",
    server: answer(`${OK}Transfer-Encoding: chunked\r\n\r\n64\r\nfish`),
    comes: "truncated",
    never: "it is taken for the end",
  },
  {
    name: "a chunk extension without end",
    server: endless(`${OK}Transfer-Encoding: chunked\r\n\r\n4;`, "x".repeat(65_536)),
    comes: "truncated",
    never: "it is kept in memory",
    most: 20_000_000,
  },
  {
    name: "trailers without end",
    server: endless(`${OK}Transfer-Encoding: chunked\r\n\r\n0\r\n`, "X-Fish: 1\r\n".repeat(1000)),
    comes: "truncated",
    never: "they are kept in memory",
    most: 20_000_000,
  },
  {
    name: "an empty body",
    server: reply(200),
    comes: { body: "" },
    never: "it is taken for a broken connection",
    connections: 1,
  },
  {
    name: "status 204",
    server: answer("HTTP/1.1 204 No Content\r\n\r\n"),
    comes: { body: "" },
    never: "a body is waited for",
  },
  {
    name: "no length, and the end of the connection",
    server: answer(`${OK}\r\nfish`),
    comes: { body: "fish" },
    never: "the image is lost",
  },
  {
    name: "a part, though everything was requested",
    server: reply(206, { "Content-Range": "bytes 0-3/100" }, "fish"),
    comes: "truncated",
    never: "a part counts as complete",
    connections: 1,
  },
  {
    name: "a body without end",
    server: endless(`${OK}\r\n`, MEGABYTE),
    comes: "too-large",
    never: "more than the limit is kept, or it is tried again",
    options: SMALL,
    most: 20_000_000,
    connections: 1,
  },
  {
    name: "chunks without end",
    server: endless(`${OK}Transfer-Encoding: chunked\r\n\r\n`, `8000\r\n${"x".repeat(32_768)}\r\n`),
    comes: "too-large",
    never: "more than the limit is kept",
    options: SMALL,
    most: 20_000_000,
  },
  {
    name: "exactly as much as may be",
    server: reply(200, {}, "f".repeat(1000)),
    comes: { body: "f".repeat(1000) },
    never: "the limit is one too small",
    options: { maxBytes: 1000 },
  },
  {
    name: "one byte more than may be",
    server: answer(`${OK}\r\n${"f".repeat(1001)}`),
    comes: "too-large",
    never: "the limit is one too large",
    options: { maxBytes: 1000 },
  },
];

const HEADS: readonly HostileCase[] = [
  {
    name: "headers without end",
    server: endless(OK, "X-Fish: 1\r\n".repeat(1000)),
    comes: "refused",
    never: "they are kept in memory",
    most: 20_000_000,
  },
  {
    name: "one header without end",
    server: endless(`${OK}X-Fish: `, "x".repeat(65_536)),
    comes: "refused",
    never: "it is kept in memory",
    most: 20_000_000,
  },
  {
    name: "a header without a colon",
    server: answer(`${OK}fish\r\nContent-Length: 4\r\n\r\nfish`),
    comes: "refused",
    never: "the program ends",
  },
  {
    name: "a NUL in a header",
    server: answer(`${OK}X-Fish: a\0b\r\nContent-Length: 4\r\n\r\nfish`),
    comes: "refused",
    never: "the header is cut at the NUL",
  },
  {
    name: "letters beyond ASCII in a header",
    server: answer(`${OK}X-Fish: p\xe9che\r\nContent-Length: 4\r\n\r\nfish`),
    comes: { body: "fish" },
    never: "a harmless slip costs the image",
  },
  {
    name: "bare line feeds",
    server: answer("HTTP/1.1 200 OK\nContent-Length: 4\n\nfish"),
    comes: { body: "fish" },
    never: "a harmless slip costs the image",
  },
  {
    name: "HTTP/0.9: a page and no head",
    server: answer("<html>fish</html>"),
    comes: "refused",
    never: "the page is taken for a body",
  },
  {
    name: "a JPEG and no head",
    server: answer("\xff\xd8\xff\xe0\x00\x10JFIF\r\n\r\nfish"),
    comes: "refused",
    never: "the bytes are taken for a body",
  },
  {
    name: "another protocol's greeting",
    server: answer("SSH-2.0-OpenSSH_9.9\r\n"),
    comes: "refused",
    never: "the program ends",
  },
  {
    name: "a status that is no number",
    server: answer("HTTP/1.1 two hundred\r\n\r\nfish"),
    comes: "refused",
    never: "the program ends",
  },
  {
    name: "status 999",
    server: reply(999),
    comes: "server-error",
    never: "the program ends",
  },
  {
    name: "status 600",
    server: reply(600, {}, "fish"),
    comes: "server-error",
    never: "the body is taken",
  },
  {
    name: "an unknown version",
    server: answer("HTTP/7.3 200 OK\r\nContent-Length: 4\r\n\r\nfish"),
    comes: "refused",
    never: "the program ends",
  },
  {
    name: "ten interim answers, then the real one",
    server: answer(
      "HTTP/1.1 100 Continue\r\n\r\n".repeat(10),
      `${OK}Content-Length: 4\r\n\r\nfish`,
    ),
    comes: { body: "fish" },
    never: "an interim answer is taken for the real one",
  },
  {
    name: "early hints, then the real answer",
    server: answer(
      "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n",
      `${OK}Content-Length: 4\r\n\r\nfish`,
    ),
    comes: { body: "fish" },
    never: "the hints are taken for the answer",
  },
  {
    name: "interim answers without end",
    server: endless("", "HTTP/1.1 100 Continue\r\n\r\n".repeat(100)),
    comes: "timeout",
    never: "they are waited out",
    options: HASTY,
  },
  {
    name: "an unrequested change of protocol",
    server: answer("HTTP/1.1 101 Switching Protocols\r\nUpgrade: fish\r\n\r\nfish"),
    comes: "refused",
    never: "the new protocol's bytes are taken for a body",
  },
];

const TIMES: readonly HostileCase[] = [
  {
    name: "a connection and then nothing",
    server: (peer) => peer.silence(),
    comes: "timeout",
    never: "it is tried again",
    options: HASTY,
    connections: 1,
    says: /no answer for 300 ms/,
  },
  {
    name: "a status line and then nothing",
    server: stall("HTTP/1.1 200"),
    comes: "timeout",
    never: "it is waited for",
    options: HASTY,
    connections: 1,
  },
  {
    name: "headers one letter at a time",
    server: drip(OK, "X", 20),
    comes: "timeout",
    never: "each letter puts the deadline off",
    options: HASTY,
  },
  {
    name: "headers and then nothing",
    server: stall(`${OK}Content-Length: 100\r\n\r\n`),
    comes: "timeout",
    never: "it is tried again",
    options: HASTY_BODY,
    connections: 1,
    says: /less than 10000 bytes a second for 300 ms/,
  },
  {
    name: "half a body and then nothing",
    server: stall(`${OK}Content-Length: 10000\r\n\r\n`, FISH),
    comes: "timeout",
    never: "half an image counts as complete",
    options: HASTY_BODY,
  },
  {
    name: "a body one byte at a time",
    server: drip(`${OK}\r\n`, "f", 20),
    comes: "timeout",
    never: "each byte puts the deadline off",
    options: HASTY_BODY,
    says: /less than 10000 bytes a second/,
  },
  {
    name: "an error's body one byte at a time",
    server: drip("HTTP/1.1 404 Not Found\r\n\r\n", "f", 20),
    comes: "gone",
    never: "the error is forgotten for its body",
    options: HASTY_BODY,
  },
  {
    name: "a body that is fast enough and never ends",
    server: drip(`${OK}\r\n`, "fish".repeat(100), 10),
    comes: "timeout",
    never: "being fast enough is enough",
    options: { deadlines: { answer: 5000, window: 5000, floor: 1, total: 400 } },
    says: /not done after 400 ms/,
  },
  {
    name: "a slow body above the floor",
    server: async (peer) => {
      await answer(`${OK}Content-Length: 40\r\n\r\n`)(peer);
      for (let piece = 0; piece < 10 && await peer.send("fish"); piece++) await peer.wait(20);
    },
    comes: { body: "fish".repeat(10) },
    never: "slow is taken for stalled",
    options: { deadlines: { answer: 10_000, window: 5000, floor: 1, total: 20_000 } },
  },
];

const BREAKS: readonly HostileCase[] = [
  {
    name: "closed before the request",
    server: () => Promise.resolve(),
    comes: "refused",
    never: "it is given up at the first try",
    connections: 3,
  },
  {
    name: "closed after the request",
    server: answer(),
    comes: "refused",
    never: "it is given up at the first try",
    connections: 3,
  },
  {
    name: "closed within the status line",
    server: answer("HTTP/1.1 20"),
    comes: "refused",
    never: "it is taken for a status",
    connections: 3,
  },
  {
    name: "closed within the headers",
    server: answer(`${OK}Content-Le`),
    comes: "refused",
    never: "it is taken for an empty body",
  },
  {
    name: "closed after the headers",
    server: answer(`${OK}Content-Length: 10\r\n\r\n`),
    comes: "truncated",
    never: "it is taken for an empty body",
  },
  {
    name: "reset before the request is read",
    server: (peer) => peer.wait(30),
    comes: "refused",
    never: "the program ends",
  },
  {
    name: "reset after the headers",
    server: async (peer) => {
      await peer.send(`${OK}Content-Length: 10\r\n\r\n`);
      await peer.wait(30);
    },
    comes: "truncated",
    never: "it is taken for an empty body",
  },
  {
    name: "reset within the body",
    server: async (peer) => {
      await peer.send(`${OK}Content-Length: 10\r\n\r\nfish`);
      await peer.wait(30);
    },
    comes: "truncated",
    never: "half an image counts as complete",
  },
  {
    name: "broken twice, complete the third time",
    server: inTurn(
      answer(),
      answer(`${OK}Content-Length: 10\r\n\r\nfish`),
      reply(200, {}, "fish"),
    ),
    comes: { body: "fish" },
    never: "the pieces are put together",
    connections: 3,
  },
];

/** Images are asked for unpacked; servers that pack all the same are understood where it is safe. */
const DECODED: readonly HostileCase[] = ([
  ["gzip", gzipSync(FISH)],
  ["gzip", Buffer.concat([gzipSync(FISH.slice(0, 100)), gzipSync(FISH.slice(100))])],
  ["x-gzip", gzipSync(FISH)],
  ["deflate", deflateSync(FISH)],
  ["deflate", deflateRawSync(FISH)],
  ["gzip, gzip", gzipSync(gzipSync(FISH))],
  ["deflate, gzip", gzipSync(deflateSync(FISH))],
] as const).map(([encoding, body], at): HostileCase => ({
  name: `${encoding}, spelling ${at + 1}`,
  server: encoded(encoding, body),
  comes: { body: FISH },
  never: "a part of the body stays encoded or is left out",
  asked: /accept-encoding: identity/i,
}));

/** Bodies that stay encoded, or are not what they claim to be. */
const UNDECODED: readonly HostileCase[] = ([
  ["zstd", zstdCompressSync(FISH), /zstd was not asked for/],
  ["gzip, zstd", zstdCompressSync(gzipSync(FISH)), /zstd was not asked for/],
  ["gzip, gzip, gzip, gzip, gzip", gzipSync(FISH), /encoded 5 times/],
  ["gzip", gzipSync(NOISE).subarray(0, 500), /cannot decode gzip/],
  ["gzip", new TextEncoder().encode(FISH), /cannot decode gzip/],
  ["deflate", new TextEncoder().encode(FISH), /cannot decode deflate/],
] as const).map(([encoding, body, says], at): HostileCase => ({
  name: `${encoding} that cannot be decoded, ${at + 1}`,
  server: encoded(encoding, body),
  comes: "truncated",
  never: "it counts as a complete image",
  says,
  connections: 3,
}));

/** A page in two gzip members, of which Deno unpacks one: until it is asked for unpacked. */
const TWO_MEMBERS = Buffer.concat([gzipSync(FISH), gzipSync(NOISE.toBase64())]);

/** Sends a body in one chunk, so that its length is not known before. */
function chunked(encoding: string, bytes: Uint8Array): Behaviour {
  const head = `${OK}Content-Encoding: ${encoding}\r\nTransfer-Encoding: chunked\r\n` +
    "Connection: close\r\n\r\n";
  return answer(`${head}${bytes.length.toString(16)}\r\n`, bytes, "\r\n0\r\n\r\n");
}

const PAGE_PARTS = [`<!DOCTYPE html>\n<html><body>${FISH}`, `${FISH}</body></html>\n`] as const;
const PAGE = PAGE_PARTS.join("");

const ENCODINGS: readonly HostileCase[] = [
  {
    name: "a page in two gzip members, in chunks",
    server: chunked("gzip", Buffer.concat(PAGE_PARTS.map((part) => gzipSync(part)))),
    isPage: true,
    comes: { body: PAGE },
    never: "the first member counts as the complete page",
    asked: /accept-encoding: identity/i,
    connections: 2,
  },
  {
    name: "a page in gzip, in chunks, whose first member is empty",
    server: chunked("gzip", Buffer.concat([gzipSync(""), gzipSync(PAGE)])),
    isPage: true,
    comes: { body: PAGE },
    never: "the page counts as empty",
    connections: 2,
  },
  {
    name: "a page in gzip, in chunks",
    server: chunked("gzip", gzipSync(PAGE)),
    isPage: true,
    comes: { body: PAGE },
    never: "it is asked for twice",
    connections: 1,
  },
  {
    name: "a page without an end, in gzip, in chunks",
    server: chunked("gzip", gzipSync(PAGE_PARTS[0])),
    isPage: true,
    comes: { body: PAGE_PARTS[0] },
    never: "it is given up, or asked for without end",
    connections: 2,
  },
  ...([["gzip", gzipSync(FISH)], ["br", brotliCompressSync(FISH)]] as const)
    .map(([encoding, body]): HostileCase => ({
      name: `a page in ${encoding}`,
      server: encoded(encoding, body),
      isPage: true,
      comes: { body: FISH },
      never: "the body stays encoded",
      asked: /accept-encoding: gzip, br/i,
      connections: 1,
    })),
  {
    name: "a page in two gzip members",
    server: encoded("gzip", TWO_MEMBERS),
    isPage: true,
    comes: { body: FISH + NOISE.toBase64() },
    never: "the first member counts as the complete page",
    asked: /accept-encoding: identity/i,
    connections: 2,
  },
  ...DECODED,
  ...UNDECODED,
  {
    name: "an image in br, though it was asked for unpacked",
    server: encoded("br", brotliCompressSync(FISH)),
    comes: { body: FISH },
    never: "it is lost, though the retry could have it unpacked by Deno",
    connections: 2,
  },
  {
    name: "gzip in gzip, in a header each",
    server: answer(
      `${OK}Content-Encoding: gzip\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n`,
      gzipSync(gzipSync(FISH)),
    ),
    comes: { body: FISH },
    never: "one layer stays",
  },
  {
    name: "an unknown encoding",
    server: encoded("utf-8", new TextEncoder().encode("fish")),
    comes: { body: "fish" },
    never: "a harmless slip costs the image",
    says: /utf-8 is not known/,
  },
  {
    name: "gzip of an empty body",
    server: encoded("gzip", gzipSync("")),
    comes: { body: "" },
    never: "nothing is taken for broken",
  },
];

/** 64 MB of nothing: enough to be seen, little enough to be made here. */
const NOTHING = new Uint8Array(64 << 20);

/** Pages are unpacked by Deno, images by us. */
const PAGE_BOMBS: readonly HostileCase[] = ([
  ["gzip", () => gzipSync(NOTHING)],
  // The best quality takes as long as the client waits where the machine is busy.
  ["br", () => brotliCompressSync(NOTHING, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } })],
] as const).map(([encoding, make]): HostileCase => ({
  name: `a bomb for a page: ${encoding}`,
  server: (peer) => encoded(encoding, make())(peer),
  isPage: true,
  comes: "too-large",
  never: "it goes off: more than the limit is kept",
  options: SMALL,
  connections: 1,
}));

const BOMBS: readonly HostileCase[] = ([
  ["gzip", () => gzipSync(NOTHING)],
  ["x-gzip", () => gzipSync(NOTHING)],
  ["deflate", () => deflateSync(NOTHING)],
  ["gzip, gzip", () => gzipSync(gzipSync(NOTHING))],
  ["gzip, gzip, gzip", () => gzipSync(gzipSync(gzipSync(NOTHING)))],
] as const).map(([encoding, make]): HostileCase => ({
  name: `a bomb: ${encoding}`,
  server: (peer) => encoded(encoding, make())(peer),
  comes: "too-large",
  never: "it goes off: more than the limit is kept",
  options: SMALL,
  connections: 1,
  says: /more than 100000 bytes/,
}));

const REDIRECTS: readonly HostileCase[] = [
  {
    name: "a redirect to itself",
    server: to("/"),
    comes: "redirect-loop",
    never: "it is followed more than once",
    connections: 1,
  },
  {
    name: "a circle of two",
    server: paths({ "/": to("/b"), "/b": to("/") }),
    comes: "redirect-loop",
    never: "it is gone round again",
    connections: 2,
  },
  {
    name: "redirects without end",
    server: (peer) => to(`/${peer.nth + 1}`)(peer),
    comes: "redirect-loop",
    never: "more than ten are followed",
    connections: 11,
  },
  {
    name: "ten redirects",
    server: (peer) => (peer.nth < 10 ? to(`/${peer.nth + 1}`) : reply(200, {}, "fish"))(peer),
    comes: { body: "fish" },
    never: "the tenth is not followed",
    connections: 11,
  },
  ...[301, 302, 303, 307, 308].map((status): HostileCase => ({
    name: `status ${status}, relative, with a fragment`,
    server: paths({ "/": to("b?c#d", status), "/b?c": reply(200, {}, "fish") }),
    comes: { body: "fish" },
    never: "the fragment is sent",
    unasked: /#/,
  })),
  {
    name: "the same Location twice",
    server: paths({
      "/": answer(
        "HTTP/1.1 302 Found\r\nLocation: /b, c\r\nLocation: /b, c\r\nConnection: close\r\n\r\n",
      ),
      "/b,%20c": reply(200, {}, "fish"),
    }),
    comes: { body: "fish" },
    never: "a harmless slip costs the image for good",
  },
  {
    name: "status 302 without a Location",
    server: reply(302),
    comes: "redirect-loop",
    never: "its body is taken",
  },
  {
    name: "status 304 out of nothing",
    server: answer("HTTP/1.1 304 Not Modified\r\n\r\n"),
    comes: "redirect-loop",
    never: "an empty body is taken",
  },
  {
    name: "status 300 with a list",
    server: reply(300, {}, "<a href=b>"),
    comes: "redirect-loop",
    never: "the list is taken for the image",
  },
  {
    name: "a Location in bytes of UTF-8",
    server: paths({
      "/": reply(302, { location: "/b\u00c3\u00bc.jpg" }),
      "/b%C3%BC.jpg": reply(200, {}, "fish"),
    }),
    comes: { body: "fish" },
    never: "each byte is taken for a letter",
  },
  {
    name: "a Location in bytes of UTF-8, to a private address",
    server: reply(302, {
      location: "http://\u00e2\u0091\u00a0\u00e2\u0091\u00a1\u00e2\u0091\u00a6.0.0.1/",
    }),
    comes: "forbidden-address",
    never: "other spellings of digits lead inside",
    connections: 1,
  },
  {
    name: "a Location that is no URL",
    server: to("http://["),
    comes: "bad-url",
    never: "the program ends",
  },
  {
    name: "a Location of 100,000 letters",
    server: to(`/${"a".repeat(100_000)}`),
    comes: "bad-url",
    never: "it is sent",
    connections: 1,
  },
  ...[
    "file:///etc/passwd",
    "data:image/png;base64,AAAA",
    "ftp://a.example/",
    "javascript:1",
    "blob:x",
  ]
    .map((location): HostileCase => ({
      name: `a redirect to ${location}`,
      server: to(location),
      comes: "bad-url",
      never: "anything is read from there",
      connections: 1,
    })),
  ...[
    "http://127.0.0.1/hit",
    "http://0177.0.0.1/hit",
    "http://0x7f.1/hit",
    "http://2130706433/hit",
    "http://127.1/hit",
    "http://10.1.2.3/hit",
    "http://169.254.169.254/hit",
    "http://[::1]/hit",
    "http://[::ffff:127.0.0.1]/hit",
    "http://[fd00::1]/hit",
    "http://localhost/hit",
    "http://localhost./hit",
    "http://printer/hit",
    "http://private.example/hit",
    "http://both.example/hit",
    "http://%31%30.0.0.1/hit",
    "http://%EF%BC%91%EF%BC%90.0.0.1/hit",
    "http://93.184.215.14@127.0.0.1/hit",
    "http://93.184.215.14\\@127.0.0.1/hit",
  ].map((location): HostileCase => ({
    name: `a redirect to ${location}`,
    server: to(location),
    // The last one is no trick to us: a backslash is a slash, so the host is the own one.
    comes: location.includes("\\") ? "redirect-loop" : "forbidden-address",
    never: "the private address is asked",
    unasked: /GET \S*hit HTTP\/1.1\r\n(?:.*\r\n)*host: (?!93\.184)/i,
  })),
  {
    name: "a redirect across hosts with userinfo",
    server: paths({ "/": to("http://user:secret@93.184.215.15/b"), "/b": reply(200, {}, "fish") }),
    comes: { body: "fish" },
    never: "name and password are sent",
    unasked: /authorization|secret/i,
    asked: /host: 93\.184\.215\.15/i,
  },
  {
    name: "userinfo in the URL itself",
    url: "http://user:secret@93.184.215.14/",
    server: reply(200, {}, "fish"),
    comes: { body: "fish" },
    never: "name and password are sent",
    unasked: /authorization|secret/i,
  },
  {
    name: "a redirect with a body without end",
    server: inTurn(
      endless(`HTTP/1.1 302 Found\r\nLocation: /b\r\n\r\n`, MEGABYTE),
      reply(200, {}, "fish"),
    ),
    comes: { body: "fish" },
    never: "the redirect's body is read",
    most: 8_000_000,
  },
];

const STATUSES: readonly HostileCase[] = [
  ...([
    [400, "client-error", 1],
    [401, "forbidden", 1],
    [403, "forbidden", 1],
    [404, "gone", 1],
    [408, "client-error", 3],
    [410, "gone", 1],
    [418, "client-error", 1],
    [429, "rate-limited", 3],
    [451, "gone", 1],
    [500, "server-error", 3],
    [501, "server-error", 1],
    [502, "server-error", 3],
    [503, "server-error", 3],
    [504, "server-error", 3],
    [505, "server-error", 1],
    [522, "server-error", 3],
    [202, "truncated", 1],
  ] as const).map(([status, comes, connections]): HostileCase => ({
    name: `status ${status}`,
    server: reply(status, {}, "fish"),
    comes,
    never: "the error page is taken for the image",
    connections,
    says: new RegExp(`HTTP ${status}`),
  })),
  {
    name: "status 500 once",
    server: inTurn(reply(500), reply(200, {}, "fish")),
    comes: { body: "fish" },
    never: "it is given up at the first try",
    connections: 2,
  },
  {
    name: "an error page without end",
    server: endless("HTTP/1.1 404 Not Found\r\n\r\n", MEGABYTE),
    comes: "gone",
    never: "the error page is read to its end",
    most: 20_000_000,
  },
  {
    name: "status 403 but for its own pages",
    page: "http://93.184.215.14/page?a#b",
    server: async (peer) => {
      const head = await peer.request();
      peer.unread(head);
      const own = /referer: http:\/\/93\.184\.215\.14\/page\?a\r\n/i.test(head);
      await (own ? reply(200, {}, "fish") : reply(403))(peer);
    },
    comes: { body: "fish" },
    never: "it is given up without the page as Referer",
    connections: 2,
    says: /Referer/,
  },
  {
    name: "status 403, the page on another host",
    page: "http://user:secret@pages.example/secret?a#b",
    server: reply(403),
    comes: "forbidden",
    never: "another site gets more than the origin, or it is tried a third time",
    connections: 2,
    asked: /referer: http:\/\/pages\.example\/\r\n/i,
    unasked: /secret/,
  },
  {
    name: "status 403 over http, the page over https",
    page: "https://pages.example/page",
    server: reply(403),
    comes: "forbidden",
    never: "the page's address is sent unencrypted",
    connections: 1,
    unasked: /referer/i,
  },
];

/** Rows with robots.txt and opt-outs switched on. */
const HEEDFUL: ClientOptions = { ignoreOptOuts: false };

function withRobots(robots: Behaviour, image: Behaviour = reply(200, {}, "fish")): Behaviour {
  return paths({ "/robots.txt": robots, "/": image });
}

/** Longer than what is read of a robots.txt. */
const LONG_RULES = "User-agent: *\nDisallow: /x\n" + "# a fish\n".repeat(70_000);

const ROBOTS: readonly HostileCase[] = [
  {
    name: "robots.txt forbids",
    server: withRobots(reply(200, {}, "User-agent: *\nDisallow: /")),
    comes: "opted-out",
    never: "the image is asked for",
    unasked: /GET \/ /,
    says: /Disallow: \//,
  },
  {
    name: "robots.txt forbids, where a redirect leads",
    server: paths({
      "/robots.txt": reply(200, {}, "User-agent: *\nDisallow: /b"),
      "/": to("/b"),
      "/b": reply(200, {}, "fish"),
    }),
    comes: "opted-out",
    never: "the redirect leads around robots.txt",
    unasked: /GET \/b /,
  },
  {
    name: "no robots.txt",
    server: withRobots(reply(404)),
    comes: { body: "fish" },
    never: "its error page is taken for rules",
  },
  {
    name: "a robots.txt that is forbidden",
    server: withRobots(reply(403, {}, "User-agent: *\nDisallow: /")),
    comes: { body: "fish" },
    never: "its error page is taken for rules",
  },
  {
    name: "a robots.txt with status 500",
    server: withRobots(reply(500)),
    comes: "server-error",
    never: "the image is asked for",
    unasked: /GET \/ /,
    says: /robots\.txt: HTTP 500/,
  },
  {
    name: "a robots.txt with status 429",
    server: withRobots(reply(429)),
    comes: "rate-limited",
    never: "the image is asked for",
    unasked: /GET \/ /,
  },
  {
    name: "a robots.txt that does not come",
    server: withRobots((peer) => peer.silence()),
    comes: "timeout",
    never: "the image is asked for, or robots.txt twice",
    unasked: /GET \/ /,
    options: HASTY,
    connections: 1,
  },
  {
    name: "a robots.txt that breaks off",
    server: withRobots(answer(`${OK}Content-Length: 100\r\n\r\nUser-agent: *`)),
    comes: "truncated",
    never: "half of the rules are taken for all",
    unasked: /GET \/ /,
  },
  {
    name: "a robots.txt without end",
    server: withRobots(endless(`${OK}\r\n`, "User-agent: *\nDisallow: /x\n".repeat(1000))),
    comes: { body: "fish" },
    never: "more than 500 KiB are read",
    most: 20_000_000,
  },
  ...[LONG_RULES, `${LONG_RULES}User-agent: *\nDisallow: /`].map((text, at): HostileCase => ({
    name: `a robots.txt of 600 kB, packed though it was asked for unpacked, ${at + 1}`,
    server: withRobots(encoded("gzip", gzipSync(text))),
    comes: { body: "fish" },
    never: "the images of its site are called too large for good",
  })),
  {
    name: "a robots.txt that is a bomb",
    server: withRobots(encoded("deflate", deflateSync(NOTHING))),
    comes: "truncated",
    never: "the images of its site are called too large for good",
  },
  {
    name: "a robots.txt that is cut off within a rule",
    server: withRobots(
      reply(200, {}, `User-agent: *\n${"#".repeat(500 * 1024 - 26)}\nDisallow: /private`),
    ),
    comes: { body: "fish" },
    never: "half a rule forbids the whole site",
  },
  {
    name: "a robots.txt with status 202",
    server: withRobots(reply(202)),
    comes: { body: "fish" },
    never: "a site without rules is not asked",
  },
  {
    name: "a robots.txt that forbids beyond 500 KiB",
    server: withRobots(reply(200, {}, `#${"x".repeat(600_000)}\nUser-agent: *\nDisallow: /`)),
    comes: { body: "fish" },
    never: "more than 500 KiB are read",
  },
  {
    name: "a robots.txt of random bytes",
    server: withRobots(reply(200, {}, crypto.getRandomValues(new Uint8Array(10_000)))),
    comes: { body: "fish" },
    never: "the program ends",
  },
  {
    name: "a robots.txt behind five redirects",
    server: async (peer) => {
      const path = (await peer.request()).split(" ")[1] ?? "";
      peer.unread("GET");
      const step = path === "/robots.txt" ? 0 : Number(path.slice(1));
      await (step < 5 ? to(`/${step + 1}`) : reply(200, {}, "User-agent: *\nDisallow: /"))(peer);
    },
    comes: "opted-out",
    never: "the fifth is not followed",
  },
  {
    name: "a robots.txt behind six redirects",
    server: async (peer) => {
      const path = (await peer.request()).split(" ")[1] ?? "";
      peer.unread("GET");
      if (path === "/") return reply(200, {}, "fish")(peer);
      const step = path === "/robots.txt" ? 0 : Number(path.slice(1));
      await (step < 6 ? to(`/${step + 1}`) : reply(200, {}, "User-agent: *\nDisallow: /"))(peer);
    },
    comes: { body: "fish" },
    never: "the sixth is followed",
    unasked: /GET \/6 /,
  },
  {
    name: "a robots.txt redirected to file:",
    server: withRobots(to("file:///etc/passwd")),
    comes: { body: "fish" },
    never: "a good URL is called a bad one for good",
  },
  {
    name: "a robots.txt redirected to a private address",
    server: withRobots(to("http://127.0.0.1/robots.txt")),
    comes: { body: "fish" },
    never: "the private address is asked",
    unasked: /host: 127/i,
  },
];

const OPT_OUTS: readonly HostileCase[] = [
  ...["noai", "noimageai", "NoIndex, nofollow", "none", "aquaset: noai", "max-snippet: 5, noai"]
    .map((value): HostileCase => ({
      name: `X-Robots-Tag: ${value}`,
      server: withRobots(reply(404), reply(200, { "X-Robots-Tag": value }, FISH)),
      comes: "opted-out",
      never: "the image is kept",
    })),
  ...["nofollow", "googlebot: noindex", "otherbot: noai, noindex", "all", "unavailable_after: noai"]
    .map((value): HostileCase => ({
      name: `X-Robots-Tag: ${value}`,
      server: withRobots(reply(404), reply(200, { "X-Robots-Tag": value }, "fish")),
      comes: { body: "fish" },
      never: "what is said to others is taken to heart",
    })),
  {
    name: "TDM-Reservation: 1",
    server: withRobots(reply(404), reply(200, { "TDM-Reservation": "1" }, FISH)),
    comes: "opted-out",
    never: "the image is kept",
  },
  {
    name: "TDM-Reservation: 0",
    server: withRobots(reply(404), reply(200, { "TDM-Reservation": "0" }, "fish")),
    comes: { body: "fish" },
    never: "a permission is taken for a refusal",
  },
];

const URLS: readonly HostileCase[] = ([
  ["ftp://93.184.215.14/", "bad-url"],
  ["data:image/png;base64,AAAA", "bad-url"],
  ["file:///etc/passwd", "bad-url"],
  ["//93.184.215.14/", "bad-url"],
  ["", "bad-url"],
  ["http://", "bad-url"],
  ["http://93.184.215.14:99999/", "bad-url"],
  ["http://exa mple/", "bad-url"],
  ["http://93.184.215.14:22/", "bad-url"],
  ["http://nowhere.example/", "gone"],
  ["http://broken.example/", "refused"],
  ["http://private.example/", "forbidden-address"],
  ["http://192.168.1.1/", "forbidden-address"],
] as const).map(([url, comes]): HostileCase => ({
  name: `the URL ${url || "of no letters"}`,
  url,
  server: reply(200, {}, "fish"),
  comes,
  never: "anything is asked",
  connections: 0,
}));

/** All rows on what happens between asking and the last byte, TLS aside. */
export const NETWORK_CASES: readonly HostileCase[] = [
  ...LENGTHS,
  ...HEADS,
  ...TIMES,
  ...BREAKS,
  ...ENCODINGS,
  ...BOMBS,
  ...PAGE_BOMBS,
  ...REDIRECTS,
  ...STATUSES,
  ...ROBOTS.map((row) => ({ ...row, options: { ...HEEDFUL, ...row.options } })),
  ...OPT_OUTS.map((row) => ({ ...row, options: HEEDFUL })),
  ...URLS,
];
