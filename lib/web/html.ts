/**
 * Parses pages as a browser would. The only file that names the DOM library.
 *
 * parse5 repairs the text first: unclosed tags, text before the doctype and two pages glued together
 * come out as the HTML standard says, whichever DOM library the import map gives. (linkedom alone
 * fails four of the tests' pages.)
 *
 * @module
 */

import { DOMParser } from "dom-parser";
import { defaultTreeAdapter, parse, serialize } from "parse5";
import { OPT_OUT_RULES, optOut, PRODUCT_TOKEN } from "./headers.ts";

export interface HtmlElements extends Iterable<HtmlElement> {
  readonly length: number;
}

/** A node: an element (`nodeType` 1), a text (3) or a comment (8). */
export interface HtmlNode {
  readonly nodeType: number;
  readonly textContent: string | null;
}

/** The part of the DOM that linkedom and deno_dom share and our parsers use. */
export interface HtmlElement extends HtmlNode {
  /** In upper case: `TD`. */
  readonly tagName: string;
  readonly innerHTML: string;
  readonly id: string;
  readonly parentElement: HtmlElement | null;
  readonly children: HtmlElements;
  readonly childNodes: Iterable<HtmlNode>;
  querySelector(selector: string): HtmlElement | null;
  querySelectorAll(selector: string): HtmlElements;
  matches(selector: string): boolean;
  closest(selector: string): HtmlElement | null;
  getAttribute(name: string): string | null;
  hasAttribute(name: string): boolean;
}

export interface HtmlDocument {
  readonly body: HtmlElement;
  querySelector(selector: string): HtmlElement | null;
  querySelectorAll(selector: string): HtmlElements;
}

export function isElement(node: HtmlNode): node is HtmlElement {
  return node.nodeType === 1;
}

/** Chromium nests 512 elements, and puts what is deeper side by side. */
const DEEPEST = 1000;
const MOST_ELEMENTS = 1_000_000;

class Excess extends Error {}

/**
 * Parses a page as a browser would. Never throws: any text gives a document.
 *
 * A page with more elements or deeper ones than any real page ends there: without limits, 1 MB of
 * `<b>` takes minutes (2026-11), in which nothing else runs, not even Ctrl-C.
 */
export function parseHtml(text: string): HtmlDocument {
  const document = defaultTreeAdapter.createDocument();
  let [depth, elements] = [0, 0];
  const treeAdapter = {
    ...defaultTreeAdapter,
    createDocument: () => document,
    onItemPush: () => {
      if (++depth > DEEPEST || ++elements > MOST_ELEMENTS) throw new Excess();
    },
    onItemPop: () => void depth--,
  };
  try {
    parse(text, { scriptingEnabled: false, treeAdapter });
  } catch (thrown) {
    if (!(thrown instanceof Excess)) throw thrown;
  }
  return new DOMParser().parseFromString(serialize(document), "text/html");
}

/**
 * Decodes a page: by its byte order mark, else as UTF-8 if it is valid UTF-8, else by the charset that
 * the header or the page names, else as Windows-1252, which accepts every byte. UTF-8 comes before the
 * named charsets, which old pages often get wrong.
 */
export function decodeHtml(bytes: Uint8Array, contentType?: string | null): string {
  const marked = byteOrderMark(bytes);
  if (marked !== undefined) return new TextDecoder(marked).decode(bytes);
  const utf8 = decodeAs("utf-8", bytes);
  if (utf8 !== undefined) return utf8;
  for (const label of [charsetOf(contentType ?? ""), claimedWithin(bytes)]) {
    if (label === undefined || /^utf-?8$/i.test(label)) continue;
    const text = decodeAs(label, bytes);
    if (text !== undefined) return text;
  }
  // A UTF-8 page with a few broken bytes: Windows-1252 would spoil all its letters.
  const loose = new TextDecoder().decode(bytes);
  const sample = loose.slice(0, 1 << 20);
  const broken = sample.split("\uFFFD").length - 1;
  const wide = [...sample].filter((letter) => letter > "\x7f").length;
  return broken * 2 < wide ? loose : new TextDecoder("windows-1252").decode(bytes);
}

function byteOrderMark(bytes: Uint8Array): string | undefined {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return "utf-8";
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  return undefined;
}

function decodeAs(label: string, bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder(label, { fatal: true }).decode(bytes);
  } catch (thrown) {
    // RangeError: an unknown label; TypeError: bytes that are not in that charset.
    if (thrown instanceof RangeError || thrown instanceof TypeError) return undefined;
    throw thrown;
  }
}

function charsetOf(text: string): string | undefined {
  return /charset\s*=\s*["']?\s*([\w.:-]+)/i.exec(text)?.[1];
}

function claimedWithin(bytes: Uint8Array): string | undefined {
  return charsetOf(new TextDecoder("windows-1252").decode(bytes.subarray(0, 4096)));
}

/** How much of a page is searched: its head stands at its start. */
const HEAD_BYTES = 1 << 17;

/**
 * Where a page asks in its head that what it shows is not used, what it says; its headers count too.
 * The rules are those of {@linkcode optOut}, in `<meta name="robots">`, in one that names Aquaset, and
 * in `<meta name="tdm-reservation" content="1">`.
 */
export function pageOptOut(headers: Headers, bytes: Uint8Array): string | undefined {
  const said = optOut(headers);
  if (said !== undefined) return said;
  const page = parseHtml(new TextDecoder().decode(bytes.subarray(0, HEAD_BYTES)));
  for (const meta of page.querySelectorAll("meta")) {
    const name = meta.getAttribute("name")?.toLowerCase();
    const content = meta.getAttribute("content")?.toLowerCase() ?? "";
    if (name === "tdm-reservation" && content.trim() === "1") return `meta ${name}`;
    if (name !== "robots" && name !== PRODUCT_TOKEN.toLowerCase()) continue;
    const rule = content.split(",").map((each) => each.trim()).find((each) =>
      OPT_OUT_RULES.has(each)
    );
    if (rule !== undefined) return `meta ${name}: ${rule}`;
  }
  return undefined;
}
