import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { BrowserFault, type Tab } from "../../../lib/browser/browser.ts";
import { StageStop } from "../../../lib/sources/source.ts";
import type { Reply } from "../../../lib/demo/http.ts";
import { queriesFor } from "../../../lib/sources/google/google.ts";
import { queryOf, searchAddress } from "../../../lib/sources/google/search.ts";
import { fish, take, testSource } from "./run_google.ts";
import { type Asked, type PageOptions, photosFor, startSmallGoogle } from "./small_google.ts";

const BETTA = fish("Betta splendens", ["Siamese fighting fish"]);
const QUERY = '"Betta splendens"';

const html = (body: string, status = 200): Reply => ({
  status,
  headers: { "content-type": "text/html; charset=utf-8" },
  body,
});
const ways = (
  candidates: readonly { readonly road?: string }[],
): string[] => [...new Set(candidates.map(({ road }) => road ?? "none"))];
const urls = (items: readonly { readonly url: string }[]): string[] => items.map(({ url }) => url);

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
  assertEquals(new URL(searchAddress("x", true)).searchParams.get("nfpr"), "1");
  assertEquals(queryOf(searchAddress('"A b" fish')), '"A b" fish');
  assertEquals(queryOf("https://evil.example/search?q=x"), undefined);
});

Deno.test("queriesFor() follows the plan and leaves out what has no name", () => {
  assertEquals(
    queriesFor({ search: "Betta splendens", common: ["Betta"], group: ["All", "Bettas"] }),
    ['"Betta splendens"', '"Betta splendens" bettas'],
  );
  assertEquals(queriesFor({ search: "Betta pi", common: ["Betta"], group: [] }), ['"Betta pi"']);
  assertEquals(queriesFor({ common: ["Platy"], group: ["Livebearers"] }), []);
  assertEquals(
    queriesFor({ search: "X y", common: [], group: [] }, [
      "{latin} juvenile",
      "{latin}  juvenile",
      "{common}",
      "{group} {latin}",
    ]),
    ["X y juvenile"],
  );
  assertEquals(
    queriesFor({ search: 'Labidochromis sp. "Hongi"', common: [], group: [] }, [
      '"{latin}"',
      "{latin}",
    ]),
    [
      '"Labidochromis sp. Hongi"',
      'Labidochromis sp. "Hongi"',
    ],
  );
});

Deno.test("queriesFor() takes a kind from the list's headings, and not where a species stands", () => {
  const kinds: readonly (readonly [group: readonly string[], kind: string | undefined])[] = [
    [["Catfish", "Armored catfish"], "catfish"],
    [["Dwarf shrimp", "Atyidae"], "dwarf shrimp"],
    [["Species A–Z", "A"], undefined],
    [["Others"], undefined],
    [["Other fish"], undefined],
    [["Order: Rodentia (rodents)", "Genus: Sciurus"], undefined],
    [["By section", "Section Acer"], undefined],
    [["Ducks, geese and swans"], undefined],
  ];
  for (const [group, kind] of kinds) {
    const [, query] = queriesFor({ search: "A b", common: [], group });
    assertEquals(query, kind === undefined ? undefined : `"A b" ${kind}`, group.join());
  }
});

Deno.test("candidates() gives the page's hundred without a scroll, sizes and titles with them", async () => {
  const first = photosFor(QUERY, 100);
  await using google = await startSmallGoogle(() => ({ first, later: photosFor(QUERY, 100, 100) }));
  await using test = testSource();
  const { candidates } = await take(test.source, BETTA, 100);
  assertEquals(candidates.length, 100);
  assertEquals(urls(candidates), urls(first));
  assertEquals(candidates[7], {
    url: "https://photos0.example.net/betta-splendens/7.jpg?a=1&b=2",
    page: "https://pages.example.net/betta-splendens/7",
    title: 'betta-splendens "no. 7" & more',
    width: 807,
    height: 607,
    road: "embedded",
    query: QUERY,
  });
  assertEquals(google.requests.filter((line) => line.includes("/search?")).length, 1);
  const search = google.requests.find((line) => line.includes("/search?")) ?? "";
  for (const part of ["udm=2", "itp%3Aphoto", "isz%3A", "safe=active", "hl=en"]) {
    assertStringIncludes(search, part);
  }
  assert(
    !google.requests.some((line) => /REFUSED photos|REFUSED pages/.test(line)),
    "looking at results loads no photo",
  );
});

