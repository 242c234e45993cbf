/**
 * What asking the mirrors for a page comes to.
 *
 * @module
 */

/** A page that was received. */
export interface ReceivedPage {
  /** True. */
  readonly ok: true;
  /** The mirror that gave it. */
  readonly mirror: string;
  /** The URL that answered. */
  readonly url: string;
  /** Its text. */
  readonly text: string;
  /** Its bytes, for a bug report. */
  readonly bytes: Uint8Array;
}

/** A page that was not received while the mirrors are there. */
export interface MissingPage {
  /** False. */
  readonly ok: false;
  /** Whether there is no such page, rather than that it failed. */
  readonly gone: boolean;
  /** Whether robots.txt does not allow to ask for it: asking again changes nothing. */
  readonly forbidden?: true;
  /** Why, with the mirror's name. */
  readonly reason: string;
}

/** What asking for a page comes to. */
export type PageAnswer = ReceivedPage | MissingPage;
