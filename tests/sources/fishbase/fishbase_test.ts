import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { FISHBASE_MIRRORS } from "../../../lib/sources/fishbase/fishbase.ts";
import { epithetPath, genusPath } from "../../../lib/sources/fishbase/page_paths.ts";
import { StageStop } from "../../../lib/sources/source.ts";
import {
  ALL,
  FAILED,
  FakeSite,
  fish,
  GONE,
  nameList,
  open,
  type Outcome,
  type Page,
  picturePage,
  REFUSED,
  run,
  service,
  summaryPage,
  thumbnailsPage,
  UNKNOWN,
} from "./fake_site.ts";

const SE = "https://www.fishbase.se";
const NONE = "<html><title>FishBase</title><h1>Photos</h1>No photo available.";

/** A site with one species of two pictures. */
function bettas(more: Readonly<Record<string, Page | readonly Page[]>> = {}): FakeSite {
  return new FakeSite({
    "/summary/Betta-demo.html": summaryPage("Betta demo", 7),
    "/photos/thumbnailssummary.php?Genus=Betta&Species=demo": thumbnailsPage(7, [
      "Bedem_m0.jpg",
      "Bedem_u1.jpg",
    ]),
    "/webservice/photos/FishPicsList.php?Genus=Betta&Species=demo&type=": service([
      ["adult", "Bedem_u1.jpg"],
      ["adult", "Bedem_m0.jpg"],
    ]),
    "/photos/PicturesSummary.php?StartRow=0&ID=7&what=species&TotRec=2": picturePage(
      "Bedem_m0.jpg",
      "Country: Laos<br>© P, CC-BY 3.0",
    ),
    "/photos/PicturesSummary.php?StartRow=1&ID=7&what=species&TotRec=2": picturePage(
      "Bedem_u1.jpg",
      "Sex/Stage: female",
    ),
    ...more,
  });
}

const files = ({ candidates }: Outcome): string[] =>
  candidates.map(({ url }) => url.split("/").at(-1) ?? "");

function detail({ end }: Outcome): Readonly<Record<string, unknown>> {
  assertEquals(end.why, "exhausted");
  assert(end.why === "exhausted");
  return end.detail ?? {};
}

Deno.test("candidates() gives a picture known from three places once, with all that is known", async () => {
  const site = bettas();
  const { source } = open(site);
  const outcome = await run(source, fish("Betta demo"));
  assertEquals(outcome.candidates, [
    {
      url: `${SE}/images/species/Bedem_m0.jpg`,
      page: `${SE}/photos/PicturesSummary.php?StartRow=0&ID=7&what=species&TotRec=2`,
      kind: "photo",
      road: "thumbnails",
      license: "CC-BY-3.0",
      licenseText: "© P, CC-BY 3.0",
      author: "P",
      title: "Laos",
      sex: "male",
      stage: "adult",
    },
    {
      url: `${SE}/images/species/Bedem_u1.jpg`,
      page: `${SE}/photos/PicturesSummary.php?StartRow=1&ID=7&what=species&TotRec=2`,
      kind: "photo",
      road: "thumbnails",
      license: "unknown",
      author: "P",
      sex: "female",
      stage: "adult",
    },
  ]);
  const { validName, specCode, mirror, pictures } = detail(outcome);
  assertEquals(
    { validName, specCode, mirror, pictures },
    { validName: "Betta demo", specCode: 7, mirror: "www.fishbase.se", pictures: 2 },
  );
  assertEquals(site.log.length, 5, "one to find it, two lists, one for each picture");
});

Deno.test("candidates() opens no page for a picture that is decided, on whichever mirror", async () => {
  const site = bettas();
  const known = (url: string) => url === "https://www.fishbase.us/images/species/Bedem_m0.jpg";
  const outcome = await run(open(site).source, fish("Betta demo"), { ...ALL, known });
  assertEquals(files(outcome), ["Bedem_u1.jpg"]);
  assertEquals(site.log.filter(({ path }) => path.includes("StartRow=0")), []);
});