Deno.test("candidates() goes on by scrolling to the real end, in page order", async () => {
  const [first, later] = [photosFor(QUERY, 100), photosFor(QUERY, 150, 100)];
  await using _google = await startSmallGoogle(() => ({ first, later }));
  await using test = testSource();
  const { candidates, end } = await take(test.source, BETTA);
  assertEquals(urls(candidates), urls([...first, ...later]));
  assertEquals(ways(candidates.slice(100)), ["scroll"]);
  assertEquals(end, { why: "exhausted", detail: { queries: 1, found: 250 } });
});

/** Answers every search and scroll, but `fault` for the first scroll from `start` on. */
function faultOnceAt(start: string, options: PageOptions, fault: Reply) {
  let waiting = true;
  return ({ request: { url } }: Asked): PageOptions | Reply => {
    if (!waiting || url.searchParams.get("start") !== start) return options;
    waiting = false;
    return fault;
  };
}

for (
  const [what, fault] of [
    ["does not come", { fault: { kind: "silent" } }],
    ["breaks off", { ...html("x".repeat(999)), fault: { kind: "broken", after: 9 } }],
    ["is an error", html("Try later", 503)],
  ] as const satisfies readonly (readonly [string, Reply])[]
) {
  Deno.test(`candidates() takes no scroll whose answer ${what} for the end`, async () => {
    const [first, later] = [photosFor(QUERY, 100), photosFor(QUERY, 150, 100)];
    await using google = await startSmallGoogle(faultOnceAt("200", { first, later }, fault));
    await using test = testSource({}, { answerWithin: 3_000 });
    const { candidates, end } = await take(test.source, BETTA);
    assertEquals(urls(candidates), urls([...first, ...later]));
    assertEquals(end, { why: "exhausted", detail: { queries: 1, found: 250 } });
    assertEquals(google.searches, [QUERY, QUERY]);
  });
}

Deno.test("candidates() ends as failed where no scroll is answered", async () => {
  const [first, later] = [photosFor(QUERY, 100), photosFor(QUERY, 50, 100)];
  await using _google = await startSmallGoogle(({ request: { url } }) =>
    url.searchParams.has("async") ? html("Try later", 503) : { first, later }
  );
  await using test = testSource();
  const { candidates, end } = await take(test.source, BETTA);
  assertEquals([candidates.length, end?.why], [100, "failed"]);
  assertStringIncludes(end !== undefined && "reason" in end ? end.reason : "", "HTTP 503");
});

Deno.test("candidates() scrolls no further than what is missing asks for", async () => {
  const [first, later] = [photosFor(QUERY, 100), photosFor(QUERY, 400, 100)];
  await using google = await startSmallGoogle(() => ({ first, later }));
  await using test = testSource();
  const { candidates } = await take(test.source, BETTA, 150);
  assertEquals(candidates.length, 150);
  assertEquals(google.requests.filter((line) => line.includes("async=1")).length, 1);
});

Deno.test("candidates() takes the data of scrolling where the page has none", async () => {
  const [first, later] = [photosFor(QUERY, 20), photosFor(QUERY, 30, 20)];
  await using _google = await startSmallGoogle(() => ({ first, later, data: false }));
  await using test = testSource();
  const { candidates, end } = await take(test.source, BETTA);
  assertEquals(urls(candidates), urls(later));
  assertEquals(ways(candidates), ["scroll"]);
  assertEquals(end?.why, "exhausted");
});

for (const click of ["panel", "link"] as const) {
  Deno.test(`candidates() clicks where no data is: the ${click}`, async () => {
    const first = photosFor(QUERY, 6);
    await using _google = await startSmallGoogle(() => ({
      first,
      later: photosFor(QUERY, 4, 6),
      data: false,
      laterData: false,
      click,
    }));
    await using test = testSource();
    const { candidates, end } = await take(test.source, BETTA);
    assertEquals(urls(candidates), urls(photosFor(QUERY, 10)));
    assertEquals(ways(candidates), ["panel"]);
    if (click === "link") {
      assertEquals([candidates[3]?.width, candidates[3]?.height], [803, 603]);
    }
    assertEquals(candidates[3]?.page, "https://pages.example.net/betta-splendens/3");
    assertEquals(end?.why, "exhausted");
  });
}

