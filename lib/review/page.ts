/**
 * The page of the review: a frame without any data, which its script fills.
 *
 * @module
 */

import cell from "../report/client/cell.js" with { type: "text" };
import page from "../report/client/page.css" with { type: "text" };
import { inlineScript, inlineStyle, markup } from "../report/html.ts";
import review from "./client/review.js" with { type: "text" };
import style from "./client/review.css" with { type: "text" };

/** A page and the rule that its server sends with it. */
export interface ReviewPage {
  /** The document. */
  readonly text: string;
  /** The Content-Security-Policy. */
  readonly policy: string;
}

/** What the keys do, for the page's help. */
const KEYS: readonly (readonly [string, string])[] = [
  ["← → ↑ ↓", "go from picture to picture"],
  ["x", "wrong: it does not count any more"],
  ["c", "correct"],
  ["1 … 9", "it is this other species; / searches one"],
  ["a", "the rest of the page is correct; go on"],
  ["u", "undo"],
  ["space", "go on without a verdict; with shift back"],
  ["n", "next species, the worst first; N the one before"],
  ["z", "enlarge; + and − zoom, 0 fits"],
  ["h, q, y", "all of this host, query or author are wrong, in this species; H, Q, Y in all"],
  ["o, f", "open the picture's page; its file"],
  ["s", "choose a species"],
];

/** Makes the page. */
export async function reviewPage(): Promise<ReviewPage> {
  const styles = await inlineStyle([page, style]);
  const script = await inlineScript([cell, review]);
  const policy = "default-src 'none'; img-src 'self' data:; connect-src 'self'; " +
    `style-src ${styles.hash}; script-src ${script.hash}; ` +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
  const text = markup`<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="referrer" content="no-referrer">
    <meta name="color-scheme" content="light dark">
    <title>Aquaset review</title>
    <link rel="icon" href="data:,">
    ${styles.element}
  </head>
  <body class="review">
    <header class="top">
      <label class="pick"><span class="sr">Species</span><select id="species"></select></label>
      <div class="progress"><div id="done" class="meter" aria-hidden="true"><div></div></div>
        <p id="progress" class="faint"></p></div>
      <div class="buttons">
        <button id="undo" type="button" disabled>Undo <kbd>u</kbd></button>
        <button id="audit" type="button" aria-pressed="false">Audit</button>
        <a id="report" target="_blank" rel="noopener">Report</a>
        <button id="help" type="button" aria-haspopup="dialog">Keys</button>
      </div>
    </header>
    <main>
      <section class="stage" aria-labelledby="name">
        <div class="title">
          <h1 id="name">Review</h1>
          <p id="about" class="faint"></p>
          <button id="again" type="button" hidden>New audit</button>
        </div>
        <div id="sheet" role="listbox" aria-label="Pictures"></div>
        <div class="pager">
          <button id="back" type="button" aria-label="Back">‹</button>
          <span id="page" class="faint"></span>
          <button id="on" type="button" aria-label="On">›</button>
          <button id="accept" type="button" class="primary">Accept the rest <kbd>a</kbd></button>
        </div>
      </section>
      <aside aria-label="The selected picture">
        <div class="look">
          <button id="large" type="button" aria-label="Enlarge the picture" aria-haspopup="dialog"></button>
          <div id="compare" role="group" aria-label="Sure photos to compare with"></div>
          <div class="acts">
            <button id="reject" type="button">Wrong <kbd>x</kbd></button>
            <button id="correct" type="button">Correct <kbd>c</kbd></button>
          </div>
        </div>
        <div class="more-acts">
          <div id="facts"></div>
          <div class="other">
            <input id="other" type="search" autocomplete="off" aria-label="It is another species"
              placeholder="Another species? Type a name  ( / )">
            <ol id="guesses"></ol>
          </div>
          <div id="bulk"></div>
        </div>
      </aside>
    </main>
    <p id="message" role="status"></p>
    <dialog id="lens" aria-label="Enlarged picture">
      <div class="lens-bar">
        <span id="lens-name"></span>
        <button id="out" type="button" aria-label="Smaller">−</button>
        <button id="fit" type="button">Fit</button>
        <button id="in" type="button" aria-label="Larger">+</button>
        <button id="close" type="button">Close</button>
      </div>
      <div id="lens-view" tabindex="0" role="group" aria-label="The picture; arrow keys move it"></div>
    </dialog>
    <dialog id="keys" aria-labelledby="keys-title">
      <h2 id="keys-title">Keys</h2>
      <dl>${
    KEYS.map(([key, does]) => markup`<div><dt><kbd>${key}</kbd></dt><dd>${does}</dd></div>`)
  }</dl>
      <button id="keys-close" type="button">Close</button>
    </dialog>
    <noscript><p>The review needs JavaScript.</p></noscript>
    ${script.element}
  </body>
</html>
`.text;
  return { text, policy };
}
