/**
 * Takes somebody's images out of a data folder for good: out of the log, which is rewritten in one
 * step, and off the disk. What stays are keys that do not say whose they were.
 *
 * It may be killed at any moment: until the log is replaced nothing has changed, and from then on
 * each start of a run, and the same request again, remove what is left of the images.
 *
 * @module
 */

import { join } from "@std/path";
import { defined } from "../base/defined.ts";
import { Failure, type Notice } from "../base/failure.ts";
import { readTextIfThere, removeIfThere, replaceFile, writeTexts } from "../base/files.ts";
import { folderInside, pathInside, writableInside } from "../base/inside.ts";
import { readAudit, writeAudit } from "./audit.ts";
import { checkDataFolder, type Dataset, openDataset } from "./dataset.ts";
import { storeOf } from "./image_store.ts";
import { formatLogLine, type ImageEvent, LOG_VERSION, type ParsedLine } from "./event.ts";
import { bytesKey, type ForgetBy, forgetKey, keysOf, nameKey } from "./forgotten.ts";
import { INDEX_NAME } from "./index_file.ts";
import { takeLock } from "./lock.ts";
import { LOG_NAME, readTexts } from "./log_reader.ts";
import { entriesOf } from "./verify.ts";

/** Whose images are to be forgotten. */
export interface ForgetRequest {
  readonly by: ForgetBy;
  /** A photographer's name, a host with its subdomains, or the address of an image or its page. */
  readonly value: string;
}

/** An image that is to be forgotten. */
export type ForgottenImage = Pick<ImageEvent, "species" | "url" | "page" | "author" | "license"> & {
  /** The path within the data folder, with `/`. */
  readonly file: string;
};

/** What a request means in a data folder. */
export interface ForgetMatches {
  readonly images: readonly ForgottenImage[];
  /** Lines of the log about them and about candidates that came to nothing. */
  readonly lines: number;
  /** Whether the same was requested before. */
  readonly isKnown: boolean;
  /** Other authors with a similar name. */
  readonly similar: readonly string[];
}

const MOST_SIMILAR = 10;
/** Shorter words do not make two names similar. */
const LONG_WORD = 4;

/** Which lines of a log are to go. */
class Matcher {
  readonly request: ForgetRequest;
  readonly key: string;
  readonly images = new Map<string, ForgottenImage>();
  readonly similar = new Set<string>();
  readonly #name: string;
  readonly #urls = new Set<string>();
  readonly #bytes = new Set<string>();
  lines = 0;
  isKnown = false;

  constructor(request: ForgetRequest) {
    this.request = request;
    this.key = forgetKey(request.by, request.value);
    this.#name = request.by === "author" ? nameKey(request.value) : "";
  }

