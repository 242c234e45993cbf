/**
 * HEIC, as phones write it. libvips as WebAssembly has no decoder for it, libheif has.
 *
 * @module
 */

import { type Codec, type CodecImage, importScript } from "./codec.ts";
import { Undecodable } from "./decode.ts";

/**
 * Opens a HEIC image: gives it decoded and upright, with its colour profile, to `codec`.
 * `admit` waits until an image of that size and number of bytes a pixel may be decoded.
 *
 * @throws {Undecodable} When it does not decode.
 */
export type OpenHeic = (
  codec: Codec,
  bytes: Uint8Array,
  admit: (size: { width: number; height: number }, bytesPerPixel: number) => Promise<void>,
) => Promise<CodecImage>;

/** What the decoder calls a success, a failure or a thing of its own. */
type Handle = object;

interface Heif {
  heif_context_alloc(): Handle;
  heif_context_free(context: Handle): void;
  heif_context_read_from_memory(context: Handle, bytes: Uint8Array): unknown;
  heif_js_context_get_primary_image_handle(context: Handle): unknown;
  heif_image_handle_get_width(image: Handle): number;
  heif_image_handle_get_height(image: Handle): number;
  heif_image_handle_has_alpha_channel(image: Handle): number | boolean;
  heif_image_handle_release(image: Handle): void;
  heif_js_decode_image2(image: Handle, space: unknown, chroma: unknown): unknown;
  heif_image_release(image: unknown): void;
  readonly heif_colorspace: { readonly heif_colorspace_RGB: unknown };
  readonly heif_chroma: {
    readonly heif_chroma_interleaved_RGB: unknown;
    readonly heif_chroma_interleaved_RGBA: unknown;
  };
  readonly heif_error_code: Readonly<Record<string, unknown>>;
}

/** Where the HEIC decoder is: what a worker must be allowed to read. */
export function heicScript(): string {
  return import.meta.resolve("libheif-js");
}

/**
 * Loads the HEIC decoder.
 *
 * @throws {Error} When the script is not what it should be.
 */
export async function loadHeic(): Promise<OpenHeic> {
  const start = await importScript<() => Heif>(heicScript());
  const heif = start();
  return (codec, bytes, admit) => openWith(heif, codec, bytes, admit);
}

async function openWith(
  heif: Heif,
  ...[codec, bytes, admit]: Parameters<OpenHeic>
): Promise<CodecImage> {
  const context = heif.heif_context_alloc();
  try {
    check(heif, heif.heif_context_read_from_memory(context, bytes));
    const image = check(heif, heif.heif_js_context_get_primary_image_handle(context));
    try {
      const width = heif.heif_image_handle_get_width(image);
      const height = heif.heif_image_handle_get_height(image);
      await admit({ width, height }, heif.heif_image_handle_has_alpha_channel(image) ? 4 : 3);
      return withProfile(decode(heif, codec, image), bytes);
    } finally {
      heif.heif_image_handle_release(image);
    }
  } finally {
    heif.heif_context_free(context);
  }
}

function decode(heif: Heif, codec: Codec, image: Handle): CodecImage {
  const { heif_colorspace_RGB } = heif.heif_colorspace;
  const { heif_chroma_interleaved_RGB, heif_chroma_interleaved_RGBA } = heif.heif_chroma;
  const bands = heif.heif_image_handle_has_alpha_channel(image) ? 4 : 3;
  const chroma = bands === 4 ? heif_chroma_interleaved_RGBA : heif_chroma_interleaved_RGB;
  const decoded = check(heif, heif.heif_js_decode_image2(image, heif_colorspace_RGB, chroma));
  if (!isDecoded(decoded)) throw new Undecodable("HEIC: the decoder gave no pixels");
  try {
    const [plane] = decoded.channels;
    if (plane === undefined) throw new Undecodable("HEIC: the decoder gave no pixels");
    const { width, height, stride, data } = plane;
    const row = width * bands;
    const pixels = new Uint8Array(row * height);
    for (let y = 0; y < height; y++) {
      pixels.set(data.subarray(y * stride, y * stride + row), y * row);
    }
    using raw = codec.Image.newFromMemory(pixels, width, height, bands, codec.BandFormat.uchar);
    return raw.copy({ interpretation: "srgb" });
  } finally {
    heif.heif_image_release(decoded.image);
  }
}

/** Takes what the decoder gave, or throws what it says is wrong. */
function check(heif: Heif, given: unknown): Handle {
  if (typeof given !== "object" || given === null) {
    throw new Undecodable("HEIC: the decoder gave nothing");
  }
  if (!("code" in given) || given.code === heif.heif_error_code["heif_error_Ok"]) return given;
  const words = "message" in given ? String(given.message) : "the decoder failed without a word";
  const outcome = /unsupported/i.test(words) ? "unsupported-type" : "corrupt";
  throw new Undecodable(`HEIC: ${words.trim()}`, outcome);
}

/**
 * Gives an image the colour profile of its file. The decoder does not tell it: it stands in a box
 * `colr` of the kind `prof`, after the box's length.
 */
function withProfile(image: CodecImage, bytes: Uint8Array): CodecImage {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = Math.min(bytes.length - 12, 2 ** 20);
  for (let at = 4; at < end; at++) {
    if (view.getUint32(at) !== COLR || view.getUint32(at + 4) !== PROF) continue;
    const length = view.getUint32(at - 4);
    const profile = bytes.slice(at + 8, at - 4 + length);
    if (length > 140 && profile.length === length - 12) image.setBlob("icc-profile-data", profile);
    return image;
  }
  return image;
}

const COLR = 0x636f6c72;
const PROF = 0x70726f66;

interface Decoded {
  readonly image: unknown;
  readonly channels: readonly {
    readonly width: number;
    readonly height: number;
    readonly stride: number;
    readonly data: Uint8Array;
  }[];
}

function isDecoded(given: object): given is Decoded {
  return "image" in given && "channels" in given && Array.isArray(given.channels) &&
    given.channels.every((channel) =>
      typeof channel?.width === "number" && typeof channel.height === "number" &&
      typeof channel.stride === "number" && channel.data instanceof Uint8Array
    );
}
