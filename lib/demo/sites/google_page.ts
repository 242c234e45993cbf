/**
 * Google's page of results: cards and data in the shapes seen in September 2024 and July 2026, and
 * the page's own script.
 *
 * @module
 */

import { hash } from "../../base/seeded.ts";
import { GOOGLE, THUMBNAILS } from "../hosts.ts";
import { type Finding, token } from "../plan.ts";

export type GoogleShape = "2026" | "2024";

export type GoogleWay = "embedded" | "scroll" | "panel";

export interface GoogleOptions {
  readonly shape: GoogleShape;
  readonly ways: readonly GoogleWay[];
  /** Whether the data has a shape that no parser knows. */
  readonly changed: boolean;
  /** How consent is asked for: on a page of its own, over the results, or not. */
  readonly consent: "page" | "dialog" | "none";
  /** The first search, counted from 1, that is answered with the robot check. */
  readonly robotCheckAt: number;
  /** The search, counted from 1, that corrects the spelling. */
  readonly correctedAt: number;
  readonly scrolling: "endless" | "button" | "none";
  /** How many scroll responses of each search fail before they come again. */
  readonly scrollFailures: number;
  /** The search, counted from 1, whose page makes its tab crash. */
  readonly crashAt: number;
}

/** Google without faults; it asks for consent. */
export const PLAIN_GOOGLE: GoogleOptions = {
  shape: "2026",
  ways: ["embedded", "scroll", "panel"],
  changed: false,
  consent: "page",
  robotCheckAt: Infinity,
  correctedAt: Infinity,
  scrolling: "endless",
  scrollFailures: 0,
  crashAt: Infinity,
};

export const PAGE = 100;

/** A page of results, or the page that says there are none; `dialog`: with consent asked over it. */
export function resultsPage(
  url: URL,
  results: readonly GoogleResult[],
  from: number,
  options: GoogleOptions,
  asked: { readonly corrected: boolean; readonly dialog: boolean },
): string {
  const query = url.searchParams.get("q") ?? "";
  const first = results.slice(from, from + PAGE);
  const event = token(url.href, 20).replaceAll(/[-_]/g, "x");
  const data = options.changed
    ? changedScript(first, event)
    : options.ways.includes("embedded")
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
    panel: options.ways.includes("panel"),
    scrolling: options.scrolling,
  };
  return `<!DOCTYPE html>
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
<script nonce="">${pageScript(settings)}</script></body></html>`;
}

export interface GoogleResult {
  readonly docid: string;
  readonly reference: string;
  readonly thumbnail: string;
  readonly finding: Finding;
}

export function asResult(finding: Finding): GoogleResult {
  const docid = token(`docid/${finding.url}`, 14);
  return {
    docid,
    reference: token(`reference/${finding.page}`, 14),
    thumbnail: `https://${THUMBNAILS}/images?q=tbn:ANd9Gc${token(docid, 40)}&s`,
    finding,
  };
}

export function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}

/** JSON as Google writes it into scripts: `=`, `&`, `<` and `>` as escapes. */
function scriptJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[=&<>]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** The data of one result: docid, thumbnail and original with height before width, then more. */
function resultArray(result: GoogleResult, shape: GoogleShape): unknown[] {
  const { docid, reference, thumbnail, finding } = result;
  const { width, height } = finding.size;
  const host = new URL(finding.page).hostname;
  const small = 180 / height;
  return [
    0,
    docid,
    [thumbnail, 180, Math.round(width * small)],
    [finding.url, height, width],
    null,
    0,
    `rgb(${hash(docid) % 256},${hash(reference) % 256},96)`,
    null,
    0,
    {
      "2000": [null, host, `${40 + hash(docid) % 900}KB`],
      "2001": [null, null, null, null, 3, 3, 21],
      "2003": [
        null,
        reference,
        finding.page,
        finding.title,
        null,
        0,
        null,
        shape === "2026" ? `${thumbnail}=10` : null,
        null,
        0,
        null,
        null,
        host,
      ],
      ...shape === "2024" ? { "2008": [null, `${finding.title.slice(0, 30)} ...`] } : {},
    },
  ];
}

/** The inline script with the data of many results. In 2026 each stands twice. */
export function dataScript(
  results: readonly GoogleResult[],
  shape: GoogleShape,
  event: string,
): string {
  const entries = results.flatMap((result, index) => {
    const array = resultArray(result, shape);
    const tail = [null, null, null, null, null, result.docid];
    const first = `"${event}${index * 2 + 23}":${scriptJson([1, array, ...tail])}`;
    return shape === "2026" ? [first, `"${event}${index * 2 + 22}":${scriptJson(array)}`] : [first];
  });
  return `(function(){var m={"${event}1":["gws-wiz-serp","","","",1,0,0,13,"en"],"${event}20":[],` +
    `${entries.join(",")}};var a=m;window.W_jd=window.W_jd||{};` +
    `for(var b in a)window.W_jd[b]=a[b];})();`;
}

