/**
 * Looking at one file's bytes, with the codec at hand: what a worker does.
 *
 * @module
 */

import type { Codec, CodecImage } from "./codec.ts";
import {
  type Care,
  isHarmless,
  isOfSeveral,
  open,
  openSmaller,
  Undecodable,
  understand,
} from "./decode.ts";
import type { Examination, ExaminedOther, ExamineLimits, KeptType } from "./examine.ts";
import { fingerprint } from "./fingerprint.ts";
import type { OpenHeic } from "./heic.ts";
import type { ReadableType } from "./magic.ts";
import { isPlain, makePlain, uprightSize } from "./plain.ts";
import { isBlank, type Sample, SAMPLE_SIDE, sampleOf } from "./sample.ts";
import { type Structure, structure } from "./structure.ts";

/** A file to look at. */
export interface ImageFile {
  /** What it is, by its magic. */
  readonly type: ReadableType;
  /** All of it. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** SHA-256 of it, in hex. */
  readonly came: string;
}

/** What a picture came to, before its hashes. */
type Seen =
  | Omit<ExaminedOther, "sha256">
  | {
    readonly ok: true;
    readonly width: number;
    readonly height: number;
    readonly sample: Sample;
    /** The file to keep where it is not the one that came. */
    readonly converted?: { readonly bytes: Uint8Array<ArrayBuffer>; readonly type: KeptType };
  };

/** How a converted photograph is compressed: little is lost, and it is not compressed again. */
const JPEG = { Q: 95, subsample_mode: "off", optimize_coding: true, keep: "none" } as const;
const PNG = { compression: 6, keep: "none" } as const;

/**
 * Looks at one file's bytes.
 *
 * @param codec The codec; for AVIF with `vips-heif.wasm`.
 * @param file The file.
 * @param limits What it must be to be kept.
 * @param openHeic Opens HEIC images.
 * @returns What it comes to.
 */
export async function look(
  codec: Codec,
  file: ImageFile,
  limits: ExamineLimits,
  openHeic: OpenHeic,
): Promise<Examination> {
  const { type, bytes, came } = file;
  const seen = see(codec, type, bytes, limits, openHeic);
  if (!seen.ok) return { ...seen, sha256: came };
  const { width, height, sample, converted } = seen;
  const size = { ok: true, width, height, ...fingerprint(sample) } as const;
  if (converted !== undefined) {
    const now = await sha256(converted.bytes);
    return { ...size, ...converted, sha256: now, original: { sha256: came, type } };
  }
  return { ...size, bytes, sha256: came, type: keptAs(type) };
}

/**
 * SHA-256 in hex.
 *
 * @param bytes Of what.
 * @returns 64 hex digits.
 */
export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

function see(
  codec: Codec,
  type: ReadableType,
  bytes: Uint8Array<ArrayBuffer>,
  limits: ExamineLimits,
  openHeic: OpenHeic,
): Seen {
  const stored = structure(type, bytes);
  const seeWith = (care: Care): Seen => {
    using image = type === "heic"
      ? openHeic(codec, bytes, limits.maxPixels)
      : open(codec, type, bytes, care);
    const smaller = (): CodecImage | undefined => {
      const shrink = type === "jpeg" ? jpegShrink(image) : 1;
      return shrink === 1 ? undefined : openSmaller(codec, bytes, care, shrink);
    };
    return seeImage(codec, image, stored, limits, smaller);
  };
  const attempt = (): Seen => {
    try {
      return seeWith("strict");
    } catch (thrown) {
      if (!isHarmless(thrown, bytes)) throw thrown;
      return seeWith("tolerant");
    }
  };
  try {
    if (stored.fault !== undefined) throw new Undecodable(stored.fault);
    try {
      return attempt();
    } catch (thrown) {
      if (!isOfSeveral(thrown, bytes)) throw thrown;
      // It is thrown, and so forgotten: what is said now is of this image alone.
      return attempt();
    }
  } catch (thrown) {
    const failure = thrown instanceof Undecodable ? thrown : understand(thrown);
    return { ok: false, outcome: failure.outcome, detail: failure.message };
  }
}

function seeImage(
  codec: Codec,
  image: CodecImage,
  stored: Structure,
  limits: ExamineLimits,
  openSmall: () => CodecImage | undefined,
): Seen {
  const { width, height } = uprightSize(image);
  const size = { width, height };
  const told = `${width}×${height}`;
  if (width * height > limits.maxPixels) {
    return { ok: false, outcome: "too-large", detail: told, ...size };
  }
  const keep = stored.plain && isPlain(codec, image);
  using plain = keep ? undefined : makePlain(codec, image, stored.frame);
  using small = keep ? openSmall() : undefined;
  const sample = sampleOf(plain ?? small ?? image);
  if (width < limits.minWidth || height < limits.minHeight) {
    return { ok: false, outcome: "too-small", detail: told, ...size };
  }
  if (Math.max(width, height) > Math.min(width, height) * limits.maxAspect) {
    return { ok: false, outcome: "bad-aspect", detail: told, ...size };
  }
  if (isBlank(sample)) {
    return { ok: false, outcome: "blank", detail: `${told} of one colour`, ...size };
  }
  if (plain === undefined) return { ok: true, ...size, sample };
  return { ok: true, ...size, sample, converted: convert(plain, stored.lossless) };
}

/** How many times smaller a JPEG can be read for the sample to be made from it. */
function jpegShrink(image: CodecImage): 1 | 2 | 4 | 8 {
  if (image.getTypeof("interlaced") === 0) return 1;
  const { width, height } = image;
  const most = Math.min(width, height) / SAMPLE_SIDE;
  return most >= 8 ? 8 : most >= 4 ? 4 : most >= 2 ? 2 : 1;
}

function convert(
  plain: CodecImage,
  lossless: boolean,
): { bytes: Uint8Array<ArrayBuffer>; type: KeptType } {
  return lossless
    ? { bytes: own(plain.pngsaveBuffer(PNG)), type: "png" }
    : { bytes: own(plain.jpegsaveBuffer(JPEG)), type: "jpeg" };
}

/** Bytes with a buffer of their own, which can be handed to another thread. */
function own(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}

function keptAs(type: ReadableType): KeptType {
  if (type === "jpeg" || type === "png" || type === "webp") return type;
  throw new Error(`A file of type ${type} is kept only as converted`);
}
