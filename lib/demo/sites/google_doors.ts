/**
 * What stands before Google's results: the shell for clients without scripts, the question of
 * consent, the robot check.
 *
 * @module
 */

import { CONSENT, GOOGLE } from "../hosts.ts";
import type { Reply, Request } from "../http.ts";
import { token } from "../random.ts";
import type { GoogleTruth } from "./google_options.ts";
import { escapeHtml } from "./google_results.ts";

const HTML = { "Content-Type": "text/html; charset=UTF-8" } as const;

/**
 * A redirect.
 *
 * @param url Where to.
 * @param cookie What to remember.
 */
export function moved(url: string, cookie?: string): Reply {
  return {
    status: 302,
    headers: { Location: url, ...cookie === undefined ? {} : { "Set-Cookie": cookie } },
  };
}

/** What a client without JavaScript gets instead of results (seen, January 2026). */
export function shell(): Reply {
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

/**
 * The consent page (seen, September 2026): two forms refuse, two accept.
 *
 * @param request A request to the consent host, or an answer to the question.
 * @param truth Gets to know how the question was answered.
 */
export function consent(request: Request, truth: GoogleTruth): Reply {
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

/**
 * The robot check (seen, July 2026). Answering it, by hand, leads back.
 *
 * @param request The request.
 * @param truth Gets to know how often it was shown.
 */
export function sorry(request: Request, truth: GoogleTruth): Reply {
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
