import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { StageStop } from "../../../lib/sources/source.ts";
import {
  ALL,
  FAILED,
  FakeSite,
  fish,
  GONE,
  open,
  type Outcome,
  type Page,
  picturePage,
  pictureRow,
  run,
  speciesRow,
  summaryPage,
  synonymRow,
  type TableRow,
  tables,
  thumbnailsPage,
  UNKNOWN,
} from "./fake_site.ts";
import { withFolder } from "../../folder.ts";

const SE = "https://www.fishbase.se";
const NONE = "<html><title>FishBase</title><body><h1>Photos</h1>No photo available.</body></html>";
const BY_NAME = "/photos/thumbnailssummary.php?Genus=Betta&Species=demo";
const BY_CODE = "/photos/ThumbnailsSummary.php?ID=7";
const FILES = ["Bedem_m0.jpg", "Bedem_u1.jpg"];

const row = (number: number, total = 2) =>
  `/photos/PicturesSummary.php?StartRow=${number}&ID=7&what=species&TotRec=${total}`;

/** A site with one species of two pictures. */
function bettas(more: Readonly<Record<string, Page | readonly Page[]>> = {}): FakeSite {
  return new FakeSite({
    "/summary/Betta-demo.html": summaryPage("Betta demo", 7),
    [BY_NAME]: thumbnailsPage(7, FILES),
    [BY_CODE]: thumbnailsPage(7, FILES),
    [row(0)]: picturePage("Bedem_m0.jpg", "Country: Laos<br>© P, CC-BY 3.0"),
    [row(1)]: picturePage("Bedem_u1.jpg", "Sex/Stage: female"),
    ...more,
  });
}

const BETTA = speciesRow("Betta demo", 7);
const PICTURES = [
  pictureRow(7, "Bedem_m0.jpg", { AuthName: "Riehl, R.", Copyright: "CC-BY-NC 3.0" }),
  pictureRow(7, "Bedem_u1.jpg", { LifeStage: "juvenile", Copyright: "non-commercial use" }),
];

const files = ({ candidates }: Outcome): string[] =>
  candidates.map(({ url }) => url.split("/").at(-1) ?? "");

function detail({ end }: Outcome): Readonly<Record<string, unknown>> {
  assert(end.why === "exhausted", JSON.stringify(end));
  return end.detail ?? {};
}

Deno.test("candidates() costs one page a species with the tables, which name author and licence", () =>
  withFolder(async (data) => {
    const site = bettas();
    site.tables = tables({ species: [BETTA], pictures: PICTURES });
    const outcome = await run(open(site, { data }).source, fish("Betta demo"));
    assertEquals(outcome.candidates, [
      {
        url: `${SE}/images/species/Bedem_m0.jpg`,
        page: SE + row(0),
        kind: "photo",
        road: "table",
        license: "CC-BY-NC-3.0",
        licenseText: "CC-BY-NC 3.0",
        author: "Riehl, R.",
        sex: "male",
        stage: "adult",
      },
      {
        url: `${SE}/images/species/Bedem_u1.jpg`,
        page: SE + row(1),
        kind: "photo",
        road: "table",
        licenseText: "non-commercial use",
        author: "T",
        stage: "juvenile",
      },
    ]);
    assertEquals(detail(outcome), {
      validName: "Betta demo",
      specCode: 7,
      mirror: "www.fishbase.se",
      pictures: 2,
      tables: "v25.04",
    });
    assertEquals(site.log.map(({ path }) => path), [BY_CODE]);
  }));

