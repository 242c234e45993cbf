/**
 * The demo world's certificate authority: made at start, gone at the end, never written but as the
 * public certificate that the scraper trusts.
 *
 * @module
 */

export interface Authority {
  /** The authority's certificate, PEM: for `DENO_CERT`. */
  readonly certificate: string;
  /** The server's full chain, PEM, leaf first: Chromium knows the authority's key only. */
  readonly chain: string;
  /** The server's private key, PEM (PKCS #8). */
  readonly key: string;
}

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const DAY = 24 * 60 * 60 * 1000;

/** When the server's certificate begins and ends, in days from now. */
export interface Validity {
  readonly from?: number;
  readonly days?: number;
}

/** Makes an authority and one server certificate for all hosts. */
export async function createAuthority(
  hosts: readonly string[],
  { from = -60, days = 30 }: Validity = {},
): Promise<Authority> {
  const now = Date.now();
  const issuer = named("Aquaset demo world authority");
  const rootKeys = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const rootId = await keyId(rootKeys.publicKey);
  const root = await certificate({
    issuer,
    subject: issuer,
    notBefore: new Date(now - 90 * DAY),
    notAfter: new Date(now + 60 * DAY),
    publicKey: rootKeys.publicKey,
    signingKey: rootKeys.privateKey,
    extensions: [
      // An authority, whose certificates sign no others.
      extension("2.5.29.19", sequence(BOOLEAN_TRUE, der(0x02, Uint8Array.of(0))), "critical"),
      // Signs certificates and lists of revoked ones.
      extension("2.5.29.15", der(0x03, Uint8Array.of(1, 0b00000110)), "critical"),
      extension("2.5.29.14", der(0x04, rootId)),
    ],
  });
  const leafKeys = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const names = hosts.map((host) => der(0x82, ascii(host)));
  const leaf = await certificate({
    issuer,
    subject: named("Aquaset demo world"),
    notBefore: new Date(now + from * DAY),
    notAfter: new Date(now + days * DAY),
    publicKey: leafKeys.publicKey,
    signingKey: rootKeys.privateKey,
    extensions: [
      // No authority.
      extension("2.5.29.19", sequence(), "critical"),
      // Signs handshakes …
      extension("2.5.29.15", der(0x03, Uint8Array.of(7, 0b10000000)), "critical"),
      // … of servers.
      extension("2.5.29.37", sequence(oid("1.3.6.1.5.5.7.3.1"))),
      extension("2.5.29.17", sequence(...names)),
      extension("2.5.29.35", sequence(der(0x80, rootId))),
      extension("2.5.29.14", der(0x04, await keyId(leafKeys.publicKey))),
    ],
  });
  const pkcs8 = await crypto.subtle.exportKey("pkcs8", leafKeys.privateKey);
  return {
    certificate: pem("CERTIFICATE", root),
    chain: pem("CERTIFICATE", leaf) + pem("CERTIFICATE", root),
    key: pem("PRIVATE KEY", new Uint8Array(pkcs8)),
  };
}

interface CertificateParts {
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly publicKey: CryptoKey;
  readonly signingKey: CryptoKey;
  readonly extensions: readonly Uint8Array[];
}

/** An X.509 certificate, version 3 (RFC 5280). */
async function certificate(parts: CertificateParts): Promise<Uint8Array> {
  const signedWith = sequence(oid("1.2.840.10045.4.3.2"));
  const toSign = sequence(
    der(0xa0, der(0x02, Uint8Array.of(2))),
    der(0x02, Uint8Array.of(1, ...crypto.getRandomValues(new Uint8Array(9)))),
    signedWith,
    parts.issuer,
    sequence(time(parts.notBefore), time(parts.notAfter)),
    parts.subject,
    new Uint8Array(await crypto.subtle.exportKey("spki", parts.publicKey)),
    der(0xa3, sequence(...parts.extensions)),
  );
  const signed = new Uint8Array(await crypto.subtle.sign(ALGORITHM, parts.signingKey, toSign));
  const signature = sequence(unsigned(signed.subarray(0, 32)), unsigned(signed.subarray(32)));
  return sequence(toSign, signedWith, der(0x03, Uint8Array.of(0, ...signature)));
}

function named(name: string): Uint8Array {
  return sequence(der(0x31, sequence(oid("2.5.4.3"), der(0x0c, ascii(name)))));
}

/** What tells a key from others: the hash of its bits, which end its encoding. */
async function keyId(key: CryptoKey): Promise<Uint8Array> {
  const point = await crypto.subtle.exportKey("raw", key);
  return new Uint8Array(await crypto.subtle.digest("SHA-1", point));
}

function extension(id: string, value: Uint8Array, critical?: "critical"): Uint8Array {
  return sequence(oid(id), ...critical ? [BOOLEAN_TRUE] : [], der(0x04, value));
}

/** A value in ASN.1's distinguished encoding: its tag, its length, itself. */
function der(tag: number, ...contents: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const content = contents.flatMap((one) => [...one]);
  const size = content.length;
  const length = size < 0x80
    ? [size]
    : size < 0x100
    ? [0x81, size]
    : [0x82, size >> 8, size & 0xff];
  return Uint8Array.from([tag, ...length, ...content]);
}

const BOOLEAN_TRUE = der(0x01, Uint8Array.of(0xff));

function sequence(...contents: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return der(0x30, ...contents);
}

/** A positive whole number of any size. */
function unsigned(bytes: Uint8Array): Uint8Array {
  const first = bytes.findIndex((byte) => byte !== 0);
  const short = bytes.subarray(first < 0 ? bytes.length - 1 : first);
  return der(0x02, (short[0] ?? 0) < 0x80 ? short : Uint8Array.of(0, ...short));
}

/** An object's name, such as `2.5.4.3`. */
function oid(text: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = text.split(".").map(Number);
  const bytes = [first * 40 + second, ...rest].flatMap((part) => {
    const groups = [part & 0x7f];
    for (let left = part >> 7; left > 0; left >>= 7) groups.unshift((left & 0x7f) | 0x80);
    return groups;
  });
  return der(0x06, Uint8Array.from(bytes));
}

/** A time before 2050, as `YYMMDDhhmmssZ`. */
function time(date: Date): Uint8Array {
  return der(0x17, ascii(date.toISOString().slice(2, 19).replace(/\D/g, "") + "Z"));
}

function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function pem(label: string, bytes: Uint8Array): string {
  const lines = bytes.toBase64().match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n");
}