Deno.test("candidates() finds what the thumbnails page does not show", async () => {
  const site = bettas({
    "/photos/thumbnailssummary.php?Genus=Betta&Species=demo": thumbnailsPage(7, ["Bedem_m0.jpg"])
      .replace("TotRec=1", "TotRec=2"),
    "/webservice/photos/FishPicsList.php?Genus=Betta&Species=demo&type=": service([
      ["juvenile", "Bedem_j9.jpg"],
      ["larvae", "Bedem_u8.jpg"],
    ]),
  });
  const outcome = await run(open(site).source, fish("Betta demo"));
  assertEquals(files(outcome).slice(0, 2), ["Bedem_m0.jpg", "Bedem_j9.jpg"]);
  assertEquals(outcome.candidates[1]?.stage, "juvenile");
  assertEquals(detail(outcome)["leftOut"], { larva: 1 });
});

Deno.test("candidates() goes from picture to picture where the lists are missing or changed", async () => {
  const rows = (row: number) =>
    `/photos/PicturesSummary.php?StartRow=${row}&ID=7&what=species&TotRec=0`;
  const site = bettas({
    "/photos/thumbnailssummary.php?Genus=Betta&Species=demo": GONE,
    "/webservice/photos/FishPicsList.php?Genus=Betta&Species=demo&type=": "<b>Fatal error</b>",
    [rows(0)]: picturePage("Bedem_m0.jpg", ""),
    [rows(1)]: picturePage("Bedem_u1.jpg", ""),
    [rows(2)]: "<html><body><a href='/search.php'>FishBase</a></body></html>",
  });
  const { source, kept } = open(site);
  const outcome = await run(source, fish("Betta demo"));
  assertEquals(files(outcome), ["Bedem_m0.jpg", "Bedem_u1.jpg"]);
  assertEquals(outcome.candidates[0]?.road, "pictures");
  assertEquals(outcome.end.why, "not-recognised", "the service's answer is none");
  assertEquals(kept, ["fishbase_betta_demo_service.xml"]);
});

Deno.test("candidates() opens the rows that no list links to", async () => {
  const row = (number: number) =>
    `/photos/PicturesSummary.php?StartRow=${number}&ID=7&what=species&TotRec=3`;
  const preferred = "/photos/PicturesSummary.php?ID=7&what=species";
  const site = bettas({
    // The preferred picture's link names no row and shows row 0, whatever the picture (told).
    "/photos/thumbnailssummary.php?Genus=Betta&Species=demo": thumbnailsPage(
      7,
      ["Bedem_u0.jpg"],
      `<td><a href='PicturesSummary.php?ID=7&what=species'><img src='../images/thumbnails/jpg/tn_Bedem_u2.jpg'></a></td>`,
    ).replace("TotRec=1", "TotRec=3"),
    "/webservice/photos/FishPicsList.php?Genus=Betta&Species=demo&type=": service([]),
    [preferred]: picturePage("Bedem_u0.jpg", "CC-BY 3.0"),
    [row(0)]: picturePage("Bedem_u0.jpg", "CC-BY 3.0"),
    [row(1)]: picturePage("Bedem_u1.jpg", "CC-BY 2.0"),
    [row(2)]: picturePage("Bedem_u2.jpg", "CC-BY 1.0"),
  });
  const outcome = await run(open(site).source, fish("Betta demo"));
  assertEquals(outcome.candidates.map(({ url, license }) => [url.slice(-12), license]), [
    ["Bedem_u0.jpg", "CC-BY-3.0"],
    ["Bedem_u2.jpg", "CC-BY-1.0"],
    ["Bedem_u1.jpg", "CC-BY-2.0"],
  ]);
  const opened = site.log.map(({ path }) => path).filter((path) =>
    path.includes("PicturesSummary")
  );
  assertEquals(opened.length, new Set(opened).size, "no page twice");
});

Deno.test("candidates() counts: a picture that is in no list has a page of its own", async () => {
  const site = bettas({
    "/photos/thumbnailssummary.php?Genus=Betta&Species=demo": thumbnailsPage(7, ["Bedem_m0.jpg"])
      .replace("TotRec=1", "TotRec=2"),
    "/webservice/photos/FishPicsList.php?Genus=Betta&Species=demo&type=": GONE,
  });
  const outcome = await run(open(site).source, fish("Betta demo"));
  assertEquals(files(outcome), ["Bedem_m0.jpg", "Bedem_u1.jpg"]);
  assertEquals(detail(outcome)["places"], {
    thumbnails: "known",
    service: "missing",
    pictures: "known",
  });
  assertEquals(site.log.length, 5, "no page beyond the last");
});

