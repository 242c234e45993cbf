/**
 * How a browser reaches the network: through the proxies and with the certificate authority that Deno
 * itself uses, and (the outer part of the fence) with connections to the hosts only.
 *
 * A proxy gets a made-up name that only our rules resolve. If pages knew its real address, they could
 * reach other ports there, because Chromium uses no proxy for loopback.
 *
 * @module
 */

import { createHash, X509Certificate } from "node:crypto";
import { Failure, reason } from "../base/failure.ts";
import { type Environment, isExempt, proxyFor } from "../base/proxy.ts";

export interface NetworkRoute {
  readonly flags: readonly string[];
  readonly login?: { readonly username: string; readonly password: string } | undefined;
}

/** A host that cannot exist, for forbidden connections. */
const NOWHERE = "PROXY nowhere.invalid:1";

/**
 * Reads the environment.
 *
 * @throws {Failure} When the certificate authority's file or the proxy's address cannot be used.
 */
export async function networkRoute(
  hosts: readonly string[],
  environment: Environment,
): Promise<NetworkRoute> {
  const authority = environment("DENO_CERT") || undefined;
  const trust = authority === undefined ? [] : [await trustFlag(authority)];
  const proxies = (["https", "http"] as const).flatMap((scheme) => {
    const proxy = proxyFor(scheme, environment);
    return proxy === undefined ? [] : [{ scheme, url: parseProxy(proxy) }];
  });
  if (proxies.length === 0) {
    return { flags: [...trust, "--no-proxy-server", resolverRules(hosts)] };
  }
  const routes: Record<string, string> = {};
  const direct = new Set<string>();
  const exempt = hosts.filter((host) => isExempt(host, environment));
  for (const host of hosts) {
    for (const scheme of ["https", "http"]) {
      const proxy = proxies.find((one) => one.scheme === scheme);
      const directly = proxy === undefined || exempt.includes(host);
      routes[`${scheme}:${host}`] = directly ? "DIRECT" : pacProxy(scheme, proxy.url);
      if (directly) direct.add(host);
    }
  }
  const script = `const routes = ${JSON.stringify(routes)};
function FindProxyForURL(url, host) {
  return routes[url.slice(0, url.indexOf(":") + 1) + host] || "${NOWHERE}";
}`;
  const known = proxies.find(({ url }) => url.username !== "")?.url;
  return {
    flags: [
      ...trust,
      resolverRules([...direct], proxies.map(({ scheme, url }) => proxyRule(scheme, url))),
      `--proxy-pac-url=data:application/x-ns-proxy-autoconfig;base64,${btoa(script)}`,
      // The headless shell supports no PAC scripts; Chromium, which does, ignores these flags then.
      `--proxy-server=${proxies.map(({ scheme, url }) => serverOf(scheme, url)).join(";")}`,
      `--proxy-bypass-list=${["<-loopback>", ...exempt].join(";")}`,
      `--host-rules=${onlyHosts(hosts)}`,
    ],
    login: known && {
      username: decodeURIComponent(known.username),
      password: decodeURIComponent(known.password),
    },
  };
}

function resolverRules(hosts: readonly string[], more: readonly string[] = []): string {
  return `--host-resolver-rules=${[...more, onlyHosts(hosts)].join(",")}`;
}

function onlyHosts(hosts: readonly string[]): string {
  return ["MAP * ~NOTFOUND", ...hosts.map((host) => `EXCLUDE ${host}`)].join(",");
}

function parseProxy({ variable, address }: { variable: string; address: string }): URL {
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(address) ? address : `http://${address}`);
  if (url !== null && url.host !== "" && url.protocol in PAC_KINDS) return url;
  throw new Failure(
    `Cannot use the proxy "${address}" of ${variable}: it is not a proxy's address. Give one like http://host:3128.`,
    2,
  );
}

/** A proxy's name in a PAC script, and its default port. */
const PAC_KINDS: Readonly<Record<string, readonly [string, number]>> = {
  "http:": ["PROXY", 80],
  "https:": ["HTTPS", 443],
  "socks4:": ["SOCKS", 1080],
  "socks5:": ["SOCKS5", 1080],
  "socks5h:": ["SOCKS5", 1080],
};

function pacProxy(scheme: string, url: URL): string {
  const [kind, port] = PAC_KINDS[url.protocol] ?? ["PROXY", 80];
  return `${kind} ${nameOf(scheme, url)}:${url.port || port}`;
}

/** A proxy as `--proxy-server` names it. */
function serverOf(scheme: string, url: URL): string {
  const port = url.port === "" ? "" : `:${url.port}`;
  return `${scheme}=${url.protocol.replace("5h", "5")}//${nameOf(scheme, url)}${port}`;
}

/** A made-up name; for https the one in the proxy's certificate. */
function nameOf(scheme: string, url: URL): string {
  return url.protocol === "https:" ? url.hostname : `proxy-for-${scheme}.invalid`;
}

function proxyRule(scheme: string, url: URL): string {
  const name = nameOf(scheme, url);
  return name === url.hostname ? `EXCLUDE ${name}` : `MAP ${name} ${url.hostname}`;
}

async function trustFlag(path: string): Promise<string> {
  try {
    const hashes = keyHashes(await Deno.readTextFile(path));
    return `--ignore-certificate-errors-spki-list=${hashes.join(",")}`;
  } catch (error) {
    throw new Failure(
      `Cannot read the certificate authority ${path} that DENO_CERT names: ${
        reason(error)
      }. Give the path of a PEM file that Deno may read (--allow-read).`,
      1,
      error,
    );
  }
}

/** The keys in a PEM file, each once: base64 of the SHA-256 of its SubjectPublicKeyInfo. */
export function keyHashes(pem: string): readonly string[] {
  const certificates = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g);
  if (certificates === null) throw new Error("there is no certificate in it");
  return [
    ...new Set(certificates.map((certificate) => {
      const { publicKey } = new X509Certificate(certificate);
      const key = publicKey.export({ type: "spki", format: "der" });
      return createHash("sha256").update(key).digest("base64");
    })),
  ];
}
