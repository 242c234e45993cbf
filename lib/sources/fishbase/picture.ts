/**
 * A picture as one place on FishBase knows it.
 *
 * @module
 */

import type { License } from "../license.ts";
import type { PictureAddress } from "./addresses.ts";

/** Where a picture was found. */
export type Road = "thumbnails" | "pictures" | "service" | "stamps" | "fishwatcher" | "summary";

/** The page with one picture on it: where to ask for it. */
export interface PictureLink {
  /** Path and query on a mirror. */
  readonly path: string;
  /** The picture's number, from 0, where the link names it. */
  readonly row?: number;
  /** How many pictures there are, where the link names it. */
  readonly total?: number;
  /** How the link names the number. */
  readonly style?: "StartRow" | "resultPage";
}

/** A picture as one page knows it. */
export interface FoundPicture {
  /** Which picture it is. */
  readonly address: PictureAddress;
  /** Where it was found. */
  readonly road: Road;
  /** What it is: `photo` unless something says otherwise. */
  readonly kind?: string;
  /** Who took it. */
  readonly author?: string;
  /** Under which licence; absent where the page says nothing. */
  readonly license?: License;
  /** The caption. */
  readonly title?: string;
  /** Where it was taken. */
  readonly country?: string;
  /** The fish's sex. */
  readonly sex?: "male" | "female";
  /** The fish's life stage. */
  readonly stage?: string;
  /** Its own page. */
  readonly link?: PictureLink;
}

/** What a page came to. */
export type PageShape =
  /** It holds what was looked for. */
  | "known"
  /** It says that there is nothing, or holds nothing but its frame. */
  | "empty"
  /** It is not a page as we know it. */
  | "unknown";