Deno.test("candidates() ends where counts are wrong and pages lead round in circles", async () => {
  const thumbnails = "/photos/thumbnailssummary.php?Genus=Betta&Species=demo";
  const pages: Record<string, Page> = {};
  // The count says 300; every row beyond the last is answered with the last.
  for (let row = 0; row < 300; row++) {
    const file = row === 0 ? "Bedem_m0.jpg" : "Bedem_u1.jpg";
    pages[`/photos/PicturesSummary.php?StartRow=${row}&ID=7&what=species&TotRec=300`] = picturePage(
      file,
      "",
    );
  }
  // Each page of thumbnails has a next one, on which the same is shown.
  for (let page = 0; page < 50; page++) {
    pages[page === 0 ? thumbnails : `${thumbnails}&page=${page}`] = thumbnailsPage(
      7,
      ["Bedem_m0.jpg"],
      `<td><a href="?Genus=Betta&Species=demo&page=${page + 1}">next</a>
<a href="?Genus=Other&Species=demo&page=1">next species</a></td>`,
    ).replace("TotRec=1", "TotRec=300");
  }
  const site = bettas(pages);
  const outcome = await run(open(site).source, fish("Betta demo"));
  assertEquals(files(outcome), ["Bedem_m0.jpg", "Bedem_u1.jpg"]);
  assertEquals(outcome.end.why, "exhausted");
  assert(site.log.length < 12, `${site.log.length} pages`);
  assertEquals(site.log.filter(({ path }) => path.includes("Other")), []);
});

Deno.test("candidates() opens no page of a linked picture to find one that is not", async () => {
  const list = ["Bedem_m0.jpg", "Bedem_u1.jpg"];
  const site = bettas({
    "/photos/thumbnailssummary.php?Genus=Betta&Species=demo": thumbnailsPage(7, list)
      .replaceAll("TotRec=2", "TotRec=3"),
    "/photos/PicturesSummary.php?StartRow=2&ID=7&what=species&TotRec=3": picturePage(
      "Bedem_u2.jpg",
      "",
    ),
  });
  const known = (url: string) => list.some((file) => url.endsWith(file));
  const outcome = await run(open(site).source, fish("Betta demo"), { ...ALL, known });
  assertEquals(files(outcome), ["Bedem_u2.jpg"]);
  assertEquals(site.log.filter(({ path }) => path.includes("PicturesSummary")).length, 1);
});

Deno.test("candidates() takes users' uploads in full, and other kinds only when told to", async () => {
  const more =
    `<td><img src='workimagethumb.php?s=http%3A%2F%2Fwww.fishbase.us%2Ftools%2FUploadPhoto%2Fuploads%2F147_1.2.jpg&w=300'>
Photo by U<br><a href='http://creativecommons.org/licenses/by-nc/3.0/'>CC-BY-NC</a></td><td><img src='../images/stamps/Bedem_s0.jpg'></td>`;
  const pages = {
    "/photos/thumbnailssummary.php?Genus=Betta&Species=demo": thumbnailsPage(7, [
      "Bedem_m0.jpg",
      "Bedem_u1.jpg",
    ], more),
    "/photos/SpeciesStampsList.php?speccode=7":
      "<html><a href='/search.php'>FishBase</a><td><img src='/images/stamps/Bedem_s1.jpg'></td>",
  };
  const photos = await run(open(bettas(pages)).source, fish("Betta demo"));
  assertEquals(files(photos), ["Bedem_m0.jpg", "Bedem_u1.jpg", "147_1.2.jpg"]);
  assertEquals(photos.candidates[2], {
    url: `${SE}/tools/UploadPhoto/uploads/147_1.2.jpg`,
    page: `${SE}/photos/thumbnailssummary.php?Genus=Betta&Species=demo`,
    kind: "photo",
    road: "thumbnails",
    license: "CC-BY-NC-3.0",
    licenseText: "CC-BY-NC",
    author: "U",
  });
  assertEquals(detail(photos)["leftOut"], { stamp: 1 });
  const kinds = new Set(["stamp"]);
  const stamps = await run(open(bettas(pages), { kinds }).source, fish("Betta demo"));
  assertEquals(files(stamps), ["Bedem_s0.jpg", "Bedem_s1.jpg"]);
  assertEquals(stamps.candidates.map(({ kind }) => kind), ["stamp", "stamp"]);
});

