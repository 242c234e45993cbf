/**
 * The worker that puts many pictures on one sheet. It may read the codec's files and nothing else.
 *
 * @module
 */

import { type CodecImage, loadCodec } from "../image/codec.ts";

/** What the worker is asked: rows of files, each at most so many. */
export interface SheetRequest {
  /** Rows of image files. */
  readonly rows: readonly (readonly Uint8Array[])[];
  /** How many pictures a row has. */
  readonly across: number;
  /** The size of each picture on the sheet. */
  readonly width: number;
  /** The size of each picture on the sheet. */
  readonly height: number;
}

/** What the worker answers. */
export type SheetAnswer = { readonly sheet: Uint8Array<ArrayBuffer> } | { readonly error: string };

declare const self: {
  onmessage: ((event: MessageEvent<SheetRequest>) => void) | null;
  postMessage(answer: SheetAnswer): void;
};

self.onmessage = async ({ data }) => {
  try {
    self.postMessage({ sheet: await draw(data) });
  } catch (thrown) {
    self.postMessage({ error: String(thrown) });
  }
};

async function draw(
  { rows, across, width, height }: SheetRequest,
): Promise<Uint8Array<ArrayBuffer>> {
  const codec = await loadCodec();
  const empty = codec.Image.black(width, height, { bands: 3 }).linear([1, 1, 1], [245, 245, 245])
    .cast("uchar").copy({ interpretation: "srgb" });
  const tiles = rows.flatMap((row) =>
    Array.from({ length: across }, (_, place): CodecImage => {
      const bytes = row[place];
      if (bytes === undefined) return empty;
      const small = codec.Image.thumbnailBuffer(bytes, width, {
        height,
        crop: "centre",
      }).colourspace("srgb");
      return small.hasAlpha() ? small.flatten({ background: [245, 245, 245] }) : small;
    })
  );
  const sheet = codec.Image.arrayjoin(tiles, { across, shim: 3, background: [245, 245, 245] });
  return new Uint8Array(sheet.jpegsaveBuffer({ Q: 72, keep: "none" }));
}
