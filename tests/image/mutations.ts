// Images with flipped, missing and foreign bytes.

import { codec, picture } from "./pictures.ts";
import { chanceOf } from "./studio.ts";

/**
 * Makes damaged images, the same for the same seed.
 *
 * @param count How many.
 * @param seed Where chance begins.
 */
export function* mutations(count: number, seed: number): Generator<Uint8Array<ArrayBuffer>> {
  const chance = chanceOf(seed);
  const below = (limit: number): number => Math.floor(chance() * limit);
  const originals = files();
  const original = (): Uint8Array => originals[below(originals.length)] ?? new Uint8Array();
  for (let made = 0; made < count; made++) {
    const bytes = new Uint8Array(original());
    // Half of the flips are near the beginning, where a flip says most.
    for (let flips = below(24); flips > 0; flips--) {
      bytes[below(chance() < 0.5 ? 200 : bytes.length)] = below(256);
    }
    const kind = below(4);
    if (kind === 0) yield bytes.slice(0, below(bytes.length));
    else if (kind === 1) yield glue(bytes, original(), below);
    else yield bytes;
  }
}

function glue(
  one: Uint8Array,
  other: Uint8Array,
  below: (limit: number) => number,
): Uint8Array<ArrayBuffer> {
  const start = one.subarray(0, below(one.length));
  const end = other.subarray(below(other.length));
  const glued = new Uint8Array(start.length + end.length);
  glued.set(start);
  glued.set(end, start.length);
  return glued;
}

function files(): Uint8Array[] {
  using image = picture(3, 160, 120);
  using cmyk = image.colourspace("cmyk");
  using deep = image.colourspace("rgb16");
  return [
    image.jpegsaveBuffer({ Q: 85 }),
    image.jpegsaveBuffer({ Q: 85, interlace: true }),
    cmyk.jpegsaveBuffer(),
    image.pngsaveBuffer(),
    image.pngsaveBuffer({ interlace: true }),
    image.pngsaveBuffer({ palette: true }),
    deep.pngsaveBuffer(),
    image.webpsaveBuffer(),
    image.webpsaveBuffer({ lossless: true }),
    image.gifsaveBuffer(),
    image.tiffsaveBuffer({ compression: "lzw" }),
    image.tiffsaveBuffer({ compression: "jpeg" }),
    codec.Image.black(9, 9).rawsaveBuffer(),
    image.heifsaveBuffer({ compression: "av1", effort: 0 }),
    Deno.readFileSync(new URL("../fixtures/image/upright.heic", import.meta.url)),
  ];
}
