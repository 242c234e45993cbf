import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { issueForm } from "../../lib/cli/doctor.ts";
import { json } from "../../lib/demo/sites/api_site.ts";
import { withFolder } from "../folder.ts";
import { inWorld, run } from "./in_world.ts";

const MACHINE = [
  "versions",
  "permissions",
  "data folder",
  "settings",
  "images",
  "browser",
  "proxy",
  "names",
  "clock",
];
const SOURCES = ["fishbase", "inaturalist", "gbif", "commons", "openverse", "google"];

interface Finding {
  readonly check: string;
  readonly ok: boolean;
  readonly text: string;
}

function wrong(findings: readonly Finding[]): string[] {
  return findings.filter(({ ok }) => !ok).map(({ check, text }) => `${check}: ${text}`);
}

Deno.test("doctor --live finds nothing wrong in the demo world, and asks each site for one species", async () => {
  await inWorld({ species: 2, images: 4, faults: false }, async (world, data) => {
    const latin = world.catalogue.fish[0]?.latin ?? "";
    const flags = ["--live", "--species", latin, "--sources", SOURCES.join(), "--json"];
    const { stdout, stderr } = await run(world, "doctor", data, flags);
    const findings: Finding[] = JSON.parse(stdout);
    assertEquals(wrong(findings), [], stderr);
    assertEquals(findings.map(({ check }) => check), [...MACHINE, "wikipedia", ...SOURCES]);
    const said = (check: string) => findings.find((one) => one.check === check)?.text ?? "";
    assertMatch(said("wikipedia"), /^the list has \d+ rows with \d+ names$/);
    assertMatch(said("google"), /^finds .* \(embedded\): https:/);
    assertEquals(world.google.searches.length, 1);
    assertEquals(world.requests.filter(({ path }) => /\.(jpe?g|png|webp)$/.test(path)), []);
  });
});

Deno.test("doctor says which site has changed, keeps its page, and fills in the issue form", async () => {
  const others = { "api.gbif.org": () => json({ everything: "is new here" }) };
  await inWorld({ species: 1, images: 4, faults: false, others }, async (world, data) => {
    const latin = world.catalogue.fish[0]?.latin ?? "";
    const flags = ["--live", "--species", latin, "--sources", "gbif,commons"];
    const { code, stdout } = await run(world, "doctor", data, flags);
    assertEquals(code, 1);
    assertMatch(stdout, /^BAD {2}gbif {9}/m);
    assertMatch(stdout, /^ok {3}commons {6}finds /m);
    const [, page = ""] = /The saved page +(\S+)/.exec(stdout) ?? [];
    assertStringIncludes(await Deno.readTextFile(page), "is new here");
    assertMatch(stdout, /issues\/new\?template=page-not-recognised\.yml&title=GBIF/);
  });
});

Deno.test("doctor without a network, browser or good settings says what to do, a line each", async () => {
  await withFolder(async (dir) => {
    await Deno.mkdir(`${dir}/data`);
    await Deno.writeTextFile(`${dir}/data/aquaset.jsonc`, '{ "imagse": 5 }');
    // A proxy that nobody runs: the discard port refuses.
    Deno.env.set("HTTPS_PROXY", "http://name:secret@127.0.0.1:9");
    try {
      const flags = ["--browser", "/no/such/chromium"];
      const { code, stdout } = await run(undefined, "doctor", `${dir}/data`, flags);
      assertEquals(code, 1);
      const lines = stdout.split("\n");
      assertEquals(lines.map((line) => line.slice(5).split("  ")[0]), MACHINE);
      const bad = lines.filter((line) => line.startsWith("BAD"));
      assertEquals(bad.length, 3, stdout);
      assertStringIncludes(stdout, 'did you mean "images"?');
      assertStringIncludes(stdout, "/no/such/chromium");
      assertStringIncludes(stdout, "HTTPS_PROXY is http://127.0.0.1:9");
      assertStringIncludes(stdout, "Check the network, HTTPS_PROXY and the firewall");
      assertEquals(stdout.includes("secret"), false);
    } finally {
      Deno.env.delete("HTTPS_PROXY");
    }
  });
});

Deno.test("issueForm() has the fields of the form, by their names there", async () => {
  const template = await Deno.readTextFile(".github/ISSUE_TEMPLATE/page-not-recognised.yml");
  const finding = { check: "google", ok: false, text: "no results in the page" };
  assertEquals(issueForm(finding, "data"), undefined);
  const form = issueForm({ ...finding, changed: { savedPage: "pages/page-x.html" } }, "data");
  const [, address = ""] = /^Please report it: (\S+)$/m.exec(form ?? "") ?? [];
  const fields = new URL(address).searchParams;
  for (const [name, value] of fields) {
    if (name !== "template" && name !== "title") assertStringIncludes(template, `id: ${name}\n`);
    if (name === "source") assert(template.includes(` ${value},`), value);
  }
  assertStringIncludes(form ?? "", "data/pages/page-x.html");
});
