import { crc32 } from "node:zlib";
import { assert, assertEquals } from "@std/assert";
import { readContainer } from "../../lib/image/container.ts";
import { creditOf } from "../../lib/image/credit.ts";
import { bytesOf, codec, kept, leftOut, picture, withExaminer } from "./pictures.ts";
import { glue, jpegWith, pngChunk, pngWith, segment, text, webpWith } from "./hostile.ts";

const keep = "none";

/** A JPEG whose first scan stands in it several times more. */
function withScans(jpeg: Uint8Array, more: number): Uint8Array<ArrayBuffer> {
  const scan = Uint8Array.of(0xff, 0xda, 0x00, 0x02, 0x12, 0xff, 0x00, 0x34, 0xff, 0xd0, 0x56);
  return glue(jpeg.subarray(0, -2), ...Array.from({ length: more }, () => scan), jpeg.subarray(-2));
}

Deno.test("readContainer() counts a JPEG's scans, and takes 100 of them for the most", () => {
  using image = picture();
  const jpeg = image.jpegsaveBuffer();
  assertEquals(readContainer("jpeg", withScans(jpeg, 99)).fault, undefined);
  assertEquals(readContainer("jpeg", withScans(jpeg, 100)).fault, "JPEG: more than 100 scans");
});

Deno.test("readContainer() counts no scans behind a JPEG's end, nor in its thumbnail", () => {
  using image = picture();
  const jpeg = image.jpegsaveBuffer({ keep });
  const scans = glue(...Array.from({ length: 200 }, () => Uint8Array.of(0xff, 0xda)));
  for (const hidden of [glue(jpeg, scans), jpegWith(jpeg, segment(0xe1, scans))]) {
    const { fault, bytes } = readContainer("jpeg", hidden);
    assertEquals(fault, undefined);
    assertEquals(bytes, bytesOf(jpeg));
  }
});

Deno.test("examine() does not decode a JPEG of very many scans", async () => {
  using image = picture();
  const jpeg = image.jpegsaveBuffer({ interlace: true });
  await withExaminer(async (examine) => {
    kept(await examine(bytesOf(jpeg)));
    const bomb = leftOut(await examine(withScans(jpeg, 2000)));
    assertEquals([bomb.outcome, bomb.detail], ["corrupt", "JPEG: more than 100 scans"]);
  });
});

Deno.test("readContainer() leaves nothing in a file but its picture", () => {
  using image = picture();
  const jpeg = image.jpegsaveBuffer({ keep });
  const png = image.pngsaveBuffer({ keep });
  const webp = image.webpsaveBuffer({ keep });
  const secret = text("<?php echo 'secret'; ?>");
  const fills = new Uint8Array(5000).fill(0xff);
  const scanEnd = jpeg.length - 2;
  const cases = [
    ["jpeg", jpeg, glue(jpeg, secret)],
    [
      "jpeg",
      jpeg,
      jpegWith(jpeg, segment(0xfe, secret), segment(0xe1, secret), segment(0xef, secret)),
    ],
    ["jpeg", jpeg, jpegWith(jpeg, secret)],
    ["jpeg", jpeg, jpegWith(jpeg, fills)],
    ["jpeg", jpeg, glue(jpeg.subarray(0, scanEnd), fills, jpeg.subarray(scanEnd))],
    ["jpeg", jpeg, jpegWith(jpeg, ...Array.from({ length: 3000 }, () => segment(0xe5, secret)))],
    ["jpeg", jpeg, jpegWith(jpeg, segment(0xe2, text("ICC_PROFILE\0\x01\x01no profile")))],
    ["jpeg", jpeg, jpeg.subarray(0, scanEnd)],
    ["png", png, glue(png, secret)],
    ["png", png, pngWith(png, pngChunk("tEXt", text("Comment\0secret")), pngChunk("prVt", secret))],
    ["png", png, pngWith(png, ...Array.from({ length: 10_000 }, () => pngChunk("tEXt", secret)))],
    ["png", png, pngWith(png, pngChunk("iCCP", text("name\0\0no profile")))],
    ["webp", webp, glue(webp, secret)],
    ["webp", webp, webpWith(webp, "EXIF", secret)],
    ["webp", webp, webpWith(webp, "ICCP", secret)],
    ["webp", webp, webpWith(webp, "junk", secret)],
  ] as const;
  for (const [at, [type, clean, dirty]] of cases.entries()) {
    const { bytes, fault } = readContainer(type, bytesOf(dirty));
    assertEquals(fault, undefined, `case ${at}`);
    assertEquals(bytes.length, clean.length, `case ${at}`);
    assert(bytes.every((byte, place) => byte === clean[place]), `case ${at}`);
  }
});