Deno.test("candidates() adds users' uploads and photos that are newer than the tables", () =>
  withFolder(async (data) => {
    const upload =
      `<td><img src='workimagethumb.php?s=http%3A%2F%2Fwww.fishbase.us%2Ftools%2FUploadPhoto%2Fuploads%2F147_1.2.jpg&w=300'>
Photo by U<br><a href='http://creativecommons.org/licenses/by-nc/3.0/'>CC-BY-NC</a></td>`;
    const site = bettas({ [BY_CODE]: thumbnailsPage(7, FILES, upload) });
    site.tables = tables({ species: [BETTA], pictures: PICTURES.slice(1) });
    const outcome = await run(open(site, { data }).source, fish("Betta demo"));
    assertEquals(files(outcome), ["Bedem_u1.jpg", "Bedem_m0.jpg", "147_1.2.jpg"]);
    assertEquals(outcome.candidates[1]?.license, "CC-BY-3.0", "from the photo's own page");
    assertEquals(outcome.candidates[1]?.title, "Laos");
    assertEquals(outcome.candidates[2], {
      url: `${SE}/tools/UploadPhoto/uploads/147_1.2.jpg`,
      alternatives: [`${SE}/tools/display_image.php?fw=n&imgName=147_1.2.jpg`],
      page: SE + BY_CODE,
      kind: "photo",
      road: "thumbnails",
      license: "CC-BY-NC-3.0",
      licenseText: "CC-BY-NC",
      licenseUrl: "http://creativecommons.org/licenses/by-nc/3.0/",
      author: "U",
    });
    assertEquals(site.log.map(({ path }) => path), [BY_CODE, row(0)]);
  }));

Deno.test("candidates() reads the pages alone where the tables cannot be had, and says so once", async () => {
  const site = bettas();
  const { source, notices } = open(site);
  const outcome = await run(source, fish("Betta demo"));
  assertEquals(outcome.candidates, [
    {
      url: `${SE}/images/species/Bedem_m0.jpg`,
      page: SE + row(0),
      kind: "photo",
      road: "thumbnails",
      license: "CC-BY-3.0",
      licenseText: "© P, CC-BY 3.0",
      author: "P",
      title: "Laos",
      sex: "male",
    },
    {
      url: `${SE}/images/species/Bedem_u1.jpg`,
      page: SE + row(1),
      kind: "photo",
      road: "thumbnails",
      author: "P",
      sex: "female",
    },
  ]);
  assertEquals(site.log.length, 4, "one to find it, its thumbnails, one for each photo");
  await run(source, fish("Betta demo"));
  assertEquals(notices.filter((text) => text.includes("tables cannot be used")).length, 1);
});

Deno.test("candidates() leaves out what is no photo, unless it is asked for", () =>
  withFolder(async (data) => {
    const site = bettas();
    site.tables = tables({
      species: [BETTA],
      pictures: [
        ...PICTURES,
        pictureRow(7, "Bedem_u5.gif", { PictureType: "colored drawing" }),
        pictureRow(7, "Bedem_u6.jpg", { LifeStage: "larvae" }),
        pictureRow(7, "Bedem_u7.jpg", { PictureType: "otolith" }),
        pictureRow(7, "Bedem_u8.jpg", { PictureType: "underwater photo" }),
        pictureRow(7, "../../../etc/passwd"),
      ],
    });
    const photos = await run(open(site, { data }).source, fish("Betta demo"));
    assertEquals(files(photos), [...FILES, "Bedem_u8.jpg"]);
    assertEquals(detail(photos)["leftOut"], { drawing: 1, larva: 1, other: 1 });
    const kinds = new Set(["drawing"]);
    const drawings = await run(open(site, { data, kinds }).source, fish("Betta demo"));
    assertEquals(files(drawings), ["Bedem_u5.gif"]);
  }));

Deno.test("candidates() opens no page for a picture that is decided, on whichever mirror", async () => {
  const site = bettas();
  const known = (url: string) => url === "https://www.fishbase.us/images/species/Bedem_m0.jpg";
  const outcome = await run(open(site).source, fish("Betta demo"), { ...ALL, known });
  assertEquals(files(outcome), ["Bedem_u1.jpg"]);
  assertEquals(site.log.filter(({ path }) => path.includes("StartRow=0")), []);
});

