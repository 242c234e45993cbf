/**
 * Google Images: consent, results with cards and data, scrolling, panel, robot check.
 *
 * @module
 */

import type { Catalogue, Fish } from "../catalogue.ts";
import { CONSENT, GOOGLE } from "../hosts.ts";
import { pause, type Reply, type Request } from "../http.ts";
import type { PhotoMaker } from "../photo_maker.ts";
import type { Finding, Plan } from "../plan.ts";
import { token } from "../random.ts";
import {
  asResult,
  card,
  changedScript,
  dataScript,
  escapeHtml,
  type GoogleResult,
  type GoogleShape,
} from "./google_results.ts";
import { pageScript } from "./google_script.ts";

/** One of the ways to a result. */
export type GoogleRoad = "embedded" | "scroll" | "panel";

/** How Google behaves. */
export interface GoogleOptions {
  /** Which year's page. */
  readonly shape: GoogleShape;
  /** The ways to a result that are open. */
  readonly roads: readonly GoogleRoad[];
  /** Whether the data is there, but in a shape that nobody knows. */
  readonly changed: boolean;
  /** How consent is asked for: on a page of its own, over the results, or not. */
  readonly consent: "page" | "dialog" | "none";
  /** The search, counted from 1, from which on there is nothing but the robot check. */
  readonly robotCheckAt: number;
  /** The search, counted from 1, that corrects the spelling. */
  readonly correctedAt: number;
  /** How further results come. */
  readonly scrolling: "endless" | "button" | "none";
  /** How many scroll responses of each search fail before they come again. */
  readonly scrollFailures: number;
  /** The search, counted from 1, whose page never lets its tab go on. */
  readonly hangAt: number;
  /** The search, counted from 1, whose page makes its tab crash. */
  readonly crashAt: number;
}

/** Google as it is on a good day, but for the question of consent. */
export const PLAIN_GOOGLE: GoogleOptions = {
  shape: "2026",
  roads: ["embedded", "scroll", "panel"],
  changed: false,
  consent: "page",
  robotCheckAt: Infinity,
  correctedAt: Infinity,
  scrolling: "endless",
  scrollFailures: 0,
  hangAt: Infinity,
  crashAt: Infinity,
};

/** What Google saw of its visitor. */
export interface GoogleTruth {
  /** Searches that were answered with a page of results or with none, in order. */
  readonly searches: string[];
  /** How the question of consent was answered, each time. */
  readonly consents: ("refused" | "accepted")[];
  /** How often the robot check was shown. */
  robotChecks: number;
}

/** How many results a page has. */
const PAGE = 100;
const HTML = { "Content-Type": "text/html; charset=UTF-8" } as const;

/** Google, and what it saw. */
export interface Google {
  /** Answers for the search, consent and thumbnail hosts. */
  answer(request: Request): Promise<Reply>;
  /** What it saw. */
  readonly truth: GoogleTruth;
}

/**
 * The site.
 *
 * @param catalogue The fish that searches may mean.
 * @param plan What they find.
 * @param photos Makes thumbnails.
 * @param options How it behaves.
 * @param signal Ends waiting.
 */
