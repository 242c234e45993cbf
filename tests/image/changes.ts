// What shops, forums and search engines do to a picture.

import type { CodecImage } from "../../lib/image/codec.ts";
import { codec, fromPixels } from "./pictures.ts";

/** A way to change a picture, so that it stays the same picture. */
export interface Change {
  readonly name: string;
  apply(image: CodecImage): CodecImage;
}

/** All that near-duplicates are promised for. */
export const CHANGES: readonly Change[] = [
  ...[30, 50, 75, 95].map((quality) => ({
    name: `compressed at quality ${quality}`,
    apply: (image: CodecImage) => compressed(image, quality),
  })),
  ...[0.25, 0.5, 2, 4].map((scale) => ({
    name: `resized to ${scale * 100} %`,
    apply: (image: CodecImage) => image.resize(scale),
  })),
  { name: "cropped by 5 %, all round", apply: (image) => crop(image, 0.5, 0.5, 0.95) },
  { name: "cropped by 5 %, from the left and the top", apply: (image) => crop(image, 1, 1, 0.95) },
  { name: "cropped by 5 % at each edge", apply: (image) => crop(image, 0.5, 0.5, 0.9) },
  { name: "a white border", apply: (image) => framed(image, 20, 20, [255, 255, 255]) },
  {
    name: "black bars, compressed",
    apply: (image) => compressed(framed(image, 0, 50, [0, 0, 0]), 75),
  },
  {
    name: "a thin coloured border, compressed",
    apply: (image) => compressed(framed(image, 8, 8, [40, 90, 30]), 75),
  },
  { name: "a watermark in the corner", apply: (image) => marked(image, 0.95, 0.97, 0.4, 0.6) },
  { name: "a watermark across", apply: (image) => marked(image, 0.5, 0.5, 0.7, 0.35) },
  { name: "a caption below", apply: (image) => captioned(image, 0.12) },
  { name: "30 % darker", apply: (image) => lit(image, 0.7, 0) },
  { name: "30 % brighter", apply: (image) => lit(image, 1.3, 0) },
  { name: "lightened", apply: (image) => lit(image, 1, 30) },
  { name: "mirrored", apply: (image) => image.flipHor() },
  {
    name: "a thumbnail: cropped, resized to 60 %, compressed, brightened",
    apply: (image) => lit(compressed(crop(image, 0.5, 0.5, 0.97).resize(0.6), 60), 1.1, 5),
  },
];

function compressed(image: CodecImage, quality: number): CodecImage {
  return codec.Image.jpegloadBuffer(image.jpegsaveBuffer({ Q: quality }));
}

function crop(image: CodecImage, left: number, top: number, share: number): CodecImage {
  const width = Math.round(image.width * share);
  const height = Math.round(image.height * share);
  const x = Math.round((image.width - width) * left);
  const y = Math.round((image.height - height) * top);
  return image.crop(x, y, width, height);
}

function framed(image: CodecImage, x: number, y: number, background: number[]): CodecImage {
  const [width, height] = [image.width + 2 * x, image.height + 2 * y];
  return image.embed(x, y, width, height, { extend: "background", background });
}

function lit(image: CodecImage, gain: number, lift: number): CodecImage {
  return image.linear([gain, gain, gain], [lift, lift, lift], { uchar: true });
}

/** Lays something like white letters over a part of a picture. */
function marked(
  image: CodecImage,
  across: number,
  down: number,
  share: number,
  cover: number,
): CodecImage {
  const width = Math.round(image.width * share);
  const height = Math.round(image.height * 0.09);
  const left = Math.round((image.width - width) * across);
  const top = Math.round((image.height - height) * down);
  using under = image.crop(left, top, width, height);
  const pixels = new Uint8Array(width * height * 3);
  under.writeToMemory().forEach((value, at) => {
    const x = Math.floor(at / 3) % width;
    const y = Math.floor(at / 3 / width);
    const ink = (x >> 3) % 2 === 0 || (y >> 3) % 3 === 0;
    pixels[at] = ink ? value + (255 - value) * cover : value;
  });
  using over = fromPixels(pixels, width, height);
  return image.insert(over, left, top);
}

/** Puts something like a line of black letters on white below a picture. */
export function captioned(image: CodecImage, share: number): CodecImage {
  const band = Math.round(image.height * share);
  using wide = image.embed(0, 0, image.width, image.height + band, { extend: "white" });
  using drawn = wide.copyMemory();
  const top = image.height + Math.round(band * 0.3);
  for (let letter = 10; letter < image.width * 0.8; letter += 12) {
    drawn.drawRect([0, 0, 0], letter, top, 5, Math.round(band * 0.4), { fill: true });
  }
  return compressed(drawn, 80);
}
