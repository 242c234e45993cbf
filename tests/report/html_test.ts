import { assertEquals } from "@std/assert";
import { escapeHtml, jsonMarkup, Markup, markup, webAddress } from "../../lib/report/html.ts";

Deno.test("markup() escapes texts, joins lists and leaves markup as it is", () => {
  const hostile = `"><script>alert('1')</script>&`;
  const escaped = "&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;";
  assertEquals(
    markup`<p title="${hostile}">${[hostile, markup`<b>${1}</b>`]}</p>`.text,
    `<p title="${escaped}">${escaped}<b>1</b></p>`,
  );
  assertEquals(markup`${new Markup("<i>")}`.text, "<i>");
});

Deno.test("escapeHtml() leaves no control and no lone surrogate", () => {
  assertEquals(escapeHtml("a\0b\x1b\ud800c\n魚"), "a\ufffdb\ufffd\ufffdc\n魚");
});

Deno.test("jsonMarkup() cannot end the element it stands in", () => {
  const value = ["</script><!--", "\u2028&"];
  const { text } = jsonMarkup(value);
  assertEquals(/[<>&\u2028]/.test(text), false);
  assertEquals(JSON.parse(text), value);
});

Deno.test("webAddress() takes http and https only, without a login", () => {
  const bad = [
    "javascript:alert(1)",
    " JaVaScRiPt:alert(1)",
    "data:text/html,<script>1</script>",
    "file:///etc/passwd",
    "https://someone:secret@fish.example/",
    "//fish.example/",
    "",
    "no address",
  ];
  for (const address of bad) assertEquals(webAddress(address), undefined, address);
  assertEquals(webAddress('https://fish.example/"><b>'), "https://fish.example/%22%3E%3Cb%3E");
});
