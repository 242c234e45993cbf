import { assert, assertEquals, assertGreater } from "@std/assert";
import { SPECIAL } from "../../lib/demo/kinds.ts";
import { canonical, expectedOf } from "../../lib/demo/truth.ts";
import { createPlan } from "./fake_world.ts";

Deno.test("expectedOf() stops trying once there are enough", () => {
  const plan = createPlan();
  for (const fish of plan.catalogue.fish) {
    const { images, most, least } = expectedOf(plan, fish, 20);
    const sure = images.filter(({ sure }) => sure);
    assertEquals(most, 20);
    assertGreater(least, 16);
    assertEquals(images.at(-1)?.outcome, "kept", fish.latin);
    assertEquals(images.slice(0, sure.length), sure, "what is sure stands first");
  }
});

Deno.test("expectedOf() goes on to the further query, and says when nothing is left", () => {
  const plan = createPlan(3, { results: 10, furtherResults: 14, faults: false });
  const [fish] = plan.catalogue.fish;
  assert(fish !== undefined);
  const { images, done, most } = expectedOf(plan, fish, 500);
  assertEquals(done.google, ["exhausted"]);
  assertEquals(images.filter(({ source }) => source === "google").length, 10 + 4);
  assertEquals(most, images.length);
});

Deno.test("twelve fish meet nearly every kind of picture", () => {
  const plan = createPlan();
  const met = new Set<string>(
    plan.catalogue.fish.flatMap((fish) =>
      expectedOf(plan, fish, 20).images.map(({ kind }) => kind)
    ),
  );
  const missed = SPECIAL.map(({ name }) => name).filter((name) => !met.has(name));
  assert(missed.length <= 12, `not met: ${missed.join(", ")}`);
  for (const kind of ["silent", "drip", "shared", "placeholder"]) assert(met.has(kind), kind);
});

Deno.test("the plan is the same for the same seed, another for another", () => {
  const urls = (seed: string): string[] =>
    createPlan(5, { seed }).catalogue.fish.flatMap((fish) =>
      createPlan(5, { seed }).of(fish).google.map(({ url }) => url)
    );
  assertEquals(urls("a"), urls("a"));
  assert(urls("a").every((url, index) => url !== urls("b")[index]));
});

Deno.test("every finding is found again by its URL, and no URL stands for two", () => {
  const plan = createPlan(14);
  const seen = new Set<string>();
  for (const fish of plan.catalogue.fish) {
    const { google, further } = plan.of(fish);
    for (const finding of [...google, ...further.slice(10)]) {
      assertEquals(plan.byUrl(new URL(finding.url))?.url, finding.url);
      assertEquals(new URL(finding.url).href, finding.url);
      assert(!seen.has(finding.url), finding.url);
      seen.add(finding.url);
    }
  }
});

Deno.test("a world of 600 fish has 600 different names", () => {
  const plan = createPlan(600);
  assertEquals(new Set(plan.catalogue.fish.map(({ key }) => key)).size, 600);
  assertEquals(new Set(plan.catalogue.fish.map(({ code }) => code)).size, 600);
  for (const { key } of plan.catalogue.fish) assert(/^[a-z0-9_]+$/.test(key), key);
});

Deno.test("canonical() takes all mirrors of FishBase for one", () => {
  assertEquals(
    canonical("http://www.fishbase.de/images/species/A_u1.jpg"),
    "https://www.fishbase.se/images/species/A_u1.jpg",
  );
  assertEquals(canonical("https://www.fishbase.se.example/x"), "https://www.fishbase.se.example/x");
});
