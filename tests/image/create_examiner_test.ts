import { crc32 } from "node:zlib";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { Failure } from "../../lib/base/failure.ts";
import { createExaminer } from "../../lib/image/create_examiner.ts";
import type { CodecImage } from "../../lib/image/codec.ts";
import { glue, pngChunk, pngWith, segment, text } from "./hostile.ts";
import { mutations } from "./mutations.ts";
import {
  bytesOf,
  codec,
  cut,
  fromPixels,
  kept,
  leftOut,
  picture,
  withExaminer,
} from "./pictures.ts";

type Saved = readonly [name: string, save: (image: CodecImage) => Uint8Array];

const FORMATS: readonly Saved[] = [
  ["JPEG", (image) => image.jpegsaveBuffer({ Q: 85 })],
  ["progressive JPEG", (image) => image.jpegsaveBuffer({ Q: 85, interlace: true })],
  ["PNG", (image) => image.pngsaveBuffer()],
  ["interlaced PNG", (image) => image.pngsaveBuffer({ interlace: true })],
  ["WebP", (image) => image.webpsaveBuffer({ Q: 80 })],
  ["lossless WebP", (image) => image.webpsaveBuffer({ lossless: true })],
  ["GIF", (image) => image.gifsaveBuffer()],
  ["TIFF", (image) => image.tiffsaveBuffer({ compression: "lzw" })],
  ["AVIF", (image) => image.heifsaveBuffer({ compression: "av1", effort: 0 })],
];

Deno.test("examine() calls what is cut off corrupt, in every format", async () => {
  using image = picture();
  await withExaminer(async (examine) => {
    for (const [name, save] of FORMATS) {
      const whole = save(image);
      for (const share of [0.3, 0.9, 0.99]) {
        const { outcome } = leftOut(await examine(cut(whole, share)));
        assertEquals(outcome, "corrupt", `${name} cut at ${share}`);
      }
    }
  });
});

Deno.test("examine() does not mind what follows an image", async () => {
  using image = picture();
  await withExaminer(async (examine) => {
    for (const [name, save] of FORMATS) {
      if (name === "AVIF") continue;
      const whole = save(image);
      const longer = new Uint8Array(whole.length + 5000).fill(0x5a);
      longer.set(whole);
      const { width, height } = kept(await examine(longer));
      assertEquals([width, height], [320, 240], name);
    }
  });
});

Deno.test("examine() calls an image with a hole in its data corrupt", async () => {
  using image = picture();
  await withExaminer(async (examine) => {
    for (const [name, save] of FORMATS) {
      // A WebP's coefficients decode to something, whatever they are.
      if (name.endsWith("WebP")) continue;
      const bytes = save(image);
      const start = Math.floor(bytes.length * 0.3);
      bytes.fill(0, start, start + Math.floor(bytes.length / 10));
      assertEquals(leftOut(await examine(bytes)).outcome, "corrupt", name);
    }
  });
});

Deno.test("examine() keeps plain JPEG, PNG and WebP without metadata byte for byte", async () => {
  using image = picture();
  const keep = "none";
  const plain: readonly Saved[] = [
    ["JPEG", (image) => image.jpegsaveBuffer({ Q: 85, keep })],
    ["progressive JPEG", (image) => image.jpegsaveBuffer({ Q: 85, interlace: true, keep })],
    ["PNG", (image) => image.pngsaveBuffer({ keep })],
    ["interlaced PNG", (image) => image.pngsaveBuffer({ interlace: true, keep })],
    ["WebP", (image) => image.webpsaveBuffer({ Q: 80, keep })],
    ["lossless WebP", (image) => image.webpsaveBuffer({ lossless: true, keep })],
  ];
  await withExaminer(async (examine) => {
    for (const [name, save] of plain) {
      const came = save(image);
      const { bytes, original, sha256, type } = kept(await examine(came));
      assertEquals(bytes, bytesOf(came), name);
      assertEquals(sha256, await hash(came));
      assertEquals(original, undefined);
      assert(name.toLowerCase().endsWith(type), name);
    }
  });
});

