/**
 * The kept images, in columns: about 350 bytes each, most of it the fingerprint, so that 120,000
 * take some 40 MB.
 *
 * @module
 */

import type { KeptType } from "../image/examine.ts";
import type { ImageEvent } from "./event.ts";
import { grown } from "../base/columns.ts";
import { HashIndex } from "./hash_index.ts";
import type { LinePlace } from "./log_reader.ts";

/** One kept image, as the log's last word on it has it. */
export interface KeptImage {
  /** Its running number, the same as long as the dataset is open. */
  readonly number: number;
  /** The species' id. */
  readonly species: string;
  /** The source that found it. */
  readonly source: string;
  /** 64 hex digits. */
  readonly sha256: string;
  /** The perceptual fingerprint in hex; empty where the log has none. */
  readonly dhash: string;
  /** The path within the data folder, with `/`. */
  readonly file: string;
  /** Pixels; 0 where the log has none. */
  readonly width: number;
  /** Pixels; 0 where the log has none. */
  readonly height: number;
  /** The size on disk; 0 where the log has none. */
  readonly bytes: number;
  /** Whether a person has rejected it: it stays on disk but does not count. */
  readonly rejected: boolean;
  /** Where its line stands in the log. */
  readonly place: LinePlace;
}

const TYPES: readonly KeptType[] = ["jpeg", "png", "webp", "gif"];
const EXTENSIONS: readonly string[] = ["jpg", "png", "webp", "gif"];
const NONE = -1;

/** The ending of a kept type's file names: `jpg`, `png`, `webp` or `gif`. */
export function extensionOf(type: KeptType): string {
  return EXTENSIONS[TYPES.indexOf(type)] ?? "jpg";
}

/** The kept images by species and hash. A record stays when its image is withdrawn. */
export class KeptTable {
  readonly #bySpeciesAndHash = new HashIndex();
  readonly #byHash = new HashIndex();
  /** By number in `#byHash`: the first record with these bytes. */
  #first = new Int32Array(1024);
  #hash = new Uint8Array(1024 * 32);
  #species = new Uint32Array(1024);
  #source = new Uint16Array(1024);
  #width = new Uint32Array(1024);
  #height = new Uint32Array(1024);
  #bytes = new Uint32Array(1024);
  #extension = new Uint8Array(1024);
  #nameLength = new Uint8Array(1024);
  #stands = new Uint8Array(1024);
  #rejected = new Uint8Array(1024);
  #offset = new Float64Array(1024);
  #length = new Uint32Array(1024);
  /** The next record with the same bytes, of another species. */
  #next = new Int32Array(1024);
  /** Two hex digits a character: half as much memory. */
  readonly #dhash: string[] = [];

  /** How many records there are, withdrawn ones included. */
  get size(): number {
    return this.#dhash.length;
  }

  /** The record of a species' bytes; -1 when there is none. */
  find(species: number, sha256: string): number {
    return this.#bySpeciesAndHash.get(sha256, species);
  }

  /** Whether a record stands. */
  stands(record: number): boolean {
    return this.#stands[record] === 1;
  }

  /** Whether a record stands and no person has rejected it. */
  counts(record: number): boolean {
    return this.stands(record) && this.#rejected[record] === 0;
  }

  /** Sets a person's verdict. */
  setRejected(record: number, rejected: boolean): void {
    this.#rejected[record] = rejected ? 1 : 0;
  }

  /** Says that an image is kept. Returns its record. */
  keep(
    species: number,
    source: number,
    sha256: string,
    event: ImageEvent,
    place: LinePlace,
  ): number {
    const before = this.size;
    const record = this.#bySpeciesAndHash.add(sha256, species);
    if (record === before) this.#create(record, species, sha256);
    this.#describe(record, source, event, place);
    this.#stands[record] = 1;
    return record;
  }

  /** Says that an image is not kept any more. */
  withdraw(record: number): void {
    this.#stands[record] = 0;
  }

  /** The species, by number, that have an image with these bytes. */
  speciesWith(sha256: string): number[] {
    const found: number[] = [];
    const number = this.#byHash.get(sha256);
    if (number === NONE) return found;
    let record = this.#first[number] ?? NONE;
    while (record !== NONE) {
      if (this.stands(record)) found.push(this.#species[record] ?? 0);
      record = this.#next[record] ?? NONE;
    }
    return found;
  }

  /** The number of a record's source. */
  sourceOf(record: number): number {
    return this.#source[record] ?? 0;
  }

  /** A record for reading, given its names. */
  image(record: number, species: string, source: string): KeptImage {
    const sha256 = this.#sha256(record);
    const name = sha256.slice(0, this.#nameLength[record]);
    return {
      number: record,
      species,
      source,
      sha256,
      dhash: unpacked(this.#dhash[record] ?? ""),
      file: `images/${species}/${name}.${EXTENSIONS[this.#extension[record] ?? 0] ?? "jpg"}`,
      width: this.#width[record] ?? 0,
      height: this.#height[record] ?? 0,
      bytes: this.#bytes[record] ?? 0,
      rejected: this.#rejected[record] === 1,
      place: { offset: this.#offset[record] ?? 0, length: this.#length[record] ?? 0 },
    };
  }

  #create(record: number, species: number, sha256: string): void {
    if (record === this.#species.length) this.#grow();
    this.#species[record] = species;
    for (let at = 0; at < 32; at++) {
      this.#hash[record * 32 + at] = hexValue(sha256, at * 2) * 16 + hexValue(sha256, at * 2 + 1);
    }
    const before = this.#byHash.size;
    const number = this.#byHash.add(sha256);
    this.#next[record] = number === before ? NONE : this.#first[number] ?? NONE;
    this.#first[number] = record;
    this.#dhash.push("");
  }

  #describe(record: number, source: number, event: ImageEvent, place: LinePlace): void {
    const name = (event.file ?? "").split("/").at(-1) ?? "";
    const dot = name.lastIndexOf(".");
    this.#source[record] = source;
    this.#nameLength[record] = dot;
    this.#extension[record] = Math.max(0, EXTENSIONS.indexOf(name.slice(dot + 1)));
    this.#width[record] = event.width ?? 0;
    this.#height[record] = event.height ?? 0;
    this.#bytes[record] = event.bytes ?? 0;
    this.#offset[record] = place.offset;
    this.#length[record] = place.length;
    this.#dhash[record] = packed(event.dhash ?? "");
  }

  #sha256(record: number): string {
    return this.#hash.subarray(record * 32, record * 32 + 32).toHex();
  }

  #grow(): void {
    this.#first = grown(this.#first);
    this.#hash = grown(this.#hash);
    this.#species = grown(this.#species);
    this.#source = grown(this.#source);
    this.#width = grown(this.#width);
    this.#height = grown(this.#height);
    this.#bytes = grown(this.#bytes);
    this.#extension = grown(this.#extension);
    this.#nameLength = grown(this.#nameLength);
    this.#stands = grown(this.#stands);
    this.#rejected = grown(this.#rejected);
    this.#offset = grown(this.#offset);
    this.#length = grown(this.#length);
    this.#next = grown(this.#next);
  }
}

/** A character for each two hex digits; a text that is none is taken for none. */
function packed(digits: string): string {
  if (digits.length % 2 !== 0 || !/^[0-9a-f]*$/.test(digits)) return "";
  return String.fromCharCode(...Uint8Array.fromHex(digits));
}

function unpacked(text: string): string {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes.toHex();
}

/** The value of a lower-case hex digit. */
function hexValue(text: string, at: number): number {
  const unit = text.charCodeAt(at);
  return unit < 58 ? unit - 48 : unit - 87;
}
