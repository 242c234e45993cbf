/**
 * The demo world's certificate authority: made at start, gone at the end, never written but as the
 * public certificate that the scraper trusts.
 *
 * @module
 */

// The certificate library needs this polyfill to be loaded first.
import "npm:reflect-metadata@0.2.2";
import * as x509 from "npm:@peculiar/x509@2.2.0";

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

/** Makes an authority and one server certificate for all hosts, valid for `days` days. */
export async function createAuthority(
  hosts: readonly string[],
  { days = 30 }: { readonly days?: number } = {},
): Promise<Authority> {
  x509.cryptoProvider.set(crypto);
  const now = Date.now();
  const rootKeys = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    name: "CN=Aquaset demo world authority,O=Aquaset",
    notBefore: new Date(now - 90 * DAY),
    notAfter: new Date(now + 60 * DAY),
    signingAlgorithm: ALGORITHM,
    keys: rootKeys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
        true,
      ),
      await x509.SubjectKeyIdentifierExtension.create(rootKeys.publicKey),
    ],
  });
  const leafKeys = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const leaf = await x509.X509CertificateGenerator.create({
    serialNumber: serial(),
    subject: "CN=Aquaset demo world",
    issuer: root.subject,
    notBefore: new Date(now - 60 * DAY),
    notAfter: new Date(now + days * DAY),
    signingAlgorithm: ALGORITHM,
    publicKey: leafKeys.publicKey,
    signingKey: rootKeys.privateKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        hosts.map((value): x509.JsonGeneralName => ({ type: "dns", value })),
      ),
      await x509.AuthorityKeyIdentifierExtension.create(rootKeys.publicKey),
      await x509.SubjectKeyIdentifierExtension.create(leafKeys.publicKey),
    ],
  });
  const pkcs8 = await crypto.subtle.exportKey("pkcs8", leafKeys.privateKey);
  const certificate = root.toString("pem") + "\n";
  return {
    certificate,
    chain: leaf.toString("pem") + "\n" + certificate,
    key: x509.PemConverter.encode(pkcs8, "PRIVATE KEY") + "\n",
  };
}

function serial(): string {
  return `01${crypto.getRandomValues(new Uint8Array(9)).toHex()}`;
}