export function google(
  catalogue: Catalogue,
  plan: Plan,
  photos: PhotoMaker,
  options: GoogleOptions,
  signal: AbortSignal,
): Google {
  const truth: GoogleTruth = { searches: [], consents: [], robotChecks: 0 };
  const failures = new Map<string, number>();
  const seen = new Map<string, GoogleResult>();
  let loads = 0;

  const resultsOf = (url: URL): readonly GoogleResult[] => {
    const corrected = loads === options.correctedAt && url.searchParams.get("nfpr") !== "1";
    const fish = catalogue.bySearch(url.searchParams.get("q") ?? "");
    const meant = corrected && fish !== undefined ? neighbour(catalogue, fish) : fish;
    if (meant === undefined) return [];
    const results = findings(plan, meant, url.searchParams.get("q") ?? "").map(asResult);
    for (const result of results) remember(seen, result);
    return results;
  };

  const scroll = async (url: URL, from: number): Promise<Reply> => {
    const query = url.searchParams.get("q") ?? "";
    const failed = failures.get(query) ?? 0;
    if (failed < options.scrollFailures) {
      failures.set(query, failed + 1);
      await pause(200, signal);
      return { status: 503, headers: HTML, body: "" };
    }
    const results = resultsOf(url);
    const part = results.slice(from, from + PAGE);
    const told = options.roads.includes("embedded") ? part : results.slice(0, from + PAGE);
    const data = options.changed
      ? changedScript(part, "s")
      : options.roads.includes("scroll")
      ? dataScript(told, options.shape, token(url.href, 20))
      : "";
    return {
      headers: HTML,
      body: part.map((result) => card(result, options.shape)).join("") +
        (data === "" ? "" : `<script nonce="">${data}</script>`),
    };
  };

  const search = async (request: Request): Promise<Reply> => {
    const { url } = request;
    const from = Number(url.searchParams.get("start") ?? "0");
    if (url.searchParams.has("async")) return await scroll(url, from);
    if (!request.headers.has("sec-fetch-dest")) return shell();
    const agreed = /(?:^|;\s*)SOCS=/.test(request.headers.get("cookie") ?? "");
    if (options.consent === "page" && !agreed) {
      return moved(`https://${CONSENT}/ml?continue=${encodeURIComponent(url.href)}&gl=DE&hl=en`);
    }
    loads++;
    const passed = /(?:^|;\s*)GOOGLE_ABUSE_EXEMPTION=/.test(request.headers.get("cookie") ?? "");
    if (loads >= options.robotCheckAt && !passed) {
      return moved(`https://${GOOGLE}/sorry/index?continue=${encodeURIComponent(url.href)}&q=Eg`);
    }
    truth.searches.push(url.searchParams.get("q") ?? "");
    if (loads === options.hangAt) return { headers: HTML, body: HANG };
    if (loads === options.crashAt) return { headers: HTML, body: CRASH };
    return resultsPage(url, resultsOf(url), from, options, {
      corrected: loads === options.correctedAt && url.searchParams.get("nfpr") !== "1",
      dialog: options.consent === "dialog" && !agreed,
    });
  };

  return {
    truth,
    async answer(request) {
      const { url } = request;
      if (url.hostname === CONSENT) return consent(request, truth);
      if (url.hostname.endsWith(".gstatic.com")) {
        return {
          headers: { "Content-Type": "image/jpeg" },
          body: await photos.make({
            species: "thumbnail",
            index: 0,
            treatment: "tiny",
            format: "jpeg",
          }),
        };
      }
      switch (url.pathname) {
        case "/search":
          return await search(request);
        case "/sorry/index":
          return sorry(request, truth);
        case "/save":
          return consent(request, truth);
        case "/async/imgv":
          return panel(seen.get(url.searchParams.get("docid") ?? ""), plan, options);
        case "/":
          return { headers: HTML, body: "<!doctype html><title>Google</title>" };
        default:
          return { status: 404, headers: HTML, body: "<title>Error 404 (Not Found)!!1</title>" };
      }
    },
  };
}

/** A page on which scripts never end. */
const HANG = "<!doctype html><title>Google</title><script>for(;;);</script>";
/** A page nested so deeply that laying it out overflows the tab's stack (Chromium 156). */
const CRASH = "<!doctype html><title>Google</title><body><script>setTimeout(function(){" +
  "var place=document.body;for(var depth=0;depth<20000;depth++){var next=" +
  "document.createElement('div');next.style.display='flex';place.appendChild(next);place=next;}" +
  "document.body.offsetHeight;},50)</script>";

function neighbour(catalogue: Catalogue, fish: Fish): Fish | undefined {
  return catalogue.fish[(fish.index + 1) % catalogue.fish.length];
}

/** What a query finds: the plain one all, each further one some known and some others. */
function findings(plan: Plan, fish: Fish, query: string): readonly Finding[] {
  const rest = query.toLowerCase().replaceAll(fish.latin.toLowerCase().replaceAll('"', ""), "");
  const planned = plan.of(fish);
  if (/\bfish\b/.test(rest) && !/"[^"]*fish[^"]*"/.test(rest)) return planned.further(1);
  if (/\baquarium\b/.test(rest)) return planned.further(2);
  if (/[a-z]{3}/.test(rest) && fish.plain) return planned.further(3);
  return planned.google;
}

function remember(seen: Map<string, GoogleResult>, result: GoogleResult): void {
  seen.delete(result.docid);
  seen.set(result.docid, result);
  if (seen.size > 5000) {
    const [oldest] = seen.keys();
    if (oldest !== undefined) seen.delete(oldest);
  }
}

function moved(url: string, cookie?: string): Reply {
  return {
    status: 302,
    headers: { Location: url, ...cookie === undefined ? {} : { "Set-Cookie": cookie } },
  };
}

/** What a client without JavaScript gets instead of results (seen, January 2026). */
function shell(): Reply {
  return {
    headers: HTML,
    body:
      `<!DOCTYPE html><html lang="en"><head><title>Google Search</title></head><body><noscript>` +
      `<meta content="0;url=/httpservice/retry/enablejs?sei=x" http-equiv="refresh"><div>Please click ` +
      `<a href="/httpservice/retry/enablejs?sei=x">here</a> if you are not redirected.</div></noscript>` +
      `<div id="yvlrue" style="display:none">If you're having trouble accessing Google Search, please ` +
      `<a href="/search?q=x&amp;emsg=SG_REL">click here</a>.</div></body></html>`,
  };
}

