/**
 * Looking at one file's bytes: what a worker of the examiner does.
 *
 * @module
 */

import { createHash } from "node:crypto";
import type { Codec, CodecImage } from "./codec.ts";
import { type Container, type JpegFrame, readContainer } from "./container.ts";
import { creditOf } from "./credit.ts";
import { open, Undecodable, understand } from "./decode.ts";
import type { Examination, ExaminedOther, ExamineLimits, KeptType } from "./examine.ts";
import { fingerprint } from "./fingerprint.ts";
import { measureFlags } from "./flags.ts";
import type { OpenHeic } from "./heic.ts";
import { type Eighths, type JpegDecoder, Padded } from "./jpeg.ts";
import { isForeign, isPlain, makePlain, orientationOf } from "./plain.ts";
import type { ReadableType } from "./recognise.ts";
import { isBlank, type Sample, SAMPLE_SIDE, sampleOf, sampleOfPixels } from "./sample.ts";

export interface LookTools {
  readonly limits: ExamineLimits;
  readonly jpegDecoder: JpegDecoder;
  /** libvips, loaded when it is first needed. */
  vips(): Promise<Codec>;
  /** Waits until so many bytes may be decoded, over all workers together. */
  reserve(bytes: number): Promise<void>;
  readonly openHeic: OpenHeic;
}

/** The most bytes that one image may take when it is decoded: 100 megapixels in four bands. */
const MOST_DECODED = 400_000_000;

/** How a converted photograph is compressed: little is lost, and it is not compressed again. */
const JPEG = { Q: 95, subsample_mode: "off", optimize_coding: true, keep: "none" } as const;
const PNG = { compression: 6, keep: "none" } as const;

interface Size {
  readonly width: number;
  readonly height: number;
}

/** A picture that decoded: the file to keep, and what is measured on it. */
interface Seen extends Size {
  readonly sample: Sample;
  /** The rewritten file, or a conversion; made only when the picture is worth it. */
  keep(): { readonly bytes: Uint8Array<ArrayBuffer>; readonly type: KeptType };
}

export async function look(
  tools: LookTools,
  type: ReadableType,
  bytes: Uint8Array<ArrayBuffer>,
  came: string,
): Promise<Examination> {
  const container = readContainer(type, bytes);
  using pictures = new DisposableStack();
  let seen: Seen;
  try {
    seen = await see(tools, type, container, pictures);
  } catch (thrown) {
    const { outcome, message, size } = understand(thrown);
    return { ok: false, outcome, detail: message, ...size, sha256: came };
  }
  const { width, height, sample } = seen;
  const fault = judge(seen, tools.limits);
  if (fault !== undefined) return { ok: false, ...fault, width, height, sha256: came };
  const kept = seen.keep();
  const flags = measureFlags(sample);
  const found = {
    ok: true,
    width,
    height,
    ...(flags.length === 0 ? {} : { flags }),
    ...fingerprint(sample),
    ...kept,
  } as const;
  const credit = creditOf(container.metadata);
  const known = credit === undefined ? found : { ...found, credit };
  if (kept.bytes === bytes) return { ...known, sha256: came };
  return { ...known, sha256: sha256(kept.bytes), original: { sha256: came, type } };
}

/** Here and now: handing the bytes to another thread, as `crypto.subtle` does, costs more. */
export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Why a picture is not worth keeping, if it is not. */
function judge(
  { width, height, sample }: Seen,
  limits: ExamineLimits,
): Pick<ExaminedOther, "outcome" | "detail"> | undefined {
  const detail = `${width}×${height}`;
  if (isTooSmall(width, height, limits)) return { outcome: "too-small", detail };
  if (Math.max(width, height) > Math.min(width, height) * limits.maxAspect) {
    return { outcome: "bad-aspect", detail };
  }
  return isBlank(sample) ? { outcome: "blank", detail: `${detail} of one colour` } : undefined;
}

/** How far below its limit a long picture's short side may be. */
const LEAST_SIDE = 0.5;

function isTooSmall(width: number, height: number, limits: ExamineLimits): boolean {
  const { minWidth, minHeight } = limits;
  if (width >= minWidth && height >= minHeight) return false;
  return width * height < minWidth * minHeight ||
    width < minWidth * LEAST_SIDE || height < minHeight * LEAST_SIDE;
}

