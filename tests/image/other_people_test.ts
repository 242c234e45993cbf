// What other people's image sets taught: each of these came out wrong once.

import { assert, assertEquals } from "@std/assert";
import type { CodecImage } from "../../lib/image/codec.ts";
import { bytesOf, codec, fromPixels, kept, leftOut, picture, withExaminer } from "./pictures.ts";

Deno.test("examine() judges an image alone, whatever came before it", async () => {
  using image = picture();
  const jpeg = image.jpegsaveBuffer();
  const start = jpeg.subarray(0, 2);
  const words = new TextEncoder().encode("ICC_PROFILE\0\x01\x01");
  const broken = glue(start, [0xff, 0xe2, 2, 88], words, new Uint8Array(586), jpeg.subarray(2));
  const table = jpeg.findIndex((byte, at) => byte === 0xff && jpeg[at + 1] === 0xdb);
  const junk = glue(jpeg.subarray(0, table), [1, 2, 3, 4, 5], jpeg.subarray(table));
  await withExaminer(async (examine) => {
    const clean = kept(await examine(jpeg)).bytes;
    for (const came of [junk, broken, junk, broken, junk]) {
      assertEquals(kept(await examine(bytesOf(came))).bytes, clean);
    }
  });
});

Deno.test("examine() shows inks without a profile as browsers do", async () => {
  const inks = [[0, 255, 255, 0], [255, 0, 0, 0], [255, 255, 0, 100], [0, 0, 0, 200]];
  const pixels = new Uint8Array(400 * 120 * 4);
  for (let at = 0; at < 400 * 120; at++) {
    pixels.set(inks[Math.floor(at % 400 / 100)] ?? [], at * 4);
  }
  using raw = codec.Image.newFromMemory(pixels, 400, 120, 4, codec.BandFormat.uchar);
  using page = raw.copy({ interpretation: "cmyk" });
  await withExaminer(async (examine) => {
    const { bytes } = kept(await examine(page.jpegsaveBuffer({ Q: 100, subsample_mode: "off" })));
    using seen = codec.Image.newFromBuffer(bytes);
    const screens = [[255, 0, 0], [0, 255, 255], [0, 0, 155], [55, 55, 55]];
    screens.forEach((screen, at) => assertNear(seen, at * 100 + 50, 60, screen));
  });
});

Deno.test("examine() shows white where an animation's first frame leaves its page empty", async () => {
  using image = picture();
  const gif = image.gifsaveBuffer();
  new DataView(gif.buffer, gif.byteOffset).setUint16(6, 400, true);
  new DataView(gif.buffer, gif.byteOffset).setUint16(8, 300, true);
  await withExaminer(async (examine) => {
    const { bytes, width, height } = kept(await examine(gif));
    assertEquals([width, height], [400, 300]);
    using seen = codec.Image.newFromBuffer(bytes);
    assertNear(seen, 399, 299, [255, 255, 255]);
    assertNear(seen, 399, 5, [255, 255, 255]);
    assertNear(seen, 100, 100, image.getpoint(100, 100), 40);
  });
});

Deno.test("examine() shows white where a HEIC is transparent", async () => {
  const came = await Deno.readFile(
    new URL("../fixtures/image/transparent.heic", import.meta.url),
  );
  await withExaminer(async (examine) => {
    using seen = codec.Image.newFromBuffer(kept(await examine(came)).bytes);
    assertNear(seen, 140, 60, [255, 255, 255]);
    assert((seen.getpoint(70, 17)[2] ?? 255) < 120, "the left half is opaque");
  });
});

Deno.test("examine() does not call corrupt what it has no decoder for", async () => {
  using image = picture();
  const tiff = image.tiffsaveBuffer({ compression: "none" });
  const entry = [3, 1, 3, 0, 1, 0, 0, 0, 1, 0];
  const at = tiff.findIndex((_, from) => entry.every((byte, on) => tiff[from + on] === byte));
  assert(at > 0, "the tag that says how it is compressed");
  // LZMA.
  new DataView(tiff.buffer, tiff.byteOffset).setUint16(at + 8, 34_925, true);
  await withExaminer(async (examine) => {
    assertEquals(leftOut(await examine(tiff)).outcome, "unsupported-type");
  });
});

Deno.test("examine() calls a JPEG of more lines than any decoder takes too large", async () => {
  using image = fromPixels(new Uint8Array(64 * 64 * 3), 64, 64);
  const jpeg = image.jpegsaveBuffer();
  const frame = jpeg.findIndex((byte, at) => byte === 0xff && jpeg[at + 1] === 0xc0);
  jpeg.set([0xff, 0xff, 0xff, 0xff], frame + 5);
  await withExaminer(async (examine) => {
    assertEquals(leftOut(await examine(jpeg)).outcome, "too-large");
  });
});

function assertNear(
  image: CodecImage,
  x: number,
  y: number,
  expected: readonly number[],
  tolerance = 8,
): void {
  const found = image.getpoint(x, y);
  const isNear = expected.every((value, at) => Math.abs(value - (found[at] ?? -99)) <= tolerance);
  assert(isNear, `${found} at ${x}, ${y} is not ${expected}`);
}

function glue(...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(parts.flatMap((part) => [...part]));
}
