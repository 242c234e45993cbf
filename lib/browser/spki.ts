/**
 * Hashes of certificates' keys, as Chromium takes them for authorities to trust.
 *
 * @module
 */

import { createHash, X509Certificate } from "node:crypto";

/**
 * The hashes of the keys in a PEM file: base64 of the SHA-256 of each SubjectPublicKeyInfo.
 *
 * @param pem One or more certificates.
 * @returns One hash a certificate, in their order, each once.
 * @throws {Error} When there is no certificate in it, or one cannot be read.
 */
export function keyHashes(pem: string): readonly string[] {
  const certificates = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g);
  if (certificates === null) throw new Error("there is no certificate in it");
  return [...new Set(certificates.map(keyHash))];
}

function keyHash(certificate: string): string {
  const { publicKey } = new X509Certificate(certificate);
  const key = publicKey.export({ type: "spki", format: "der" });
  return createHash("sha256").update(key).digest("base64");
}