async function see(
  tools: LookTools,
  type: ReadableType,
  container: Container,
  pictures: DisposableStack,
): Promise<Seen> {
  if (container.jpeg !== undefined) {
    return await seeJpeg(tools, container, container.jpeg, pictures);
  }
  if (container.fault !== undefined) throw new Undecodable(container.fault);
  const codec = await tools.vips();
  const image = pictures.use(
    type === "heic"
      ? await tools.openHeic(codec, container.bytes, (size, bands) => admit(tools, size, bands))
      : open(codec, type, container.bytes),
  );
  const size = upright(image, orientationOf(image));
  await admit(tools, size, image.bands * bytesOf(image));
  if (container.plain && isPlain(codec, image)) {
    const keep = () => ({ bytes: container.bytes, type: keptAs(type) });
    return { ...size, sample: sampleOf(image), keep };
  }
  return { ...size, ...convert(codec, image, container, pictures) };
}

/** Decodes a JPEG in a smaller size, which finds all damage; only what must be converted, wholly. */
async function seeJpeg(
  tools: LookTools,
  container: Container,
  frame: JpegFrame,
  pictures: DisposableStack,
): Promise<Seen> {
  const { profile, orientation, fault } = container;
  const size = upright(frame, orientation);
  await admit(tools, size, frame.components);
  if (fault !== undefined) throw new Undecodable(fault);
  const eighths = eighthsOf(frame);
  const { bytes, decoded } = decodeUnpadded(tools.jpegDecoder, container.bytes, frame, eighths);
  const isUsual = profile === undefined || !isForeign(await tools.vips(), profile);
  if (decoded !== undefined && container.plain && orientation === 1 && isUsual) {
    const sample = sampleOfPixels(decoded, frame.width, frame.height, 8 / eighths);
    return { ...size, sample, keep: () => ({ bytes, type: "jpeg" }) };
  }
  const codec = await tools.vips();
  const image = pictures.use(open(codec, "jpeg", bytes));
  return { ...size, ...convert(codec, image, container, pictures) };
}

function convert(
  codec: Codec,
  image: CodecImage,
  { frame, lossless }: Container,
  pictures: DisposableStack,
): Pick<Seen, "sample" | "keep"> {
  const plain = pictures.use(makePlain(codec, image, frame));
  return {
    sample: sampleOf(plain),
    keep: () =>
      // The copy has a buffer of its own, which can be handed to another thread.
      lossless
        ? { bytes: new Uint8Array(plain.pngsaveBuffer(PNG)), type: "png" }
        : { bytes: new Uint8Array(plain.jpegsaveBuffer(JPEG)), type: "jpeg" },
  };
}

/** Waits for the memory that an image takes, or throws where that is more than one may take. */
async function admit(tools: LookTools, size: Size, bytesPerPixel: number): Promise<void> {
  const pixels = size.width * size.height;
  const bytes = pixels * bytesPerPixel;
  if (pixels > tools.limits.maxPixels || bytes > MOST_DECODED) {
    throw new Undecodable(`${size.width}×${size.height}`, "too-large", size);
  }
  await tools.reserve(bytes);
}

function bytesOf({ format }: CodecImage): number {
  const bytes: Readonly<Record<string, number>> = { uchar: 1, char: 1, ushort: 2, short: 2 };
  return bytes[format] ?? 8;
}

function upright({ width, height }: Size, orientation: number): Size {
  return orientation >= 5 ? { width: height, height: width } : { width, height };
}

/** In what size a JPEG is decoded for its sample to be made of it. */
function eighthsOf({ width, height }: Size): Eighths {
  const most = Math.min(width, height) / SAMPLE_SIDE;
  return most >= 8 ? 1 : most >= 4 ? 2 : most >= 2 ? 4 : 8;
}

/** Decodes a rewritten JPEG, and cuts off what is of no meaning before its end, two bytes long. */
function decodeUnpadded(
  decoder: JpegDecoder,
  jpeg: Uint8Array<ArrayBuffer>,
  frame: JpegFrame,
  eighths: Eighths,
): { bytes: Uint8Array<ArrayBuffer>; decoded: Sample | undefined } {
  let bytes = jpeg;
  for (let cuts = 0;; cuts++) {
    try {
      return { bytes, decoded: decoder.decode(bytes, frame, eighths) };
    } catch (thrown) {
      // The decoder reads some bytes ahead: with them gone it may find a few more.
      if (!(thrown instanceof Padded) || cuts === MOST_CUTS) throw thrown;
      bytes = bytes.slice(0, bytes.length - thrown.count);
      bytes.set([0xff, 0xd9], bytes.length - 2);
    }
  }
}

const MOST_CUTS = 4;

function keptAs(type: ReadableType): KeptType {
  if (type === "jpeg" || type === "png" || type === "webp") return type;
  throw new Error(`A file of type ${type} is kept only as converted`);
}
