/**
 * Where the images of many machines are: a shared folder or a bucket of any S3, by their hash.
 *
 * @module
 */

import { join, resolve } from "@std/path";
import { AwsClient } from "aws4fetch";
import { diskFailure } from "../base/disk_failure.ts";
import { Failure, reason } from "../base/failure.ts";
import { readIfThere, sha256Of, writeFileAtomic } from "../base/files.ts";
import { EXTENSIONS } from "../dataset/store.ts";
import type { KeptType } from "../image/examine.ts";
import type { Credentials } from "./credentials.ts";

/** An image's bytes, by their hash. */
export interface Blob {
  /** SHA-256 of the bytes, 64 hex digits. */
  readonly sha256: string;
  /** The type of the bytes. */
  readonly type: KeptType;
}

/** Images by their hash. What is in it is never changed. */
export interface ImageStore {
  /** `s3://bucket/prefix` or the folder. */
  readonly name: string;
  /** Puts an image, unless it is there. Throws a {@linkcode Failure}. */
  put(blob: Blob, bytes: Uint8Array<ArrayBuffer>, signal: AbortSignal): Promise<void>;
  /** An image's bytes, whole; `undefined` where it is not there. Throws a {@linkcode Failure}. */
  get(blob: Blob, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer> | undefined>;
}

/** How long a store may take to answer, in milliseconds. */
const ANSWER = 30_000;

/**
 * Opens a store. Nothing is asked of it yet.
 *
 * @param name `s3://bucket/prefix`, or a folder that all machines share.
 * @param credentials Where the key and the endpoint of an S3 are named.
 * @throws {Failure} With status 2, when the name or the credentials are not valid.
 *
 * @example
 * ```ts
 * import { readCredentials } from "./credentials.ts";
 * import { openStore } from "./image_store.ts";
 *
 * const store = openStore("s3://fish/images", await readCredentials(undefined));
 * ```
 */
export function openStore(name: string, credentials: Credentials): ImageStore {
  if (!/^[a-z0-9]+:\/\//i.test(name)) return new FolderStore(resolve(name));
  const [, bucket, prefix = ""] =
    /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/.exec(name) ??
      [];
  if (bucket === undefined) {
    throw new Failure(
      `Cannot use ${name} as a store: name s3://bucket/prefix or a folder that all machines share.`,
      2,
    );
  }
  return new S3Store(name, bucket, prefix.replace(/^\/+|\/+$/g, ""), credentials);
}

function keyOf({ sha256, type }: Blob): string {
  if (!/^[0-9a-f]{64}$/.test(sha256)) throw new TypeError(`No hash: ${sha256}`);
  return `blobs/${sha256.slice(0, 2)}/${sha256}.${EXTENSIONS[type]}`;
}

async function whole(
  { sha256 }: Blob,
  bytes: Uint8Array<ArrayBuffer>,
  store: string,
): Promise<Uint8Array<ArrayBuffer>> {
  if (await sha256Of(bytes) === sha256) return bytes;
  throw new Failure(
    `The image ${sha256} in ${store} has other bytes than its name says: remove it there and fetch it again.`,
  );
}

class FolderStore implements ImageStore {
  constructor(readonly name: string) {}

  async put(blob: Blob, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const path = join(this.name, keyOf(blob));
    try {
      try {
        if ((await Deno.stat(path)).size === bytes.length) return;
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      }
      // Not recursive: a share that is not mounted must not come to be as an empty folder.
      for (const folder of [join(this.name, "blobs"), join(path, "..")]) {
        await Deno.mkdir(folder).catch((error: unknown) => {
          if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
        });
      }
      await writeFileAtomic(path, bytes);
    } catch (error) {
      throw diskFailure(`put an image into the store ${this.name}`, error);
    }
  }

  async get(blob: Blob): Promise<Uint8Array<ArrayBuffer> | undefined> {
    let bytes: Uint8Array<ArrayBuffer> | undefined;
    try {
      await Deno.stat(this.name);
      bytes = await readIfThere(join(this.name, keyOf(blob)));
    } catch (error) {
      throw diskFailure(`read an image of the store ${this.name}`, error);
    }
    return bytes === undefined ? undefined : await whole(blob, bytes, this.name);
  }
}

class S3Store implements ImageStore {
  readonly #url: string;
  readonly #client: AwsClient;

  constructor(readonly name: string, bucket: string, prefix: string, credentials: Credentials) {
    const accessKeyId = credentials.AWS_ACCESS_KEY_ID;
    const secretAccessKey = credentials.AWS_SECRET_ACCESS_KEY;
    if (accessKeyId === undefined || secretAccessKey === undefined) {
      throw new Failure(
        `Cannot open ${name}: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a file with them by --credentials.`,
        2,
      );
    }
    const region = credentials.AWS_REGION ?? "us-east-1";
    const endpoint = credentials.AWS_ENDPOINT_URL_S3 ?? credentials.AWS_ENDPOINT_URL;
    const base = endpoint === undefined
      ? `https://${bucket}.s3.${region}.amazonaws.com`
      : `${endpoint.replace(/\/+$/, "")}/${bucket}`;
    this.#url = [base, ...prefix === "" ? [] : [prefix]].join("/");
    const sessionToken = credentials.AWS_SESSION_TOKEN;
    this.#client = new AwsClient({
      accessKeyId,
      secretAccessKey,
      ...(sessionToken === undefined ? {} : { sessionToken }),
      service: "s3",
      region,
      // Who calls tries again by itself, and says so.
      retries: 0,
    });
  }

  async put(blob: Blob, bytes: Uint8Array<ArrayBuffer>, signal: AbortSignal): Promise<void> {
    // Of several that put the same at once one wins; the others hear that it is there.
    const headers = { "if-none-match": "*", "content-type": `image/${blob.type}` };
    const answer = await this.#ask(blob, { method: "PUT", body: bytes, headers }, signal);
    const text = await answer.text();
    if (!answer.ok && answer.status !== 412) throw this.#failure("put an image into", answer, text);
  }

  async get(blob: Blob, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const answer = await this.#ask(blob, {}, signal);
    if (!answer.ok) {
      const text = await answer.text();
      // A bucket that is not there is no lost image.
      if (answer.status === 404 && !text.includes("NoSuchBucket")) return undefined;
      throw this.#failure("read an image of", answer, text);
    }
    return await whole(blob, new Uint8Array(await answer.arrayBuffer()), this.name);
  }

  async #ask(blob: Blob, init: RequestInit, signal: AbortSignal): Promise<Response> {
    const timed = AbortSignal.any([signal, AbortSignal.timeout(ANSWER)]);
    try {
      return await this.#client.fetch(`${this.#url}/${keyOf(blob)}`, { ...init, signal: timed });
    } catch (error) {
      signal.throwIfAborted();
      throw new Failure(`Cannot reach the store ${this.name}: ${reason(error)}.`, 75, error);
    }
  }

  #failure(what: string, { status }: Response, text: string): Failure {
    const code = /<Code>([^<]{1,60})<\/Code>/.exec(text)?.[1];
    return new Failure(
      `Cannot ${what} the store ${this.name}: HTTP ${status}${
        code === undefined ? "" : `, ${code}`
      }.`,
      75,
    );
  }
}