  /** Learns from a line, in a first pass. */
  learn(parsed: ParsedLine): void {
    const line = parsed.kind === "event" ? parsed.line : undefined;
    if (line?.event === "forgotten") this.isKnown ||= line.keys.includes(this.key);
    if (line?.event !== "image") return;
    if (!keysOf(line).some((key) => key === this.key)) {
      if (this.#isSimilar(line.author)) this.similar.add(line.author ?? "");
      return;
    }
    this.#urls.add(line.url);
    for (const hash of hashesOf(line)) this.#bytes.add(hash);
  }

  /** Looks at a line in a second pass. @returns The line to write; undefined for none. */
  rewrite(text: string, parsed: ParsedLine): string | undefined {
    const line = parsed.kind === "event" ? parsed.line : undefined;
    if (line === undefined) {
      // What cannot be understood stays, unless it names what is to be forgotten.
      const isNamed = text.toLowerCase().includes(this.request.value.toLowerCase());
      return isNamed ? undefined : text;
    }
    if (line.event === "image") {
      const hashes = hashesOf(line);
      if (this.#urls.has(line.url) || hashes.some((hash) => this.#bytes.has(hash))) {
        this.lines++;
        const { species, url, page, author, license, file } = line;
        if (line.outcome === "kept" && file !== undefined) {
          this.images.set(file, { species, url, page, ...defined({ author, license }), file });
        }
        return forgottenLine(line.time, line);
      }
    }
    const isVerdict = line.event === "rejected" || line.event === "accepted" ||
      line.event === "relabelled" || line.event === "flagged";
    if (isVerdict && this.#bytes.has(line.sha256)) return undefined;
    return this.#withoutAddresses(text, line);
  }

  /** Other lines name a forgotten image where it was the same picture, or took a place. */
  #withoutAddresses(text: string, line: object): string {
    const isNamed = (address: string): boolean => this.#urls.has(address);
    if (![...text.matchAll(/https?:[^\s"\\)]+/g)].some(([address]) => isNamed(address))) {
      return text;
    }
    const changed = Object.entries(line).flatMap(([name, value]) => {
      if (name === "replaces" && isNamed(String(value))) return [];
      if (name !== "detail" || typeof value !== "string") return [[name, value]];
      const detail = value.replaceAll(
        /https?:[^\s)]+/g,
        (address) => isNamed(address) ? "a forgotten image" : address,
      );
      return [[name, detail]];
    });
    return JSON.stringify(Object.fromEntries(changed));
  }

  #isSimilar(author = ""): boolean {
    if (this.#name === "" || this.similar.size >= MOST_SIMILAR) return false;
    const words = nameKey(author).split(" ");
    return this.#name.split(" ").some((word) => word.length >= LONG_WORD && words.includes(word));
  }
}

/** The line that stands in the place of an image's. */
export function forgottenLine(time: string, image: ImageEvent): string {
  const keys = [forgetKey("url", image.url), ...hashesOf(image).map(bytesKey)];
  return JSON.stringify({ v: LOG_VERSION, time, event: "forgotten", keys });
}

function hashesOf({ sha256, original }: ImageEvent): string[] {
  return [sha256, original?.sha256].filter((hash) => hash !== undefined);
}

/** What a request means; nothing is changed. @throws {Failure} When the folder cannot be read. */
export async function findForgotten(dir: string, request: ForgetRequest): Promise<ForgetMatches> {
  await checkDataFolder(dir);
  const matcher = await learn(dir, request);
  for await (const _ of rewritten(dir, matcher)) { /* Only what is matched counts. */ }
  return matchesOf(matcher);
}

/**
 * Forgets. The data folder is locked meanwhile.
 *
 * @param clean Cleans what else there is in the data folder, while it is locked.
 * @throws {Failure} When the folder is being written, or cannot be.
 */
export async function forget(
  dir: string,
  request: ForgetRequest,
  options: { readonly script: string; readonly version: string; readonly notice: Notice },
  clean: (dataset: Dataset) => Promise<void>,
): Promise<ForgetMatches> {
  await checkDataFolder(dir);
  const store = await storeOf(dir);
  if (store !== undefined) {
    throw new Failure(
      `The images of ${dir} are in ${store}, which this does not reach. Bring them here first: ` +
        `deno task pull --data ${dir}. Then remove them there by hand.`,
      2,
    );
  }
  const matches = await rewriteLog(dir, request, options.script);
  // The flags would name whom the log is to forget.
  const dataset = await openDataset({ dir, flags: {}, ...options });
  try {
    for (const { file } of matches.images) await dataset.removeFile(file);
    await cleanAudit(dataset);
    await cleanPages(dir, request.value);
    await clean(dataset);
  } finally {
    await dataset.close();
  }
  return matches;
}

async function rewriteLog(
  dir: string,
  request: ForgetRequest,
  script: string,
): Promise<ForgetMatches> {
  using _lock = await takeLock(dir, script);
  const path = await writableInside(dir, LOG_NAME);
  const matcher = await learn(dir, request);
  // It might take the new log for the old one with more lines.
  for (const end of ["", "-journal"]) {
    await removeIfThere(await writableInside(dir, INDEX_NAME + end));
  }
  await replaceFile(path, (file) => writeTexts(file, rewritten(dir, matcher)));
  return matchesOf(matcher);
}

async function learn(dir: string, request: ForgetRequest): Promise<Matcher> {
  const matcher = new Matcher(request);
  for await (const { parsed } of readTexts(join(dir, LOG_NAME))) matcher.learn(parsed);
  return matcher;
}

/** The lines of the new log. */
async function* rewritten(dir: string, matcher: Matcher): AsyncGenerator<string, void, void> {
  for await (const { text, parsed } of readTexts(join(dir, LOG_NAME))) {
    const line = matcher.rewrite(text, parsed);
    if (line !== undefined) yield `${line}\n`;
  }
  if (matcher.isKnown) return;
  yield formatLogLine({ event: "forgotten", keys: [matcher.key] }, new Date());
}

function matchesOf({ images, lines, isKnown, similar }: Matcher): ForgetMatches {
  return { images: [...images.values()], lines, isKnown, similar: [...similar].sort() };
}

async function cleanAudit({ dir, state }: Dataset): Promise<void> {
  const audit = await readAudit(dir);
  if (audit === undefined) return;
  const files = new Set([...state.keptImages()].map(({ file }) => file));
  const sample = audit.sample.filter(({ file }) => files.has(file));
  if (sample.length < audit.sample.length) await writeAudit(dir, { ...audit, sample });
}

/** Pages that were kept for a bug report may name anybody. */
async function cleanPages(dir: string, value: string): Promise<void> {
  const wanted = value.toLowerCase();
  for (const { name, isFile } of await entriesOf(await folderInside(dir, "pages"))) {
    if (!isFile) continue;
    const path = await pathInside(dir, `pages/${name}`);
    const text = await readTextIfThere(path);
    if (text?.toLowerCase().includes(wanted) === true) await removeIfThere(path);
  }
}