Deno.test("examine() converts what is not JPEG, PNG or WebP and tells what came", async () => {
  using image = picture();
  const converted = { GIF: "png", TIFF: "png", AVIF: "jpeg" };
  await withExaminer(async (examine) => {
    for (const [name, type] of Object.entries(converted)) {
      const came = FORMATS.find(([format]) => format === name)?.[1](image);
      assert(came !== undefined);
      const found = kept(await examine(came));
      assertEquals(found.type, type, name);
      assertEquals(found.original, { sha256: await hash(came), type: name.toLowerCase() });
      assertEquals(found.sha256, await hash(found.bytes));
      assertPlain(found.bytes, 320, 240);
      assertEquals(kept(await examine(came)).sha256, found.sha256, "the same for the same bytes");
    }
  });
});

const VARIANTS: readonly Saved[] = [
  ["CMYK", (image) => image.colourspace("cmyk").jpegsaveBuffer({ Q: 90 })],
  ["grey JPEG", (image) => image.colourspace("b-w").jpegsaveBuffer({ Q: 90 })],
  ["grey PNG", (image) => image.colourspace("b-w").pngsaveBuffer()],
  ["16-bit PNG", (image) => image.colourspace("rgb16").pngsaveBuffer()],
  ["16-bit grey PNG", (image) => image.colourspace("grey16").pngsaveBuffer()],
  ["palette PNG", (image) => image.pngsaveBuffer({ palette: true, Q: 90 })],
  ["PNG with alpha", (image) => image.bandjoin(255).pngsaveBuffer()],
  ["grey PNG with alpha", (image) => image.colourspace("b-w").bandjoin(255).pngsaveBuffer()],
  ["WebP with alpha", (image) => image.bandjoin(200).webpsaveBuffer()],
  ["JPEG with a wide-gamut profile", (image) => image.iccTransform("p3").jpegsaveBuffer({ Q: 90 })],
  ["PNG with a wide-gamut profile", (image) => image.iccTransform("p3").pngsaveBuffer()],
  ["16-bit TIFF", (image) => image.colourspace("rgb16").tiffsaveBuffer()],
  ["float TIFF", (image) => image.colourspace("scrgb").tiffsaveBuffer()],
  ["Lab TIFF", (image) => image.colourspace("lab").tiffsaveBuffer()],
];

Deno.test("examine() makes every kind of pixel plain, upright, eight-bit and sRGB", async () => {
  using image = picture();
  await withExaminer(async (examine) => {
    for (const [name, save] of VARIANTS) {
      const came = save(image);
      const found = kept(await examine(came));
      assertEquals(found.original?.sha256, await hash(came), name);
      assertPlain(found.bytes, 320, 240);
    }
  });
});

Deno.test("examine() gives a wide-gamut picture the colours it had", async () => {
  const red = fromPixels(
    new Uint8Array(300 * 300 * 3).map((_, at) => [200, 40, at % 256][at % 3] ?? 0),
    300,
    300,
  );
  using wide = red.iccTransform("p3");
  assert(Math.abs(pixel(wide, 0) - 200) > 10, "in the profile's terms the red is another number");
  await withExaminer(async (examine) => {
    const { bytes } = kept(await examine(wide.pngsaveBuffer()));
    using seen = codec.Image.newFromBuffer(bytes);
    assert(Math.abs(pixel(seen, 0) - 200) <= 2, `${pixel(seen, 0)}`);
  });
  red.delete();
});

Deno.test("examine() keeps an image with an sRGB profile as it came", async () => {
  using image = picture();
  using tagged = image.iccTransform("srgb");
  const keep = "icc";
  const files = [
    tagged.jpegsaveBuffer({ keep }),
    tagged.pngsaveBuffer({ keep }),
    tagged.webpsaveBuffer({ keep }),
  ];
  await withExaminer(async (examine) => {
    for (const came of files) {
      const { bytes, original } = kept(await examine(came));
      assertEquals(original, undefined);
      assertEquals(bytes, bytesOf(came));
    }
  });
});

