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
import { consent, moved, shell, sorry } from "./google_doors.ts";
import type { GoogleOptions, GoogleTruth } from "./google_options.ts";
import { PAGE, resultsPage } from "./google_page.ts";
import {
  asResult,
  card,
  changedScript,
  dataScript,
  escapeHtml,
  type GoogleResult,
} from "./google_results.ts";

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
      surprising: loads === options.surpriseAt,
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
