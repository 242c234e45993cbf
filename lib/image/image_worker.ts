/**
 * One worker of the examiner, seen from outside: started, given one image at a time, ended.
 *
 * @module
 */

import { codecFolder, type CodecPart } from "./codec.ts";
import type { Examination, ExamineLimits } from "./examine.ts";
import { heicScript } from "./heic.ts";
import type { Rendering } from "./create_renderer.ts";
import type {
  FromWorker,
  LookMessage,
  RenderMessage,
  ShrinkMessage,
  ToWorker,
  Wear,
} from "./messages.ts";

/** What a worker is started with. */
export interface WorkerSettings {
  /** The codec's machine code. */
  readonly module: WebAssembly.Module;
  /** What an image must be to be kept. */
  readonly limits: ExamineLimits;
  /** Whether it reads HEIC and AVIF as well: that takes more memory and time to start. */
  readonly heif: boolean;
  /** How long starting may take, in milliseconds. */
  readonly startLimit: number;
}

/** A worker that did not do what it was asked; it is ended. */
export class WorkerLost extends Error {
  /** Always `"WorkerLost"`. */
  override readonly name = "WorkerLost";
}

/** What a worker made of an image. */
export interface Answer {
  /** What the image comes to. */
  readonly examination: Examination;
  /** How far the worker's codec is used up. */
  readonly wear: Wear;
}

/** What is said of a worker that took too long. */
const UNDONE = { start: "not started", decode: "not decoded", end: "not ended" };

/** One worker. */
export class ImageWorker {
  readonly #worker: Worker;
  #waiting: PromiseWithResolvers<FromWorker> | undefined;

  private constructor(folder: string, scripts: readonly string[]) {
    this.#worker = new Worker(new URL("./worker.ts", import.meta.url), {
      type: "module",
      name: "image examiner",
      deno: {
        permissions: {
          env: false,
          ffi: false,
          import: false,
          net: false,
          run: false,
          sys: false,
          write: false,
          read: [new URL(folder), ...scripts.map((script) => new URL(script))],
        },
      },
    });
    this.#worker.onmessage = (event: MessageEvent<FromWorker>): void => {
      this.#waiting?.resolve(event.data);
    };
    this.#worker.onerror = (event: ErrorEvent): void => {
      event.preventDefault();
      this.#waiting?.reject(new WorkerLost(`the decoder died: ${event.message}`));
    };
  }

  /**
   * Starts a worker.
   *
   * @param settings With what.
   * @returns The worker, once its codec is loaded.
   * @throws {WorkerLost} When it cannot be started.
   */
  static async start(settings: WorkerSettings): Promise<ImageWorker> {
    const { module, limits, heif, startLimit } = settings;
    const folder = codecFolder();
    const heic = heif ? { heic: heicScript() } : {};
    const parts: CodecPart[] = heif ? ["vips-heif.wasm"] : [];
    const worker = new ImageWorker(folder, Object.values(heic));
    const listening = await worker.#answer(startLimit, "start");
    if (listening.say !== "listening") throw new WorkerLost("the worker spoke out of turn");
    worker.#tell({ say: "start", folder, module, parts, limits, ...heic });
    const ready = await worker.#answer(startLimit, "start");
    if (ready.say === "ready") return worker;
    worker.end();
    throw new WorkerLost(ready.say === "failed" ? ready.why : "the worker spoke out of turn");
  }

  /**
   * Has the worker look at an image.
   *
   * @param image The file; its buffer is handed over.
   * @param limit How long it may take, in milliseconds.
   * @returns What the worker made of it.
   * @throws {WorkerLost} When the worker died or took too long; it is ended then.
   */
  async look(image: Omit<LookMessage, "say">, limit: number): Promise<Answer> {
    this.#tell({ say: "look", ...image }, [image.bytes.buffer]);
    const answer = await this.#answer(limit, "decode");
    if (answer.say === "seen") return answer;
    this.end();
    throw new WorkerLost("the worker spoke out of turn");
  }

  /**
   * Has the worker make a small copy of a kept image.
   *
   * @param image The file; its buffer is handed over.
   * @param limit How long it may take, in milliseconds.
   * @returns A JPEG, or nothing where the file does not decode, and how far the worker's codec is
   * used up.
   * @throws {WorkerLost} When the worker died or took too long; it is ended then.
   */
  async shrink(
    image: Omit<ShrinkMessage, "say">,
    limit: number,
  ): Promise<{ small?: Uint8Array<ArrayBuffer>; wear: Wear }> {
    this.#tell({ say: "shrink", ...image }, [image.bytes.buffer]);
    const answer = await this.#answer(limit, "decode");
    if (answer.say === "shrunk") return answer;
    this.end();
    throw new WorkerLost("the worker spoke out of turn");
  }

  /**
   * Has the worker make pictures of kept images.
   *
   * @param request What to make, and the files; their buffers are handed over.
   * @param limit How long it may take, in milliseconds.
   * @returns What was made, and how far the worker's codec is used up.
   * @throws {WorkerLost} When the worker died or took too long; it is ended then.
   */
  async render(
    request: Omit<RenderMessage, "say">,
    limit: number,
  ): Promise<{ rendering: Rendering; wear: Wear }> {
    this.#tell({ say: "render", ...request }, request.images.map(({ buffer }) => buffer));
    const answer = await this.#answer(limit, "decode");
    if (answer.say === "rendered") return answer;
    this.end();
    throw new WorkerLost("the worker spoke out of turn");
  }

  /**
   * Ends the worker when it has nothing to do, and frees its memory.
   *
   * @param limit How long that may take, in milliseconds.
   */
  async retire(limit: number): Promise<void> {
    this.#tell({ say: "end" });
    try {
      await this.#answer(limit, "end");
    } catch (thrown) {
      if (!(thrown instanceof WorkerLost)) throw thrown;
    }
    this.end();
  }

  /**
   * Ends the worker, whatever it is doing. Its codec's threads remain, idle, until the program ends.
   */
  end(): void {
    this.#worker.terminate();
    this.#waiting?.reject(new WorkerLost("the worker was ended"));
  }

  /**
   * Has the worker free its memory and end itself when it comes back from what it is doing. It could
   * not be stopped in the midst of that: Deno does not interrupt a worker that is computing (seen
   * with 2.9.6), and the codec's threads would stay for ever.
   */
  #giveUp(): void {
    this.#worker.onmessage = (event: MessageEvent<FromWorker>): void => {
      if (event.data.say === "ended") this.#worker.terminate();
    };
    this.#tell({ say: "end" });
  }

  #tell(message: ToWorker, transfer: Transferable[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  async #answer(limit: number, doing: keyof typeof UNDONE): Promise<FromWorker> {
    const waiting = Promise.withResolvers<FromWorker>();
    this.#waiting = waiting;
    const timer = setTimeout(() => {
      waiting.reject(
        new WorkerLost(`${UNDONE[doing]} within ${limit / 1000} s`),
      );
    }, limit);
    try {
      return await waiting.promise;
    } catch (thrown) {
      this.#giveUp();
      throw thrown;
    } finally {
      clearTimeout(timer);
      this.#waiting = undefined;
    }
  }
}