Deno.test("examine() turns each of the eight orientations upright", async () => {
  // Red at the top left, green at the top right, blue at the bottom left.
  const upright = fromPixels(corners(240, 160), 240, 160);
  const stored: Record<number, (image: CodecImage) => CodecImage> = {
    2: (image) => image.flipHor(),
    3: (image) => image.rot180(),
    4: (image) => image.flipVer(),
    5: (image) => image.rot90().flipHor(),
    6: (image) => image.rot270(),
    7: (image) => image.rot270().flipHor(),
    8: (image) => image.rot90(),
  };
  await withExaminer(async (examine) => {
    for (const [orientation, turn] of Object.entries(stored)) {
      const turned = turn(upright).copy();
      turned.setInt("orientation", Number(orientation));
      for (const came of [turned.jpegsaveBuffer({ Q: 95 }), turned.tiffsaveBuffer()]) {
        const found = kept(await examine(came));
        assertEquals([found.width, found.height], [240, 160], orientation);
        using seen = codec.Image.newFromBuffer(found.bytes);
        assertEquals([seen.width, seen.height], [240, 160]);
        assertEquals(seen.getTypeof("orientation") === 0 ? 1 : seen.getInt("orientation"), 1);
        const places = [[20, 20], [220, 20], [20, 140], [220, 140]] as const;
        const colours = places.map(([x, y]) => seen.getpoint(x, y).map((v) => v > 128 ? 1 : 0));
        assertEquals(colours, [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1]], orientation);
      }
    }
  });
});

Deno.test("examine() shows white where an image is transparent", async () => {
  using image = picture();
  using clear = image.bandjoin(0);
  await withExaminer(async (examine) => {
    assertEquals(leftOut(await examine(clear.pngsaveBuffer())).outcome, "blank");
  });
});

Deno.test("examine() keeps the first frame of an animation", async () => {
  using first = picture(1);
  using second = picture(2);
  using both = codec.Image.arrayjoin([first, second], { across: 1 });
  both.setInt("page-height", 240);
  await withExaminer(async (examine) => {
    for (
      const [came, type] of [[both.gifsaveBuffer(), "png"], [
        both.webpsaveBuffer(),
        "jpeg",
      ]] as const
    ) {
      const found = kept(await examine(came));
      assertEquals([found.type, found.width, found.height], [type, 320, 240]);
      assertPlain(found.bytes, 320, 240);
    }
  });
});

Deno.test("examine() reads HEIC", async () => {
  await withExaminer(async (examine) => {
    for (const name of ["upright", "wide_gamut"]) {
      const came = await Deno.readFile(new URL(`../fixtures/image/${name}.heic`, import.meta.url));
      const found = kept(await examine(came));
      assertEquals([found.type, found.width, found.height], ["jpeg", 160, 120]);
      assertEquals(found.original, { sha256: await hash(came), type: "heic" });
      assertEquals(leftOut(await examine(cut(came, 0.9))).outcome, "corrupt");
    }
  });
});

Deno.test("examine() judges size and shape as they are seen upright", async () => {
  const limits = { minWidth: 200, minHeight: 100, maxAspect: 3, maxPixels: 1_000_000 };
  const cases = [
    [199, 100, "too-small"],
    [240, 83, "too-small"],
    [240, 84, undefined],
    [99, 250, "too-small"],
    [120, 167, undefined],
    [400, 120, "bad-aspect"],
    [1001, 1000, "too-large"],
    [200, 100, undefined],
    [360, 120, undefined],
  ] as const;
  await withExaminer(async (examine) => {
    for (const [width, height, outcome] of cases) {
      using image = picture(1, width, height);
      const found = await examine(image.jpegsaveBuffer());
      assertEquals(found.ok ? undefined : found.outcome, outcome, `${width}×${height}`);
      assertEquals([found.width, found.height], [width, height]);
    }
    using image = picture(1, 120, 250);
    const turned = image.copy();
    turned.setInt("orientation", 6);
    const found = kept(await examine(turned.jpegsaveBuffer()));
    assertEquals([found.width, found.height], [250, 120]);
  }, { limits });
});

Deno.test("examine() leaves out pages of one colour, and no dim photograph", async () => {
  await withExaminer(async (examine) => {
    for (const colour of [[255, 255, 255], [0, 0, 0], [30, 90, 140]]) {
      using page = codec.Image.black(300, 200, { bands: 3 }).linear([1, 1, 1], colour, {
        uchar: true,
      });
      using image = page.copy({ interpretation: "srgb" });
      assertEquals(leftOut(await examine(image.jpegsaveBuffer({ Q: 40 }))).outcome, "blank");
      assertEquals(leftOut(await examine(image.pngsaveBuffer())).outcome, "blank");
    }
    using bright = picture();
    using dim = bright.linear([0.25, 0.25, 0.25], [0, 0, 0], { uchar: true });
    kept(await examine(dim.jpegsaveBuffer()));
  });
});

