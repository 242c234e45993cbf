/**
 * What goes wrong with a browser, in few kinds, so that a source knows whether to try again.
 *
 * @module
 */

/**
 * `timeout` the deadline passed; `tab-dead` the tab crashed or was closed; `browser-dead` the whole
 * browser is gone; `hung` a script of the page did not end, and its tab is gone; `navigation` the
 * page could not be loaded; `page` the page's own script, or what was asked of the page, failed.
 */
export type FaultKind = "timeout" | "tab-dead" | "browser-dead" | "hung" | "navigation" | "page";

/** Something a tab or a browser could not do. All but `page` are worth a try in a new tab. */
export class BrowserFault extends Error {
  /** Always `"BrowserFault"`. */
  override readonly name = "BrowserFault";
  /** What kind of thing went wrong. */
  readonly kind: FaultKind;

  /**
   * Makes one.
   *
   * @param kind What kind of thing went wrong.
   * @param message What was being done and what happened, for use inside a sentence.
   */
  constructor(kind: FaultKind, message: string) {
    super(message);
    this.kind = kind;
  }
}
