import { assert, assertEquals, assertGreater, assertRejects } from "@std/assert";
import { BrowserFault, type Tab } from "../../../lib/browser/browser.ts";
import {
  isGoogleHost,
  isOriginal,
  isThumbnail,
  isVector,
  queryOf,
  readImageLink,
  searchAddress,
} from "../../../lib/sources/google/addresses.ts";
import { Inbox } from "../../../lib/sources/google/inbox.ts";
import { kindOfPage } from "../../../lib/sources/google/kind_of_page.ts";
import { Pace } from "../../../lib/sources/google/pace.ts";
import { readPageText } from "../../../lib/sources/google/page.ts";
import { queriesFor } from "../../../lib/sources/google/query_plan.ts";
import { Scroller } from "../../../lib/sources/google/scroll.ts";
import { withoutPrivateParts } from "../../../lib/sources/google/save_page.ts";
import { card, photosFor } from "./small_google.ts";

Deno.test("searchAddress() asks for photos of medium size and up, safely, in English", () => {
  const { origin, pathname, searchParams } = new URL(searchAddress('"A b" fish'));
  assertEquals(`${origin}${pathname}`, "https://www.google.com/search");
  assertEquals(Object.fromEntries(searchParams), {
    q: '"A b" fish',
    udm: "2",
    tbs: "itp:photo,isz:lt,islt:qsvga",
    safe: "active",
    hl: "en",
    gl: "us",
  });
  assertEquals(new URL(searchAddress("x", { forced: true })).searchParams.get("nfpr"), "1");
  assertEquals(queryOf(searchAddress('"A b" fish')), '"A b" fish');
  assertEquals(queryOf("https://evil.example/search?q=x"), undefined);
});

Deno.test("isGoogleHost() lets Google in and nobody who looks like it", () => {
  for (
    const host of [
      "www.google.com",
      "consent.google.com",
      "ipv4.google.com",
      "www.gstatic.com",
      "encrypted-tbn0.gstatic.com",
    ]
  ) {
    assert(isGoogleHost(host), host);
  }
  for (
    const host of [
      "google.com.evil.example",
      "evilgoogle.com",
      "www.google.evil",
      "gstatic.com.example",
      "photos.example",
      "",
      "localhost",
    ]
  ) {
    assert(!isGoogleHost(host), host);
  }
});

Deno.test("isOriginal() takes other people's pictures alone", () => {
  for (
    const url of [
      "https://a.example/x.php?y",
      "http://a.example/x",
      "https://1.bp.blogspot.com/x.jpg",
      "https://blogger.googleusercontent.com/img/x",
    ]
  ) {
    assert(isOriginal(url), url);
  }
  for (
    const url of [
      "",
      "x.jpg",
      "data:image/png;base64,x",
      "ftp://a.example/x",
      "https://encrypted-tbn3.gstatic.com/images?q=tbn:x",
      "https://www.google.com/logo.png",
      "blob:https://a.example/1",
      "https://localhost/x",
    ]
  ) {
    assert(!isOriginal(url), url);
  }
  assert(isThumbnail("https://encrypted-tbn0.gstatic.com/images?q=tbn:x"));
  assert(isVector("https://a.example/Fish.SVG?x#y") && !isVector("https://a.example/svg.jpg"));
});

Deno.test("readImageLink() reads what an /imgres link says", () => {
  assertEquals(
    readImageLink(
      "/imgres?imgurl=https%3A%2F%2Fa.example%2Fx.jpg%3Fa%3D1&imgrefurl=https%3A%2F%2Fa.example%2F&tbnid=d_1&w=12&h=x",
    ),
    {
      url: "https://a.example/x.jpg?a=1",
      page: "https://a.example/",
      width: 12,
      height: undefined,
      docid: "d_1",
    },
  );
  assertEquals(readImageLink("/imgres?imgurl=javascript%3Ax"), undefined);
  assertEquals(readImageLink("/url?imgurl=https%3A%2F%2Fa.example%2Fx.jpg"), undefined);
});

Deno.test("queriesFor() follows the plan and leaves out what has no name", () => {
  assertEquals(
    queriesFor({ search: "Betta splendens", common: ["Siamese fighting fish", "Betta"] }),
    [
      '"Betta splendens"',
      '"Betta splendens" fish',
      '"Betta splendens" aquarium',
      '"Siamese fighting fish" "Betta splendens"',
    ],
  );
  assertEquals(queriesFor({ search: "Betta pi", common: [] }).length, 3);
  assertEquals(queriesFor({ common: ["Platy"] }), []);
  assertEquals(
    queriesFor({ search: "X y", common: [] }, [
      "{latin} juvenile",
      "{latin}  juvenile",
      "{common}",
    ]),
    ["X y juvenile"],
  );
  assertEquals(
    queriesFor({ search: 'Labidochromis sp. "Hongi"', common: [] }, ['"{latin}"', "{latin}"]),
    [
      '"Labidochromis sp. Hongi"',
      'Labidochromis sp. "Hongi"',
    ],
  );
});