Deno.test("examine() does not decode what says it is larger than the limit", async () => {
  await withExaminer(async (examine) => {
    const bombs = [pngBomb(60_000, 60_000), gifBomb(65_535, 65_535)];
    using image = picture();
    const jpeg = image.jpegsaveBuffer();
    const frame = jpeg.findIndex((byte, at) => byte === 0xff && jpeg[at + 1] === 0xc0);
    jpeg.set([0xff, 0xdc, 0xff, 0xdc], frame + 5);
    for (const bomb of [...bombs, jpeg]) {
      assertEquals(leftOut(await examine(bomb)).outcome, "too-large");
    }
  });
});

Deno.test("examine() tells what is no image, and hashes it", async () => {
  await withExaminer(async (examine) => {
    const page = new TextEncoder().encode("<!DOCTYPE html><title>Not found</title>");
    assertEquals(await examine(page), {
      ok: false,
      outcome: "not-an-image",
      detail: "HTML page",
      sha256: await hash(page),
    });
    const bitmap = new Uint8Array(60);
    bitmap.set([0x42, 0x4d]);
    bitmap[14] = 40;
    assertEquals(leftOut(await examine(bitmap)).outcome, "unsupported-type");
  });
});

Deno.test("examine() does not fail an image for what its header has wrong", async () => {
  using image = picture();
  const jpeg = image.jpegsaveBuffer();
  const quirks: Record<string, Uint8Array> = {
    "bytes before the end": glue(
      jpeg.subarray(0, -2),
      new Uint8Array(20).fill(7),
      jpeg.subarray(-2),
    ),
    "an empty EXIF": glue(jpeg.subarray(0, 2), segment(0xe1, text("Exif\0\0")), jpeg.subarray(2)),
    "an EXIF of noise": glue(
      jpeg.subarray(0, 2),
      segment(0xe1, text("Exif\0\0II*\0\xff\xff\xff\xff")),
      jpeg.subarray(2),
    ),
    "an odd Adobe marker": glue(
      jpeg.subarray(0, 2),
      segment(0xee, text("Adobe\0\x64\0\0\0\0\x01")),
      jpeg.subarray(2),
    ),
    "a broken profile": glue(
      jpeg.subarray(0, 2),
      segment(0xe2, text("ICC_PROFILE\0\x01\x01nonsense")),
      jpeg.subarray(2),
    ),
    "a broken PNG comment": pngWith(
      image.pngsaveBuffer(),
      pngChunk("tEXt", text("Comment\0hello"), 12345),
    ),
  };
  await withExaminer(async (examine) => {
    for (const [name, bytes] of Object.entries(quirks)) {
      const found = await examine(bytes);
      assert(found.ok, `${name}: ${found.ok ? "" : found.detail}`);
      using seen = codec.Image.newFromBuffer(found.bytes);
      using whole = codec.Image.newFromBuffer(name.includes("PNG") ? image.pngsaveBuffer() : jpeg);
      assertEquals(seen.writeToMemory(), whole.writeToMemory(), name);
      assert(found.bytes.length <= jpeg.length || name.includes("PNG"), name);
    }
  });
});

Deno.test("examine() replaces a worker that takes too long, and loses one image", async () => {
  using large = picture(1, 1200, 900);
  using small = picture();
  const examiner = createExaminer({ workers: 1, timeLimit: 1 });
  const never = new AbortController().signal;
  try {
    const slow = leftOut(await examiner.examine(bytesOf(large.pngsaveBuffer()), never));
    assertEquals([slow.outcome, slow.detail], ["corrupt", "not decoded within 0.001 s"]);
    assertEquals(slow.sha256, await hash(large.pngsaveBuffer()));
  } finally {
    examiner.close();
  }
  await withExaminer(async (examine) => {
    kept(await examine(small.jpegsaveBuffer()));
    kept(await examine(small.jpegsaveBuffer()));
  }, { heapLimit: 1 });
});

Deno.test("createExaminer() has its workers ready before the first image where that is wished", async () => {
  using image = picture();
  const RealWorker = globalThis.Worker;
  let workers = 0;
  const ready = Promise.withResolvers<void>();
  globalThis.Worker = class extends RealWorker {
    constructor(...given: ConstructorParameters<typeof RealWorker>) {
      super(...given);
      workers++;
      this.addEventListener("message", ({ data }: MessageEvent<{ say: string }>) => {
        if (data.say === "ready") ready.resolve();
      });
    }
  };
  try {
    await withExaminer(async (examine) => {
      await ready.promise;
      kept(await examine(image.jpegsaveBuffer()));
      assertEquals(workers, 1);
    }, { warm: true });
  } finally {
    globalThis.Worker = RealWorker;
  }
});

