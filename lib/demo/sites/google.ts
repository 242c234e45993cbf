/**
 * Google Images: consent, robot check, results with cards and data, scrolling, the panel. The page
 * itself is in `google_page.ts`.
 *
 * @module
 */

import type { Fish } from "../catalogue.ts";
import { CONSENT, GOOGLE, THUMBNAILS } from "../hosts.ts";
import { htmlPage, moved, pause, plainText, type Reply, type Request } from "../http.ts";
import type { Photo } from "../photo.ts";
import type { PhotoMaker } from "../photo_maker.ts";
import { type Finding, type Plan, remember, token } from "../plan.ts";
import {
  asResult,
  card,
  changedScript,
  dataScript,
  escapeHtml,
  type GoogleOptions,
  type GoogleResult,
  PAGE,
  resultsPage,
} from "./google_page.ts";

export interface GoogleTruth {
  /** Searches that were answered with a page of results or with none, in order. */
  readonly searches: string[];
  /** When each of them came, in milliseconds of the world's own clock. */
  readonly times: number[];
  readonly consents: ("refused" | "accepted")[];
  robotChecks: number;
}

export interface Google {
  answer(request: Request): Promise<Reply>;
  readonly truth: GoogleTruth;
}

export function google(
  plan: Plan,
  photos: PhotoMaker,
  options: GoogleOptions,
  signal: AbortSignal,
): Google {
  const truth: GoogleTruth = { searches: [], times: [], consents: [], robotChecks: 0 };
  const failures = new Map<string, number>();
  const seen = new Map<string, GoogleResult>();
  let loads = 0;

  const isCorrected = (url: URL): boolean =>
    loads === options.correctedAt && url.searchParams.get("nfpr") !== "1";
  const resultsOf = (url: URL): readonly GoogleResult[] => {
    const query = url.searchParams.get("q") ?? "";
    const fish = plan.catalogue.bySearch(query);
    const meant = isCorrected(url) && fish !== undefined ? neighbour(plan, fish) : fish;
    if (meant === undefined) return [];
    const results = findings(plan, meant, query).map(asResult);
    for (const result of results) remember(seen, result.docid, result, 5000);
    return results;
  };

  const scroll = async (url: URL, from: number): Promise<Reply> => {
    const query = url.searchParams.get("q") ?? "";
    const failed = failures.get(query) ?? 0;
    if (failed < options.scrollFailures) {
      failures.set(query, failed + 1);
      await pause(200, signal);
      return htmlPage("", 503);
    }
    const results = resultsOf(url);
    const part = results.slice(from, from + PAGE);
    const known = options.ways.includes("embedded") ? part : results.slice(0, from + PAGE);
    const data = options.changed
      ? changedScript(part, "s")
      : options.ways.includes("scroll")
      ? dataScript(known, options.shape, token(url.href, 20))
      : "";
    return htmlPage(
      part.map((result) => card(result, options.shape)).join("") +
        (data === "" ? "" : `<script nonce="">${data}</script>`),
    );
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
    truth.times.push(performance.now());
    if (loads === options.crashAt) return htmlPage(CRASH);
    const body = resultsPage(url, resultsOf(url), from, options, {
      corrected: isCorrected(url),
      dialog: options.consent === "dialog" && !agreed,
    });
    return htmlPage(body);
  };

  return {
    truth,
    async answer(request) {
      const { url } = request;
      if (url.hostname === CONSENT) return consent(request, truth);
      if (url.hostname === THUMBNAILS) {
        return { headers: { "Content-Type": "image/jpeg" }, body: await photos.make(THUMBNAIL) };
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
          return htmlPage("<!doctype html><title>Google</title>");
        default:
          return htmlPage("<title>Error 404 (Not Found)!!1</title>", 404);
      }
    },
  };
}

const THUMBNAIL: Photo = { species: "thumbnail", index: 0, treatment: "tiny", format: "jpeg" };
/** A page nested so deeply that laying it out overflows the tab's stack (Chromium 156). */
const CRASH = "<!doctype html><title>Google</title><body><script>setTimeout(function(){" +
  "var place=document.body;for(var depth=0;depth<20000;depth++){var next=" +
  "document.createElement('div');next.style.display='flex';place.appendChild(next);place=next;}" +
  "document.body.offsetHeight;},50)</script>";

function neighbour({ catalogue }: Plan, fish: Fish): Fish | undefined {
  return catalogue.fish[(fish.index + 1) % catalogue.fish.length];
}

/** The plain query finds all, the one with the list's word some of those and some others. */
function findings(plan: Plan, fish: Fish, query: string): readonly Finding[] {
  const rest = query.toLowerCase().replaceAll(fish.latin.toLowerCase().replaceAll('"', ""), "");
  const { further, google } = plan.of(fish);
  return rest.includes(fish.group.toLowerCase()) ? further : google;
}

