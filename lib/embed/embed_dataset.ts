/**
 * Embeds the images of a data folder.
 *
 * @module
 */

import { diskFailure } from "../base/disk_failure.ts";
import { readIfThere } from "../base/files.ts";
import { fileInside } from "../base/inside.ts";
import { pooled } from "../base/pooled.ts";
import type { Dataset } from "../dataset/dataset.ts";
import type { KeptImage } from "../dataset/state.ts";
import { createRenderer, type Renderer } from "../image/create_renderer.ts";
import { IMAGE_FLAGS, type ImageFlag, measureFlags } from "../image/flags.ts";
import type { Sample } from "../image/sample.ts";
import { classFlags } from "./classes.ts";
import { type Encoded, Encoder } from "./encoder.ts";
import { looksBy } from "./looks.ts";
import type { Model } from "./model.ts";
import type { RuntimeFiles } from "./runtime.ts";
import { EmbeddingWriter, unit } from "./store.ts";

/** How images are embedded. */
export interface EmbedOptions {
  /** The data folder, open for writing; not closed here. */
  readonly dataset: Dataset;
  readonly model: Model;
  readonly runtime: RuntimeFiles;
  /** How many networks run side by side; each takes about 270 MB. */
  readonly workers: number;
  /** Ends it: what was embedded until then stays. */
  readonly signal: AbortSignal;
  notice(text: string): void;
  /** Called with the number of images that have an embedding, of how many. */
  progress(done: number, of: number): void;
}

/** What embedding came to. */
export interface EmbedReport {
  /** How many images were embedded. */
  readonly embedded: number;
  /** How many had an embedding already. */
  readonly before: number;
  /** How many images have each flag; those that no image has are absent. */
  readonly flags: Readonly<Partial<Record<ImageFlag, number>>>;
  /** Files that are missing or do not decode. */
  readonly unreadable: readonly string[];
}

/** How many images a network is given at a time. */
const BATCH = 8;

/**
 * Embeds the images that have no embedding by this model, and logs what is to be said against each.
 *
 * @throws {Failure} When the model does not run or the disk refuses.
 * @throws The signal's reason.
 */
export async function embedDataset(options: EmbedOptions): Promise<EmbedReport> {
  const { dataset, model, signal, notice, progress } = options;
  const { name, size } = model.info;
  const images = [
    ...new Map(
      [...dataset.state.keptImages()].filter(({ rejected }) => !rejected)
        .map((image) => [image.sha256, image]),
    ).values(),
  ];
  const unreadable: string[] = [];
  const renderer = createRenderer({ workers: options.workers });
  const free: Encoder[] = [];
  const encoders: Encoder[] = [];
  /** One more network starts when all are at work. */
  const encode = async (squares: readonly Uint8Array[]): Promise<Encoded> => {
    let encoder = free.pop();
    if (encoder === undefined) {
      encoder = await Encoder.start(model, options.runtime);
      encoders.push(encoder);
    }
    const encoded = await encoder.encode(squares);
    free.push(encoder);
    return encoded;
  };
  let writer: EmbeddingWriter | undefined;
  let done = 0;
  let embedded = 0;
  try {
    // A blank picture tells how many numbers a vector has.
    const { vectors: [blank] } = await encode([new Uint8Array(size * size * 3)]);
    const source = { model: name, sha256: model.sha256, dimensions: blank?.length ?? 0 };
    const looks = looksBy(source);
    writer = await EmbeddingWriter.open(dataset.dir, source, notice);
    const { hashes } = writer;
    const missing = images.filter(({ sha256 }) => !hashes.has(sha256));
    done = images.length - missing.length;
    progress(done, images.length);
    const batches = Array.from(
      { length: Math.ceil(missing.length / BATCH) },
      (_, at) => missing.slice(at * BATCH, (at + 1) * BATCH),
    );
    const see = async (batch: readonly KeptImage[]) => {
      signal.throwIfAborted();
      const read = (await Promise.all(batch.map(async (image) => {
        const square = await readSquare(dataset.dir, image, size, renderer, signal);
        if (square === undefined) unreadable.push(image.file);
        return square === undefined ? [] : [{ image, square }];
      }))).flat();
      if (read.length === 0) return [];
      const { vectors, classes } = await encode(read.map(({ square }) => square));
      return read.map(({ image, square }, at) => {
        const vector = unit(vectors[at] ?? new Float32Array());
        const said = [
          ...image.flags,
          ...measureFlags(halved({ width: size, height: size, pixels: square })),
          ...classFlags(classes[at] ?? new Float32Array()),
        ];
        return { image, vector, flags: combineFlags(said, looks?.isDrawing(vector)) };
      });
    };
    for await (const seen of pooled(options.workers, batches, see)) {
      // Flags first: what breaks off here is done again as long as there is no embedding.
      for (const { image, flags } of seen) {
        const { species, sha256 } = image;
        if (flags.join() === image.flags.join()) continue;
        dataset.append({ event: "flagged", species, sha256, flagged: flags, model: name });
      }
      await dataset.flush();
      await writer.add(seen.map(({ image, vector }) => ({ sha256: image.sha256, vector })));
      embedded += seen.length;
      done += BATCH;
      progress(Math.min(done, images.length), images.length);
    }
    return {
      embedded,
      before: images.length - missing.length,
      flags: countFlags(dataset.state.keptImages()),
      unreadable: unreadable.sort(),
    };
  } finally {
    writer?.close();
    for (const encoder of encoders) encoder.close();
    renderer.close();
  }
}

