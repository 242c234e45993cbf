/** Reads a page of Google's that was saved, without a browser. */

import { findResults, type Result } from "../../../lib/sources/google/data.ts";
import { type PageReading, placeResults, readDocument } from "../../../lib/sources/google/page.ts";
import { parseHtml } from "../../../lib/web/html.ts";

export function readPageText(html: string): PageReading {
  return readDocument(parseHtml(html), true);
}

/** The results that a saved page gives without a click, in page order. */
export function resultsOfPage(html: string): Result[] {
  const page = readPageText(html);
  const found = new Map(findResults(page.scripts.join("\n")).map((one) => [one.docid, one]));
  return placeResults(page.cards, found);
}
