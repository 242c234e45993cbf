/**
 * What the environment says about the way to the network: proxy and certificate authority, the same
 * variables that Deno obeys by itself.
 *
 * @module
 */

import { Failure, reason } from "../base/failure.ts";
import { keyHashes } from "./spki.ts";

/** A proxy for the browser. */
export interface BrowserProxy {
  /** The value of Chromium's `--proxy-server`. */
  readonly server: string;
  /** The value of Chromium's `--proxy-bypass-list`. */
  readonly bypass: string;
  /** The name and word the proxy asks for, where its address names them. */
  readonly login?: { readonly username: string; readonly password: string };
}

/** The way to the network. */
export interface Surroundings {
  /** The proxy, where there is one. */
  readonly proxy?: BrowserProxy;
  /** Hashes of keys that are trusted besides those that the browser knows. */
  readonly trustedKeys: readonly string[];
}

/**
 * Reads the way to the network from the environment.
 *
 * @param variable Gives an environment variable: `(name) => Deno.env.get(name)`.
 * @returns What there is.
 * @throws {Failure} When the certificate authority's file or the proxy's address cannot be used.
 */
export async function surroundingsOf(
  variable: (name: string) => string | undefined,
): Promise<Surroundings> {
  const either = (name: string) => variable(name) || variable(name.toLowerCase()) || undefined;
  const secure = either("HTTPS_PROXY");
  const plain = either("HTTP_PROXY");
  const authority = variable("DENO_CERT") || undefined;
  const trustedKeys = authority === undefined ? [] : await readAuthority(authority);
  if (secure === undefined && plain === undefined) return { trustedKeys };
  return { proxy: proxyOf(secure, plain, either("NO_PROXY")), trustedKeys };
}

function proxyOf(
  secure: string | undefined,
  plain: string | undefined,
  except: string | undefined,
): BrowserProxy {
  const rules: string[] = [];
  let login: BrowserProxy["login"];
  for (const [scheme, address] of [["https", secure], ["http", plain]] as const) {
    if (address === undefined) continue;
    const url = proxyUrl(scheme, address);
    rules.push(`${scheme}=${url.protocol}//${url.host}`);
    if (url.username !== "") {
      login ??= {
        username: decodeURIComponent(url.username),
        password: decodeURIComponent(url.password),
      };
    }
  }
  // Chromium goes round the proxy for loopback unless it is told not to; Deno does not.
  const bypass = ["<-loopback>", ...bypassRules(except ?? "")].join(";");
  return { server: rules.join(";"), bypass, ...(login === undefined ? {} : { login }) };
}

function proxyUrl(scheme: string, address: string): URL {
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(address) ? address : `http://${address}`);
  if (url === null || url.host === "") {
    throw new Failure(
      `Cannot use the proxy "${address}" of ${scheme.toUpperCase()}_PROXY: it is no address. Give one like http://host:3128.`,
      2,
    );
  }
  return url;
}

/** `NO_PROXY`'s entries in Chromium's words: a name there covers the names below it too. */
function bypassRules(except: string): readonly string[] {
  return except.split(",").map((entry) => entry.trim()).filter((entry) => entry !== "").flatMap(
    (entry) => {
      if (entry === "*" || /[/:]/.test(entry) || /^[\d.]+$/.test(entry)) return [entry];
      const name = entry.replace(/^\*?\./, "");
      return [name, `*.${name}`];
    },
  );
}

async function readAuthority(path: string): Promise<readonly string[]> {
  try {
    return keyHashes(await Deno.readTextFile(path));
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
