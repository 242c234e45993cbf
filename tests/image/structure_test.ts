import { assertEquals } from "@std/assert";
import { structure } from "../../lib/image/structure.ts";
import { bytesOf, kept, leftOut, picture, withExaminer } from "./pictures.ts";

/** A JPEG whose first scan stands in it several times more. */
function withScans(jpeg: Uint8Array, more: number): Uint8Array<ArrayBuffer> {
  const scan = [0xff, 0xda, 0x00, 0x02, 0x12, 0xff, 0x00, 0x34, 0xff, 0xd0, 0x56];
  const end = jpeg.length - 2;
  return Uint8Array.from([
    ...jpeg.subarray(0, end),
    ...Array.from({ length: more }, () => scan).flat(),
    ...jpeg.subarray(end),
  ]);
}

Deno.test("structure() counts a JPEG's scans, and takes 100 of them for the most", () => {
  using image = picture();
  const jpeg = image.jpegsaveBuffer();
  assertEquals(structure("jpeg", withScans(jpeg, 99)).fault, undefined);
  assertEquals(structure("jpeg", withScans(jpeg, 100)).fault, "JPEG: more than 100 scans");
});

Deno.test("structure() counts no scans behind a JPEG's end, nor in its thumbnail", () => {
  using image = picture();
  const jpeg = image.jpegsaveBuffer();
  const scans = Array.from({ length: 200 }, () => [0xff, 0xda]).flat();
  const followed = Uint8Array.from([...jpeg, ...scans]);
  assertEquals(structure("jpeg", followed).fault, undefined);
  const note = [0xff, 0xe1, (scans.length + 2) >> 8, (scans.length + 2) & 0xff, ...scans];
  const noted = Uint8Array.from([...jpeg.subarray(0, 2), ...note, ...jpeg.subarray(2)]);
  assertEquals(structure("jpeg", noted).fault, undefined);
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
