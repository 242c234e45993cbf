/**
 * Making pictures of pictures, with the codec at hand: what a worker does.
 *
 * @module
 */

import type { Codec, CodecImage } from "./codec.ts";
import type { LookTools } from "./look.ts";
import type { Fit, Rendered, RenderTask } from "./variation.ts";
import { vary } from "./vary.ts";

/** How made pictures are compressed. */
const JPEG = { Q: 92, optimize_coding: true, keep: "none" } as const;
/** What a picture is padded with: a grey that is neither a light wall nor deep water. */
const PADDING = [128, 128, 128];
/** What is between the cells of a sheet. */
const PAPER = [245, 245, 245];
const GAP = 4;

/** How thumbnails are compressed: at their size nobody sees it, and they are many. */
const THUMBNAIL = { Q: 72, background: [255], keep: "none" } as const;

/** What a worker makes pictures with. */
export type RenderTools = Pick<LookTools, "vips" | "reserve">;

/**
 * Makes pictures.
 *
 * @throws Whatever libvips throws where a file does not decode.
 */
export async function render(
  tools: RenderTools,
  task: RenderTask,
  images: readonly Uint8Array<ArrayBuffer>[],
): Promise<Rendered[]> {
  const codec = await tools.vips();
  await tools.reserve(Math.max(0, ...images.map((bytes) => decodedBytes(codec, bytes))));
  switch (task.kind) {
    case "fit":
      return images.map((bytes) => {
        using fitted = fit(codec, bytes, task.size, task.fit);
        return save(fitted);
      });
    case "copies":
      return images.flatMap((bytes) => {
        using parent = within(codec, bytes, task.size);
        return task.copies.map((variations) => {
          using copy = vary(codec, parent, variations);
          return save(copy);
        });
      });
    case "sheet": {
      using sheet = makeSheet(codec, images, task.size, task.columns);
      return [save(sheet)];
    }
    case "thumbnail":
      return images.map((bytes) => {
        const { size } = task;
        using small = codec.Image.thumbnailBuffer(bytes, size, { height: size, size: "down" });
        return save(small, THUMBNAIL);
      });
  }
}

/** How many bytes an image takes when it is decoded, as its header says. */
function decodedBytes(codec: Codec, bytes: Uint8Array<ArrayBuffer>): number {
  using image = codec.Image.newFromBuffer(bytes, "", { access: "sequential" });
  return image.width * image.height * image.bands * (image.format === "uchar" ? 1 : 2);
}

function save(image: CodecImage, options: typeof JPEG | typeof THUMBNAIL = JPEG): Rendered {
  const bytes = new Uint8Array(image.writeToBuffer(".jpg", options));
  return { bytes, width: image.width, height: image.height };
}

function fit(
  codec: Codec,
  bytes: Uint8Array<ArrayBuffer>,
  size: number,
  how: Fit,
): CodecImage {
  if (how === "keep-ratio") return within(codec, bytes, size);
  if (how === "crop") {
    return plain(codec.Image.thumbnailBuffer(bytes, size, {
      height: size,
      crop: "centre",
      fail_on: "truncated",
    }));
  }
  using inner = within(codec, bytes, size, "both");
  return inner.gravity("centre", size, size, { extend: "background", background: PADDING });
}

/** A picture in memory, upright, its sides at most `size`. */
function within(
  codec: Codec,
  bytes: Uint8Array<ArrayBuffer>,
  size: number,
  sizing: "down" | "both" = "down",
): CodecImage {
  return plain(
    codec.Image.thumbnailBuffer(bytes, size, { height: size, size: sizing, fail_on: "truncated" }),
  );
}

/** Three bytes a pixel, in memory; what was transparent is white. Disposes of what came. */
function plain(image: CodecImage): CodecImage {
  using opened = image;
  using colours = opened.interpretation === "srgb" ? opened.copy() : opened.colourspace("srgb");
  using flat = colours.hasAlpha() ? colours.flatten({ background: [255] }) : colours.copy();
  using bytes = flat.format === "uchar" ? flat.copy() : flat.cast("uchar");
  return bytes.copyMemory();
}

function makeSheet(
  codec: Codec,
  images: readonly Uint8Array<ArrayBuffer>[],
  size: number,
  columns: number,
): CodecImage {
  const cells: CodecImage[] = [];
  try {
    for (const bytes of images) {
      using small = within(codec, bytes, size);
      cells.push(
        small.gravity("centre", size, size, { extend: "background", background: PAPER }),
      );
    }
    using joined = codec.Image.arrayjoin(cells, {
      across: columns,
      shim: GAP,
      background: PAPER,
    });
    return joined.copyMemory();
  } finally {
    for (const cell of cells) cell.delete();
  }
}