Deno.test("candidates() gives what the table has even where the thumbnails fail, and asks again", () =>
  withFolder(async (data) => {
    for (const [page, why] of [[FAILED, "failed"], [GONE, "failed"]] as const) {
      const site = bettas({ [BY_CODE]: page, "/summary/Betta-other.html": UNKNOWN });
      site.tables = tables({ species: [BETTA], pictures: PICTURES });
      const { source } = open(site, { data });
      await run(source, fish("Betta other"));
      const { candidates, end } = await run(source, fish("Betta demo"));
      assertEquals([candidates.length, end.why], [2, why]);
    }
  }));

Deno.test("candidates() tells no photos from a page it does not understand, which is kept", async () => {
  const none = await run(open(bettas({ [BY_NAME]: NONE })).source, fish("Betta demo"));
  assertEquals([none.candidates.length, detail(none)["pictures"]], [0, 0]);
  const changed = bettas({ [BY_NAME]: "<html><body><div class=grid></div></body></html>" });
  const { source, kept, notices } = open(changed);
  const { end } = await run(source, fish("Betta demo"));
  assert(end.why === "not-recognised");
  assertStringIncludes(end.reason, "page shape not recognised");
  assertEquals(end.savedPage, "pages/fishbase_betta_demo_thumbnails.html");
  for (let time = 0; time < 9; time++) await run(source, fish("Betta demo"));
  assertEquals(kept.length, 5, "a few are enough");
  await source.close();
  assertStringIncludes(notices.at(-1) ?? "", "10 of FishBase's pages were not recognised");
});

Deno.test("candidates() keeps a summary page that it does not understand", async () => {
  const site = bettas({ "/summary/Betta-demo.html": "<html><h1>Domain for sale</h1></html>" });
  const { source, kept } = open(site);
  const { candidates, end } = await run(source, fish("Betta demo"));
  assertEquals([candidates.length, end.why], [0, "not-recognised"]);
  assertEquals(kept, ["fishbase_betta_demo_summary.html"]);
});

/** The end of a job for a name, at a site and with tables that know `Corydoras splendens` as 9. */
async function identify(
  name: string,
  {
    pages = {},
    species = [],
    synonyms = [],
    rank = "species",
  }: {
    readonly pages?: Readonly<Record<string, Page>>;
    readonly species?: readonly TableRow[];
    readonly synonyms?: readonly TableRow[];
    readonly rank?: "species" | "subspecies" | "undescribed" | "hybrid";
  },
): Promise<{ readonly end: Outcome["end"]; readonly asked: readonly string[] }> {
  const site = new FakeSite({
    "/photos/ThumbnailsSummary.php?ID=9": NONE,
    "/photos/thumbnailssummary.php?Genus=Corydoras&Species=splendens": NONE,
    [`/summary/${name.replaceAll(" ", "-")}.html`]: UNKNOWN,
    ...pages,
  });
  site.tables = tables({
    species: [
      speciesRow("Corydoras splendens", 9),
      speciesRow("Corydoras paleatus", 8),
      ...species,
    ],
    synonyms,
  });
  let end: Outcome["end"] | undefined;
  await withFolder(async (data) => {
    end = (await run(open(site, { data }).source, fish(name, rank))).end;
  });
  if (end === undefined) throw new Error("the job has no end");
  return { end, asked: site.log.map(({ path }) => path) };
}

Deno.test("candidates() finds a name in the tables without asking for a page", async () => {
  const cases: [string, Parameters<typeof identify>[1], string | undefined][] = [
    ["Corydoras splendens", {}, undefined],
    ["Brochis splendens", { synonyms: [synonymRow("Brochis splendens", 9)] }, "changed genus"],
    ["Brochis dipterus", { synonyms: [synonymRow("Brochis dipterus", 9, "Synonym")] }, "synonym"],
  ];
  for (const [name, known, how] of cases) {
    const { end, asked } = await identify(name, known);
    assert(end.why === "exhausted", `${name}: ${JSON.stringify(end)}`);
    assertEquals(end.detail?.["specCode"], 9);
    assertEquals(
      end.detail?.["resolved"],
      how === undefined ? undefined : { from: name, to: "Corydoras splendens", how },
    );
    assertEquals(asked, ["/photos/ThumbnailsSummary.php?ID=9"]);
  }
});