Deno.test("candidates() opens FishWatcher records for the pictures in them", async () => {
  const site = bettas({
    "/photos/thumbnailssummary.php?Genus=Betta&Species=demo": thumbnailsPage(
      7,
      [],
      "<td><a href='http://www.fishbase.us/FishWatcher/Record.php?autoctr=15'>record</a></td>",
    ),
    "/webservice/photos/FishPicsList.php?Genus=Betta&Species=demo&type=": service([]),
    "/FishWatcher/Record.php?autoctr=15":
      "<html><img src='/FishWatcher/uploads/9.jpg'> Photo by W<img src='/images/species/Other_u0.jpg'>",
  });
  const outcome = await run(open(site).source, fish("Betta demo"));
  assertEquals(outcome.candidates.map(({ url, page }) => [url, page]), [
    [`${SE}/FishWatcher/uploads/9.jpg`, `${SE}/FishWatcher/Record.php?autoctr=15`],
  ]);
});

Deno.test("candidates() tells no photos from a page it does not understand", async () => {
  const thumbnails = "/photos/thumbnailssummary.php?Genus=Betta&Species=demo";
  const empty = {
    [thumbnails]: NONE,
    "/webservice/photos/FishPicsList.php?Genus=Betta&Species=demo&type=": service([]),
  };
  const none = await run(open(bettas(empty)).source, fish("Betta demo"));
  assertEquals([none.candidates.length, detail(none)["pictures"]], [0, 0]);
  const changed = { ...empty, [thumbnails]: "<html><div class=grid></div></html>" };
  const { source, kept, notices } = open(bettas(changed));
  const { end } = await run(source, fish("Betta demo"));
  assert(end.why === "not-recognised");
  assertStringIncludes(end.reason, "page shape not recognised");
  assertEquals(end.savedPage, "pages/fishbase_betta_demo_thumbnails.html");
  for (let time = 0; time < 9; time++) await run(source, fish("Betta demo"));
  assertEquals(kept.length, 5, "a few are enough");
  await source.close();
  assertStringIncludes(notices.at(-1) ?? "", "10 of FishBase's pages were not recognised");
});

Deno.test("candidates() takes an unfamiliar summary page for no answer", async () => {
  const site = bettas({
    "/summary/Betta-demo.html": "<html><h1>Domain for sale</h1></html>",
    "/photos/ThumbnailsSummary.php?Genus=Betta&Species=demo": thumbnailsPage(7, ["Bedem_m0.jpg"]),
  });
  const { candidates, end } = await run(open(site).source, fish("Betta demo"));
  assertEquals(candidates.length, 2, "the other pages are asked by name");
  assertEquals(end.why, "not-recognised");
});

/** The end of a job for a name, at a site that knows `Corydoras splendens` as number 9. */
async function resolve(
  name: string,
  pages: Readonly<Record<string, Page>>,
  rank: "species" | "subspecies" | "undescribed" | "hybrid" = "species",
): Promise<Outcome["end"]> {
  const site = new FakeSite({
    "/summary/SpeciesSummary.php?ID=9": summaryPage("Corydoras splendens", 9),
    "/photos/thumbnailssummary.php?Genus=Corydoras&Species=splendens": NONE,
    "/webservice/photos/FishPicsList.php?Genus=Corydoras&Species=splendens&type=": service([]),
    ...Object.fromEntries(
      name.includes(" ") ? [[`/summary/${name.replaceAll(" ", "-")}.html`, UNKNOWN]] : [],
    ),
    ...pages,
  });
  return (await run(open(site).source, fish(name, rank))).end;
}

const SPLENDENS = ["Corydoras splendens", "Corydoras splendens", 9] as const;
const PALEATUS = ["Corydoras paleatus", "Corydoras paleatus", 8] as const;