/** The consent page (seen, September 2026): two forms refuse, two accept. */
function consent(request: Request, truth: GoogleTruth): Reply {
  const { url, method, body } = request;
  if (method === "POST" && url.pathname === "/save") {
    const form = new URLSearchParams(body);
    const refused = form.get("set_eom") === "true";
    truth.consents.push(refused ? "refused" : "accepted");
    const back = form.get("continue") ?? `https://${GOOGLE}/`;
    return moved(
      URL.parse(back)?.hostname === GOOGLE ? back : `https://${GOOGLE}/`,
      `SOCS=${refused ? "CAESHAgB" : "CAISHAgC"}${token(back, 24)}; Domain=google.com; Path=/; ` +
        "Max-Age=34128000; Secure; SameSite=Lax",
    );
  }
  const back = escapeHtml(url.searchParams.get("continue") ?? "");
  const form = (label: string, name: string, refuse: boolean): string =>
    `<form action="https://${CONSENT}/save" method="POST" style="display:inline;"><div class="lssxud">` +
    `<button jsname="${name}" aria-label="${label}"><span jsname="V67aGc" aria-hidden='true'>${label}</span></button></div>` +
    `<input type="hidden" name="gl" value="DE"><input type="hidden" name="m" value="0">` +
    `<input type="hidden" name="continue" value="${back}"><input type="hidden" name="x" value="6">` +
    `<input type="hidden" name="hl" value="en"><input type="hidden" name="src" value="1">` +
    (refuse
      ? `<input type="hidden" name="set_eom" value="true" required>`
      : `<input type="hidden" name="set_sc" value="true" required><input type="hidden" name="set_aps" value="true" required><input type="hidden" name="set_eom" value="false" required>`) +
    "</form>";
  const refuse = form("Reject all", "tWT92d", true);
  const accept = form("Accept all", "b3VHJd", false);
  return {
    headers: HTML,
    body: `<!doctype html><html><head><title>Before you continue</title></head><body>` +
      `<h1>Before you continue to Google</h1><div>${refuse}${accept}</div>` +
      `<div class="FCY2lb">${accept}${refuse}</div></body></html>`,
  };
}

/** The robot check (seen, July 2026). Answering it, by hand, leads back. */
function sorry(request: Request, truth: GoogleTruth): Reply {
  const { url, method, body } = request;
  if (method === "POST") {
    const back = new URLSearchParams(body).get("continue") ?? `https://${GOOGLE}/`;
    return moved(
      URL.parse(back)?.hostname === GOOGLE ? back : `https://${GOOGLE}/`,
      "GOOGLE_ABUSE_EXEMPTION=ID; Domain=google.com; Path=/; Secure",
    );
  }
  truth.robotChecks++;
  const back = escapeHtml(url.searchParams.get("continue") ?? "");
  return {
    status: 429,
    headers: HTML,
    body: `<html><head><meta http-equiv="content-type" content="text/html; charset=utf-8">` +
      `<title>${back}</title></head><body><form id="captcha-form" action="index" method="post">` +
      `<noscript>In order to continue, please enable javascript on your web browser.</noscript>` +
      `<div id="recaptcha" class="g-recaptcha" data-sitekey="none"></div>` +
      `<input type="hidden" name="q" value="Eg"><input type="hidden" name="continue" value="${back}">` +
      `</form><b>About this page</b><br>Our systems have detected unusual traffic from your computer network.` +
      `</body></html>`,
  };
}

/** What the panel shows of a result, wrapped so that it is not mistaken for the other data. */
function panel(result: GoogleResult | undefined, plan: Plan, options: GoogleOptions): Reply {
  if (result === undefined || !options.roads.includes("panel")) return { status: 404, body: "" };
  const { docid, reference, finding } = result;
  const link = `https://${GOOGLE}/imgres?q=x&imgurl=${encodeURIComponent(finding.url)}&imgrefurl=${
    encodeURIComponent(finding.page)
  }&docid=${reference}&tbnid=${docid}&w=${finding.size.width}&h=${finding.size.height}&hcb=2`;
  const title = escapeHtml(finding.title);
  const fish = plan.catalogue.fish.find((one) => finding.photo.species === one.key);
  const other = fish === undefined ? undefined : neighbour(plan.catalogue, fish);
  const related = other === undefined ? [] : plan.of(other).google.slice(0, 6).map(asResult);
  const html =
    `<div jsname="H9tDt"><a rel="noopener" target="_blank" href="${
      escapeHtml(finding.page)
    }" role="link"><img src="${
      escapeHtml(finding.url)
    }" class="sFlh5c FyHeAf iPVvYb" alt="${title}" ` +
    `jsname="kn3ccd"><img src="${escapeHtml(result.thumbnail)}" class="sFlh5c" alt="${title}" ` +
    `jsname="JuXqh" style="visibility:hidden"><span>${finding.size.width.toLocaleString("en")} × ${
      finding.size.height.toLocaleString("en")
    }</span></a><div>${related.map((one) => card(one, options.shape, true)).join("")}</div></div>`;
  const bytes = new TextEncoder().encode(JSON.stringify({ link, panel: html }));
  return { headers: { "Content-Type": "text/plain" }, body: bytes.toBase64() };
}

/** A page of results, or the page that says there are none. */
function resultsPage(
  url: URL,
  results: readonly GoogleResult[],
  from: number,
  options: GoogleOptions,
  asked: { readonly corrected: boolean; readonly dialog: boolean },
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
<script nonce="">${pageScript(settings)}</script></body></html>`,
  };
}
