import { assertEquals, assertRejects } from "@std/assert";
import { createThumbnailer, THUMBNAIL_SIDE } from "../../lib/image/create_renderer.ts";
import { codec } from "./pictures.ts";

const soon = () => AbortSignal.timeout(60_000);

Deno.test("createThumbnailer() makes small JPEGs of what decodes, enlarges nothing, and goes on", async () => {
  const file = (width: number, height: number, ending: string): Uint8Array<ArrayBuffer> => {
    using image = codec.Image.black(width, height, { bands: 3 });
    return new Uint8Array(image.writeToBuffer(ending));
  };
  const thumbnailer = createThumbnailer({ workers: 1 });
  const size = async (bytes: Uint8Array<ArrayBuffer>): Promise<string | undefined> => {
    const small = await thumbnailer.shrink(bytes, soon());
    if (small === undefined) return undefined;
    assertEquals([...small.subarray(0, 2)], [0xff, 0xd8]);
    using image = codec.Image.newFromBuffer(small);
    return `${image.width}×${image.height}`;
  };
  try {
    assertEquals(await size(new TextEncoder().encode("<html>")), undefined);
    assertEquals(await size(new Uint8Array()), undefined);
    assertEquals(await size(file(1600, 800, ".jpg")), `${THUMBNAIL_SIDE}×${THUMBNAIL_SIDE / 2}`);
    // As the decoder gives it, where that is at least two thirds of the size.
    assertEquals(await size(file(900, 600, ".jpg")), "225×150");
    assertEquals(await size(file(500, 2000, ".png")), `${THUMBNAIL_SIDE / 4}×${THUMBNAIL_SIDE}`);
    assertEquals(await size(file(120, 100, ".webp")), "120×100");
    const stopped = AbortSignal.abort(new RangeError("enough"));
    await assertRejects(() => thumbnailer.shrink(file(10, 10, ".png"), stopped), RangeError);
  } finally {
    thumbnailer.close();
  }
  await assertRejects(() => thumbnailer.shrink(new Uint8Array(), soon()), DOMException);
});
