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
    let counted = { downloads: 0, bytes: 0 };
    const count = (downloads: number, bytes: number): void => {
      this.#downloads += downloads - counted.downloads;
      this.#bytes += bytes - counted.bytes;
      counted = { downloads, bytes };
    };
    count(1, 0);
    return {
      arrived: (bytes) => {
        this.#expected += (bytes - this.#expected) * WEIGHT;
        if (counted.downloads > 0) count(0, bytes);
      },
      release: () => count(0, 0),
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
