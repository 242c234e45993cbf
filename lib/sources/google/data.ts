/**
 * Results in the data of Google's pages and of its answers to scrolling.
 *
 * One result is an array (seen, 2024-09 and 2026-07); a picture is its address, height and width:
 *
 * ```text
 * [0,"<docid>",["https://encrypted-tbn0.gstatic.com/images?q\u003dtbn:…",168,300],
 *  ["https://host/photo.jpg",900,1200],null,0,"rgb(1,2,3)",null,0,
 *  {"2000":[null,"host","85KB"],"2003":[null,"<ref-docid>","<page>","<title>",…]}]
 * ```
 *
 * What lies around it changes every year: a script's object, JSON within a string within JSON. So
 * results are found by this shape, wherever they stand and however often they are escaped.
 *
 * @module
 */

import { type Expression, parseExpressionAt, type Property, type SpreadElement } from "acorn";

/** How a result was found: in the page's data, in that of a scroll, in the panel, in a card's link. */
export type Road = "embedded" | "scroll" | "panel" | "imgres";

/** One result of a search. */
export interface Result {
  /** Google's id of the picture. */
  readonly docid: string;
  /** The original picture. */
  readonly url: string;
  readonly width: number | undefined;
  readonly height: number | undefined;
  /** The page with the picture, and its title; empty where the data does not say. */
  readonly page: string;
  readonly title: string;
  readonly road: Road;
}

/** How many levels of escaping are undone: JSON in a string in JSON in a script has three. */
const DEEPEST_ESCAPE = 5;
/** A result's size, in characters and levels. */
const [LONGEST_RESULT, DEEPEST_RESULT] = [65_536, 60];
/** A page of results has one or two million characters. */
const LONGEST_TEXT = 40_000_000;

/** Finds the results in a text, a script, page or response, in its order and each docid once. */
export function findResults(text: string, road: Road = "embedded"): Result[] {
  const found = new Map<string, Result>();
  let layer = text.slice(0, LONGEST_TEXT);
  for (let level = 0; level <= DEEPEST_ESCAPE; level += 1) {
    for (const result of resultsIn(layer, road, found)) found.set(result.docid, result);
    if (!DEEPER.test(layer)) break;
    layer = unescapeOnce(layer);
  }
  return [...found.values()];
}

