import { assertEquals } from "@std/assert";
import { isProxied } from "../../lib/web/proxy.ts";

const P = "http://proxy.example:3128";

const CASES: readonly (readonly [string, Readonly<Record<string, string>>, boolean])[] = [
  ["https://a.example/", {}, false],
  ["https://a.example/", { HTTPS_PROXY: P }, true],
  ["https://a.example/", { https_proxy: P }, true],
  ["https://a.example/", { HTTP_PROXY: P }, false],
  ["http://a.example/", { HTTP_PROXY: P }, true],
  ["http://a.example/", { HTTPS_PROXY: P }, false],
  ["http://a.example/", { ALL_PROXY: P }, true],
  ["https://a.example/", { HTTPS_PROXY: "" }, false],
  ["https://a.example/", { HTTPS_PROXY: P, NO_PROXY: "*" }, false],
  ["https://a.example/", { HTTPS_PROXY: P, NO_PROXY: "a.example" }, false],
  ["https://a.example/", { HTTPS_PROXY: P, NO_PROXY: ".a.example" }, false],
  ["https://b.a.example/", { HTTPS_PROXY: P, NO_PROXY: "x, .a.example" }, false],
  ["https://b.a.example/", { HTTPS_PROXY: P, no_proxy: "a.example" }, false],
  ["https://nota.example/", { HTTPS_PROXY: P, NO_PROXY: "a.example" }, true],
  ["https://a.example/", { HTTPS_PROXY: P, NO_PROXY: "" }, true],
  ["https://a.example/", { HTTPS_PROXY: P, NO_PROXY: ",," }, true],
  ["https://10.1.2.3/", { HTTPS_PROXY: P, NO_PROXY: "10.0.0.0/8" }, false],
  ["https://11.1.2.3/", { HTTPS_PROXY: P, NO_PROXY: "10.0.0.0/8" }, true],
  ["https://[::1]/", { HTTPS_PROXY: P, NO_PROXY: "::1" }, false],
  ["https://[::1]/", { HTTPS_PROXY: P, NO_PROXY: "127.0.0.0/8" }, true],
];

for (const [url, environment, expected] of CASES) {
  Deno.test(`isProxied() ${url} with ${JSON.stringify(environment)}`, () => {
    assertEquals(isProxied(new URL(url), (name) => environment[name]), expected);
  });
}
