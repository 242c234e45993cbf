/**
 * The worker that paints and saves the demo world's pictures, and the contact sheet, so that the
 * world goes on answering meanwhile. It may read the codec's files and nothing else.
 *
 * @module
 */

import { type Codec, type CodecImage, loadCodec } from "../image/codec.ts";
import { paint } from "./paint.ts";
import {
  BOMB,
  paintingSize,
  type Photo,
  type PhotoAnswer,
  type PhotoRequest,
  photoSize,
  type Studio,
} from "./photo.ts";

/** The long side of a painting on the canvas; it is brought to its size by the codec. */
const CANVAS = 256;

declare const self: {
  onmessage: ((event: MessageEvent<PhotoRequest>) => void) | null;
  postMessage(answer: PhotoAnswer, transfer?: Transferable[]): void;
};

const loading = loadCodec({ parts: ["vips-heif.wasm"] });

self.onmessage = async ({ data }) => {
  const { id } = data;
  try {
    const codec = await loading;
    const made = "rows" in data ? sheet(codec, data.rows) : save(codec, data.studio, data.photo);
    const bytes = new Uint8Array(made);
    const digest = await crypto.subtle.digest("SHA-256", bytes);
    const sha256 = new Uint8Array(digest).toHex();
    self.postMessage({ id, bytes, sha256 }, [bytes.buffer]);
  } catch (thrown) {
    self.postMessage({ id, error: String(thrown) });
  }
};

function save(codec: Codec, studio: Studio, photo: Photo): Uint8Array {
  using made = treat(codec, studio, photo);
  switch (photo.treatment) {
    case "cut-off": {
      const whole = made.jpegsaveBuffer({ Q: 82 });
      return whole.subarray(0, Math.floor(whole.length * 0.6));
    }
    case "garbage-behind": {
      const whole = made.jpegsaveBuffer({ Q: 82 });
      const longer = new Uint8Array(whole.length + 777);
      longer.set(whole);
      longer.fill(0x2a, whole.length);
      return longer;
    }
    case "recompressed":
      return made.jpegsaveBuffer({ Q: 55 });
    case "profile":
      return made.jpegsaveBuffer({ Q: 82, profile: "srgb", keep: "icc" });
    case "bomb":
      return made.pngsaveBuffer({ compression: 6, bitdepth: 1, palette: false });
    default:
      return saveAs(made, photo);
  }
}

function saveAs(image: CodecImage, photo: Photo): Uint8Array {
  switch (photo.format) {
    case "jpeg":
      return image.jpegsaveBuffer({ Q: 78 + photo.index % 12 });
    case "png":
      return image.pngsaveBuffer({ compression: 1 });
    case "webp":
      return image.webpsaveBuffer({ Q: 76, effort: 0 });
    case "gif":
      return image.gifsaveBuffer({ effort: 1, dither: 0.2 });
    case "avif":
      return image.heifsaveBuffer({ compression: "av1", effort: 0, Q: 60 });
  }
}

function treat(codec: Codec, studio: Studio, photo: Photo): CodecImage {
  const { width, height } = paintingSize(studio, photo.species, photo.index);
  switch (photo.treatment) {
    case "blank":
      return flat(codec, width, height, [238, 240, 242]);
    case "bomb":
      return codec.Image.black(BOMB.width, BOMB.height).cast("uchar")
        .copy({ interpretation: "b-w" });
    case "placeholder":
      return placeholder(codec);
    default: {
      using painted = painting(codec, studio, photo);
      return treated(codec, studio, painted, photo, width, height);
    }
  }
}

