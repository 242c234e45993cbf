/**
 * HTML made from texts of strangers: whatever is put in is escaped unless it is markup already.
 *
 * @module
 */

/** A piece of HTML that is right as it is. */
export class Markup {
  /** The HTML. */
  readonly text: string;

  /** Takes a text for HTML: only for what this program wrote itself. */
  constructor(text: string) {
    this.text = text;
  }
}

/** What can stand in a template. */
export type Piece = Markup | string | number | readonly Piece[];

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/**
 * Escapes a text for use in an element or in a quoted attribute.
 *
 * @param text Any text; lone surrogates and controls become replacement characters.
 */
export function escapeHtml(text: string): string {
  // deno-lint-ignore no-control-regex -- controls are what is looked for
  return text.toWellFormed().replace(/[\x00-\x08\x0b\x0c\x0e-\x1f]/g, "\ufffd")
    .replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character);
}

/**
 * A template of HTML: what stands in `${}` is escaped, lists are joined, markup is left as it is.
 *
 * @example
 * ```ts
 * import { markup } from "./html.ts";
 *
 * markup`<p>${"<b>"}</p>`.text; // "<p>&lt;b&gt;</p>"
 * ```
 */
export function markup(strings: TemplateStringsArray, ...pieces: readonly Piece[]): Markup {
  return new Markup(strings.reduce((text, next, at) => text + render(pieces[at - 1] ?? "") + next));
}

function render(piece: Piece): string {
  if (piece instanceof Markup) return piece.text;
  if (typeof piece === "string") return escapeHtml(piece);
  if (typeof piece === "number") return String(piece);
  return piece.map(render).join("");
}

/**
 * A JSON value as the content of a `<script>` that holds data: nothing in it can end the element.
 *
 * @param value The value.
 */
export function jsonMarkup(value: unknown): Markup {
  return new Markup(
    JSON.stringify(value).replace(
      /[<>&\u2028\u2029]/g,
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
    ),
  );
}

/**
 * The address of a page if it is one to link to.
 *
 * @param address What a stranger's page or a log says.
 * @returns The normalised address; nothing for other than `http:` and `https:`, or with a login.
 */
export function webAddress(address: string): string | undefined {
  const url = URL.parse(address);
  if (url === null || (url.protocol !== "https:" && url.protocol !== "http:")) return undefined;
  return url.username === "" && url.password === "" ? url.href : undefined;
}