function heldStill(): { readonly pace: Pace; readonly waits: number[] } {
  const waits: number[] = [];
  let now = 0;
  const pace = new Pace(1000, {
    now: () => now,
    random: () => 0.5,
    patience: [1],
    wait(milliseconds) {
      waits.push(milliseconds);
      now += milliseconds;
      return Promise.resolve();
    },
  });
  return { pace, waits };
}

Deno.test("turn() keeps the delay between searches, and soft signs slow all of them down", async () => {
  const { pace, waits } = heldStill();
  const { signal } = new AbortController();
  await pace.turn(signal);
  await pace.turn(signal);
  assertEquals(waits, [1000]);
  assertEquals(pace.slowDown(), 3000);
  assertEquals(pace.slowDown(), 3000, "the same sign, seen by another job");
  await pace.turn(signal);
  assertEquals(waits, [1000, 3000]);
  assertEquals(pace.slowDown(), 6000);
  await pace.turn(signal);
  pace.allWell();
  assertEquals(pace.slowDown(), 3000);
  await assertRejects(() => pace.turn(AbortSignal.abort(new RangeError("enough"))), RangeError);
});

Deno.test("a Scroller leaves a page that goes on for ever", async () => {
  let cards = 0;
  const tab: Tab = {
    goto: (url) => Promise.resolve({ url, status: 200 }),
    url: () => Promise.resolve("about:blank"),
    html: () => Promise.resolve(""),
    evaluate: (_source, _argument, read) => Promise.resolve(read({ count: cards, last: "" })),
    until: () => Promise.reject(new BrowserFault("timeout", "nothing came")),
    scrollToEnd: () => Promise.resolve(void (cards += 1)),
    click: () => Promise.resolve(),
    onResponse: () => undefined,
    loading: 0,
    dead: false,
    close: () => Promise.resolve(),
  };
  const inbox = new Inbox(tab);
  const scroller = new Scroller(tab, inbox, [1], new AbortController().signal);
  while (!scroller.ended && cards < 1000) {
    assertEquals(await scroller.once(), []);
    scroller.judge(true);
  }
  assertEquals(cards, 100);
});

Deno.test("kindOfPage() tells the pages apart", () => {
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
  for (
    const words of [
      "Es wurden keine mit deiner Suchanfrage - x - übereinstimmenden Bilder gefunden.",
      "Aucune image ne correspond aux termes de recherche spécifiés (x).",
      "Je zoekopdracht - x - heeft geen overeenkomende afbeeldingen opgeleverd.",
      "x に一致する画像は見つかりませんでした。",
      "По запросу x ничего не найдено.",
    ]
  ) {
    const thumbnail = '<img src="https://encrypted-tbn0.gstatic.com/images?q=tbn:x">';
    assertEquals(kind(`${field}<p>${words}</p>${thumbnail}`).kind, "no-results", words);
  }
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
  assertEquals(kind("", 429), { kind: "turned-away", status: 429 });
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
  assertEquals(kind(`<button id="W0wltc">Alle ablehnen</button>${cards}`).kind, "consent");
  assertEquals(
    kind(
      '<noscript><meta content="0;url=/httpservice/retry/enablejs?sei=x" http-equiv="refresh"></noscript><div id="yvlrue" style="display:none">click here</div>',
    ).kind,
    "shell",
  );
});

Deno.test("withoutPrivateParts() takes out who it was, and leaves what the page is", () => {
  const secret = "AB12cdEF34ghIJ56klMN78";
  const page = `<!-- saved from url=(0001)https://www.google.com/search?q=x&ei=${secret} -->
<meta name="og-profile-acct" content="jo.doe@mail.example"><a aria-label="Google Account: Jo Doe (jo.doe@mail.example)">x</a>
<script>document.cookie="NID=511=${secret}";google.kEI='${secret}';var WIZ_global_data = {"SNlM0e":"${secret}:17"};x("SID=${secret}; SOCS=CAESHAgB");</script>
<a href="/search?q=Betta+splendens&amp;ei=${secret}&amp;sxsrf=${secret}:1&amp;start=10" ping="/url?ved=${secret}" data-ved="${secret}">more</a>
<input type="hidden" name="escs" value="${secret}"><div id="dimg_${secret}_1"></div><p>IP address: 192.0.2.44 and 2001:db8:0:1:2:3:4:5</p>
<img src="https://lh3.googleusercontent.com/ogw/abc${secret}"><img src="data:image/png;base64,AAAA">
<div jsname="dTDiAc" data-attrid="images universal" data-docid="d_1-M" data-lpage="https://reef.example/a"></div>`;
  const kept = withoutPrivateParts(page);
  for (const gone of [secret, "jo.doe", "Jo Doe", "192.0.2.44", "2001:db8", "AAAA", "CAESHAgB"]) {
    assert(!kept.includes(gone), gone);
  }
  for (
    const left of [
      "Betta+splendens",
      "start=10",
      'data-docid="d_1-M"',
      'data-lpage="https://reef.example/a"',
      "images universal",
    ]
  ) {
    assert(kept.includes(left), left);
  }
  assertGreater(kept.length, 400);
});
