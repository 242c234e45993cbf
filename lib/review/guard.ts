/**
 * Who may talk to the review's server: the page that it gave out itself, to whoever had its token.
 *
 * @module
 */

/** What a request is measured by. */
export interface GuardRules {
  /** `127.0.0.1:<port>`. */
  readonly host: string;
  /** The secret of this run. */
  readonly token: string;
}

/** The name of the header that may carry the token. */
export const TOKEN_HEADER = "x-aquaset-token";

/** A secret that nobody can guess: 32 random bytes. */
export function makeToken(): string {
  return crypto.getRandomValues(new Uint8Array(32)).toBase64({
    alphabet: "base64url",
    omitPadding: true,
  });
}

/**
 * The name of the cookie that carries the token. Cookies do not tell ports apart, so the port is
 * in the name: two reviews do not take each other's.
 */
export function cookieName(host: string): string {
  return `aquaset-${host.slice(host.lastIndexOf(":") + 1)}`;
}

/**
 * Looks at a request before anything else does.
 *
 * @param request The request.
 * @param rules What it is measured by.
 * @returns Nothing when it may pass; else the answer it gets.
 */
export function refuse(request: Request, rules: GuardRules): Response | undefined {
  // A page of a strange name that was made to point here (DNS rebinding) names itself as the host.
  if (request.headers.get("host") !== rules.host) return no(421, "This is not its host name.");
  const origin = request.headers.get("origin");
  const own = `http://${rules.host}`;
  if (origin !== null && origin !== own) return no(403, "Another site may not ask.");
  const site = request.headers.get("sec-fetch-site");
  if (site !== null && site !== "same-origin" && site !== "none") {
    return no(403, "Another site may not ask.");
  }
  if (request.method !== "GET" && request.method !== "POST") return no(405, "GET and POST only.");
  if (request.method === "POST" && origin === null) return no(403, "The Origin header is missing.");
  if (!hasToken(request, rules)) {
    return no(403, "Open the address that `deno task review` has printed: the token is missing.");
  }
  return undefined;
}

function hasToken(request: Request, { host, token }: GuardRules): boolean {
  const given = [
    request.headers.get(TOKEN_HEADER),
    new URL(request.url).searchParams.get("token"),
    cookie(request.headers.get("cookie") ?? "", cookieName(host)),
  ];
  return given.some((one) => one !== null && isSame(one, token));
}

function cookie(header: string, name: string): string | null {
  for (const pair of header.split(";")) {
    const [key, value] = pair.trim().split("=", 2);
    if (key === name && value !== undefined) return value;
  }
  return null;
}

/** Compares in a time that does not tell how much of it was right. */
function isSame(one: string, other: string): boolean {
  let differ = one.length ^ other.length;
  for (let at = 0; at < other.length; at++) {
    differ |= (one.charCodeAt(at) || 0) ^ other.charCodeAt(at);
  }
  return differ === 0;
}

function no(status: number, why: string): Response {
  return new Response(`${why}\n`, {
    status,
    headers: { "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" },
  });
}
