/**
 * Many views of pictures in little memory: as objects they would take some ten times as much.
 *
 * @module
 */

import { grown, moreRows } from "../base/columns.ts";
import { FIELDS, GROUPS } from "./fingerprint.ts";
import type { View } from "./similar.ts";

/** How many numbers the colours of a view are. */
const COLOURS = FIELDS * FIELDS * 2;

/** Views, one after the other. */
export class ViewColumns {
  #room = 1024;
  #wholes = new Uint16Array(GROUPS * this.#room);
  #inners = new Uint16Array(GROUPS * this.#room);
  #contrasts = new Uint8Array(this.#room);
  #colours = new Int8Array(COLOURS * this.#room);
  #innerColours = new Int8Array(COLOURS * this.#room);
  #size = 0;

  /** The waves' signs of all views, `GROUPS` numbers each. Another array after each `add`. */
  get wholes(): Uint16Array {
    return this.#wholes;
  }

  /** The same of the inner parts. */
  get inners(): Uint16Array {
    return this.#inners;
  }

  /** Adds a view and gives its number: 0, 1, 2 … */
  add(view: View): number {
    if (this.#size === this.#room) this.#grow();
    const at = this.#size++;
    this.#wholes.set(view.whole, at * GROUPS);
    this.#inners.set(view.inner, at * GROUPS);
    this.#contrasts[at] = view.contrast;
    this.#colours.set(view.colours, at * COLOURS);
    this.#innerColours.set(view.innerColours, at * COLOURS);
    return at;
  }

  /** The view of a number. */
  at(number: number): View {
    const [groups, colours] = [number * GROUPS, number * COLOURS];
    return {
      whole: this.#wholes.subarray(groups, groups + GROUPS),
      inner: this.#inners.subarray(groups, groups + GROUPS),
      contrast: this.#contrasts[number] ?? 0,
      colours: this.#colours.subarray(colours, colours + COLOURS),
      innerColours: this.#innerColours.subarray(colours, colours + COLOURS),
    };
  }

  #grow(): void {
    this.#room = moreRows(this.#room);
    this.#wholes = grown(this.#wholes, GROUPS * this.#room);
    this.#inners = grown(this.#inners, GROUPS * this.#room);
    this.#contrasts = grown(this.#contrasts, this.#room);
    this.#colours = grown(this.#colours, COLOURS * this.#room);
    this.#innerColours = grown(this.#innerColours, COLOURS * this.#room);
  }
}
