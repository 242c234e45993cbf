import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Failure } from "../../lib/base/failure.ts";
import { keyHashes } from "../../lib/browser/spki.ts";
import { surroundingsOf } from "../../lib/browser/surroundings.ts";

/** A certificate made for this test with OpenSSL; its key was thrown away. */
const certificate = `-----BEGIN CERTIFICATE-----
MIIBdTCCARugAwIBAgIUSq9srKSkVnWht3GnX4y6/eVcEngwCgYIKoZIzj0EAwIw
DzENMAsGA1UEAwwEZmlzaDAgFw0yNjExMjIxOTI4MTJaGA8yMTI2MTAyOTE5Mjgx
MlowDzENMAsGA1UEAwwEZmlzaDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABMrl
ZUyspDt1z8rxOb5lFfakKim9zuG/e/ZAqGIkHpoF1iPleT/qs6PHRR7eYmLxzssp
UkpObU27PvzuaCPUQuijUzBRMB0GA1UdDgQWBBQ8t4spG6b3tqJc8UZK25kTQ4it
uTAfBgNVHSMEGDAWgBQ8t4spG6b3tqJc8UZK25kTQ4ituTAPBgNVHRMBAf8EBTAD
AQH/MAoGCCqGSM49BAMCA0gAMEUCIH/SpawOQQSpUmVXshVaHqCLh6BcU6q+Q5nj
aSUgMe7/AiEApkLMB7/RtJ32wnod+4iswX3vjgqTMvznA5vAz3W30Mo=
-----END CERTIFICATE-----
`;

/** What OpenSSL says of its key. */
const hash = "LgxNpGa61FC60qRq+CnOQmdG/MbKw3NYXeMC4jGFt2s=";

const from = (variables: Readonly<Record<string, string>>) =>
  surroundingsOf((name) => variables[name]);

Deno.test("keyHashes() gives what OpenSSL gives, each key once, and takes nothing else", () => {
  assertEquals(keyHashes(certificate), [hash]);
  assertEquals(keyHashes(`# two of them\n${certificate}\r\n${certificate}`), [hash]);
  assertThrows(() => keyHashes(""), Error, "no certificate");
  assertThrows(() => keyHashes(certificate.replace("MIIB", "MIIX")), Error);
});

Deno.test("surroundingsOf() finds nothing where nothing is set", async () => {
  assertEquals(await from({ HTTPS_PROXY: "", https_proxy: "", DENO_CERT: "" }), {
    trustedKeys: [],
  });
});

Deno.test("surroundingsOf() reads proxies in either case, with and without a scheme", async () => {
  assertEquals(await from({ HTTPS_PROXY: "http://proxy:3128", http_proxy: "proxy:80" }), {
    proxy: {
      server: "https=http://proxy:3128;http=http://proxy",
      bypass: "<-loopback>",
    },
    trustedKeys: [],
  });
});

Deno.test("surroundingsOf() keeps the password out of the command line", async () => {
  const { proxy } = await from({ https_proxy: "http://me:p%3Aw@proxy:3128" });
  assertEquals(proxy?.server, "https=http://proxy:3128");
  assertEquals(proxy?.login, { username: "me", password: "p:w" });
});

Deno.test("surroundingsOf() puts NO_PROXY into Chromium's words", async () => {
  const { proxy } = await from({
    HTTPS_PROXY: "http://proxy:1",
    NO_PROXY: "localhost, .example.org,*.fish.net,10.0.0.0/8,127.0.0.1,,host:8080",
  });
  assertEquals(
    proxy?.bypass,
    "<-loopback>;localhost;*.localhost;example.org;*.example.org;fish.net;*.fish.net;10.0.0.0/8;127.0.0.1;host:8080",
  );
});

Deno.test("surroundingsOf() names the variable whose value is of no use", async () => {
  const proxy = await assertRejects(() => from({ HTTPS_PROXY: "http://" }), Failure, "HTTPS_PROXY");
  assertEquals(proxy.status, 2);
  await assertRejects(
    () => from({ DENO_CERT: "/no/such.pem" }),
    Failure,
    "/no/such.pem that DENO_CERT names",
  );
});

Deno.test("surroundingsOf() trusts the keys of the authority", async () => {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(path, certificate);
    assertEquals((await from({ DENO_CERT: path })).trustedKeys, [hash]);
  } finally {
    await Deno.remove(path);
  }
});
