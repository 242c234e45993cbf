/**
 * How many bytes of images are in memory: on their way, or waiting for their turn to be decided.
 *
 * @module
 */

/** From so many bytes on, each job fetches one image at a time. */
const LIMIT = 48_000_000;
/** How much one image changes what the next are expected to have. */
const WEIGHT = 1 / 8;

/**
 * The images that all jobs have in memory. Eight jobs that each work eight ahead have 64 of them: a
 * few megabytes usually, half a gigabyte where photographs are as they came from a camera.
 */
export class MemoryBudget {
  #bytes = 0;
  #downloads = 0;
  #expected = 0;

  /** Whether the limit is reached, counting each download as large as images usually are. */
  get isFull(): boolean {
    return this.#bytes + this.#downloads * this.#expected >= LIMIT;
  }

  /** Counts one image from the start of its download until it is released. */
  take(): ImageMemory {
    let state: "download" | "held" | "released" = "download";
    let held = 0;
    this.#downloads++;
    return {
      arrived: (bytes) => {
        this.#expected += (bytes - this.#expected) * WEIGHT;
        if (state !== "download") return;
        state = "held";
        this.#downloads--;
        this.#bytes += held = bytes;
      },
      release: () => {
        if (state === "download") this.#downloads--;
        state = "released";
        this.#bytes -= held;
        held = 0;
      },
    };
  }
}

/** One image of a {@linkcode MemoryBudget}. */
export interface ImageMemory {
  /** The download has ended with so many bytes; 0 where nothing came. */
  arrived(bytes: number): void;
  /** The image is decided, or nobody will decide about it. May be called again. */
  release(): void;
}
