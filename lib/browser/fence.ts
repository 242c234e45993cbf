/**
 * The fence around a browser: no request leaves it but to the hosts it is meant for, and none for
 * what nobody looks at. It holds for the whole browser, its popups and workers included.
 *
 * @module
 */

import { type Fields, fields, type Session, text } from "./protocol.ts";

/** What a browser may ask for. */
export interface FenceRules {
  /** Whether a host may be reached. */
  mayReach(host: string): boolean;
  /** Whether images, fonts and media may be loaded now. */
  pictures(): boolean;
  /** What the proxy is to be told when it asks who we are. */
  readonly login?: { readonly username: string; readonly password: string };
}

const pictureKinds: ReadonlySet<string> = new Set(["Image", "Font", "Media"]);
const neverKinds: ReadonlySet<string> = new Set(["Ping", "CSPViolationReport", "WebSocket"]);

/**
 * Puts up the fence.
 *
 * @param session The session with the browser itself.
 * @param rules What may pass.
 * @throws {Error} When the browser does not take it.
 */
export async function putUpFence(session: Session, rules: FenceRules): Promise<void> {
  session.on("Fetch.requestPaused", (event) => answer(session, decide(event, rules)));
  session.on("Fetch.authRequired", (event) => answer(session, introduce(event, rules)));
  await session.send("Fetch.enable", {
    patterns: [{ urlPattern: "*" }],
    handleAuthRequests: true,
  });
}

interface Command {
  readonly method: string;
  readonly params: Fields;
}

function answer(session: Session, { method, params }: Command): void {
  session.send(method, params).catch((error: unknown) => {
    // The request or its tab is gone by now: nobody waits for the answer.
    if (!(error instanceof Error)) throw error;
  });
}

function decide(event: Fields, rules: FenceRules): Command {
  const requestId = text(event, "requestId");
  const allowed = mayPass(
    text(fields(event["request"]), "url"),
    text(event, "resourceType"),
    rules,
  );
  return allowed
    ? { method: "Fetch.continueRequest", params: { requestId } }
    : { method: "Fetch.failRequest", params: { requestId, errorReason: "BlockedByClient" } };
}

/** Whether a request may leave the browser. */
export function mayPass(address: string, kind: string, rules: FenceRules): boolean {
  const url = URL.parse(address);
  if (url === null) return false;
  if (neverKinds.has(kind)) return false;
  if (pictureKinds.has(kind) && !rules.pictures()) return false;
  // These stay within the browser.
  if (["data:", "blob:", "about:"].includes(url.protocol)) return true;
  return ["http:", "https:"].includes(url.protocol) && rules.mayReach(url.hostname);
}

/** Tells a proxy who we are, where we know, and no site anything. */
function introduce(event: Fields, { login }: FenceRules): Command {
  const requestId = text(event, "requestId");
  const byProxy = text(fields(event["authChallenge"]), "source") === "Proxy";
  const authChallengeResponse = byProxy && login !== undefined
    ? { response: "ProvideCredentials", ...login }
    : { response: "CancelAuth" };
  return { method: "Fetch.continueWithAuth", params: { requestId, authChallengeResponse } };
}