Deno.test("examine() blames no image where a worker does not start", async () => {
  using image = picture();
  const RealWorker = globalThis.Worker;
  globalThis.Worker = class extends RealWorker {
    constructor() {
      super("data:text/javascript,throw new Error('no decoder')", { type: "module" });
    }
  };
  try {
    await withExaminer(async (examine) => {
      await assertRejects(
        () => examine(image.jpegsaveBuffer()),
        Failure,
        "their decoder does not start",
      );
    });
  } finally {
    globalThis.Worker = RealWorker;
  }
});

Deno.test("examine() rejects when it is aborted or closed, and closing ends all waiting", async () => {
  using image = picture();
  const jpeg = image.jpegsaveBuffer();
  const examiner = createExaminer({ workers: 1 });
  const never = new AbortController().signal;
  const stop = new AbortController();
  const stopped = examiner.examine(bytesOf(jpeg), stop.signal);
  const both = [examiner.examine(bytesOf(jpeg), never), examiner.examine(bytesOf(jpeg), never)];
  const refused = assertRejects(() => stopped, DOMException, "stopped");
  stop.abort(new DOMException("stopped", "AbortError"));
  // There is one worker: when the one is done, the other is not.
  const first = await Promise.race(both.map(async (one, at) => [await one, at] as const));
  kept(first[0]);
  examiner.close();
  await refused;
  await assertRejects(async () => await both[1 - first[1]], DOMException, "closed");
  await assertRejects(() => examiner.examine(bytesOf(jpeg), never), DOMException, "closed");
});

Deno.test("examine() gives each damaged image an outcome", async () => {
  await withExaminer(async (examine) => {
    for (const bytes of mutations(200, 1)) {
      const found = await examine(bytes);
      if (found.ok) continue;
      assert(found.detail !== "", found.outcome);
      assert(!/died|within/.test(found.detail), found.detail);
    }
  });
});

async function hash(bytes: Uint8Array): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytesOf(bytes))).toHex();
}

function assertPlain(bytes: Uint8Array, width: number, height: number): void {
  using image = codec.Image.newFromBuffer(bytes);
  assertEquals([image.width, image.height, image.bands], [width, height, 3]);
  assertEquals([image.format, image.interpretation], ["uchar", "srgb"]);
  assertEquals(image.getTypeof("icc-profile-data"), 0);
  assertEquals(image.getTypeof("orientation"), 0);
  assert(image.getTypeof("n-pages") === 0 || image.getInt("n-pages") === 1);
}

function pixel(image: CodecImage, band: number): number {
  return image.getpoint(150, 150)[band] ?? 0;
}

function corners(width: number, height: number): Uint8Array {
  const pixels = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const right = x >= width / 2;
      const low = y >= height / 2;
      const colour = right && low
        ? [255, 255, 255]
        : [right || low ? 0 : 255, right ? 255 : 0, low ? 255 : 0];
      pixels.set(colour, (y * width + x) * 3);
    }
  }
  return pixels;
}

/** A PNG that says it is large and has next to nothing in it. */
function pngBomb(width: number, height: number): Uint8Array {
  using dot = codec.Image.black(1, 1, { bands: 3 });
  const png = dot.pngsaveBuffer();
  const view = new DataView(png.buffer, png.byteOffset);
  view.setUint32(16, width);
  view.setUint32(20, height);
  view.setUint32(29, crc32(png.subarray(12, 29)));
  return png;
}

function gifBomb(width: number, height: number): Uint8Array {
  using dot = codec.Image.black(1, 1, { bands: 3 });
  const gif = dot.gifsaveBuffer();
  const view = new DataView(gif.buffer, gif.byteOffset);
  view.setUint16(6, width, true);
  view.setUint16(8, height, true);
  // The frame's own size stands after its mark and its place.
  const frame = gif.findIndex((byte, at) => byte === 0x2c && at > 12 && gif[at + 5] === 1);
  view.setUint16(frame + 5, width, true);
  view.setUint16(frame + 7, height, true);
  return gif;
}