Deno.test("candidates() clicks nothing that leads to another search", async () => {
  const [first, other] = [photosFor(QUERY, 3), photosFor("goldfish", 5)];
  // Tiles of the grid that are links to other searches (seen, 2020), and a card that is one.
  const tile = '<div class="isv-r" data-docid="Refinements-0" data-lpage="https://x.example/">' +
    '<a href="/search?q=goldfish&amp;udm=2">goldfish<img></a></div>';
  const card = '<div data-docid="linkedAAAA_1M" data-lpage="https://x.example/2">' +
    '<a href="/search?q=goldfish&amp;udm=2" role="button"><img width="50" height="50"></a></div>';
  await using google = await startSmallGoogle(({ query }) =>
    query === QUERY ? { first, above: `${tile}${card}`, click: "panel" } : { first: other }
  );
  await using test = testSource();
  const { candidates, end } = await take(test.source, BETTA);
  assertEquals(urls(candidates), urls(first));
  assertEquals(end?.why, "exhausted");
  assertEquals(google.searches, [QUERY]);
});

Deno.test("candidates() takes nothing from a page that a tab went on to by itself", async () => {
  const [first, other] = [photosFor(QUERY, 3), photosFor("goldfish", 5)];
  await using google = await startSmallGoogle(({ query, before }) => {
    if (query !== QUERY) return { first: other };
    const leave =
      '<script>addEventListener("scroll", () => location.href = "/search?q=goldfish&udm=2")</script>';
    return before === 0 ? { first, above: leave } : { first };
  });
  await using test = testSource();
  const { candidates, end } = await take(test.source, BETTA);
  assertEquals(urls(candidates), urls(first));
  assertEquals(end?.why, "exhausted");
  assertEquals(google.searches, [QUERY, "goldfish", QUERY]);
});

Deno.test("candidates() ends a search without any way to originals as not recognised, and keeps the page", async () => {
  const first = photosFor(QUERY, 30);
  await using _google = await startSmallGoogle(() => ({ first, data: false }));
  await using test = testSource();
  const { candidates, end } = await take(test.source, BETTA);
  assertEquals(candidates, []);
  assertEquals(end?.why, "not-recognised");
  const [name, page = ""] = [...test.pages][0] ?? [];
  assertEquals(name, "google-betta_splendens.html");
  assertStringIncludes(page, 'data-attrid="images universal"');
  assertStringIncludes(end !== undefined && "reason" in end ? end.reason : "", "look through it");
});

Deno.test("candidates() distinguishes no results from a page that it does not understand", async () => {
  const pages: Record<string, string> = {
    words:
      '<form role="search"><textarea name="q"></textarea></form><p>Your search did not match any image results.</p>',
    silence:
      '<title>x - Google Search</title><form role="search"><textarea name="q"></textarea></form><div id="search"></div>',
  };
  for (const body of Object.values(pages)) {
    await using _google = await startSmallGoogle(() => html(body));
    await using test = testSource();
    assertEquals((await take(test.source, BETTA)).end?.why, "not-found");
  }
  await using _google = await startSmallGoogle(() =>
    html(
      "<p>Welcome to an entirely new way of looking at pictures of fish and of everything else.</p>",
    )
  );
  await using test = testSource();
  assertEquals((await take(test.source, BETTA)).end?.why, "not-recognised");
});

Deno.test("candidates() goes through the plan, and gives nothing twice", async () => {
  const shared = photosFor("shared", 5);
  await using google = await startSmallGoogle(({ query }) => ({
    first: [...shared, ...photosFor(query, 2)],
  }));
  await using test = testSource({ queries: [] });
  const { candidates } = await take(test.source, BETTA);
  assertEquals(google.searches, [
    QUERY,
    `${QUERY} bettas`,
  ]);
  assertEquals(candidates.length, 5 + 2 * 2);
  assertEquals(new Set(urls(candidates)).size, candidates.length);
});

