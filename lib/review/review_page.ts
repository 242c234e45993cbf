/**
 * The page of the review: a frame that its script fills with one species at a time.
 *
 * @module
 */

import cell from "../report/client/cell.js" with { type: "text" };
import page from "../report/client/page.css" with { type: "text" };
import { jsonMarkup, markup } from "../report/html.ts";
import { inlineScript, inlineStyle } from "../report/client.ts";
import review from "./client/review.js" with { type: "text" };
import hands from "./client/review.css" with { type: "text" };

/** A page and the rule that its server sends with it. */
export interface ReviewPage {
  /** The document. */
  readonly text: string;
  /** The Content-Security-Policy. */
  readonly policy: string;
}

/** What the keys do, for the page and for the help. */
const KEYS: readonly (readonly [string, string])[] = [
  ["← → ↑ ↓", "go from picture to picture"],
  ["x", "this picture is wrong"],
  ["a", "this picture is right: it is not doubtful any more"],
  ["u", "undo the last verdict"],
  ["space", "next species; with shift the one before"],
  ["h", "all pictures of this host are wrong, for this species"],
  ["H", "all pictures of this host are wrong, for every species"],
  ["o", "open the picture's page"],
  ["f", "open the picture's file in full size"],
];

/**
 * Makes the page.
 *
 * @param name What the data folder is called.
 * @param token What the page's script shows the server it is.
 */
export async function reviewPage(name: string, token: string): Promise<ReviewPage> {
  const style = await inlineStyle(`${page}\n${hands}`);
  const script = await inlineScript([cell, review]);
  const policy = "default-src 'none'; img-src 'self' data:; connect-src 'self'; " +
    `style-src ${style.hash}; script-src ${script.hash}; ` +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
  const text = markup`<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="referrer" content="no-referrer">
    <meta name="color-scheme" content="light dark">
    <title>${name}: Aquaset review</title>
    <link rel="icon" href="data:,">
    ${style.element}
  </head>
  <body>
    <header class="bar-top">
      <h1>${name}</h1>
      <div class="tools">
        <label>Species <select id="species"></select></label>
        <button id="before" type="button">Before</button>
        <button id="next" type="button">Next</button>
        <label>Order <select id="order">
          <option value="doubt">doubtful first</option>
          <option value="log">as found</option>
        </select></label>
        <button id="undo" type="button" disabled>Undo</button>
        <button id="host" type="button" disabled>All of this host are wrong</button>
        <a href="report/index.html" target="_blank" rel="noopener">Report</a>
      </div>
      <p id="told" role="status"></p>
    </header>
    <main>
      <h2 id="name">Pictures</h2>
      <p id="about" class="faint"></p>
      <div id="sheet" class="grid" role="group" aria-labelledby="name"></div>
    </main>
    <footer>
      <details>
        <summary>Keys</summary>
        <dl class="keys">${
    KEYS.map(([key, does]) => markup`<div><dt><kbd>${key}</kbd></dt><dd>${does}</dd></div>`)
  }</dl>
      </details>
    </footer>
    <script type="application/json" id="token">${jsonMarkup(token)}</script>
    ${script.element}
  </body>
</html>
`.text;
  return { text, policy };
}