Deno.test("readContainer() keeps a JPEG's colour profile where all its parts are there, in any order", () => {
  using image = picture();
  const jpeg = image.jpegsaveBuffer({ keep });
  const profile = new Uint8Array(400);
  profile.set(text("acsp"), 36);
  const part = (number: number, of: number): Uint8Array =>
    segment(
      0xe2,
      glue(
        text("ICC_PROFILE\0"),
        Uint8Array.of(number, of),
        profile.subarray((number - 1) * 200, number * 200),
      ),
    );
  const remark = segment(0xfe, text("secret"));
  for (const order of [[1, 2], [2, 1], [1, 1, 2]]) {
    const parts = order.flatMap((number) => [part(number, 2), remark]);
    const found = readContainer("jpeg", jpegWith(jpeg, ...parts));
    assertEquals(found.profile, profile);
    const once = [...new Set(order)].map((number) => part(number, 2));
    assertEquals(found.bytes, jpegWith(jpeg, ...once));
  }
  for (const parts of [[part(1, 2)], [part(1, 3), part(2, 3)], [part(1, 1), part(2, 1)]]) {
    const found = readContainer("jpeg", jpegWith(jpeg, ...parts));
    assertEquals([found.profile, found.bytes], [undefined, bytesOf(jpeg)]);
  }
});

Deno.test("readContainer() joins a PNG's data where it is in thousands of chunks, and keeps its damage", () => {
  using image = picture();
  const png = image.pngsaveBuffer({ keep, compression: 0 });
  const start = png.findIndex((_, at) =>
    String.fromCharCode(...png.subarray(at, at + 4)) === "IDAT"
  );
  const data = png.subarray(
    start + 4,
    start + 4 + new DataView(png.buffer, png.byteOffset).getUint32(start - 4),
  );
  const pieces = Array.from(
    { length: 3000 },
    (_, at) => pngChunk("IDAT", data.subarray(at * 9, at === 2999 ? undefined : at * 9 + 9)),
  );
  const many = glue(png.subarray(0, start - 4), ...pieces, pngChunk("IEND", new Uint8Array()));
  const { bytes } = readContainer("png", many);
  assertEquals(bytes.length, many.length - 2999 * 12);
  const isSound = (png: Uint8Array): boolean =>
    new DataView(png.buffer, png.byteOffset).getUint32(png.length - 16) ===
      crc32(png.subarray(start, -16));
  assert(isSound(bytes));
  const inside = start - 4 + 950 * 21 + 12;
  many[inside] = 1 ^ (many[inside] ?? 0);
  assert(!isSound(readContainer("png", many).bytes), "its checksum is still wrong");
});

Deno.test("creditOf() finds author and licence in EXIF, IPTC and XMP", () => {
  using image = picture();
  const jpeg = image.jpegsaveBuffer({ keep });
  const creditIn = (...segments: Uint8Array[]) =>
    creditOf(readContainer("jpeg", jpegWith(jpeg, ...segments)).metadata);
  assertEquals(creditIn(), undefined);

  const copy = image.copy();
  copy.setString("exif-ifd0-Artist", "Ana Gómez (Ana Gómez, ASCII, 10 components, 10 bytes)");
  copy.setString("exif-ifd0-Copyright", "CC BY 4.0 (CC BY 4.0, ASCII, 10 components, 10 bytes)");
  const { metadata } = readContainer("jpeg", bytesOf(copy.jpegsaveBuffer({ keep: "exif" })));
  assertEquals(creditOf(metadata)?.license, "CC BY 4.0");
  assert(creditOf(metadata)?.author?.startsWith("Ana G"));

  const record = (kind: number, words: string) =>
    glue(Uint8Array.of(0x1c, 2, kind, 0, words.length), text(words));
  const records = glue(record(80, "Li Wei"), record(116, "(c) 2020 Li Wei"));
  const iptc = segment(
    0xed,
    glue(text("Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0"), Uint8Array.of(records.length), records),
  );
  assertEquals(creditIn(iptc), { author: "Li Wei", license: "(c) 2020 Li Wei" });

  const xmp = segment(
    0xe1,
    text(
      "http://ns.adobe.com/xap/1.0/\0<x:xmpmeta><rdf:RDF><rdf:Description>" +
        "<dc:creator><rdf:Seq><rdf:li>Jo &amp; Co\u0007</rdf:li></rdf:Seq></dc:creator>" +
        '<cc:license rdf:resource="https://creativecommons.org/licenses/by-nc/4.0/"/>' +
        "</rdf:Description></rdf:RDF></x:xmpmeta>",
    ),
  );
  assertEquals(creditIn(iptc, xmp), {
    author: "Jo & Co",
    license: "https://creativecommons.org/licenses/by-nc/4.0/",
  });
});