/** The same data in a made-up shape: by names, not by position. */
export function changedScript(results: readonly GoogleResult[], event: string): string {
  const entries = results.map(({ docid, finding }) => ({
    k: docid,
    m: { t: btoa(finding.url), d: `${finding.size.width}*${finding.size.height}` },
  }));
  return `(function(){window["${event}"]=${scriptJson({ v: 9, e: entries })};})();`;
}

export function card(result: GoogleResult, shape: GoogleShape, related = false): string {
  const { docid, reference, finding } = result;
  const host = new URL(finding.page).hostname;
  const strip = related ? ' data-v=""' : "";
  const title = escapeHtml(finding.title);
  const page = escapeHtml(finding.page);
  const dot = "data:image/gif;base64,R0lGODlhAQABAIAAAP///////yH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==";
  return shape === "2026"
    ? `<div class="VifEQd" data-docid="${docid}" data-sid=""><div jsname="YwPdAf"></div><div class="offbPb vEWxFf" data-attrid="images universal" data-docid="${docid}" data-lpage="${page}" data-ref-docid="${reference}"${strip} jsname="dTDiAc"><div jsname="qQjpJ" data-img-wrapper=""><a><div jsname="G3m5s" id="e-${docid}"${strip}><div jsname="PNoEC" style="aspect-ratio:${finding.size.width}/${finding.size.height};max-height:180px" role="button" tabindex="0"><img alt="${title}" src="${dot}" height="180"></div></div></a></div><a class="LBcIee" href="${page}" target="_blank" ping="/url?sa=t"><div>${title}</div><span>${host}</span></a></div></div>`
    : `<div jsname="dTDiAc" class="eA0Zlc WghbWd" data-attrid="images universal" data-docid="${docid}" data-ivep="true" data-lpage="${page}" data-ref-docid="${reference}"${strip} style="flex-basis:263px"><div jsname="tdeeNb"></div><div jsname="qQjpJ"><h3 class="ob5Hkd"><a><div class="F0uyec" role="button" tabindex="0" data-viewer-entrypoint="1"><div class="H8Rx8c" style="height:180px"><img src="${dot}" height="168" width="300" alt="${title}"></div></div></a></h3></div><a class="EZAeBe" href="${page}" target="_blank"><span>${host}</span><div>${title}</div></a></div>`;
}

function pageScript(settings: Readonly<Record<string, unknown>>): string {
  return `(function(){
var settings=${JSON.stringify(settings).replaceAll("<", "\\u003c")};
var list=document.querySelector('[data-id="mosaic"]'),end=document.getElementById('end'),busy=false;
var more=document.querySelector('[jsname="oHxHid"]'),again=document.querySelector('[jsname="a79Lwf"]');
function update(){more.style.display=settings.scrolling==='button'&&settings.shown<settings.total?'':'none';}
function load(){
  if(busy||settings.shown>=settings.total)return;busy=true;again.style.display='none';
  fetch(settings.next+settings.shown).then(function(answer){if(!answer.ok)throw new Error('status '+answer.status);return answer.text();}).then(function(text){
    var box=document.createElement('div');box.innerHTML=text;
    var cards=box.querySelectorAll('[jsname="dTDiAc"]');
    for(var i=0;i<cards.length;i++)list.appendChild(cards[i].closest('.VifEQd')||cards[i]);
    settings.shown+=cards.length;busy=false;update();watch();
  }).catch(function(){again.style.display='';setTimeout(function(){busy=false;},300);});
}
function near(){return window.innerHeight+window.scrollY>=document.documentElement.scrollHeight-600;}
function watch(){if(window.scrollY>0&&settings.scrolling==='endless'&&near())load();}
addEventListener('scroll',watch);
if(settings.scrolling==='endless')new IntersectionObserver(function(seen){if(seen[0].isIntersecting&&window.scrollY>0)load();}).observe(end);
more.addEventListener('click',function(event){event.preventDefault();load();});
again.addEventListener('click',function(event){event.preventDefault();busy=false;load();});
update();
function ask(docid){return fetch('/async/imgv?docid='+encodeURIComponent(docid)).then(function(answer){return answer.text();}).then(function(text){return JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(text),function(c){return c.charCodeAt(0);})));});}
function cardOf(event){return event.target.closest&&event.target.closest('[jsname="dTDiAc"]:not([data-v])');}
function fill(card,found){var link=card.querySelector('[jsname="qQjpJ"] a');if(link)link.href=found.link;}
document.addEventListener('mouseover',function(event){var card=cardOf(event);if(!card||!settings.panel)return;
  ask(card.dataset.docid).then(function(found){fill(card,found);}).catch(function(){});});
document.addEventListener('click',function(event){var card=cardOf(event);
  if(!card||event.target.closest('a[target="_blank"]'))return;event.preventDefault();if(!settings.panel)return;
  ask(card.dataset.docid).then(function(found){fill(card,found);document.getElementById('panel').innerHTML=found.panel;}).catch(function(){});});
})();`;
}
