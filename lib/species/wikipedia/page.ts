/**
 * The article's markup out of whatever shape Wikipedia serves it in.
 *
 * @module
 */

import { decodeHtml, parseHtml } from "../../web/html.ts";

/** The code of an answer that came only in part. */
export const CUT_OFF = "cut-off";

/** What a page's bytes are. */
export type PageMarkup =
  /** The markup of an article. */
  | { readonly ok: true; readonly html: string }
  /** The API's own word for what went wrong: `missingtitle`, `maxlag` …, or {@linkcode CUT_OFF}. */
  | { readonly ok: false; readonly code: string; readonly info: string };

/**
 * Reads a body: the article as HTML (also Parsoid's, `/api/rest_v1/page/html/…`), or the JSON of
 * `api.php?action=parse` in both of its formats, or the page that shows that JSON to people.
 *
 * @param bytes The body.
 * @param contentType The `Content-Type` header, where there was one.
 */
export function pageMarkup(bytes: Uint8Array, contentType?: string | null): PageMarkup {
  const text = decodeHtml(bytes, contentType);
  const first = text.trimStart().slice(0, 1);
  if (first === "{") return fromJson(text) ?? partOfJson(text) ?? { ok: true, html: text };
  if (text.includes("api-pretty-content")) {
    const shown = parseHtml(text).querySelector(".api-pretty-content")?.textContent ?? "";
    return fromJson(shown) ?? { ok: true, html: text };
  }
  // MediaWiki ends every page that it begins with <html>, Parsoid's too (seen 2024).
  if (/<html[\s>]/i.test(text) && isMediaWiki(text) && !/<\/html\s*>/i.test(text)) {
    return { ok: false, code: CUT_OFF, info: "the page ends before its </html>" };
  }
  return { ok: true, html: text };
}

function isMediaWiki(text: string): boolean {
  return /mw-parser-output|data-mw-section-id|wgPageName|<meta name="generator" content="MediaWiki/
    .test(text);
}

/** JSON that is none, because its end is missing: read as HTML it would be half a list. */
function partOfJson(text: string): PageMarkup | undefined {
  return /^\s*\{\s*"(?:parse|batchcomplete|warnings|servedby|id|title|error)"\s*:/.test(text)
    ? { ok: false, code: CUT_OFF, info: "the answer's JSON ends in the middle" }
    : undefined;
}

function fromJson(text: string): PageMarkup | undefined {
  const answer = record(parsed(text));
  if (answer === undefined) return undefined;
  const html = markupOf(record(answer.parse)?.text) ?? markupOf(answer.html);
  if (html !== undefined) return { ok: true, html };
  const errors = Array.isArray(answer.errors) ? answer.errors[0] : undefined;
  const error = record(answer.error) ?? record(errors);
  if (error !== undefined) {
    return {
      ok: false,
      code: textOf(error.code) ?? "unknown",
      info: textOf(error.info) ?? textOf(error.text) ?? "no explanation",
    };
  }
  // The REST interface's errors: {"errorKey": …, "messageTranslations": …} or problem+json.
  const title = textOf(answer.errorKey) ?? textOf(answer.title);
  return {
    ok: false,
    code: title ?? "unknown",
    info: textOf(answer.detail) ?? title ?? "JSON without an article's text",
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    // Not JSON after all; it is read as HTML then.
    if (thrown instanceof SyntaxError) return undefined;
    throw thrown;
  }
}

function record(value: unknown): Record<string, unknown> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? { ...value }
    : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** `text: "…"` since formatversion 2, `text: {"*": "…"}` before. */
function markupOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : textOf(record(value)?.["*"]);
}