Deno.test("candidates() goes on under the valid name of a synonym, a changed genus, a misspelling", async () => {
  const cases: [string, Record<string, Page>, string][] = [
    ["Brochis splendens", {
      "/summary/Brochis-splendens.html": summaryPage("Corydoras splendens", 9),
    }, "synonym"],
    ["Brochis splendens", {
      [genusPath("Brochis")]: nameList([["Brochis splendens", "Corydoras splendens", 9]]),
    }, "changed genus"],
    ["Brochis dipterus", {
      [genusPath("Brochis")]: nameList([["Brochis dipterus", "Corydoras splendens", 9]]),
    }, "synonym"],
    ["Brochis splendens", { [epithetPath("splendens")]: nameList([SPLENDENS]) }, "changed genus"],
    [
      "Corydoras splendans",
      { [genusPath("Corydoras")]: nameList([SPLENDENS, PALEATUS]) },
      "spelling",
    ],
    ["Coridoras splendens", {
      [epithetPath("splendens")]: nameList([SPLENDENS, ["Betta splendens", "Betta splendens", 4]]),
    }, "genus spelling"],
  ];
  for (const [name, pages, how] of cases) {
    const end = await resolve(name, pages);
    assert(end.why === "exhausted", `${name}: ${JSON.stringify(end)}`);
    assertEquals(end.detail?.["resolved"], { from: name, to: "Corydoras splendens", how });
    assertEquals(end.detail?.["specCode"], 9);
  }
});

Deno.test("candidates() believes no page of a stranger that answers to the name", async () => {
  const stranger = { "/summary/Betta-demo.html": summaryPage("Corydoras splendens", 9) };
  const list = "/Nomenclature/SynonymsList.php?ID=9&GenusName=Corydoras&SpeciesName=splendens";
  const names = (name: string) =>
    `<h1>Synonyms of <i>Corydoras  splendens</i></h1><td><i>${name}</i></td>`;
  const other = await resolve("Betta demo", { ...stranger, [list]: names("Brochis dipterus") });
  assert(other.why === "not-found");
  assertStringIncludes(other.reason, "answers with Corydoras splendens");
  // Its own list has the name; there is no such list; it cannot be read.
  for (const page of [names("Betta\n demo"), GONE, "<h1>Moved</h1>"]) {
    assertEquals((await resolve("Betta demo", { ...stranger, [list]: page })).why, "exhausted");
  }
});

Deno.test("candidates() takes another gender's ending", async () => {
  const end = await resolve("Corydoras splendidum", {
    [genusPath("Corydoras")]: nameList([
      ["Corydoras splendidus", "Corydoras splendens", 9],
      PALEATUS,
    ]),
  });
  assert(end.why === "exhausted");
  assertEquals(end.detail?.["resolved"], {
    from: "Corydoras splendidum",
    to: "Corydoras splendens",
    how: "gender ending",
  });
});

Deno.test("candidates() never guesses among several near names", async () => {
  const end = await resolve("Corydoras splendexs", {
    [genusPath("Corydoras")]: nameList([SPLENDENS, [
      "Corydoras splendeus",
      "Corydoras splendeus",
      3,
    ]]),
  });
  assert(end.why === "not-found");
  assertStringIncludes(end.reason, "none is guessed");
  const genera = await resolve("Brochis splendens", {
    [epithetPath("splendens")]: nameList([SPLENDENS, ["Betta splendens", "Betta splendens", 4]]),
  });
  assertEquals(genera.why, "not-found");
});

Deno.test("candidates() ends with not-found for what FishBase does not know", async () => {
  const end = await resolve("Nonesuch fictus", { [genusPath("Nonesuch")]: nameList([PALEATUS]) });
  assert(end.why === "not-found");
  assertStringIncludes(end.reason, "FishBase does not know Nonesuch fictus");
});

Deno.test("candidates() finds a subspecies by itself and else by its species", async () => {
  const name = "Corydoras splendens minor";
  const itself = await resolve(name, {
    "/summary/Corydoras-splendens-minor.html": summaryPage(name, 9),
    "/photos/thumbnailssummary.php?Genus=Corydoras&Species=splendens+minor": NONE,
  }, "subspecies");
  assert(itself.why === "exhausted", JSON.stringify(itself));
  assertEquals([itself.detail?.["validName"], itself.detail?.["resolved"]], [name, undefined]);
  const species = await resolve(name, {
    "/summary/Corydoras-splendens.html": summaryPage("Corydoras splendens", 9),
  }, "subspecies");
  assert(species.why === "exhausted");
  assertEquals(species.detail?.["resolved"], {
    from: name,
    to: "Corydoras splendens",
    how: "species of the subspecies",
  });
});