Deno.test("candidates() finds a name that is newer than the tables by its page", async () => {
  const pages = { "/summary/Brochis-splendens.html": summaryPage("Corydoras splendens", 9) };
  const { end } = await identify("Brochis splendens", { pages });
  assert(end.why === "exhausted");
  assertEquals(end.detail?.["resolved"], {
    from: "Brochis splendens",
    to: "Corydoras splendens",
    how: "synonym",
  });
});

Deno.test("candidates() finds another spelling, gender or genus of a name that no page knows", async () => {
  const cases: [string, readonly TableRow[], string][] = [
    ["Corydoras splendans", [], "spelling"],
    ["Coridoras splendens", [speciesRow("Betta splendens", 4)], "genus spelling"],
    ["Brochis splendens", [], "changed genus"],
  ];
  for (const [name, species, how] of cases) {
    const { end } = await identify(name, { species });
    assert(end.why === "exhausted", `${name}: ${JSON.stringify(end)}`);
    assertEquals(end.detail?.["resolved"], { from: name, to: "Corydoras splendens", how });
  }
});

Deno.test("candidates() never guesses among several names, and uses no misapplied one", async () => {
  const several = await identify("Corydoras splendexs", {
    species: [speciesRow("Corydoras splendeus", 3)],
  });
  assert(several.end.why === "not-found");
  assertStringIncludes(several.end.reason, "none is guessed");
  const homonym = await identify("Brochis dipterus", {
    synonyms: [synonymRow("Brochis dipterus", 9), synonymRow("Brochis dipterus", 8)],
  });
  assertEquals(homonym.end.why, "not-found");
  const misapplied = await identify("Brochis dipterus", {
    synonyms: [synonymRow("Brochis dipterus", 9, "misapplied name")],
  });
  assert(misapplied.end.why === "not-found");
  assertStringIncludes(misapplied.end.reason, "FishBase does not know Brochis dipterus");
});

Deno.test("candidates() believes no page that answers with a fish of quite another name", async () => {
  const pages = { "/summary/Betta-demo.html": summaryPage("Corydoras splendens", 9) };
  const { end } = await identify("Betta demo", { pages });
  assert(end.why === "not-found");
  assertStringIncludes(end.reason, "answers with Corydoras splendens");
});

Deno.test("candidates() finds a subspecies by itself and else by its species", async () => {
  const name = "Corydoras splendens minor";
  const itself = await identify(name, { species: [speciesRow(name, 9)], rank: "subspecies" });
  assert(itself.end.why === "exhausted");
  const species = await identify(name, { rank: "subspecies" });
  assert(species.end.why === "exhausted", JSON.stringify(species));
  assertEquals(species.end.detail?.["resolved"], {
    from: name,
    to: "Corydoras splendens",
    how: "species of the subspecies",
  });
});

Deno.test("candidates() goes with cf. and crossed names as far as they allow", async () => {
  const compared = await identify("Corydoras cf. splendens", { rank: "undescribed" });
  assert(compared.end.why === "exhausted");
  assertEquals(compared.end.detail?.["resolved"], {
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
    const { end, asked } = await identify(name, { rank });
    assert(end.why === "not-found");
    assertStringIncludes(end.reason, said);
    assertEquals(asked, [], "no page is asked for in vain");
  }
  const nameless = await run(open(new FakeSite({})).source, fish("", "unknown", ""));
  assertEquals(nameless.end, { why: "no-latin-name", reason: "no Latin name" });
});

Deno.test("candidates() does not call a fish unknown before its name was looked up in the tables", async () => {
  for (const page of [UNKNOWN, GONE]) {
    const site = new FakeSite({ "/summary/Betta-demo.html": page });
    const { end } = await run(open(site).source, fish("Betta demo"));
    assert(end.why === "failed", "the next run may have the tables");
    assertStringIncludes(end.reason, "cannot be looked up without its tables");
  }
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
  assertEquals(files(await run(source, fish("Betta demo"))), FILES);
});
