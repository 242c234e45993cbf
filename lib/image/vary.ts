/**
 * Varies a picture, with the codec at hand.
 *
 * @module
 */

import type { Codec, CodecImage } from "./codec.ts";
import type { Variation } from "./variation.ts";

/**
 * Varies a picture. The same variations of the same picture give the same pixels.
 *
 * @throws Whatever the codec throws.
 */
export function vary(
  codec: Codec,
  image: CodecImage,
  variations: readonly Variation[],
): CodecImage {
  let now = image.copy();
  for (const variation of variations) {
    using before = now;
    using after = apply(codec, before, variation);
    // Rounded after each step, so that steps may follow in any order. Nothing is computed yet: the
    // codec does all steps at once, strip by strip, when the copy is saved.
    now = after.format === "uchar" ? after.copy() : after.cast("uchar");
  }
  return now;
}

function apply(codec: Codec, image: CodecImage, variation: Variation): CodecImage {
  switch (variation.do) {
    case "mirror":
      return image.flipHor();
    case "turn":
      return turn(image, variation.degrees);
    case "crop":
      return crop(image, variation.left, variation.top, variation.share);
    case "colour":
      return colour(codec, image, variation.hue, variation.saturation);
    case "light":
      return light(image, variation.brightness, variation.contrast);
    case "blur":
      return blur(image, variation.radius * Math.max(image.width, image.height) / 1000);
    case "noise":
      return noise(codec, image, variation.strength, variation.seed);
    case "cover":
      return cover(image, variation);
    case "recompress": {
      const bytes = image.writeToBuffer(".jpg", { Q: variation.quality, keep: "none" });
      using again = codec.Image.newFromBuffer(bytes);
      return again.copyMemory();
    }
  }
}

function turn(image: CodecImage, degrees: number): CodecImage {
  const { width, height } = image;
  const angle = Math.abs(degrees) * Math.PI / 180;
  const [sine, cosine] = [Math.sin(angle), Math.cos(angle)];
  // So much of a margin that the turned corners of the picture still are within.
  const across = Math.ceil((width * cosine + height * sine - width) / 2) + 2;
  const down = Math.ceil((width * sine + height * cosine - height) / 2) + 2;
  const margin = Math.max(across, down, 2);
  using wide = image.embed(margin, margin, width + margin * 2, height + margin * 2, {
    extend: "mirror",
  });
  using turned = wide.rotate(degrees);
  return turned.crop(
    Math.floor((turned.width - width) / 2),
    Math.floor((turned.height - height) / 2),
    width,
    height,
  );
}

function crop(image: CodecImage, left: number, top: number, share: number): CodecImage {
  const { width, height } = image;
  const across = Math.max(1, Math.round(width * share));
  const down = Math.max(1, Math.round(height * share));
  using part = image.crop(
    Math.min(width - across, Math.round(width * left)),
    Math.min(height - down, Math.round(height * top)),
    across,
    down,
  );
  return part.thumbnailImage(width, { height, size: "force" });
}

/** Turns the colours around the grey axis and makes them stronger, at the same brightness. */
function colour(codec: Codec, image: CodecImage, hue: number, saturation: number): CodecImage {
  const angle = hue * Math.PI / 180;
  const [a, b] = [Math.cos(angle) * saturation, Math.sin(angle) * saturation];
  const [red, green, blue] = [0.213, 0.715, 0.072];
  const rows = [
    [red + a * 0.787 - b * 0.213, green - a * 0.715 - b * 0.715, blue - a * 0.072 + b * 0.928],
    [red - a * 0.213 + b * 0.143, green + a * 0.285 + b * 0.140, blue - a * 0.072 - b * 0.283],
    [red - a * 0.213 - b * 0.787, green - a * 0.715 + b * 0.715, blue + a * 0.928 + b * 0.072],
  ];
  using matrix = codec.Image.newMatrix(3, 3, rows.flat());
  return image.recomb(matrix);
}

function light(image: CodecImage, brightness: number, contrast: number): CodecImage {
  const factor = brightness * contrast;
  const offset = brightness * 128 * (1 - contrast);
  return image.linear([factor], [offset]);
}

function blur(image: CodecImage, sigma: number): CodecImage {
  // Below this the codec's mask is a single pixel.
  return sigma < 0.3 ? image.copy() : image.gaussblur(sigma);
}

function noise(codec: Codec, image: CodecImage, strength: number, seed: number): CodecImage {
  const { width, height } = image;
  const layers = [0, 1, 2].map((band) =>
    codec.Image.gaussnoise(width, height, { mean: 0, sigma: strength, seed: seed + band })
  );
  try {
    using grains = codec.Image.bandjoin(layers);
    return image.add(grains);
  } finally {
    for (const layer of layers) layer.delete();
  }
}

function cover(
  image: CodecImage,
  area: Extract<Variation, { do: "cover" }>,
): CodecImage {
  const width = Math.max(1, Math.round(image.width * area.width));
  const height = Math.max(1, Math.round(image.height * area.height));
  const left = Math.min(image.width - width, Math.round(image.width * area.left));
  const top = Math.min(image.height - height, Math.round(image.height * area.top));
  // What is drawn upon must be in memory, and nobody else's.
  using drawn = image.copyMemory();
  drawn.drawRect([area.grey, area.grey, area.grey], left, top, width, height, { fill: true });
  return drawn.copy();
}
