/**
 * Where the images of many machines are: a shared folder or a bucket of any S3, by their hash.
 *
 * @module
 */

import { resolve } from "@std/path";
import { AwsClient } from "aws4fetch";
import { Failure, reason } from "../base/failure.ts";
import { type Blob, FolderStore, type ImageStore, keyOf, whole } from "../dataset/image_store.ts";
import type { Credentials } from "./queue.ts";

const S3_NAME = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/;
/** How long a store may take to answer, in milliseconds. */
const ANSWER = 30_000;

/**
 * Opens a store. Nothing is asked of it yet.
 *
 * @param name `s3://bucket/prefix`, or a folder that all machines share.
 * @param credentials Where the key and the endpoint of an S3 are named.
 * @throws {Failure} With status 2, when the name or the credentials are not valid.
 */
export function openStore(name: string, credentials: Credentials): ImageStore {
  if (!/^[a-z0-9]+:\/\//i.test(name)) return new FolderStore(resolve(name));
  const [, bucket, prefix = ""] = S3_NAME.exec(name) ?? [];
  if (bucket === undefined) {
    throw new Failure(
      `Cannot use ${name} as a store: name s3://bucket/prefix or a folder that all machines share.`,
      2,
    );
  }
  return new S3Store(name, bucket, prefix.replace(/^\/+|\/+$/g, ""), credentials);
}

class S3Store implements ImageStore {
  readonly #url: string;
  readonly #client: AwsClient;

  constructor(readonly name: string, bucket: string, prefix: string, credentials: Credentials) {
    const {
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: sessionToken,
      AWS_REGION: region = "us-east-1",
    } = credentials;
    if (accessKeyId === undefined || secretAccessKey === undefined) {
      throw new Failure(
        `Cannot open ${name}: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a file with them by --credentials.`,
        2,
      );
    }
    const endpoint = credentials.AWS_ENDPOINT_URL_S3 ?? credentials.AWS_ENDPOINT_URL;
    const base = endpoint === undefined
      ? `https://${bucket}.s3.${region}.amazonaws.com`
      : `${endpoint.replace(/\/+$/, "")}/${bucket}`;
    this.#url = [base, ...prefix === "" ? [] : [prefix]].join("/");
    this.#client = new AwsClient({
      accessKeyId,
      secretAccessKey,
      ...sessionToken && { sessionToken },
      service: "s3",
      region,
      // Who calls tries again by itself, and says so.
      retries: 0,
    });
  }

  async put(blob: Blob, bytes: Uint8Array<ArrayBuffer>, signal: AbortSignal): Promise<void> {
    // Of several that put the same at once one wins; the others hear that it is there.
    const headers = { "if-none-match": "*", "content-type": `image/${blob.type}` };
    const init = { method: "PUT", body: bytes, headers };
    await this.#ask("put an image into", blob, init, signal, ({ status }) => status === 412);
  }

  async get(blob: Blob, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const found = await this.#ask("read an image of", blob, {}, signal, ({ status }, text) =>
      // A bucket that is not there is no lost image.
      status === 404 && !text.includes("NoSuchBucket"));
    return found && await whole(blob, found, this.name);
  }

  /** What it answers; `undefined` where that is an error that is fine. */
  async #ask(
    what: string,
    blob: Blob,
    init: RequestInit,
    signal: AbortSignal,
    isFine: (answer: Response, text: string) => boolean,
  ): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const timed = AbortSignal.any([signal, AbortSignal.timeout(ANSWER)]);
    let answer: Response;
    let bytes: Uint8Array<ArrayBuffer>;
    try {
      const url = `${this.#url}/${keyOf(blob)}`;
      answer = await this.#client.fetch(url, { ...init, signal: timed });
      bytes = await answer.bytes();
    } catch (error) {
      signal.throwIfAborted();
      throw new Failure(`Cannot reach the store ${this.name}: ${reason(error)}.`, 75, error);
    }
    if (answer.ok) return bytes;
    const text = new TextDecoder().decode(bytes);
    if (isFine(answer, text)) return undefined;
    const code = /<Code>([^<]{1,60})<\/Code>/.exec(text)?.[1];
    const why = code === undefined ? "" : `, ${code}`;
    throw new Failure(`Cannot ${what} the store ${this.name}: HTTP ${answer.status}${why}.`, 75);
  }
}
