import { assertEquals } from "@std/assert";
import { brief, escapeHtml, Markup, markup, safeLink, speciesName } from "../../lib/report/html.ts";

Deno.test("markup() escapes texts, joins lists and leaves markup as it is", () => {
  const hostile = `"><script>alert('1')</script>&`;
  const escaped = "&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;";
  assertEquals(
    markup`<p title="${hostile}">${[hostile, markup`<b>${1}</b>`]}</p>`.text,
    `<p title="${escaped}">${escaped}<b>1</b></p>`,
  );
  assertEquals(markup`${new Markup("<i>")}`.text, "<i>");
});

Deno.test("escapeHtml() leaves no control, no direction mark and no lone surrogate", () => {
  assertEquals(escapeHtml("a\0b\x1b\x9b\ud800c\n魚"), "a\ufffdb\ufffd\ufffd\ufffdc\n魚");
  assertEquals(escapeHtml("\u202ea\u2066b\u200fc\u2028"), "\ufffda\ufffdb\ufffdc\ufffd");
});

Deno.test("brief() makes one short line of any text", () => {
  assertEquals(brief(" a\n b\u202e\x1b[2J "), "a b\ufffd\ufffd[2J");
  assertEquals(brief("x".repeat(1e6), 10), `${"x".repeat(10)}…`);
});

Deno.test("speciesName() sets Latin in italics, but not sp., cf., trade names, common names", () => {
  const italic = (text: string): string => `<i lang="la">${text}</i>`;
  assertEquals(speciesName("Betta splendens", true).text, italic("Betta splendens"));
  assertEquals(
    speciesName('Ancistrus sp. "L<144"', true).text,
    `${italic("Ancistrus ")}sp. &quot;L&lt;144&quot;`,
  );
  assertEquals(speciesName("Neon <tetra>", false).text, "Neon &lt;tetra&gt;");
});

Deno.test("safeLink() takes web addresses of the public internet, without a login", () => {
  const bad = [
    "javascript:alert(1)",
    " JaVaScRiPt:alert(1)",
    "data:text/html,<script>1</script>",
    "file:///etc/passwd",
    "https://someone:secret@fish.example/",
    "//fish.example/",
    "",
    "no address",
    "http://localhost/",
    "http://localhost.:8080/",
    "http://127.0.0.1:1234/",
    "http://2130706433/",
    "http://0x7f.1/",
    "http://[::1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://10.1.2.3/",
    "http://192.168.1.1/",
    "http://169.254.169.254/",
    "http://printer/",
    "http://nas.local/",
    `https://fish.example/${"x".repeat(2000)}`,
  ];
  for (const address of bad) assertEquals(safeLink(address), undefined, address);
  assertEquals(safeLink('https://fish.example/"><b>'), "https://fish.example/%22%3E%3Cb%3E");
  assertEquals(safeLink("http://8.8.8.8/"), "http://8.8.8.8/");
});