Deno.test("candidates() goes with cf. and crossed names as far as they allow", async () => {
  const summary = { "/summary/Corydoras-splendens.html": summaryPage("Corydoras splendens", 9) };
  const compared = await resolve("Corydoras cf. splendens", summary, "undescribed");
  assert(compared.why === "exhausted");
  assertEquals(compared.detail?.["resolved"], {
    from: "Corydoras splendens",
    to: "Corydoras splendens",
    how: "cf.",
  });
  for (
    const [name, rank, said] of [
      ["Corydoras sp.", "undescribed", "described species only"],
      ['Corydoras sp. "CW010"', "undescribed", "described species only"],
      ["Corydoras aff. splendens", "undescribed", "not it"],
      ["Amphilophus citrinellus × Vieja melanurus", "hybrid", "lists no hybrids"],
    ] as const
  ) {
    const site = new FakeSite({});
    const { end } = await run(open(site).source, fish(name, rank));
    assert(end.why === "not-found");
    assertStringIncludes(end.reason, said);
    assertEquals(site.log, [], "no page is asked for in vain");
  }
  const nameless = await run(open(new FakeSite({})).source, fish("", "unknown", ""));
  assertEquals(nameless.end, { why: "no-latin-name", reason: "no Latin name" });
});

Deno.test("candidates() asks for the list of a genus once a run", async () => {
  const site = new FakeSite({ [genusPath("Corydoras")]: nameList([PALEATUS]) });
  const { source } = open(site);
  for (const name of ["Corydoras unus", "Corydoras alter"]) {
    assertEquals((await run(source, fish(name))).end.why, "not-found");
  }
  assertEquals(site.log.filter(({ path }) => path === genusPath("Corydoras")).length, 1);
});

Deno.test("candidates() asks the next mirror when one is down, once, and says so once", async () => {
  const site = new FakeSite(bettas().pages, { "www.fishbase.se": REFUSED });
  const { source, notices } = open(site);
  const [outcome] = await Promise.all([
    run(source, fish("Betta demo")),
    run(source, fish("Betta demo")),
  ]);
  await run(source, fish("Betta demo"));
  assertEquals(files(outcome), ["Bedem_m0.jpg", "Bedem_u1.jpg"]);
  assertEquals(outcome.candidates[0]?.url, "https://www.fishbase.org/images/species/Bedem_m0.jpg");
  assertEquals(detail(outcome)["mirror"], "www.fishbase.org");
  assertEquals(site.log.filter(({ host }) => host === "www.fishbase.se").length, 2);
  assertEquals(notices, [
    "www.fishbase.se is down (connection refused): www.fishbase.org is asked instead.",
  ]);
});

Deno.test("candidates() stops the stage when all mirrors are down, each asked", async () => {
  const down = {
    "www.fishbase.se": REFUSED,
    "www.fishbase.org": FAILED,
    "www.fishbase.us": REFUSED,
  };
  const site = new FakeSite({}, down);
  const { source } = open(site);
  const stop = await assertRejects(() => run(source, fish("Betta demo")), StageStop);
  assertEquals(stop.why, "unreachable");
  for (const host of Object.keys(down)) {
    assertStringIncludes(stop.message, host);
    assertEquals(site.log.filter((asked) => asked.host === host).length, 2);
  }
});

Deno.test("candidates() keeps the mirror when one page alone fails", async () => {
  const site = bettas({
    "/webservice/photos/FishPicsList.php?Genus=Betta&Species=demo&type=": FAILED,
  });
  const { source, notices } = open(site);
  const outcome = await run(source, fish("Betta demo"));
  assertEquals(files(outcome), ["Bedem_m0.jpg", "Bedem_u1.jpg"]);
  assertEquals(detail(outcome)["mirror"], "www.fishbase.se");
  assertEquals(notices, []);
});

Deno.test("candidates() does a job again whose thumbnails could not be read", async () => {
  const site = bettas({ "/photos/thumbnailssummary.php?Genus=Betta&Species=demo": FAILED });
  const { candidates, end } = await run(open(site).source, fish("Betta demo"));
  assertEquals(candidates.length, 2, "what the service knows is given");
  assertEquals(end.why, "failed");
});

