/**
 * The pages' own scripts and styles, put into the page as they are, and allowed there by their hash.
 *
 * @module
 */

import cell from "./client/cell.js" with { type: "text" };
import page from "./client/page.css" with { type: "text" };
import report from "./client/report.js" with { type: "text" };
import { Markup, markup } from "./html.ts";

/** A script or a style sheet to be put into a page. */
export interface Inline {
  /** Its element. */
  readonly element: Markup;
  /** What a Content-Security-Policy names it by, quotes included. */
  readonly hash: string;
}

/**
 * Joins script modules into one script: their imports of one another and their `export`s fall away.
 *
 * @param modules The modules' texts, those that are imported first.
 */
export async function inlineScript(modules: readonly string[]): Promise<Inline> {
  const plain = modules.map((text) =>
    text.replace(/^import [^;]*;$/gm, "").replace(/^export /gm, "").replace(
      /<\/(?=script)/gi,
      "<\\/",
    )
  );
  const text = `(() => {\n"use strict";\n${plain.join("\n")}\n})();`;
  return { element: markup`<script>${new Markup(text)}</script>`, hash: await hashOf(text) };
}

/**
 * A style sheet to be put into a page.
 *
 * @param text The sheet.
 */
export async function inlineStyle(text: string): Promise<Inline> {
  return { element: markup`<style>${new Markup(text)}</style>`, hash: await hashOf(text) };
}

/** The style sheet of all pages. */
export async function pageStyle(): Promise<Inline> {
  return await inlineStyle(page);
}

/** The script of the report. */
export async function reportScript(): Promise<Inline> {
  return await inlineScript([cell, report]);
}

async function hashOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return `'sha256-${new Uint8Array(digest).toBase64()}'`;
}
