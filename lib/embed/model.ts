/**
 * An image encoder: an ONNX file and the small JSON file beside it, `NAME.onnx.json`, which says
 * what the network takes and gives.
 *
 * @module
 */

import * as v from "valibot";
import { diskFailure } from "../base/disk_failure.ts";
import { Failure } from "../base/failure.ts";
import { readIfThere, sha256Of } from "../base/files.ts";

/** Where `deno task model` puts the usual encoder. */
export const DEFAULT_MODEL = ".cache/model/efficientnet-lite0.onnx";

const BANDS = v.union([
  v.number(),
  v.pipe(v.array(v.number()), v.length(3, "has three numbers: red, green, blue")),
]);
const INFO = v.object({
  /** For people. */
  name: v.pipe(v.string(), v.nonEmpty()),
  /** Pixels a side of what goes in. */
  size: v.pipe(v.number(), v.integer(), v.minValue(8), v.maxValue(2048)),
  /** Subtracted from each byte; one number, or one for each of red, green and blue. */
  mean: BANDS,
  /** Divided by after that. */
  deviation: BANDS,
  /** `NCHW` for planes of colours, `NHWC` for pixels. */
  layout: v.picklist(["NCHW", "NHWC"]),
  /** The network's input; its first one where not given. */
  input: v.exactOptional(v.string()),
  /** The output with the embedding. */
  output: v.string(),
  /** The output with the probabilities of ImageNet's 1,000 classes, where it has one. */
  classes: v.exactOptional(v.string()),
  /** The licence of the weights. */
  license: v.string(),
});

/** What an encoder takes and gives: its JSON file. */
export type ModelInfo = Readonly<v.InferOutput<typeof INFO>>;

/** An encoder, read into memory. */
export interface Model {
  readonly info: ModelInfo;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Of the ONNX file and what its JSON says of the pixels, so that other ones do not mix. */
  readonly sha256: string;
}

/**
 * Reads an encoder.
 *
 * @throws {Failure} When a file is missing, or the JSON does not say what it must.
 */
export async function readModel(path: string): Promise<Model> {
  const bytes = await readNamed(path);
  if (bytes === undefined) {
    throw new Failure(
      path === DEFAULT_MODEL
        ? `There is no model yet. Run: deno task model. Or give one of your own: --model FILE.onnx`
        : `There is no model ${path}.`,
    );
  }
  const described = await readNamed(`${path}.json`);
  if (described === undefined) {
    throw new Failure(
      `${path}.json is missing: it says size, mean, deviation, layout, output and license of the model.`,
    );
  }
  const info = parseInfo(`${path}.json`, new TextDecoder().decode(described));
  const { size, mean, deviation, layout, output } = info;
  const settings = new TextEncoder().encode(
    JSON.stringify([size, mean, deviation, layout, output]),
  );
  const both = new Uint8Array(bytes.length + settings.length);
  both.set(bytes);
  both.set(settings, bytes.length);
  return { info, bytes, sha256: await sha256Of(both) };
}

function parseInfo(path: string, text: string): ModelInfo {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Failure(`Cannot read ${path}: it is no JSON.`, 1, error);
  }
  const read = v.safeParse(INFO, value);
  if (read.success) return read.output;
  const [issue] = read.issues;
  throw new Failure(`Cannot read ${path}: ${v.getDotPath(issue) ?? "it"}: ${issue.message}.`);
}

async function readNamed(path: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    return await readIfThere(path);
  } catch (thrown) {
    throw diskFailure(`read ${path}`, thrown);
  }
}
