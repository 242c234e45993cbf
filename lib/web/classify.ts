/**
 * The outcome of a status, and of an error that the platform throws.
 *
 * @module
 */

import type { NetworkOutcome } from "../base/outcome.ts";
import { reason } from "../base/failure.ts";
import type { NotReceived } from "./client.ts";
import { TimedOut } from "./deadline.ts";

export class TooLarge extends Error {
  override readonly name = "TooLarge";
}

export const TOO_MANY_FILES =
  "too many open files on this machine: close programs or raise the limit (ulimit -n)";

export function isTooManyFiles(message: string): boolean {
  return /too many open files/i.test(message);
}

/** The outcome of a status that is neither a success nor a redirect that can be followed. */
export function classifyStatus(status: number): NetworkOutcome {
  if (status < 200) return "refused";
  if (status < 400) return "redirect-loop";
  if (status === 404 || status === 410 || status === 451) return "gone";
  if (status === 401 || status === 403) return "forbidden";
  if (status === 429) return "rate-limited";
  if (status >= 500) return "server-error";
  return "client-error";
}

/**
 * The outcome of an error that ended a request. Deno 2.9 throws a `TypeError` for every network error,
 * and only its message says which, so the message is read. `stage` says whether the answer had begun.
 */
export function classifyError(
  thrown: unknown,
  stage: "asking" | "reading",
): Pick<NotReceived, "outcome" | "detail" | "local"> {
  const detail = shorten(deepest(thrown));
  if (thrown instanceof TimedOut) return { outcome: "timeout", detail };
  if (thrown instanceof TooLarge) return { outcome: "too-large", detail };
  if (isTooManyFiles(detail)) return { outcome: "refused", detail: TOO_MANY_FILES, local: true };
  if (thrown instanceof Deno.errors.NotCapable || thrown instanceof Deno.errors.PermissionDenied) {
    return { outcome: "forbidden-address", detail };
  }
  if (/no permission to reach/.test(detail)) return { outcome: "forbidden-address", detail };
  if (/requests to port \d+ are blocked/i.test(detail)) return { outcome: "bad-url", detail };
  if (stage === "reading") return { outcome: "truncated", detail };
  if (/failed to lookup address.*(?:not known|no address)/i.test(detail)) {
    return { outcome: "gone", detail };
  }
  if (/handshake eof/i.test(detail)) return { outcome: "refused", detail };
  if (/certificate|invalid peer|received fatal alert|corrupt message|tls/i.test(detail)) {
    return { outcome: "tls-error", detail };
  }
  return { outcome: "refused", detail };
}

/** What on this machine may be wrong where TLS fails. */
export type OwnTlsFault = "clock ahead" | "clock behind" | "authority";

/** What on this machine may have caused a `tls-error`; `undefined` where it is the server's fault. */
export function ownTlsFault(detail: string): OwnTlsFault | undefined {
  if (detail.endsWith(BY_THE_CLOCK)) {
    return detail.includes("expired") ? "clock ahead" : "clock behind";
  }
  return detail === UNKNOWN_AUTHORITY ? "authority" : undefined;
}

/** Deno says "fetch failed" and keeps the real error in the cause. */
function deepest(thrown: unknown): string {
  let found = thrown;
  for (let depth = 0; depth < 5 && found instanceof Error && found.cause !== undefined; depth++) {
    found = found.cause;
  }
  return reason(found);
}

const BY_THE_CLOCK = ", by this machine's clock";
const UNKNOWN_AUTHORITY =
  "its certificate is by an authority that is not known here: name yours in DENO_CERT";

/** The platform's messages in plain words. */
const PLAIN: readonly (readonly [RegExp, string])[] = [
  [/^unsuccessful tunnel$/, "the proxy could not connect, or did not want to"],
  [/^unexpected eof while tunneling$/, "the proxy hung up"],
  [
    /^proxy authentication required$/,
    "the proxy wants a name and password: put them in HTTPS_PROXY",
  ],
  [/^tcp connect error: connection refused.*$/i, "connection refused"],
  [/^tcp connect error: /i, "cannot connect: "],
  [/^connection closed before message completed$/, "closed before the answer was complete"],
  // TLS reports the missing end, but a connection that breaks says nothing about certificates.
  [/^.*without sending TLS close_notify.*$/, "closed before the answer was complete"],
  [/^connection error: connection reset.*$/i, "connection reset"],
  // Mostly our own fault: the clock, or a proxy's own authority, or another of the same name.
  [
    /^invalid peer certificate: (?:certificate )?(expired|not valid yet|NotValidYet)\b.*/i,
    `its certificate is $1${BY_THE_CLOCK}`,
  ],
  [/^invalid peer certificate: (?:UnknownIssuer|BadSignature)$/, UNKNOWN_AUTHORITY],
  [/^requires net access to ("[^"]*").*$/i, "this process has no permission to reach $1"],
];

/** Drops the URL, which the log has anyway. */
function shorten(message: string): string {
  const bare = message
    .replace(/error sending request (?:from \S+ )?for (?:url )?\(?\S+?\)?(?: \(\S+\))?: /, "")
    .replace(/^client error \(\w+\): /, "")
    .replace(/^fetch failed:? /i, "");
  return PLAIN.reduce((text, [from, to]) => text.replace(from, to), bare).slice(0, 300);
}