function treated(
  codec: Codec,
  studio: Studio,
  painted: CodecImage,
  photo: Photo,
  width: number,
  height: number,
): CodecImage {
  const share = (length: number, of: number): number => Math.round(length * of);
  switch (photo.treatment) {
    case "smaller":
      return painted.resize(0.6);
    case "larger":
      return painted.resize(1.5);
    case "cropped":
      return painted.extractArea(
        share(width, 0.025),
        share(height, 0.025),
        share(width, 0.95),
        share(height, 0.95),
      );
    case "bordered": {
      const size = photoSize(studio, photo);
      const [left, top] = [(size.width - width) / 2, (size.height - height) / 2].map(Math.round);
      return painted.embed(left ?? 0, top ?? 0, size.width, size.height, { extend: "white" });
    }
    case "captioned": {
      const size = photoSize(studio, photo);
      const below = painted.embed(0, 0, size.width, size.height, { extend: "white" });
      const letter = (at: number) =>
        [share(width, 0.2) + at * 14, share(height, 1.04), 8, share(height, 0.04)] as const;
      return drawn(below, [30, 30, 30], Array.from({ length: 12 }, (_, at) => letter(at)));
    }
    case "brighter":
      return painted.linear([1.12, 1.12, 1.12], [10, 10, 10]).cast("uchar");
    case "mirrored":
      return painted.flipHor();
    case "tiny":
      return painted.thumbnailImage(72, { height: 54, size: "force" });
    case "banner":
      return painted.thumbnailImage(900, { height: 100, size: "force" });
    case "cmyk":
      return painted.iccTransform("cmyk", { input_profile: "srgb", depth: 8 });
    case "rotated": {
      const turned = painted.rot90();
      turned.setInt("orientation", 8);
      return turned;
    }
    case "sixteen-bit":
      return painted.colourspace("rgb16");
    case "grey":
      return painted.colourspace("b-w");
    case "animated": {
      const small = painted.resize(0.5);
      const strip = codec.Image.arrayjoin([small, small.flipHor(), small.flipVer()], { across: 1 });
      const frames = strip.copy();
      frames.setInt("page-height", small.height);
      return frames;
    }
    default:
      return painted.copy();
  }
}

function painting(codec: Codec, studio: Studio, photo: Photo): CodecImage {
  const { width, height } = photo.treatment === "plain"
    ? photoSize(studio, photo)
    : paintingSize(studio, photo.species, photo.index);
  const factor = CANVAS / Math.max(width, height);
  const across = Math.round(width * factor);
  const down = Math.round(height * factor);
  const pixels = paint(studio.seed, photo.species, photo.index, across, down);
  using small = codec.Image.newFromMemory(pixels, across, down, 3, codec.BandFormat.uchar);
  using named = small.copy({ interpretation: "srgb" });
  return named.resize(width / across, { vscale: height / down, kernel: "linear" });
}

function flat(codec: Codec, width: number, height: number, colour: number[]): CodecImage {
  return codec.Image.black(width, height, { bands: 3 }).linear([1, 1, 1], colour).cast("uchar")
    .copy({ interpretation: "srgb" });
}

/** A contact sheet: a row of small pictures for each list of files. */
function sheet(codec: Codec, rows: readonly (readonly Uint8Array[])[]): Uint8Array {
  const [width, height, background] = [96, 72, [245, 245, 245]];
  const across = Math.max(...rows.map((row) => row.length));
  const empty = flat(codec, width, height, background);
  const tiles = rows.flatMap((row) =>
    Array.from({ length: across }, (_, place): CodecImage => {
      const bytes = row[place];
      if (bytes === undefined) return empty;
      const small = codec.Image.thumbnailBuffer(bytes, width, { height, crop: "centre" })
        .colourspace("srgb");
      return small.hasAlpha() ? small.flatten({ background }) : small;
    })
  );
  return codec.Image.arrayjoin(tiles, { across, shim: 3, background })
    .jpegsaveBuffer({ Q: 72, keep: "none" });
}

/** "Image not available", as shops show it: a frame, a camera, two lines of grey. */
function placeholder(codec: Codec): CodecImage {
  return drawn(flat(codec, 400, 300, [236, 236, 236]), [168, 168, 172], [
    [20, 20, 360, 4],
    [20, 276, 360, 4],
    [150, 100, 100, 64],
    [175, 84, 40, 18],
    [110, 200, 180, 14],
    [140, 226, 120, 10],
  ]);
}

/** A copy with filled boxes on it: left, top, width, height. */
function drawn(
  image: CodecImage,
  colour: number[],
  boxes: readonly (readonly [number, number, number, number])[],
): CodecImage {
  const copy = image.copyMemory();
  for (const box of boxes) copy.drawRect(colour, ...box, { fill: true });
  return copy;
}
