/**
 * Google's results as markup and as data, in the shapes seen in September 2024 and July 2026.
 *
 * @module
 */

import { THUMBNAILS } from "../hosts.ts";
import type { Finding } from "../plan.ts";
import { hash, token } from "../random.ts";

/** Which year's page. */
export type GoogleShape = "2026" | "2024";

/** A result with Google's own names for it. */
export interface GoogleResult {
  /** Google's id of the picture. */
  readonly docid: string;
  /** Google's id of the page. */
  readonly reference: string;
  /** The thumbnail. */
  readonly thumbnail: string;
  /** What was found. */
  readonly finding: Finding;
}

/**
 * Gives a finding Google's names.
 *
 * @param finding The finding.
 */
export function asResult(finding: Finding): GoogleResult {
  const docid = token(`docid/${finding.url}`, 14);
  return {
    docid,
    reference: token(`reference/${finding.page}`, 14),
    thumbnail: `https://${THUMBNAILS[0]}/images?q=tbn:ANd9Gc${token(docid, 40)}&s`,
    finding,
  };
}

/** Text for an attribute or between tags. */
export function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}

/** JSON as Google writes it into scripts: `=`, `&`, `<` and `>` as escapes. */
export function scriptJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[=&<>]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/**
 * The data of one result: docid, thumbnail and original with height before width, then more.
 *
 * @param result The result.
 * @param shape Which year's.
 */
export function resultArray(result: GoogleResult, shape: GoogleShape): unknown[] {
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

/**
 * The inline script with the data of many results. In 2026 each stands twice.
 *
 * @param results The results.
 * @param shape Which year's.
 * @param event The page's id.
 */
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

/** The same data in a shape that nobody has seen yet: names, no places. */
export function changedScript(results: readonly GoogleResult[], event: string): string {
  const entries = results.map(({ docid, finding }) => ({
    k: docid,
    m: { t: btoa(finding.url), d: `${finding.size.width}*${finding.size.height}` },
  }));
  return `(function(){window["${event}"]=${scriptJson({ v: 9, e: entries })};})();`;
}

/**
 * A result's card.
 *
 * @param result The result.
 * @param shape Which year's.
 * @param related Whether it belongs to the panel's related strip.
 */
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
