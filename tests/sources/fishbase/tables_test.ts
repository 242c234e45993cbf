import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { loadTables, type Tables } from "../../../lib/sources/fishbase/tables.ts";
import { FakeSite, parquet, pictureRow, speciesRow, synonymRow, tables } from "./fake_site.ts";
import { withFolder } from "../../folder.ts";

const SIGNAL = new AbortController().signal;
const BETTAS = tables({
  species: [speciesRow("Betta demo", 7)],
  synonyms: [synonymRow("Micracanthus demo", 7)],
  pictures: [
    pictureRow(7, "Bedem_u0.jpg", { AuthName: "Randall,\u0000 J.E.\n" }),
    pictureRow(8, "Other_u0.jpg"),
    pictureRow(7, "Bedem_u1.gif", { PictureType: "aquarium photo", Copyright: "CC BY 4.0" }),
  ],
});

interface Loaded {
  readonly tables: Tables | undefined;
  readonly notices: readonly string[];
}

async function load(site: FakeSite, data: string): Promise<Loaded> {
  const notices: string[] = [];
  const loaded = await loadTables(
    { client: site, data, notice: (text) => notices.push(text) },
    SIGNAL,
  );
  return { tables: loaded, notices };
}

/** A site whose tables' host answers with these. */
function publishing(files: FakeSite["tables"]): FakeSite {
  const site = new FakeSite({});
  site.tables = files;
  return site;
}

const path = (data: string, table: string) =>
  join(data, "cache", "fishbase", `${table}.v25.04.parquet`);

Deno.test("loadTables() gives names and the pictures of a species, in the table's order", () =>
  withFolder(async (data) => {
    const { tables, notices } = await load(publishing(BETTAS), data);
    assert(tables !== undefined, notices.join());
    assertEquals(tables.names.exact(["Micracanthus", "demo"]).found, "one");
    assertEquals(
      tables.pictures(7).map(({ address, kind, author, license }) => [
        address.file,
        kind,
        author,
        license.id,
      ]),
      [["Bedem_u0.jpg", "photo", "Randall, J.E.", undefined], [
        "Bedem_u1.gif",
        "photo",
        "T",
        "CC-BY-4.0",
      ]],
    );
    assertEquals(tables.pictures(1), []);
  }));

Deno.test("loadTables() fetches each table once for all runs", () =>
  withFolder(async (data) => {
    const site = publishing(BETTAS);
    for (let run = 0; run < 3; run++) assert((await load(site, data)).tables !== undefined);
    assertEquals(site.fetched, ["species", "synonyms", "picturesmain"]);
    const unreachable = new FakeSite({});
    assert((await load(unreachable, data)).tables !== undefined, "without the host");
    assertEquals(unreachable.fetched, []);
  }));

Deno.test("loadTables() fetches a damaged table again, and says so", () =>
  withFolder(async (data) => {
    const site = publishing(BETTAS);
    await load(site, data);
    const whole = await Deno.readFile(path(data, "species"));
    const cut = whole.slice(0, whole.length >> 1);
    const turned = whole.map((byte, at) => at > 4 && at < whole.length - 8 ? byte ^ 0xff : byte);
    for (const damaged of [cut, turned, new Uint8Array()]) {
      await Deno.writeFile(path(data, "species"), damaged);
      const { tables, notices } = await load(site, data);
      assertEquals(tables?.names.exact(["Betta", "demo"]).found, "one");
      assertStringIncludes(notices[0] ?? "", "species.v25.04.parquet is damaged");
      assertEquals(await Deno.readFile(path(data, "species")), whole);
    }
  }));

Deno.test("loadTables() does without, after a notice, when a table cannot be had or is no table", async () => {
  const cases: [string, FakeSite["tables"][string], string][] = [
    ["picturesmain", undefined, "connection refused"],
    ["species", { outcome: "gone", detail: "HTTP 404", status: 404 }, "HTTP 404"],
    ["species", "<html>Sign in</html>", "not a Parquet file"],
    ["species", new TextEncoder().encode("PAR1 and nothing else PAR1"), "species.parquet"],
    ["species", parquet([{ SpecCode: 7, Genus: "Betta" }]), "no column Species"],
    ["picturesmain", parquet([{ SpecCode: 7, Picture: "a.jpg" }]), "no column PicName"],
  ];
  for (const [table, file, reason] of cases) {
    await withFolder(async (data) => {
      const { tables, notices } = await load(publishing({ ...BETTAS, [table]: file }), data);
      assertEquals(tables, undefined);
      assertEquals(notices.filter((text) => text.includes("pages alone")).length, 1);
      assertStringIncludes(notices.at(-1) ?? "", reason);
    });
  }
});

Deno.test("loadTables() reads tables in several parts", () =>
  withFolder(async (data) => {
    const rows = Array.from({ length: 250 }, (_, at) => pictureRow(7, `Bedem_u${at}.jpg`));
    const site = publishing({ ...BETTAS, picturesmain: parquet(rows, { rowGroupSize: 100 }) });
    const { tables } = await load(site, data);
    assertEquals(
      tables?.pictures(7).map(({ address }) => address.file),
      rows.map((row) => row["PicName"]),
    );
  }));

Deno.test("loadTables() leaves out rows that make no sense", () =>
  withFolder(async (data) => {
    const site = publishing({
      ...BETTAS,
      species: parquet([speciesRow("Betta demo", 7), speciesRow("<b>Gadus</b> x", 9), {
        SpecCode: -1,
        Genus: "Gadus",
        Species: "morhua",
      }]),
      picturesmain: parquet([
        pictureRow(7, "Bedem_u0.jpg"),
        pictureRow(7, "https://evil.example/x.jpg"),
        pictureRow(7, "../../x.jpg"),
        pictureRow(7, ""),
        pictureRow(0, "Zero_u0.jpg"),
        pictureRow(7, "Bedem_u9.jpg", { AuthName: "A".repeat(100_000) }),
      ]),
    });
    const { tables } = await load(site, data);
    assertEquals(tables?.pictures(7).map(({ author }) => author?.length), [1, 500]);
    assertEquals(tables?.pictures(0), []);
    assertEquals(tables?.names.exact(["Gadus", "morhua"]).found, "none");
  }));

Deno.test("loadTables() writes through no link that leads out of the data folder", () =>
  withFolder(async (data) => {
    const elsewhere = await Deno.makeTempDir({ prefix: "aquaset-elsewhere-" });
    try {
      await Deno.symlink(elsewhere, join(data, "cache"));
      const { tables, notices } = await load(publishing(BETTAS), data);
      assertEquals(tables, undefined);
      assertStringIncludes(notices[0] ?? "", "it is a link");
      assertEquals([...Deno.readDirSync(elsewhere)], []);
    } finally {
      await Deno.remove(elsewhere, { recursive: true });
    }
  }));
