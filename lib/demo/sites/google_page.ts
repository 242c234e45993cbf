/**
 * Google's page of results as a whole.
 *
 * @module
 */

import { GOOGLE } from "../hosts.ts";
import type { Reply } from "../http.ts";
import { token } from "../random.ts";
import type { GoogleOptions } from "./google_options.ts";
import {
  card,
  changedScript,
  dataScript,
  escapeHtml,
  type GoogleResult,
} from "./google_results.ts";
import { pageScript } from "./google_script.ts";

/** How many results a page has. */
export const PAGE = 100;
const HTML = { "Content-Type": "text/html; charset=UTF-8" } as const;

/** A dialog, a window and a download that nobody asked for. */
const SURPRISES = "<script>setTimeout(function(){window.open('/imgres?surprise');" +
  "var link=document.createElement('a');link.href='data:application/octet-stream,x';" +
  "link.download='surprise.bin';document.body.appendChild(link);link.click();" +
  "alert('Are you still there?');},20)</script>";

/** What is special about one answer. */
export interface Asked {
  /** Whether the spelling was corrected. */
  readonly corrected: boolean;
  /** Whether consent is asked for over the results. */
  readonly dialog: boolean;
  /** Whether the page does what no page should. */
  readonly surprising: boolean;
}

/**
 * A page of results, or the page that says there are none.
 *
 * @param url What was asked for.
 * @param results What was found.
 * @param from The first result of the page.
 * @param options How Google behaves.
 * @param asked What is special about this answer.
 */
export function resultsPage(
  url: URL,
  results: readonly GoogleResult[],
  from: number,
  options: GoogleOptions,
  asked: Asked,
): Reply {
  const query = url.searchParams.get("q") ?? "";
  const first = results.slice(from, from + PAGE);
  const event = token(url.href, 20).replaceAll(/[-_]/g, "x");
  const data = options.changed
    ? changedScript(first, event)
    : options.roads.includes("embedded")
    ? dataScript(first, options.shape, event)
    : "";
  const next = `/search?q=${encodeURIComponent(query)}&udm=2${
    url.searchParams.get("nfpr") === "1" ? "&nfpr=1" : ""
  }&async=_id:islrg_c,_fmt:html&asearch=arc&start=`;
  const more = `https://${GOOGLE}/search?q=${
    encodeURIComponent(query)
  }&udm=2&ei=${event}&start=10&sa=N`;
  const spelling = asked.corrected
    ? `<div id="oFNiHe"><p><span>Showing results for </span><a id="fprsl" href="/search?q=other&amp;udm=2&amp;spell=1">another fish</a><br><span>Search instead for </span><a class="spell_orig" href="/search?q=${
      encodeURIComponent(query)
    }&amp;udm=2&amp;nfpr=1">${escapeHtml(query)}</a></p></div>`
    : "";
  const none = results.length === 0
    ? `<div class="card-section"><p>Your search - <b>${
      escapeHtml(query)
    }</b> - did not match any image results.</p></div>`
    : "";
  const dialog = asked.dialog
    ? `<div role="dialog" id="CXQnmb"><h1>Before you continue to Google</h1><button id="W0wltc" onclick="answer('true')"><div role="none">Reject all</div></button><button id="L2AGLb" onclick="answer('false')"><div role="none">Accept all</div></button></div><script>function answer(refuse){fetch('/save',{method:'POST',body:new URLSearchParams({set_eom:refuse,continue:location.href})}).then(function(){document.getElementById('CXQnmb').remove()})}</script>`
    : "";
  const settings = {
    next,
    shown: from + first.length,
    total: results.length,
    panel: options.roads.includes("panel"),
    scrolling: options.scrolling,
  };
  return {
    headers: HTML,
    body: `<!DOCTYPE html>
<html itemscope="" itemtype="http://schema.org/SearchResultsPage" lang="en"><head><meta charset="UTF-8"><meta content="origin" name="referrer"><title>${
      escapeHtml(query)
    } - Google Search</title><style>[data-id="mosaic"]{display:flex;flex-wrap:wrap}.VifEQd,.eA0Zlc{width:240px;overflow:hidden}</style></head><body class="srp" id="gsr">
<form role="search" action="/search"><textarea name="q">${escapeHtml(query)}</textarea></form>
<noscript><a href="/httpservice/retry/enablejs?sei=x">enablejs</a></noscript>${dialog}
<div id="rcnt" role="main"><div id="taw">${spelling}</div><div id="search">${none}<div id="rso" data-async-context="query:${
      encodeURIComponent(query)
    }"><div class="MjjYud"><div data-id="mosaic">${
      first.map((result) => card(result, options.shape)).join("")
    }</div></div></div></div></div>
<div id="panel" role="complementary"></div>
<div role="navigation"><h1 style="position:absolute;clip:rect(1px,1px,1px,1px)">Page Navigation</h1><a class="T7sFge" href="${
      escapeHtml(more)
    }" jsname="oHxHid" role="button" aria-label="More results" tabindex="0" style="display:none"><span>More results</span></a><a jsname="a79Lwf" role="button" tabindex="0" style="display:none"><span>Try again</span></a></div><div id="end" style="height:1px"></div>
<script nonce="">(function(){google={kEI:'${event}'};})();${data}</script>
<script nonce="">${pageScript(settings)}</script>${
      asked.surprising ? SURPRISES : ""
    }</body></html>`,
  };
}
