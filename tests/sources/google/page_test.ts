import { assertEquals } from "@std/assert";
import { kindOfPage } from "../../../lib/sources/google/page.ts";
import { readPageText, resultsOfPage } from "./saved_page.ts";
import { card, photosFor } from "./small_google.ts";

const FIXTURES = new URL("../../fixtures/google/", import.meta.url);

for (const { name } of [...Deno.readDirSync(FIXTURES)].sort((a, b) => a.name < b.name ? -1 : 1)) {
  if (!name.endsWith(".html")) continue;
  Deno.test(`resultsOfPage() reads ${name.slice(0, -5).replaceAll("_", " ")}`, () => {
    const html = Deno.readTextFileSync(new URL(name, FIXTURES));
    const wanted = Deno.readTextFileSync(new URL(name.replace(/html$/, "json"), FIXTURES));
    assertEquals(resultsOfPage(html), JSON.parse(wanted));
  });
}

Deno.test("kindOfPage() distinguishes the pages", () => {
  const kind = (html: string, status = 200, url = "https://www.google.com/search?q=x&udm=2") => {
    const page = readPageText(html);
    return kindOfPage(page, { url, status, data: false });
  };
  const field = '<form role="search"><textarea name="q"></textarea></form>';
  const cards = photosFor("x", 2).map((photo) => card(photo)).join("");
  assertEquals(kind(cards), { kind: "results", corrected: false });
  assertEquals(kind(`<p>Showing results for <a>y</a></p>${cards}`), {
    kind: "results",
    corrected: true,
  });
  assertEquals(kind(`<a class="spell_orig" href="/search?q=x&amp;nfpr=1">x</a>${cards}`), {
    kind: "results",
    corrected: true,
  });
  // Templates of what the page might have had to say (seen, 2015 and 2019).
  assertEquals(
    kind(
      `<div style="display:none"><a class="spell_orig" id="sifl"></a><p>Showing results for</p></div>
      <div hidden>Your search did not match any documents.</div>${cards}`,
    ),
    { kind: "results", corrected: false },
  );
  // Every link of a forced search says that it is forced.
  assertEquals(
    kind(
      `<a href="/search?q=x&amp;nfpr=1&amp;start=10">more</a>${cards}`,
      200,
      "https://www.google.com/search?q=x&nfpr=1",
    ),
    { kind: "results", corrected: false },
  );
  assertEquals(
    kind(
      `<p>No results found for <b>"x y"</b>. Results for <b>x y</b> (without quotes):</p>${cards}`,
    ),
    { kind: "no-results", certain: true },
  );
  assertEquals(kind(`${field}<p>Your search - x - did not match any image results.</p>`), {
    kind: "no-results",
    certain: true,
  });
  assertEquals(kind(`${field}<div id="search"></div>`), { kind: "no-results", certain: false });
  assertEquals(
    kind(`${field}<img src="https://encrypted-tbn0.gstatic.com/images?q=tbn:x">`).kind,
    "not-recognised",
  );
  assertEquals(
    kind("<h1>Something quite different, and with a lot of words about it.</h1>").kind,
    "not-recognised",
  );
  assertEquals(kind("<html><body></body></html>").kind, "empty");
  assertEquals(kind("", 429), { kind: "http-error", status: 429 });
  assertEquals(kind('<form id="captcha-form" action="index">', 429).kind, "robot-check");
  assertEquals(
    kind("<p>…</p>", 200, "https://www.google.com/sorry/index?continue=x").kind,
    "robot-check",
  );
  assertEquals(
    kind(
      "<title>Sorry...</title><p>We're sorry... but your computer or network may be sending automated queries.</p>",
      503,
    ).kind,
    "robot-check",
  );
  assertEquals(
    kind(
      '<form action="https://consent.google.com/save"><input name="set_eom" value="true"></form>',
    ).kind,
    "consent",
  );
  assertEquals(kind(`<button id="W0wltc">Reject all</button>${cards}`).kind, "consent");
  assertEquals(
    kind(
      '<noscript><meta content="0;url=/httpservice/retry/enablejs?sei=x" http-equiv="refresh"></noscript><div id="yvlrue" style="display:none">click here</div>',
    ).kind,
    "shell",
  );
});