Deno.test("candidates() leaves vector graphics and Google's own pictures out", async () => {
  const [one, two, three, four] = photosFor(QUERY, 4);
  assert(one && two && three && four);
  await using _google = await startSmallGoogle(() => ({
    first: [
      { ...one, url: "https://upload.example.org/Fish.SVG?x=1" },
      { ...two, url: "https://encrypted-tbn0.gstatic.com/images?q=tbn:abc" },
      { ...three, url: "https://www.google.com/logos/fish.png" },
      four,
    ],
  }));
  await using test = testSource();
  assertEquals(urls((await take(test.source, BETTA)).candidates), [four.url]);
});

Deno.test("candidates() drops a corrected spelling and forces its own", async () => {
  const above =
    `<p>Showing results for <a id="fprsl" href="/search?q=beta&amp;spell=1"><b>Beta</b></a>
    <br>Search instead for <a class="spell_orig" href="/search?q=betta&amp;nfpr=1">betta</a></p>`;
  await using google = await startSmallGoogle(({ forced }) =>
    forced ? { first: photosFor("right", 3) } : { first: photosFor("wrong", 40), above }
  );
  await using test = testSource();
  assertEquals(urls((await take(test.source, BETTA)).candidates), urls(photosFor("right", 3)));
  assertEquals(google.searches, [QUERY, `${QUERY} (forced)`]);
});

const SORRY =
  '<title>https://www.google.com/search</title><form id="captcha-form" action="index" method="post"></form>';

for (const [at, name] of [[0, "first"], [4, "fifth"], [11, "last"]] as const) {
  Deno.test(`candidates() stops the stage at the ${name} search's robot check`, async () => {
    await using google = await startSmallGoogle(
      (asked) =>
        asked.before === at
          ? {
            status: 302,
            headers: { location: "https://www.google.com/sorry/index?continue=x&q=y" },
          }
          : { first: photosFor(asked.query, 2) },
      ({ url }) => url.pathname.startsWith("/sorry/") ? html(SORRY, 429) : { status: 404 },
    );
    await using test = testSource({ queries: [], jobs: 2 });
    const species = ["imbellis", "pi", "rubra", "mahachaiensis", "albimarginata", "picta"].map((
      epithet,
    ) => fish(`Betta ${epithet}`));
    const begun = performance.now();
    let given = 0;
    const stop = await assertRejects(async () => {
      for (const one of species) given += (await take(test.source, one)).candidates.length;
    }, StageStop);
    assertEquals(stop.why, "robot-check");
    assertMatch(stop.message, /--headed.*/);
    assertMatch(stop.message, /--jobs/);
    assertEquals(google.searches.length, at + 1, "nothing more is asked for");
    assert(performance.now() - begun < 60_000);
    // And nobody starts another search.
    await assertRejects(() => take(test.source, BETTA), StageStop);
    assertEquals(google.searches.length, at + 1);
  });
}

Deno.test("candidates() ends every open job at a robot check", async () => {
  let robots = false;
  await using _google = await startSmallGoogle((asked: Asked): PageOptions | Reply => {
    if (robots) return html(SORRY, 429);
    return { first: photosFor(asked.query, 100), later: photosFor(asked.query, 100, 100) };
  });
  await using test = testSource({ jobs: 3 });
  const signal = new AbortController().signal;
  const demand = { missing: 500, successRate: 1, known: () => false };
  const open = ["Betta imbellis", "Betta pi"].map((latin) =>
    test.source.candidates(fish(latin), demand, signal)
  );
  for (const found of open) assertEquals((await found.next()).done, false);
  robots = true;
  await assertRejects(() => take(test.source, BETTA), StageStop);
  for (const found of open) await assertRejects(() => found.next(), StageStop);
});

const SHELL =
  '<noscript><meta content="0;url=/httpservice/retry/enablejs?sei=x" http-equiv="refresh"></noscript><div id="yvlrue" style="display:none">click here</div>';

Deno.test("candidates() slows down at throttling responses and goes on when they end", async () => {
  const soft = [html("", 429), html(SHELL), html("")];
  await using google = await startSmallGoogle(({ before }) =>
    soft[before] ?? { first: photosFor(QUERY, 5) }
  );
  await using test = testSource();
  assertEquals((await take(test.source, BETTA)).candidates.length, 5);
  assertEquals(google.searches.length, 4);
  assertEquals(test.waits, [3000, 6000, 12000]);
  assertEquals(test.notices.length, 3);
  assertStringIncludes(test.notices[0] ?? "", "HTTP 429");
});