/** The beginning of a result, up to its thumbnail's address. */
const START =
  /\[\s*\d+\s*,\s*(?:"([\w-]{4,64})"|'([\w-]{4,64})')\s*,\s*\[\s*["'](?:https?:)?\\?\/\\?\/(?:encrypted-)?tbn/g;
/** A thumbnail's address behind a quote that is escaped: there is data one level deeper. */
const DEEPER =
  /\\(?:["']|x22|x27|u0022|u0027)(?:https?:)?(?:\\*(?:\/|x2f|u002f)){2}(?:encrypted-)?tbn/i;

function* resultsIn(
  layer: string,
  road: Road,
  known: ReadonlyMap<string, Result>,
): Generator<Result> {
  for (const match of layer.matchAll(START)) {
    const docid = match[1] ?? match[2] ?? "";
    if (known.has(docid)) continue; // since 2026 each stands twice
    const source = arrayAt(layer, match.index);
    const result = source === undefined ? undefined : toResult(docid, readLiteral(source));
    if (result !== undefined) yield { ...result, road };
  }
}

/** The text of the array that starts at an index; nothing where it does not end within reach. */
function arrayAt(layer: string, start: number): string | undefined {
  const text = layer.slice(start, start + LONGEST_RESULT);
  let depth = 0;
  for (
    const { 0: token, index } of text.matchAll(
      /"[^"\\]*(?:\\.[^"\\]*)*"|'[^'\\]*(?:\\.[^'\\]*)*'|[[\]]/gs,
    )
  ) {
    if (token === "[") depth += 1;
    if (token === "]") depth -= 1;
    if (depth > DEEPEST_RESULT) return undefined;
    if (depth === 0) return text.slice(0, index + 1);
  }
  return undefined;
}

/** The value of a JavaScript literal, which is never run; what is no literal within it is missing. */
function readLiteral(source: string): unknown {
  try {
    return valueOf(parseExpressionAt(source, 0, { ecmaVersion: "latest" }));
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return undefined;
    throw thrown;
  }
}

function valueOf(node: Expression | SpreadElement | null): unknown {
  switch (node?.type) {
    case "Literal":
      return node.value;
    case "ArrayExpression":
      return node.elements.map(valueOf);
    case "ObjectExpression":
      return new Map(node.properties.flatMap(fieldOf));
    case "UnaryExpression": // `-1`, `!0`; `void 0` is nothing
      if (node.operator === "-") return -Number(valueOf(node.argument));
      return node.operator === "!" ? !valueOf(node.argument) : undefined;
  }
  return undefined;
}

function fieldOf(property: Property | SpreadElement): [string, unknown][] {
  if (property.type !== "Property" || property.computed) return [];
  const { key } = property;
  if (key.type === "Identifier") return [[key.name, valueOf(property.value)]];
  return key.type === "Literal" ? [[String(key.value), valueOf(property.value)]] : [];
}

function toResult(docid: string, value: unknown): Omit<Result, "road"> | undefined {
  if (!Array.isArray(value)) return undefined;
  const [, , , original, ...rest]: unknown[] = value;
  if (!Array.isArray(original)) return undefined;
  const [url, height, width]: unknown[] = original;
  if (typeof url !== "string" || !isOriginal(url)) return undefined;
  return { docid, url, width: pixels(width), height: pixels(height), ...pageAndTitle(rest) };
}

/** The page and its title, which stand side by side under `2003`. */
function pageAndTitle(rest: readonly unknown[]): { page: string; title: string } {
  const fields = rest.find((item) => item instanceof Map);
  const about: unknown = fields instanceof Map ? fields.get("2003") : undefined;
  const texts = (Array.isArray(about) ? about : []).map((item) =>
    typeof item === "string" ? item : ""
  );
  const at = texts.findIndex(isOriginal);
  return { page: texts[at] ?? "", title: texts[at + 1] ?? "" };
}

const ESCAPE = /\\(?:u([0-9a-fA-F]{4})|u\{([0-9a-fA-F]{1,5})\}|x([0-9a-fA-F]{2})|([^]))/g;
const LETTERS = new Map(Object.entries({ n: "\n", t: "\t", r: "\r", b: "\b", f: "\f" }));

/** Undoes one level of JavaScript's escapes: `\x22`, `\u0022`, `\"`, `\\`. */
function unescapeOnce(text: string): string {
  return text.replace(ESCAPE, (_, four?: string, braces?: string, two?: string, letter = "") => {
    const hex = four ?? braces ?? two;
    return hex === undefined
      ? LETTERS.get(letter) ?? letter
      : String.fromCodePoint(parseInt(hex, 16));
  });
}

/**
 * The hosts the browser may reach: the search engine's own, each named in full, so that Chromium's
 * own calls to other hosts of Google stay within. Photos stand elsewhere.
 */
export const GOOGLE_HOSTS: readonly string[] = [
  "www.google.com",
  "consent.google.com",
  // The robot check used to stand at these (reported).
  "ipv4.google.com",
  "ipv6.google.com",
  "www.gstatic.com",
  "ssl.gstatic.com",
  "fonts.gstatic.com",
  ...[0, 1, 2, 3].map((number) => `encrypted-tbn${number}.gstatic.com`),
];

/** Whether a host, in lower case, is the search engine's own. */
export function isGoogleHost(host: string): boolean {
  return /^(?:(?:www|consent|apis|ogs|accounts|ipv[46])\.)?google\.com$/.test(host) ||
    /^(?:[a-z0-9-]+\.)*gstatic\.com$/.test(host) ||
    // The pages of a country: consent.google.co.uk.
    /^(?:www|consent)\.google\.(?:com?\.)?[a-z]{2}$/.test(host);
}

/**
 * Whether an address can be an original: http or https, on a host that is not Google's own. What
 * people publish with Google (`blogger.googleusercontent.com`, `*.blogspot.com`) is theirs.
 */
export function isOriginal(url: string): boolean {
  const { protocol, hostname } = URL.parse(url) ?? { protocol: "", hostname: "" };
  return /^https?:$/.test(protocol) && hostname.includes(".") && !isGoogleHost(hostname) &&
    !/^(?:encrypted-)?tbn\d*\.google\.com$/.test(hostname);
}

/**
 * Reads an `/imgres?imgurl=…&imgrefurl=…&tbnid=…&w=…&h=…` link (seen, 2024 to 2026): empty texts where
 * it says nothing, no result where it names no original.
 */
export function readImageLink(href: string): Omit<Result, "title" | "road"> | undefined {
  const link = URL.parse(href, "https://www.google.com/");
  if (link === null || !link.pathname.endsWith("/imgres")) return undefined;
  const read = (name: string): string => link.searchParams.get(name) ?? "";
  if (!isOriginal(read("imgurl"))) return undefined;
  return {
    url: read("imgurl"),
    page: read("imgrefurl"),
    width: pixels(Number(read("w"))),
    height: pixels(Number(read("h"))),
    docid: read("tbnid"),
  };
}

/** A length in pixels; nothing where the value is not one. */
function pixels(value: unknown): number | undefined {
  const number = typeof value === "string" ? Number(value) : value;
  return typeof number === "number" && Number.isInteger(number) && number > 0 && number < 1e6
    ? number
    : undefined;
}
