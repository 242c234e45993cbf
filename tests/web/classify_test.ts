import { assertEquals } from "@std/assert";
import { classifyError, classifyStatus, TooLarge } from "../../lib/web/classify.ts";
import { TimedOut } from "../../lib/web/deadline.ts";

/** As Deno 2.9 throws: the cause says what happened. */
function fetchFailed(message: string): TypeError {
  const what = `error sending request for url (https://a.example/1.jpg): ${message}`;
  return new TypeError("fetch failed", { cause: new TypeError(what) });
}

const THROWN: readonly (readonly [unknown, "asking" | "reading", string, string])[] = [
  [new TimedOut("no answer for 15 s"), "asking", "timeout", "no answer for 15 s"],
  [new TimedOut("too slow"), "reading", "timeout", "too slow"],
  [new TooLarge("more than 5 bytes"), "reading", "too-large", "more than 5 bytes"],
  [
    new Deno.errors.NotCapable('Requires net access to "10.0.0.1:80", run again with --allow-net'),
    "asking",
    "forbidden-address",
    'this process has no permission to reach "10.0.0.1:80"',
  ],
  [
    fetchFailed('client error (Connect): Requires net access to "10.0.0.1:80", run again'),
    "asking",
    "forbidden-address",
    'this process has no permission to reach "10.0.0.1:80"',
  ],
  [
    fetchFailed("client error (Connect): tcp connect error: Connection refused (os error 111)"),
    "asking",
    "refused",
    "connection refused",
  ],
  [
    fetchFailed(
      "client error (SendRequest): connection error: peer closed connection without sending TLS close_notify: https://docs.rs/rustls/latest/rustls/manual/_03_howto/index.html#unexpected-eof",
    ),
    "asking",
    "refused",
    "closed before the answer was complete",
  ],
  [
    fetchFailed("client error (Connect): tcp open error: Too many open files (os error 24)"),
    "asking",
    "refused",
    "too many open files on this machine: close programs or raise the limit (ulimit -n)",
  ],
  [
    fetchFailed("client error (Connect): unsuccessful tunnel"),
    "asking",
    "refused",
    "the proxy could not connect, or did not want to",
  ],
  [
    fetchFailed(
      "client error (Connect): invalid peer certificate: certificate not valid yet: verification time 1 (UNIX), but certificate is not valid before 2 (1 seconds ago)",
    ),
    "asking",
    "tls-error",
    "its certificate is not valid yet, by this machine's clock",
  ],
  [
    fetchFailed("client error (Connect): invalid peer certificate: UnknownIssuer"),
    "asking",
    "tls-error",
    "its certificate is by an authority that is not known here: name yours in DENO_CERT",
  ],
  [
    fetchFailed("client error (Connect): tls handshake eof"),
    "asking",
    "refused",
    "tls handshake eof",
  ],
  [
    fetchFailed(
      "client error (Connect): dns error: failed to lookup address information: Name or service not known",
    ),
    "asking",
    "gone",
    "dns error: failed to lookup address information: Name or service not known",
  ],
  [
    new TypeError("Fetch failed: Requests to port 22 are blocked"),
    "asking",
    "bad-url",
    "Requests to port 22 are blocked",
  ],
  [new TypeError("anything else"), "reading", "truncated", "anything else"],
  ["no error at all", "asking", "refused", "no error at all"],
  [new Error("x".repeat(5000)), "asking", "refused", "x".repeat(300)],
];

for (const [thrown, stage, outcome, detail] of THROWN) {
  Deno.test(`classifyError() ${stage}: ${detail.slice(0, 70)}`, () => {
    const classified = classifyError(thrown, stage);
    assertEquals<unknown[]>([classified.outcome, classified.detail], [outcome, detail]);
  });
}

Deno.test("classifyStatus() has an outcome for every number", () => {
  for (let status = 0; status < 1000; status++) {
    if (status >= 200 && status < 300) continue;
    assertEquals(typeof classifyStatus(status), "string");
  }
  assertEquals(
    [404, 410, 401, 403, 429, 500, 599, 400, 451, 304].map((status): string =>
      classifyStatus(status)
    ),
    [
      "gone",
      "gone",
      "forbidden",
      "forbidden",
      "rate-limited",
      "server-error",
      "server-error",
      "client-error",
      "gone",
      "redirect-loop",
    ],
  );
});
