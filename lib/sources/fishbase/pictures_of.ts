/**
 * Whose pictures are looked for, and how the places that know some came out.
 *
 * @module
 */

import type { ReceivedPage } from "./page_answer.ts";
import type { FoundPicture, PageShape } from "./picture.ts";

/** The species whose pictures are looked for. */
export interface PicturesOf {
  /** The valid name, or the name looked for where that is all there is. */
  readonly words: readonly string[];
  /** FishBase's number of it. */
  readonly specCode?: string | undefined;
  /** The link to its thumbnails, where a page gave one. */
  readonly thumbnails?: string | undefined;
  /** The picture shown on its summary page. */
  readonly preferred?: FoundPicture | undefined;
  /** Whether its summary page says that there is no picture. */
  readonly saysNone?: boolean;
}

/** How one of the places came out. */
export type PlaceShape = PageShape | "missing" | "failed";

/** Told of every page that was not recognised. */
export type OnStrange = (what: string, page: ReceivedPage) => Promise<void>;
