/**
 * onnxruntime-web, which runs networks: two files of an npm package that has 139 MB. So the package
 * is not among those that everybody installs; `deno task model` fetches it.
 *
 * @module
 */

import { join, resolve } from "@std/path";
import { diskFailure } from "../base/disk_failure.ts";
import { Failure, reason } from "../base/failure.ts";
import { readIfThere, removeIfThere, replaceFile, sha256Of } from "../base/files.ts";
import { fetchPackage } from "../base/npm.ts";

const PACKAGE = "onnxruntime-web";
const VERSION = "1.30.0";
/** Its files that are used, with their SHA-256: without WebGPU and WebGL. */
const SCRIPT = {
  name: "ort.wasm.bundle.min.mjs",
  sha256: "11e64bd8ffe11bd1a2a2f0d6275fdfbbba7262f0b76b99b53d228a8a22ef3d90",
};
const MACHINE_CODE = {
  name: "ort-wasm-simd-threaded.wasm",
  sha256: "3398c10d07d229bd91b364548e130e0e51a8e5704b88c7c083ebbeb78842dee2",
};

/** The runtime, read into memory. */
export interface RuntimeFiles {
  readonly script: string;
  readonly machineCode: Uint8Array<ArrayBuffer>;
}

/**
 * Reads the runtime.
 *
 * @param folder Where `fetchRuntime()` has put it.
 * @throws {Failure} When it is not there, or not the one that was tried.
 */
export async function readRuntime(folder: string): Promise<RuntimeFiles> {
  const [script, machineCode] = [
    await readPart(folder, SCRIPT),
    await readPart(folder, MACHINE_CODE),
  ];
  if (script === undefined || machineCode === undefined) {
    throw new Failure("What runs models is not installed. Run: deno task model");
  }
  return { script: new TextDecoder().decode(script), machineCode };
}

/**
 * Fetches the runtime from npm unless it is there.
 *
 * @returns Whether it was fetched.
 * @throws {Failure} When it cannot be fetched.
 */
export async function fetchRuntime(folder: string, signal: AbortSignal): Promise<boolean> {
  const parts = [SCRIPT, MACHINE_CODE];
  const there = await Promise.all(parts.map((part) => readPart(folder, part)));
  if (there.every((bytes) => bytes !== undefined)) return false;
  const project = resolve(folder, "unpacking");
  try {
    await removeIfThere(project);
    await Deno.mkdir(project, { recursive: true });
    const unpacked = await fetchPackage(project, PACKAGE, VERSION, signal);
    for (const part of parts) {
      const bytes = await Deno.readFile(join(unpacked, "dist", part.name));
      if (await sha256Of(bytes) !== part.sha256) {
        throw new Error(`its file ${part.name} is not the one we know`);
      }
      await replaceFile(join(folder, part.name), bytes);
    }
    return true;
  } catch (thrown) {
    signal.throwIfAborted();
    throw new Failure(
      `Cannot fetch ${PACKAGE} ${VERSION} from npm: ${reason(thrown)}.`,
      1,
      thrown,
    );
  } finally {
    await removeIfThere(project);
  }
}

async function readPart(
  folder: string,
  { name, sha256 }: typeof SCRIPT,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const path = join(folder, name);
  try {
    const bytes = await readIfThere(path);
    return bytes !== undefined && await sha256Of(bytes) === sha256 ? bytes : undefined;
  } catch (thrown) {
    throw diskFailure(`read ${path}`, thrown);
  }
}
