/**
 * The codec: libvips as WebAssembly, in its build for browsers.
 *
 * The build for Node, which `import "wasm-vips"` gives, maps the whole file system into the codec
 * and asks for the environment and the system too. The one for browsers asks for the files of its
 * own folder and nothing else, so that a worker can be locked in with it.
 *
 * @module
 */

import { withLateThreads } from "./codec_threads.ts";

/** libvips, loaded: `codec.Image.newFromBuffer(…)` and so on. */
export type Codec = typeof import("wasm-vips");

/** One image of the codec's. It holds memory until it is disposed of: `using image = …`. */
export type CodecImage = InstanceType<Codec["Image"]>;

/** The parts of the codec that are loaded only when asked for. */
export type CodecPart = "vips-heif.wasm" | "vips-jxl.wasm";

/** How the codec is loaded. */
export interface CodecOptions {
  /** The codec's folder; where this module finds it unless given. */
  readonly folder?: string;
  /** Further formats: `vips-heif.wasm` reads and writes AVIF. None unless given. */
  readonly parts?: readonly CodecPart[];
  /** The codec's machine code, from `compileCodec()`; it is read and compiled unless given. */
  readonly module?: WebAssembly.Module;
}

/** What the codec's script is given, as far as it is used here. */
interface CodecSettings {
  dynamicLibraries: string[];
  preRun(module: { readonly ENV: Record<string, string | undefined> }): void;
  print(line: string): void;
  printErr(line: string): void;
  instantiateWasm(
    imports: WebAssembly.Imports,
    done: (instance: WebAssembly.Instance, module: WebAssembly.Module) => void,
  ): WebAssembly.Exports;
}

/** The default export of the codec's script. */
type CodecScript = (settings: CodecSettings) => Promise<Codec>;

/**
 * Where the codec's files are: what a worker must be allowed to read.
 *
 * @returns The folder's URL, with a final slash.
 */
export function codecFolder(): string {
  return new URL(".", import.meta.resolve("wasm-vips")).href;
}

/**
 * Reads and compiles the codec's machine code, so that several threads can share it.
 *
 * @param folder The codec's folder; where this module finds it unless given.
 * @returns The module, for `loadCodec()`; it can be posted to a worker.
 */
export async function compileCodec(folder: string = codecFolder()): Promise<WebAssembly.Module> {
  const response = await fetch(new URL("vips.wasm", folder));
  return await WebAssembly.compile(await response.arrayBuffer());
}

/**
 * Loads the codec into this thread. It takes about a third of a second, and threads of its own as it
 * has work for them; call it once.
 *
 * @param options Where from and with what.
 * @returns The codec, set to work on one image with one thread and to remember none.
 * @throws {Error} When the codec's files cannot be read or are not what they should be.
 *
 * @example
 * ```ts
 * import { loadCodec } from "./codec.ts";
 *
 * const codec = await loadCodec();
 * using image = codec.Image.black(64, 48, { bands: 3 });
 * const jpeg = image.writeToBuffer(".jpg");
 * ```
 */
export async function loadCodec(options: CodecOptions = {}): Promise<Codec> {
  const folder = options.folder ?? codecFolder();
  const script = new URL("vips-es6.js", folder).href;
  const loaded: unknown = await import(script);
  if (!isCodecScript(loaded)) throw new Error(`${script} is not the codec's script`);
  const module = options.module ?? await compileCodec(folder);
  const failed = Promise.withResolvers<never>();
  let memory: WebAssembly.ImportValue | undefined;
  const settings: CodecSettings = {
    dynamicLibraries: [...options.parts ?? []],
    // With a number here libvips starts as many threads at once; without, as it has work for them.
    preRun: ({ ENV }) => {
      ENV["VIPS_MAX_THREADS"] = undefined;
    },
    // What libvips has to say of a broken image reaches us as the error it throws.
    print: () => {},
    printErr: () => {},
    instantiateWasm: (imports, done) => {
      memory = imports["env"]?.["memory"];
      WebAssembly.instantiate(module, imports)
        .then((instance) => done(instance, module))
        .catch(failed.reject);
      return {};
    },
  };
  const codec = await Promise.race([
    asInBrowser(() => withLateThreads(() => loaded.default(settings))),
    failed.promise,
  ]);
  codec.concurrency(1);
  codec.Cache.max(0);
  if (memory instanceof WebAssembly.Memory) heaps.set(codec, memory);
  return codec;
}

/**
 * Ends a codec and its threads, which would hold on to its memory: ending the worker that loaded it
 * does not end them (seen with Deno 2.9.6). The codec cannot be used afterwards.
 *
 * @param codec A codec that `loadCodec()` gave, with no image left.
 */
export function unloadCodec(codec: Codec): void {
  codec.shutdown();
}

/** Each loaded codec's memory. */
const heaps = new WeakMap<Codec, WebAssembly.Memory>();

/**
 * How much memory a codec has taken. It never gives any back.
 *
 * @param codec A codec that `loadCodec()` gave.
 * @returns Bytes.
 */
export function heapSize(codec: Codec): number {
  return heaps.get(codec)?.buffer.byteLength ?? 0;
}

/**
 * Calls the codec's script with a `window` to be seen: outside of a worker it takes that for the
 * sign that there is a `fetch` to get its further parts with. It looks only while it is called,
 * not later.
 */
function asInBrowser<T>(call: () => T): T {
  if ("WorkerGlobalScope" in globalThis || "window" in globalThis) return call();
  Object.defineProperty(globalThis, "window", { value: globalThis, configurable: true });
  try {
    return call();
  } finally {
    Reflect.deleteProperty(globalThis, "window");
  }
}

function isCodecScript(loaded: unknown): loaded is { default: CodecScript } {
  return typeof loaded === "object" && loaded !== null && "default" in loaded &&
    typeof loaded.default === "function";
}