/** What the panel shows of a result, wrapped so that it is not mistaken for the other data. */
function panel(result: GoogleResult | undefined, plan: Plan, options: GoogleOptions): Reply {
  if (result === undefined || !options.ways.includes("panel")) return { status: 404, body: "" };
  const { docid, reference, finding } = result;
  const link = `https://${GOOGLE}/imgres?q=x&imgurl=${encodeURIComponent(finding.url)}&imgrefurl=${
    encodeURIComponent(finding.page)
  }&docid=${reference}&tbnid=${docid}&w=${finding.size.width}&h=${finding.size.height}&hcb=2`;
  const title = escapeHtml(finding.title);
  const fish = plan.catalogue.fish.find((one) => finding.photo.species === one.key);
  const other = fish === undefined ? undefined : neighbour(plan, fish);
  const related = other === undefined ? [] : plan.of(other).google.slice(0, 6).map(asResult);
  const html =
    `<div jsname="H9tDt" data-id="${docid}"><a rel="noopener" target="_blank" href="${
      escapeHtml(finding.page)
    }" role="link"><img src="${
      escapeHtml(finding.url)
    }" class="sFlh5c FyHeAf iPVvYb" alt="${title}" ` +
    `jsname="kn3ccd"><img src="${escapeHtml(result.thumbnail)}" class="sFlh5c" alt="${title}" ` +
    `jsname="JuXqh" style="visibility:hidden"><span>${finding.size.width.toLocaleString("en")} × ${
      finding.size.height.toLocaleString("en")
    }</span></a><div>${related.map((one) => card(one, options.shape, true)).join("")}</div></div>`;
  const bytes = new TextEncoder().encode(JSON.stringify({ link, panel: html }));
  return plainText(bytes.toBase64());
}

/** Back to where Google was left, with a cookie; to nowhere else. */
function back(url: string | null, cookie: string): Reply {
  const to = url !== null && URL.parse(url)?.hostname === GOOGLE ? url : `https://${GOOGLE}/`;
  const kept = `${cookie}; Domain=google.com; Path=/; Secure; SameSite=Lax`;
  return { status: 302, headers: { Location: to, "Set-Cookie": kept } };
}

/** What a client without JavaScript gets instead of results (seen, January 2026). */
function shell(): Reply {
  return htmlPage(
    `<!DOCTYPE html><html lang="en"><head><title>Google Search</title></head><body><noscript>` +
      `<meta content="0;url=/httpservice/retry/enablejs?sei=x" http-equiv="refresh"><div>Please click ` +
      `<a href="/httpservice/retry/enablejs?sei=x">here</a> if you are not redirected.</div></noscript>` +
      `<div id="yvlrue" style="display:none">If you're having trouble accessing Google Search, please ` +
      `<a href="/search?q=x&amp;emsg=SG_REL">click here</a>.</div></body></html>`,
  );
}

/** The consent page (seen, September 2026): two forms refuse, two accept. */
function consent(request: Request, truth: GoogleTruth): Reply {
  const { url, method, body } = request;
  if (method === "POST" && url.pathname === "/save") {
    const form = new URLSearchParams(body);
    const refused = form.get("set_eom") === "true";
    truth.consents.push(refused ? "refused" : "accepted");
    const cookie = `SOCS=${refused ? "CAESHAgB" : "CAISHAgC"}${
      token(url.href, 24)
    }; Max-Age=34128000`;
    return back(form.get("continue"), cookie);
  }
  const origin = escapeHtml(url.searchParams.get("continue") ?? "");
  const form = (label: string, name: string, refuse: boolean): string =>
    `<form action="https://${CONSENT}/save" method="POST" style="display:inline;"><div class="lssxud">` +
    `<button jsname="${name}" aria-label="${label}"><span jsname="V67aGc" aria-hidden='true'>${label}</span></button></div>` +
    `<input type="hidden" name="gl" value="DE"><input type="hidden" name="m" value="0">` +
    `<input type="hidden" name="continue" value="${origin}"><input type="hidden" name="x" value="6">` +
    `<input type="hidden" name="hl" value="en"><input type="hidden" name="src" value="1">` +
    (refuse
      ? `<input type="hidden" name="set_eom" value="true" required>`
      : `<input type="hidden" name="set_sc" value="true" required><input type="hidden" name="set_aps" value="true" required><input type="hidden" name="set_eom" value="false" required>`) +
    "</form>";
  const refuse = form("Reject all", "tWT92d", true);
  const accept = form("Accept all", "b3VHJd", false);
  return htmlPage(
    `<!doctype html><html><head><title>Before you continue</title></head><body>` +
      `<h1>Before you continue to Google</h1><div>${refuse}${accept}</div>` +
      `<div class="FCY2lb">${accept}${refuse}</div></body></html>`,
  );
}

/** The robot check (seen, July 2026). Answering it, by hand, leads back. */
function sorry(request: Request, truth: GoogleTruth): Reply {
  const { url, method, body } = request;
  if (method === "POST") {
    return back(new URLSearchParams(body).get("continue"), "GOOGLE_ABUSE_EXEMPTION=ID");
  }
  truth.robotChecks++;
  const origin = escapeHtml(url.searchParams.get("continue") ?? "");
  return htmlPage(
    `<html><head><meta http-equiv="content-type" content="text/html; charset=utf-8">` +
      `<title>${origin}</title></head><body><form id="captcha-form" action="index" method="post">` +
      `<noscript>In order to continue, please enable javascript on your web browser.</noscript>` +
      `<div id="recaptcha" class="g-recaptcha" data-sitekey="none"></div>` +
      `<input type="hidden" name="q" value="Eg"><input type="hidden" name="continue" value="${origin}">` +
      `</form><b>About this page</b><br>Our systems have detected unusual traffic from your computer network.` +
      `</body></html>`,
    429,
  );
}