Deno.test("creditOf() finds opt-outs and marks of made-up pictures in XMP and C2PA", () => {
  using image = picture();
  const jpeg = image.jpegsaveBuffer({ keep });
  const creditIn = (...segments: Uint8Array[]) =>
    creditOf(readContainer("jpeg", jpegWith(jpeg, ...segments)).metadata);
  const xmp = (attributes: string) =>
    segment(0xe1, text(`http://ns.adobe.com/xap/1.0/\0<rdf:Description ${attributes}/>`));
  const c2pa = (words: string) => segment(0xeb, text(`JP\0\x01\0\0\0\x01${words}`));
  const dmi = "http://ns.useplus.org/ldf/vocab/DMI-";
  const cases: readonly (readonly [Uint8Array, unknown])[] = [
    [xmp(`plus:DataMining="${dmi}PROHIBITED-AIMLTRAINING"`), {
      optOut: "plus:DataMining DMI-PROHIBITED-AIMLTRAINING",
    }],
    [xmp(`plus:DataMining="${dmi}ALLOWED"`), undefined],
    [c2pa('c2pa.training-mining {"use":"notAllowed"}'), {
      optOut: "C2PA training-mining notAllowed",
    }],
    [c2pa('c2pa.training-mining {"use":"allowed"}'), undefined],
    [xmp('Iptc4xmpExt:DigitalSourceType="http://cv.iptc.org/x/trainedAlgorithmicMedia"'), {
      synthetic: "IPTC trainedAlgorithmicMedia",
    }],
    [c2pa("digitalSourceType http://cv.iptc.org/x/compositeWithTrainedAlgorithmicMedia"), {
      synthetic: "C2PA compositeWithTrainedAlgorithmicMedia",
    }],
  ];
  for (const [part, credit] of cases) assertEquals(creditIn(part), credit);
});

Deno.test("examine() keeps no place where a picture was taken, and gives its author", async () => {
  using image = picture();
  // Upright, and lying: that is turned.
  const files = [1, 6].flatMap((orientation) => {
    using copy = image.copy();
    copy.setString(
      "exif-ifd3-GPSLatitude",
      "52/1 30/1 0/1 (52, 30, 0, Rational, 3 components, 24 bytes)",
    );
    copy.setString("exif-ifd0-Artist", "Ana (Ana, ASCII, 4 components, 4 bytes)");
    copy.setInt("orientation", orientation);
    return [
      copy.jpegsaveBuffer({ keep: "exif" }),
      copy.pngsaveBuffer({ keep: "exif" }),
      copy.webpsaveBuffer({ keep: "exif" }),
    ].map((came) => ({ came, orientation }));
  });
  await withExaminer(async (examine) => {
    for (const { came, orientation } of files) {
      const { bytes, credit, original, type } = kept(await examine(came));
      assertEquals(credit, { author: "Ana" }, type);
      using seen = codec.Image.newFromBuffer(bytes);
      using before = codec.Image.newFromBuffer(came);
      assert(before.getTypeof("exif-ifd3-GPSLatitude") !== 0, type);
      assertEquals(seen.getTypeof("exif-data"), 0, type);
      if (orientation !== 1) continue;
      assertEquals(original?.type, type);
      assertEquals(seen.writeToMemory(), before.writeToMemory(), type);
    }
  });
});
