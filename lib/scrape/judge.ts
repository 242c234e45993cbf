/**
 * What becomes of an image that looks right: kept, or the same as one that is there.
 *
 * @module
 */

import type { Dataset } from "../dataset/dataset.ts";
import type { ImageEvent } from "../dataset/event.ts";
import type { ExaminedImage } from "../image/examine.ts";

/** An image event before it is known what became of the image. */
export type EventBase = Omit<ImageEvent, "outcome">;

/** Decides about images, places those that are kept, and logs each. */
export class Judge {
  readonly #dataset: Dataset;

  /**
   * Makes a judge.
   *
   * @param dataset What is kept already, and where more goes.
   */
  constructor(dataset: Dataset) {
    this.#dataset = dataset;
  }

  /**
   * Decides about one image, places it if it is kept, and logs it.
   *
   * @param base What is known of it.
   * @param image What was found in its bytes.
   * @param _vouched Whether its source is sure of the species.
   * @returns The event as it was logged.
   */
  async settle(base: EventBase, image: ExaminedImage, _vouched: boolean): Promise<ImageEvent> {
    const read: EventBase = {
      ...base,
      sha256: image.sha256,
      dhash: image.dhash,
      bytes: image.bytes.length,
      width: image.width,
      height: image.height,
      type: image.type,
      ...(image.original === undefined ? {} : { original: image.original }),
    };
    if (this.#dataset.state.hasBytes(base.species, image.sha256)) {
      return this.#log({ ...read, outcome: "duplicate", detail: "the same bytes" });
    }
    const file = await this.#dataset.place(base.species, image);
    return this.#log({ ...read, outcome: "kept", file });
  }

  #log(event: ImageEvent): ImageEvent {
    this.#dataset.append(event);
    return event;
  }
}