Deno.test("candidates() makes everybody wait out an overload, and goes on", async () => {
  const busy: Page = {
    outcome: "server-error",
    detail: "HTTP 503",
    status: 503,
    retryAfter: 40_000,
  };
  const site = bettas({
    "/summary/Betta-demo.html": [
      "<br /><b>Warning</b>: mysqli_connect(): Too many connections",
      busy,
      summaryPage("Betta demo", 7),
    ],
  });
  const { source, notices } = open(site);
  const [one, other] = await Promise.all([
    run(source, fish("Betta demo")),
    run(source, fish("Betta demo")),
  ]);
  assertEquals([one?.candidates.length, other?.candidates.length], [2, 2]);
  const [first, second, third] = site.log;
  assertEquals(new Set(site.log.slice(0, 3).map(({ path }) => path)).size, 1, "others wait");
  assert((second?.begin ?? 0) - (first?.end ?? 0) >= 2000, "at least the delay");
  assert((third?.begin ?? 0) - (second?.end ?? 0) >= 40_000, "Retry-After");
  assertEquals(notices.length, 1);
  assertStringIncludes(notices[0] ?? "", "Too many connections");
});

Deno.test("candidates() asks another mirror when an overload does not end", async () => {
  const busy = "<b>Too many connections</b>";
  const site = new FakeSite(bettas().pages, { "www.fishbase.se": busy });
  const { source, notices } = open(site);
  assertEquals((await run(source, fish("Betta demo"))).candidates.length, 2);
  assertEquals(site.log.filter(({ host }) => host === "www.fishbase.se").length, 5);
  assertStringIncludes(notices.join(" "), "www.fishbase.org is asked instead");
});

Deno.test("candidates() keeps the delay and never asks for two pages at once, whoever asks", async () => {
  for (const [crawlDelay, least] of [[undefined, 2000], [10_000, 10_000], [500, 2000]] as const) {
    const site = bettas();
    site.crawlDelay = crawlDelay;
    const { source } = open(site);
    await Promise.all(Array.from({ length: 8 }, () => run(source, fish("Betta demo"))));
    assertEquals(site.mostAtOnce, 1);
    assertEquals(site.log.length, 40);
    for (const [index, { begin }] of site.log.entries()) {
      const before = site.log[index - 1];
      if (before !== undefined) assert(begin - before.end >= least, `${begin - before.end} ms`);
    }
  }
});

Deno.test("candidates() keeps a mirror that has answered when one page does not come, and its name for the files", async () => {
  const timeout: Page = { outcome: "timeout", detail: "no byte for 15 s" };
  const service = "/webservice/photos/FishPicsList.php?Genus=Betta&Species=demo&type=";
  for (const fault of [timeout, { outcome: "truncated", detail: "cut" }, REFUSED] as const) {
    const { source, notices } = open(bettas({ [service]: fault }));
    const outcome = await run(source, fish("Betta demo"));
    assertEquals(outcome.candidates.map(({ url }) => new URL(url).host), [
      "www.fishbase.se",
      "www.fishbase.se",
    ]);
    assertEquals([outcome.end.why, notices], ["exhausted", []]);
  }
});

Deno.test("candidates() waits once for mirrors that were there, and then stops the stage", async () => {
  const names = ["www.fishbase.se", "www.fishbase.org", "www.fishbase.us"];
  for (const [until, comes] of [[62_000, true], [Infinity, false]] as const) {
    const hosts: Record<string, Page | undefined> = {};
    const site = new FakeSite(bettas().pages, hosts);
    const { source, notices } = open(site);
    await run(source, fish("Betta demo"));
    const end = site.clock.now() + until;
    for (const name of names) {
      Object.defineProperty(hosts, name, {
        get: () => site.clock.now() < end ? REFUSED : undefined,
      });
    }
    const jobs = () => Promise.all([1, 2, 3, 4].map(() => run(source, fish("Betta demo"))));
    if (comes) assertEquals((await jobs()).at(-1)?.candidates.length, 2);
    else assertEquals((await assertRejects(jobs, StageStop)).why, "unreachable");
    assertEquals(notices.filter((text) => /asked again in 60 s/.test(text)).length, 1);
  }
});