/**
 * The flags that were said, each once; but whether it is a drawing is for the encoder to say where it
 * can, since what pixels say of that is wrong more often than not.
 */
export function combineFlags(
  said: readonly ImageFlag[],
  isDrawing: boolean | undefined,
): ImageFlag[] {
  return IMAGE_FLAGS.filter((flag) =>
    flag === "drawing" && isDrawing !== undefined ? isDrawing : said.includes(flag)
  );
}

/** An image's pixels in the size that the network takes; undefined where it cannot be read. */
async function readSquare(
  dir: string,
  { file }: KeptImage,
  size: number,
  renderer: Renderer,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  let bytes: Uint8Array<ArrayBuffer> | undefined;
  try {
    const path = await fileInside(dir, file);
    bytes = path === undefined ? undefined : await readIfThere(path);
  } catch (thrown) {
    throw diskFailure(`read the image ${file} in ${dir}`, thrown);
  }
  if (bytes === undefined) return undefined;
  const rendering = await renderer.render({ kind: "square", size }, [bytes], signal);
  return rendering.ok ? rendering.pictures[0]?.bytes : undefined;
}

/** Half as many pixels a side, the means of four: flags are measured on about a hundred a side. */
function halved({ width, height, pixels }: Sample): Sample {
  const [across, down] = [width >> 1, height >> 1];
  const half = new Uint8Array(across * down * 3);
  for (let at = 0; at < half.length; at++) {
    const [band, pixel] = [at % 3, Math.floor(at / 3)];
    const from = (2 * Math.floor(pixel / across) * width + 2 * (pixel % across)) * 3 + band;
    const sum = (pixels[from] ?? 0) + (pixels[from + 3] ?? 0) +
      (pixels[from + width * 3] ?? 0) + (pixels[from + width * 3 + 3] ?? 0);
    half[at] = Math.round(sum / 4);
  }
  return { width: across, height: down, pixels: half };
}

function countFlags(images: Iterable<KeptImage>): Partial<Record<ImageFlag, number>> {
  const counts: Partial<Record<ImageFlag, number>> = {};
  for (const { flags, rejected } of images) {
    if (!rejected) { for (const flag of flags) counts[flag] = (counts[flag] ?? 0) + 1; }
  }
  return counts;
}