Deno.test("candidates() stops the stage when Google serves no search at all", async () => {
  await using google = await startSmallGoogle(() => html("Too many requests", 429));
  await using test = testSource();
  const stop = await assertRejects(() => take(test.source, BETTA), StageStop);
  assertEquals([stop.why, google.searches.length], ["rate-limited", 4]);
});

Deno.test("candidates() gives up one search that is not served while others are", async () => {
  let refused = 0;
  await using google = await startSmallGoogle(async ({ query }) => {
    if (!query.includes("splendens")) return { first: photosFor(query, 2) };
    refused += 1;
    // Its second try is held until another job's search has worked.
    if (refused === 2) await take(test.source, fish("Betta imbellis"), 1);
    return html("Too many requests", 429);
  });
  await using test = testSource({ jobs: 2 });
  await take(test.source, fish("Betta pi"), 1);
  const { end } = await take(test.source, BETTA);
  assertEquals([end?.why, refused], ["failed", 4]);
  assertEquals(google.searches.length, 6);
  assertEquals((await take(test.source, fish("Betta rubra"), 1)).candidates.length, 1);
});

Deno.test("candidates() says that Google cannot be reached, and stops", async () => {
  await using _google = await startSmallGoogle(() => ({ first: [] }), undefined, "unreachable");
  await using test = testSource();
  const stop = await assertRejects(() => take(test.source, BETTA), StageStop);
  assertEquals(stop.why, "unreachable");
});

Deno.test("candidates() ends with the signal's reason, and closes its tab", async () => {
  await using _google = await startSmallGoogle(() => ({ first: photosFor(QUERY, 3) }));
  await using test = testSource();
  const tabs: { readonly dead: boolean }[] = [];
  const open = test.keeper.tab.bind(test.keeper);
  test.keeper.tab = async (deadline) => {
    const tab = await open(deadline);
    tabs.push(tab);
    return tab;
  };
  const stop = new AbortController();
  const demand = { missing: 9, successRate: 1, known: () => false };
  const found = test.source.candidates(BETTA, demand, stop.signal);
  for (let number = 0; number < 3; number += 1) await found.next();
  const next = found.next();
  stop.abort(new RangeError("enough"));
  await assertRejects(() => next, RangeError);
  assertEquals(tabs.map(({ dead }) => dead), [true]);
  // The same when the consumer has enough.
  await take(test.source, BETTA, 2);
  assertEquals(tabs.map(({ dead }) => dead), [true, true]);
});

Deno.test("candidates() does not search for what has no name", async () => {
  await using test = testSource();
  const { search: _, ...rest } = BETTA;
  const { end } = await take(test.source, { ...rest, reason: "the row names no species" });
  assertEquals(end, { why: "no-latin-name", reason: "the row names no species" });
});

/** A tab that does nothing, but for what is said. */
function fakeTab(parts: Partial<Tab>): Tab {
  return {
    goto: (url) => Promise.resolve({ url, status: 200 }),
    url: () => Promise.resolve("about:blank"),
    html: () => Promise.resolve(""),
    evaluate: (_source, _argument, read) => Promise.resolve(read({})),
    until: () => Promise.resolve(),
    scrollToEnd: () => Promise.resolve(),
    click: () => Promise.resolve(),
    onResponse: () => undefined,
    loading: 0,
    dead: false,
    close: () => Promise.resolve(),
    ...parts,
  };
}

Deno.test("candidates() tries a page whose script does not end once more, and says so", async () => {
  let tabs = 0;
  const hung = fakeTab({
    goto: () => Promise.reject(new BrowserFault("hung", "a script of the page did not end")),
  });
  const tab = () => {
    tabs += 1;
    return Promise.resolve(hung);
  };
  await using test = testSource({ keeper: { tab, close: () => Promise.resolve() } });
  const { end } = await take(test.source, fish("Betta splendens"));
  assertEquals([end?.why, tabs], ["failed", 2]);
  assertStringIncludes(end !== undefined && "reason" in end ? end.reason : "", "did not end");
});