Deno.test("candidates() takes the thumbnails for all there is where the service is not understood", async () => {
  const service = "/webservice/photos/FishPicsList.php?Genus=Betta&Species=demo&type=";
  const { source, kept, notices } = open(bettas({ [service]: "<html><h1>Moved</h1></html>" }));
  const outcome = await run(source, fish("Betta demo"));
  assertEquals(files(outcome), ["Bedem_m0.jpg", "Bedem_u1.jpg"]);
  assertEquals(detail(outcome)["places"], {
    thumbnails: "known",
    service: "unknown",
    pictures: "known",
  });
  assertEquals(kept, ["fishbase_betta_demo_service.xml"]);
  await source.close();
  assertStringIncludes(notices.at(-1) ?? "", "not recognised");
});

Deno.test("candidates() leaves out what the service gives of another species", async () => {
  const path = "/webservice/photos/FishPicsList.php?Genus=Betta&Species=demo&type=";
  const picture = "<pictures type='adult'><picname>Bealt_u0.jpg</picname></pictures>";
  for (
    const species of [
      "<speccode>99</speccode>",
      "<species status='valid'><genus>Betta</genus><species>altera</species></species>",
    ]
  ) {
    const site = bettas({ [path]: `<fishbase>${species}${picture}</fishbase>` });
    const outcome = await run(open(site).source, fish("Betta demo"));
    assertEquals(files(outcome), ["Bedem_m0.jpg", "Bedem_u1.jpg"]);
    assertEquals(detail(outcome)["foreign"], 1);
  }
});

Deno.test("candidates() does not call a fish unknown where FishBase has not said so", async () => {
  const path = "/summary/Betta-demo.html";
  // A site that has none of the pages: it may be another, or have moved.
  const moved = await run(open(new FakeSite({})).source, fish("Betta demo"));
  assertEquals(moved.end.why, "failed");
  // A site that is known to be FishBase: no such page, no such name.
  const { source } = open(bettas());
  await run(source, fish("Betta demo"));
  assertEquals((await run(source, fish("Nonesuch fictus"))).end.why, "not-found");
  // The names near it are not to be had today.
  const today = new FakeSite({ [path]: UNKNOWN, [genusPath("Betta")]: FAILED });
  const { end } = await run(open(today).source, fish("Betta demo"));
  assert(end.why === "failed");
  assertStringIncludes(end.reason, "the names near Betta demo");
  // They are not to be asked for at all.
  const robots: Page = { outcome: "opted-out", detail: "robots.txt: Disallow: /Nomenclature" };
  const closed = new FakeSite({ [path]: UNKNOWN, [genusPath("Betta")]: robots });
  assertEquals((await run(open(closed).source, fish("Betta demo"))).end.why, "not-found");
});

Deno.test("candidates() lets go of its turn when it is interrupted", async () => {
  const site = bettas();
  const { source } = open(site);
  const controller = new AbortController();
  const job = source.candidates(fish("Betta demo"), ALL, controller.signal);
  const waiting = source.candidates(fish("Betta demo"), ALL, controller.signal);
  const [first, second] = [job.next(), waiting.next()];
  controller.abort(new Error("interrupted"));
  await assertRejects(() => first, Error, "interrupted");
  await assertRejects(() => second, Error, "interrupted");
  assertEquals((await run(source, fish("Betta demo"))).candidates.length, 2);
});

Deno.test("candidates() names --render where plain requests are turned away, and uses it", async () => {
  const challenge: Page = {
    outcome: "forbidden",
    detail: "HTTP 403",
    status: 403,
    bytes: new TextEncoder().encode("<title>Just a moment...</title>"),
  };
  const hosts = Object.fromEntries(
    ["www.fishbase.se", "www.fishbase.org", "www.fishbase.us"].map((host) => [host, challenge]),
  );
  const site = new FakeSite({}, hosts);
  const stop = await assertRejects(() => run(open(site).source, fish("Betta demo")), StageStop);
  assertEquals(stop.why, "turned-away");
  assertStringIncludes(stop.message, "--render");
  const behind = bettas();
  const renderPage = (url: string, signal: AbortSignal) => behind.page(url, { signal });
  const { source } = open(site, { renderPage });
  const outcome = await run(source, fish("Betta demo"));
  assertEquals(files(outcome), ["Bedem_m0.jpg", "Bedem_u1.jpg"]);
});

Deno.test("FISHBASE_MIRRORS are hosts and nothing else", () => {
  for (const host of FISHBASE_MIRRORS) assertEquals(new URL(`https://${host}/`).host, host);
});
