/**
 * HTML made from texts of strangers: whatever is put in is escaped unless it is markup already.
 *
 * @module
 */

import { isPrivateHost } from "../web/resolve.ts";

/** A piece of HTML that is right as it is. */
export class Markup {
  readonly text: string;

  /** Takes a text for HTML: only for what this program wrote itself. */
  constructor(text: string) {
    this.text = text;
  }
}

export type Piece = Markup | string | number | readonly Piece[];

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Control characters, and what turns the direction of writing. */
const CONTROL = /(?![\t\n])[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/** Longer texts of strangers are cut, in characters. */
const LONGEST = 300;
/** A longer address is not linked to. */
const LONGEST_ADDRESS = 2000;

/**
 * A stranger's text for a page: one line, cut where it is long, without control characters and
 * without what turns the direction of the text around it.
 */
export function brief(text: string, most = LONGEST): string {
  const cut = text.length > most ? `${text.slice(0, most)}…` : text;
  return cut.toWellFormed().replace(/\s+/g, " ").trim().replace(CONTROL, "\ufffd");
}

/**
 * Escapes a text for use in an element or in a quoted attribute.
 *
 * @param text Any text; lone surrogates, controls and direction marks become `\ufffd`.
 */
export function escapeHtml(text: string): string {
  return text.toWellFormed().replace(CONTROL, "\ufffd")
    .replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character);
}

/**
 * A template of HTML: what stands in `${}` is escaped, lists are joined, markup is left as it is.
 */
export function markup(strings: TemplateStringsArray, ...pieces: readonly Piece[]): Markup {
  return new Markup(
    strings.map((text, at) =>
      // Indentation is for this program's readers; in thousands of rows it would take room.
      (at === 0 ? "" : render(pieces[at - 1] ?? "")) + text.replace(/\n\s+/g, "\n")
    ).join(""),
  );
}

function render(piece: Piece): string {
  if (piece instanceof Markup) return piece.text;
  if (typeof piece === "string") return escapeHtml(piece);
  if (typeof piece === "number") return String(piece);
  return piece.map(render).join("");
}

/** What is not italic in a Latin name: `sp.`, `cf.`, names of trade and places. */
const UPRIGHT = /("[^"]*"|'[^']*'|\([^)]*\)|\b(?:sp|spp|ssp|subsp|cf|aff|var)\.)/;

/** A species' name, italic where it is Latin. */
export function speciesName(name: string, isLatin: boolean): Markup {
  if (!isLatin) return markup`${name}`;
  return markup`${
    name.split(UPRIGHT).map((part, at) =>
      at % 2 === 1 || part.trim() === "" ? part : markup`<i lang="la">${part}</i>`
    )
  }`;
}

/**
 * The address of a page if it is one to link to.
 *
 * @returns The normalised address; `undefined` for other than `http:` and `https:`, with a login,
 * and for hosts of this machine or of a private network: a click there could reach another
 * program's or another user's server.
 */
export function safeLink(address: string): string | undefined {
  if (address.length > LONGEST_ADDRESS) return undefined;
  const url = URL.parse(address);
  if (url === null || (url.protocol !== "https:" && url.protocol !== "http:")) return undefined;
  if (url.username !== "" || url.password !== "") return undefined;
  return isPrivateHost(url.hostname) ? undefined : url.href;
}

/** The host of an address without `www.`; `(no host)` where it names none. */
export function hostOf(address: string): string {
  const host = URL.parse(address)?.hostname ?? "";
  return host === "" ? "(no host)" : host.replace(/^www\./, "");
}

/** A script or a style sheet to be put into a page. */
export interface Inline {
  readonly element: Markup;
  /** What a Content-Security-Policy calls it, quotes included. */
  readonly hash: string;
}

/**
 * Joins script modules into one script: their imports of one another and their `export`s fall away.
 *
 * @param modules The modules' texts, those that are imported first.
 */
export async function inlineScript(modules: readonly string[]): Promise<Inline> {
  const plain = modules.map((text) =>
    text.replace(/^import [^;]*;$/gm, "").replace(/^export /gm, "")
      .replace(/<\/(?=script)/gi, "<\\/")
  );
  const text = `(() => {\n"use strict";\n${plain.join("\n")}\n})();`;
  return { element: markup`<script>${new Markup(text)}</script>`, hash: await hashOf(text) };
}

/** Joins style sheets into one. */
export async function inlineStyle(sheets: readonly string[]): Promise<Inline> {
  const text = sheets.join("\n");
  return { element: markup`<style>${new Markup(text)}</style>`, hash: await hashOf(text) };
}

async function hashOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return `'sha256-${new Uint8Array(digest).toBase64()}'`;
}
