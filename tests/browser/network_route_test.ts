import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Failure } from "../../lib/base/failure.ts";
import { keyHashes, networkRoute } from "../../lib/browser/network_route.ts";

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

const hash = "LgxNpGa61FC60qRq+CnOQmdG/MbKw3NYXeMC4jGFt2s=";

type Variables = Readonly<Record<string, string>>;

const HOSTS = ["www.google.com", "127.0.0.1"];
const from = (variables: Variables, hosts = HOSTS) =>
  networkRoute(hosts, (name) => variables[name]);

/** The flags, and what the PAC script says of some addresses. */
async function routed(variables: Variables, hosts = HOSTS) {
  const { flags, login } = await from(variables, hosts);
  const [, script = ""] = flags.find((flag) => flag.startsWith("--proxy-pac-url="))
    ?.split(";base64,") ?? [];
  const find: unknown = new Function(`${atob(script)}; return FindProxyForURL;`)();
  if (typeof find !== "function") throw new Error("there is no FindProxyForURL");
  const rules = flags.find((flag) => flag.startsWith("--host-resolver-rules="));
  return { rules, login, way: (url: string): unknown => find(url, new URL(url).hostname) };
}

Deno.test("keyHashes() gives what OpenSSL gives, each key once, and takes nothing else", () => {
  assertEquals(keyHashes(certificate), [hash]);
  assertEquals(keyHashes(`# two of them\n${certificate}\r\n${certificate}`), [hash]);
  assertThrows(() => keyHashes(""), Error, "no certificate");
  assertThrows(() => keyHashes(certificate.replace("MIIB", "MIIX")), Error);
});

Deno.test("networkRoute() without a proxy resolves the hosts alone", async () => {
  assertEquals(await from({ HTTPS_PROXY: "", https_proxy: "", DENO_CERT: "" }), {
    flags: [
      "--no-proxy-server",
      "--host-resolver-rules=MAP * ~NOTFOUND,EXCLUDE www.google.com,EXCLUDE 127.0.0.1",
    ],
  });
});

Deno.test("networkRoute() sends the hosts to the proxy of their scheme, and nothing else anywhere", async () => {
  const { rules, way, login } = await routed({
    HTTPS_PROXY: "http://me:p%3Aw@proxy:3128",
    http_proxy: "other",
  });
  assertEquals(
    rules,
    "--host-resolver-rules=MAP proxy-for-https.invalid proxy,MAP proxy-for-http.invalid other,MAP * ~NOTFOUND",
  );
  assertEquals(way("https://www.google.com/"), "PROXY proxy-for-https.invalid:3128");
  assertEquals(way("http://www.google.com/"), "PROXY proxy-for-http.invalid:80");
  for (const url of ["https://evil.example/", "http://127.0.0.2/", "wss://www.google.com/"]) {
    assertEquals(way(url), "PROXY nowhere.invalid:1", url);
  }
  assertEquals(login, { username: "me", password: "p:w" });
});

Deno.test("networkRoute() uses ALL_PROXY for both schemes, before the others", async () => {
  const { way } = await routed({ ALL_PROXY: "http://all:3128", HTTPS_PROXY: "http://other" });
  assertEquals(way("https://www.google.com/"), "PROXY proxy-for-https.invalid:3128");
  assertEquals(way("http://www.google.com/"), "PROXY proxy-for-http.invalid:3128");
});

Deno.test("networkRoute() goes directly where no proxy is named, and round it for NO_PROXY", async () => {
  const { rules, way } = await routed({
    HTTPS_PROXY: "socks5://[::1]:1080",
    NO_PROXY: "localhost, .google.com,10.0.0.0/8",
  }, ["www.google.com", "google.com.example"]);
  assertEquals(way("https://www.google.com/"), "DIRECT");
  assertEquals(way("https://google.com.example/"), "SOCKS5 proxy-for-https.invalid:1080");
  assertEquals(way("http://google.com.example/"), "DIRECT");
  assertEquals(
    rules,
    "--host-resolver-rules=MAP proxy-for-https.invalid [::1],MAP * ~NOTFOUND,EXCLUDE www.google.com,EXCLUDE google.com.example",
  );
});

Deno.test("networkRoute() names the variable whose value cannot be used", async () => {
  const proxy = await assertRejects(() => from({ HTTPS_PROXY: "http://" }), Failure, "HTTPS_PROXY");
  assertEquals(proxy.status, 2);
  await assertRejects(() => from({ HTTP_PROXY: "ftp://proxy" }), Failure, "HTTP_PROXY");
  await assertRejects(
    () => from({ DENO_CERT: "/no/such.pem" }),
    Failure,
    "/no/such.pem that DENO_CERT names",
  );
});

Deno.test("networkRoute() trusts the keys of the authority", async () => {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(path, certificate);
    const { flags: [first] } = await from({ DENO_CERT: path });
    assertEquals(first, `--ignore-certificate-errors-spki-list=${hash}`);
  } finally {
    await Deno.remove(path);
  }
});
