/**
 * The `Referer` a browser would send.
 *
 * @module
 */

/**
 * What a browser sends under its default policy, `strict-origin-when-cross-origin`: the whole page
 * within its own site, the site alone to others, nothing from https to http.
 *
 * @param page The page the image stands on.
 * @param target The image.
 * @returns The header's value, or nothing.
 *
 * @example
 * ```ts
 * referrer("https://a.example/tank?x#y", new URL("https://b.example/1.jpg")); // "https://a.example/"
 * ```
 */
export function referrer(page: string, target: URL): string | undefined {
  const from = URL.parse(page);
  if (from === null || (from.protocol !== "https:" && from.protocol !== "http:")) return undefined;
  if (from.origin === target.origin) {
    from.username = "";
    from.password = "";
    from.hash = "";
    return from.href;
  }
  if (from.protocol === "https:" && target.protocol !== "https:") return undefined;
  return `${from.origin}/`;
}
