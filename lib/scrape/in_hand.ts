/**
 * How many bytes of images are in memory: on their way, or waiting for their turn to be decided.
 *
 * @module
 */

/** From so many bytes on each job fetches one image at a time. */
const ENOUGH = 48_000_000;
/** How much one image changes what the next are expected to have. */
const WEIGHT = 1 / 8;

/**
 * The images that all jobs have in hand. Eight jobs that each work eight ahead have 64 of them: a
 * few megabytes usually, half a gigabyte where photographs are as they came from a camera.
 */
export class InHand {
  #bytes = 0;
  #underWay = 0;
  #expected = 0;

  /** Whether there is enough in memory, counting what is under way as large as images usually are. */
  get full(): boolean {
    return this.#bytes + this.#underWay * this.#expected >= ENOUGH;
  }

  /** The images of one job. */
  job(): JobInHand {
    return new JobInHand((bytes) => this.#bytes += bytes, {
      begun: () => void this.#underWay++,
      ended: (bytes) => {
        this.#underWay--;
        this.#expected += (bytes - this.#expected) * WEIGHT;
      },
    });
  }
}

/** Hears of downloads. */
interface Downloads {
  begun(): void;
  ended(bytes: number): void;
}

/** What one job has in hand. */
export class JobInHand {
  readonly #add: (bytes: number) => void;
  readonly #downloads: Downloads;
  #bytes = 0;
  #over = false;

  /**
   * Begins with nothing; {@linkcode InHand.job} makes it.
   *
   * @param add Adds to what all jobs have.
   * @param downloads Hears of downloads.
   */
  constructor(add: (bytes: number) => void, downloads: Downloads) {
    this.#add = add;
    this.#downloads = downloads;
  }

  /** Notes that a download begins. */
  begun(): void {
    this.#downloads.begun();
  }

  /** Notes that a download has ended and so many bytes came of it, which are kept from now on. */
  ended(bytes: number): void {
    this.#downloads.ended(bytes);
    if (!this.#over) this.#change(bytes);
  }

  /** Notes that so many bytes are decided about and needed no more. */
  decided(bytes: number): void {
    this.#change(-bytes);
  }

  /** Notes that the job is over: what it still has, nobody will decide about. */
  drop(): void {
    this.#over = true;
    this.#change(-this.#bytes);
  }

  #change(bytes: number): void {
    this.#bytes += bytes;
    this.#add(bytes);
  }
}
