/**
 * What Aquaset calls itself to servers.
 *
 * @module
 */

import { PROJECT_URL, VERSION } from "../base/version.ts";

/** The name that robots.txt and `X-Robots-Tag` know Aquaset by. */
export const PRODUCT_TOKEN = "Aquaset";

/**
 * The User-Agent: the product, its version and whom to write to.
 *
 * @param contact An address or URL; the project's own unless given.
 * @returns Such as `Aquaset/0.1.0 (+https://github.com/aquaset/aquaset)`.
 * @throws {TypeError} When the contact cannot stand in a header.
 *
 * @example
 * ```ts
 * userAgent("mailto:fish@example.org"); // "Aquaset/0.1.0 (+mailto:fish@example.org)"
 * ```
 */
export function userAgent(contact: string = PROJECT_URL): string {
  if (!/^[\x20-\x7e]{1,200}$/.test(contact) || /[()]/.test(contact)) {
    throw new TypeError("takes 1 to 200 plain letters without parentheses: an address or URL");
  }
  return `${PRODUCT_TOKEN}/${VERSION} (+${contact.trim()})`;
}
