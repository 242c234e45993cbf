import { assertEquals, assertLess, assertStringIncludes } from "@std/assert";
import { decodeHtml, pageOptOut, parseHtml } from "../../lib/web/html.ts";

const encoder = new TextEncoder();

Deno.test("parseHtml() closes what a page leaves open, as browsers do", () => {
  const page = parseHtml("<table><tr><td>a<td>b<tr><td>c</table><ul><li>x<li>y</ul>");
  assertEquals([...page.querySelectorAll("td")].map((cell) => cell.textContent), ["a", "b", "c"]);
  assertEquals(page.querySelectorAll("tbody > tr").length, 2);
  assertEquals([...page.querySelectorAll("li")].map((item) => item.textContent), ["x", "y"]);
});

Deno.test("parseHtml() reads a page with a tab and blank lines before its doctype", () => {
  const page = parseHtml("\t\n\n<!DOCTYPE html><html><body><p><h1 id='a'>cod</h1></body></html>");
  assertEquals(page.querySelector("h1")?.textContent, "cod");
  assertEquals(page.querySelector("p h1"), null);
});

Deno.test("parseHtml() reads two pages glued together as one", () => {
  const page = parseHtml(
    "<html><body><i>one</i></body></html>\n<!doctype html><html><body><i>two</i></body></html>",
  );
  assertEquals([...page.querySelectorAll("i")].map((i) => i.textContent), ["one", "two"]);
  assertEquals(page.querySelectorAll("body").length, 1);
});

Deno.test("parseHtml() makes a document of anything", () => {
  for (const text of ["", "\0\0", "<", "<!--", "plain", "<table><b>", "</p></div>"]) {
    assertEquals(parseHtml(text).body.tagName, "BODY");
  }
});

Deno.test("parseHtml() keeps the text of scripts and decodes character references", () => {
  const page = parseHtml('<script>var a = "<b>&amp;";</script><a href="?a=1&amp;b=2">&eacute;</a>');
  assertEquals(page.querySelector("script")?.textContent, 'var a = "<b>&amp;";');
  assertEquals(page.querySelector("a")?.getAttribute("href"), "?a=1&b=2");
  assertEquals(page.querySelector("a")?.textContent, "é");
});

Deno.test("parseHtml() gives the markup within noscript as elements", () => {
  const page = parseHtml("<body><noscript><a href='/httpservice/retry/enablejs'>x</a></noscript>");
  assertEquals(page.querySelectorAll("noscript a").length, 1);
});

Deno.test("decodeHtml() believes the bytes before the claims", () => {
  const utf8 = encoder.encode('<meta charset="iso-8859-1">Günther');
  assertStringIncludes(decodeHtml(utf8, "text/html; charset=windows-1252"), "Günther");
  const latin = Uint8Array.from([...encoder.encode('<meta charset="utf-8">G'), 0xfc, 0x6e]);
  assertStringIncludes(decodeHtml(latin, "text/html; charset=utf-8"), "Gün");
});

Deno.test("decodeHtml() reads the charset that the header or the page names", () => {
  const cyrillic = Uint8Array.from([0xf0, 0xfb, 0xe1, 0xe0]);
  assertEquals(decodeHtml(cyrillic, "text/html; charset=windows-1251"), "рыба");
  const claimed = Uint8Array.from([...encoder.encode('<meta charset="koi8-r">'), 0xd2, 0xd9]);
  assertStringIncludes(decodeHtml(claimed, "text/html"), "ры");
});

Deno.test("decodeHtml() reads UTF-16 by its mark and survives an unknown charset", () => {
  assertEquals(decodeHtml(Uint8Array.from([0xff, 0xfe, 0x61, 0x00])), "a");
  assertEquals(decodeHtml(Uint8Array.from([0xe9, 0x61]), "text/html; charset=nonsense"), "éa");
});

Deno.test("decodeHtml() keeps a UTF-8 page with one broken byte in UTF-8", () => {
  const bytes = Uint8Array.from([...encoder.encode("Günther, Müller, Ørsted"), 0xff]);
  assertStringIncludes(decodeHtml(bytes), "Müller");
});

Deno.test("pageOptOut() reads headers and the page's meta tags, and no other", () => {
  const none = new Headers();
  const cases: [string, string | undefined][] = [
    ['<meta name="robots" content="index, NoAI">', "meta robots: noai"],
    ["<META content='noimageai' name=robots />", "meta robots: noimageai"],
    ['<meta name="aquaset" content="noml">', "meta aquaset: noml"],
    ['<meta name="tdm-reservation" content="1">', "meta tdm-reservation"],
    ['<meta name="tdm-reservation" content="0"><meta name="robots" content="all">', undefined],
    [
      '<meta name="googlebot" content="noindex"><meta name="description" content="noai">',
      undefined,
    ],
    ['<!-- <meta name="robots" content="noai"> -->', undefined],
    ["<meta".repeat(50_000), undefined],
    ["<!--".repeat(50_000), undefined],
  ];
  for (const [html, wanted] of cases) {
    assertEquals(pageOptOut(none, new TextEncoder().encode(html)), wanted, html.slice(0, 80));
  }
  const headers = new Headers({ "x-robots-tag": "noai" });
  assertEquals(pageOptOut(headers, new Uint8Array()), "X-Robots-Tag: noai");
});

Deno.test("parseHtml() ends a page where no real page goes on: too deep, or with elements without end", () => {
  const pages: readonly (readonly [string, number])[] = [
    ["<b>".repeat(20_000), 2000],
    [Array.from({ length: 900 }, (_, n) => `<b x${n}>`).join("") + "<p>x".repeat(3000), 1_100_000],
  ];
  for (const [rest, most] of pages) {
    const page = parseHtml(`<title>fish</title>${rest}`);
    assertEquals(page.querySelector("title")?.textContent, "fish");
    assertLess(page.querySelectorAll("b").length, most);
  }
});
