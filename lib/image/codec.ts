/**
 * The codec: libvips as WebAssembly, in its build for browsers.
 *
 * The build for Node, which `import "wasm-vips"` gives, maps the whole file system into the codec
 * and asks for the environment and the system too. The one for browsers asks for the files of its
 * own folder and nothing else, so that a worker can be locked in with it.
 *
 * @module
 */

/** libvips, loaded: `codec.Image.newFromBuffer(…)` and so on. */
export type Codec = typeof import("wasm-vips");

/** One image of the codec's. It holds memory until it is disposed of: `using image = …`. */
export type CodecImage = InstanceType<Codec["Image"]>;

export interface CodecOptions {
  /** Further formats: `vips-heif.wasm` reads and writes AVIF. None unless given. */
  readonly parts?: readonly "vips-heif.wasm"[];
  /** The codec's machine code, from `compileCodec()`; it is read and compiled unless given. */
  readonly module?: WebAssembly.Module | undefined;
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

type CodecScript = (settings: CodecSettings) => Promise<Codec>;

/**
 * Never called: that the packages are named in imports has Deno put them where `import.meta.resolve`
 * finds them, also for a project that uses this one as a library.
 */
export function importPackages(): Promise<unknown>[] {
  return [import("wasm-vips"), import("libheif-js"), import("@cwasm/jpeg-turbo")];
}

/**
 * Imports a decoder's script, a function, by its file URL. The words before the variable tell the
 * publisher of the package that no import map is needed for it.
 *
 * @throws {Error} When the script cannot be read or is not what it should be.
 */
export async function importScript<Script>(url: string): Promise<Script> {
  const root = "file:///";
  if (!url.startsWith(root)) throw new Error(`${url} is not a file on this machine`);
  const loaded: unknown = await import(`file:///${url.slice(root.length)}`);
  if (!isScript<Script>(loaded)) throw new Error(`${url} is not a decoder's script`);
  return loaded.default;
}

function isScript<Script>(loaded: unknown): loaded is { readonly default: Script } {
  return typeof loaded === "object" && loaded !== null && "default" in loaded &&
    typeof loaded.default === "function";
}

/** The folder of the codec's files, which a worker must be allowed to read: a URL with a slash. */
export function codecFolder(): string {
  return new URL(".", import.meta.resolve("wasm-vips")).href;
}

let compiled: Promise<WebAssembly.Module> | undefined;

/** Reads and compiles the codec's machine code, once, so that several threads can share it. */
export function compileCodec(): Promise<WebAssembly.Module> {
  return compiled ??= compileFile(new URL("vips.wasm", codecFolder()));
}

/** Reads and compiles a file of machine code. */
export async function compileFile(file: URL): Promise<WebAssembly.Module> {
  return await WebAssembly.compile(await (await fetch(file)).arrayBuffer());
}

/**
 * Loads the codec into this thread, a worker's. It takes about a third of a second, and threads of its own as it
 * has work for them; call it once.
 *
 * @throws {Error} When the codec's files cannot be read or are not what they should be.
 */
export async function loadCodec(options: CodecOptions = {}): Promise<Codec> {
  const script = await importScript<CodecScript>(new URL("vips-es6.js", codecFolder()).href);
  const module = options.module ?? await compileCodec();
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
    withLateThreads(() => script(settings)),
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
 */
export function unloadCodec(codec: Codec): void {
  codec.shutdown();
}

const heaps = new WeakMap<Codec, WebAssembly.Memory>();

/** How many bytes of memory a codec has taken. It never gives any back. */
export function heapSize(codec: Codec): number {
  return heaps.get(codec)?.buffer.byteLength ?? 0;
}

/** How many are started at once, being needed for the first image already. */
const AT_ONCE = 1;

/**
 * Calls the codec's script so that the workers it makes meanwhile start only when they are given
 * work. Those it makes later, when all have work, start at once.
 */
export function withLateThreads<T>(call: () => T): T {
  const real = globalThis.Worker;
  const crew: LateThread[] = [];
  class Thread extends LateThread {
    constructor(script: string | URL, options?: WorkerOptions) {
      super(() => new real(script, options), crew);
    }
  }
  const put = (value: unknown): void => {
    Object.defineProperty(globalThis, "Worker", { value, configurable: true, writable: true });
  };
  put(Thread);
  try {
    return call();
  } finally {
    put(real);
    // The script takes the last one first, and the first one only when all others are at work.
    for (const thread of crew.slice(-AT_ONCE)) thread.start();
  }
}

/**
 * A worker as the script sees it. The first message to it has it load the machine code, which it
 * answers; the second is its first work. Until that comes, another thread's answer is given for its own.
 */
class LateThread {
  onmessage: ((event: MessageEvent) => void) | null = null;
  onerror: ((event: ErrorEvent) => void) | null = null;
  readonly #make: () => Worker;
  readonly #crew: LateThread[];
  readonly #held: unknown[] = [];
  #worker: Worker | undefined;
  /** Whether the script has been given the answer that the machine code is loaded. */
  #answered = false;

  constructor(make: () => Worker, crew: LateThread[]) {
    this.#make = make;
    this.#crew = crew;
    crew.push(this);
  }

  postMessage(message: unknown, transfer: Transferable[] = []): void {
    if (this.#worker === undefined && this.#held.length > 0) this.start();
    if (this.#worker === undefined) this.#held.push(message);
    else this.#worker.postMessage(message, transfer);
  }

  terminate(): void {
    this.#worker?.terminate();
  }

  start(): void {
    const worker = this.#make();
    this.#worker = worker;
    worker.onerror = (event) => this.onerror?.(event);
    worker.onmessage = (event) => {
      // Its first message is that it has loaded.
      worker.onmessage = (later) => this.onmessage?.(later);
      for (const thread of this.#crew) thread.#answer(event.data);
    };
    for (const message of this.#held.splice(0)) worker.postMessage(message);
  }

  #answer(loaded: unknown): void {
    if (this.#answered) return;
    this.#answered = true;
    this.onmessage?.(new MessageEvent("message", { data: loaded }));
  }
}
