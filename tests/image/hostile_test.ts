import { deflateSync } from "node:zlib";
import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { glue, jpegWith, pngChunk, pngWith, segment, text, webpWith } from "./hostile.ts";
import { codec, kept, leftOut, picture, withExaminer } from "./pictures.ts";

/** Opens each file that it is given and decodes it; prints what it could not open. */
const OPEN_ALL = `
import sys
from PIL import Image
for path in sys.argv[1:]:
    try:
        with Image.open(path) as image:
            image.load()
    except Exception as error:
        print(path, repr(error))
`;

/** Images with much more in them than a picture, by name; all show the same one. */
function hostileFiles(): Record<string, Uint8Array<ArrayBuffer>> {
  using image = picture();
  const jpeg = image.jpegsaveBuffer({ keep: "none" });
  const png = image.pngsaveBuffer({ keep: "none" });
  const webp = image.webpsaveBuffer({ keep: "none" });
  const bomb = deflateSync(new Uint8Array(64 * 2 ** 20));
  const php = text("<?php system($_GET['c']); ?>");
  const tail = new Uint8Array(20 * 2 ** 20).fill(0x41);
  const data = png.findIndex((_, at) => png[at] === 0x49 && png[at + 1] === 0x44);
  const size = new DataView(png.buffer, png.byteOffset).getUint32(data - 4);
  const bytes = Array.from(
    { length: Math.ceil(size / 4) },
    (_, at) =>
      pngChunk("IDAT", png.slice(data + 4 + at * 4, data + 4 + Math.min(size, at * 4 + 4))),
  );
  return {
    "a compressed text that is a bomb": pngWith(png, pngChunk("zTXt", glue(text("a\0\0"), bomb))),
    "an international text that is a bomb": pngWith(
      png,
      pngChunk("iTXt", glue(text("a\0\x01\0\0\0"), bomb)),
    ),
    "a profile that is a bomb": pngWith(png, pngChunk("iCCP", glue(text("icc\0\0"), bomb))),
    "10,000 texts": pngWith(
      png,
      ...Array.from({ length: 10_000 }, () => pngChunk("tEXt", text("a\0b"))),
    ),
    "data in crumbs": glue(png.subarray(0, data - 4), ...bytes, png.subarray(data + 8 + size)),
    "a PNG with a tail": glue(png, tail),
    "a PNG that is a program": glue(png, php),
    "a JPEG of 0xFF": jpegWith(jpeg, new Uint8Array(5 * 2 ** 20).fill(0xff)),
    "a JPEG of segments": jpegWith(
      jpeg,
      ...Array.from({ length: 5000 }, () => segment(0xe7, new Uint8Array(1000))),
    ),
    "a JPEG of remarks": jpegWith(jpeg, segment(0xfe, text("<script>alert(1)</script>")), php),
    "a JPEG with a tail": glue(jpeg, tail),
    "a JPEG with a file in it": jpegWith(jpeg, segment(0xed, text("PK\x03\x04 a ZIP archive"))),
    "a JPEG with zeros before its end": glue(
      jpeg.subarray(0, -2),
      new Uint8Array(2 ** 20),
      jpeg.subarray(-2),
    ),
    "a WebP with a large EXIF": webpWith(webp, "EXIF", new Uint8Array(5 * 2 ** 20)),
    "a WebP with a tail": glue(webp, tail),
  };
}

Deno.test("examine() keeps of hostile files the picture alone, which Pillow opens", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await withExaminer(async (examine) => {
      using image = picture();
      const pixels = image.writeToMemory();
      for (const [name, came] of Object.entries(hostileFiles())) {
        const { bytes, original, type, sha256 } = kept(await examine(came));
        assert(original !== undefined, name);
        assert(bytes.length < 200_000, `${name}: ${bytes.length} bytes`);
        if (type === "png") {
          using seen = codec.Image.newFromBuffer(bytes);
          assertEquals(seen.writeToMemory(), pixels, name);
        }
        await Deno.writeFile(
          join(folder, `${name.replaceAll(/\W+/g, "-")}-${sha256.slice(0, 4)}.${type}`),
          bytes,
        );
      }
    });
    await openWithPillow(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

async function openWithPillow(folder: string): Promise<void> {
  const files = Array.from(Deno.readDirSync(folder), ({ name }) => join(folder, name));
  const python = new Deno.Command("python3", { args: ["-c", OPEN_ALL, ...files] });
  const found = await python.output().catch((thrown: unknown) => {
    if (thrown instanceof Deno.errors.NotFound) return undefined;
    throw thrown;
  });
  const errors = found === undefined ? "No module named" : new TextDecoder().decode(found.stderr);
  if (errors.includes("No module named")) {
    console.log("skipped: opening what is kept with Pillow (Python with Pillow is not installed)");
    return;
  }
  assertEquals(errors, "");
  assertEquals(new TextDecoder().decode(found?.stdout), "");
}

Deno.test("examine() does not decode what takes too much memory: 16 bits, interlaced, large", async () => {
  using black = codec.Image.black(9900, 9900, { bands: 3 });
  using image = black.copy({ interpretation: "srgb" });
  const png = new Uint8Array(image.pngsaveBuffer({ keep: "none", compression: 9 }));
  // Its header says 16 bits: nothing of its data is looked at.
  png[24] = 16;
  png.set(pngChunk("IHDR", png.slice(16, 29)), 8);
  await withExaminer(async (examine) => {
    const { outcome, detail } = leftOut(await examine(png));
    assertEquals([outcome, detail], ["too-large", "9900×9900"]);
  });
});

Deno.test("examine() decodes large images one after the other where memory is short", async () => {
  using image = picture(1, 4000, 3000);
  const png = image.pngsaveBuffer({ keep: "none", compression: 1 });
  await withExaminer(async (examine) => {
    const found = await Promise.all([1, 2, 3].map(() => examine(png)));
    assertEquals(found.map(({ ok }) => ok), [true, true, true]);
  }, { workers: 3, memory: 40_000_000 });
});
