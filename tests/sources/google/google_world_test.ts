// The Google source, unmodified, against the demo world's Google.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { startWorld, type World, type WorldOptions } from "../../../lib/demo/world.ts";
import { type SourceEnd, StageStop } from "../../../lib/sources/source.ts";
import { fish, take, testSource } from "./run_google.ts";
import { pointAt } from "./small_google.ts";

async function inWorld(
  options: WorldOptions,
  visit: (world: World, latin: readonly string[]) => Promise<void>,
): Promise<void> {
  const world = await startWorld({ species: 12, faults: false, furtherResults: 0, ...options });
  const restore = pointAt(world.proxy, world.certificate);
  try {
    await visit(world, world.catalogue.fish.filter(({ plain }) => plain).map(({ latin }) => latin));
  } finally {
    restore();
    await world.close();
  }
}

/** The originals that the world's Google has for a fish, in the page's order. */
function originals(world: World, latin: string): string[] {
  const found = world.catalogue.fish.find((one) => one.latin === latin);
  assert(found !== undefined);
  return world.plan.of(found).google.map(({ url }) => url);
}

const urls = (items: readonly { readonly url: string }[]): string[] => items.map(({ url }) => url);
const roadsOf = (
  items: readonly { readonly road?: string }[],
): string[] => [...new Set(items.map(({ road }) => road ?? ""))];
const consent = "none";

for (const shape of ["2026", "2024"] as const) {
  Deno.test(`candidates() reads the ${shape} page in each of the three ways by itself`, async () => {
    await inWorld(
      { results: 120, google: { shape, consent, ways: ["embedded", "scroll"] } },
      async (world, [latin = ""]) => {
        await using test = testSource();
        const { candidates, end } = await take(test.source, fish(latin));
        assertEquals(urls(candidates), originals(world, latin));
        assertEquals(roadsOf(candidates), ["embedded", "scroll"]);
        assert(
          candidates.every(({ width, height, page, title }) => width && height && page && title),
        );
        assertEquals(end?.why, "exhausted");
      },
    );
    await inWorld(
      { results: 101, google: { shape, consent, ways: ["embedded"] } },
      async (world, [latin = ""]) => {
        await using test = testSource();
        const { candidates } = await take(test.source, fish(latin));
        assertEquals(urls(candidates), originals(world, latin).slice(0, 100));
        assertEquals(roadsOf(candidates), ["embedded"]);
      },
    );
    await inWorld(
      { results: 110, google: { shape, consent, ways: ["scroll"] } },
      async (world, [latin = ""]) => {
        await using test = testSource();
        const { candidates } = await take(test.source, fish(latin));
        assertEquals(urls(candidates), originals(world, latin));
        assertEquals(roadsOf(candidates), ["scroll"]);
      },
    );
    await inWorld(
      { results: 6, google: { shape, consent, ways: ["panel"] } },
      async (world, [latin = ""]) => {
        await using test = testSource();
        const { candidates } = await take(test.source, fish(latin));
        assertEquals(urls(candidates), originals(world, latin));
        assertEquals(roadsOf(candidates), ["panel"]);
      },
    );
  });
}

for (const how of ["page", "dialog"] as const) {
  Deno.test(`candidates() refuses consent once for all jobs: the ${how}`, async () => {
    await inWorld({ results: 10, google: { consent: how } }, async (world, latin) => {
      await using test = testSource({ jobs: 4 });
      const taken = await Promise.all(
        latin.slice(0, 4).map((one) => take(test.source, fish(one), 10)),
      );
      for (const [index, { candidates }] of taken.entries()) {
        assertEquals(urls(candidates), originals(world, latin[index] ?? ""));
      }
      assertEquals(how === "page" ? world.google.consents : ["refused"], ["refused"]);
      assertEquals(test.notices.filter((text) => text.includes("consent")).length, 1);
    });
  });
}

Deno.test("candidates() refuses consent once for all browsers of a run", async () => {
  await inWorld({ results: 10, google: { consent: "page" } }, async (world, latin) => {
    await using test = testSource({}, { tabsEach: 1 });
    for (const one of latin.slice(0, 3)) {
      assertEquals((await take(test.source, fish(one), 10)).candidates.length, 10);
    }
    assertEquals(world.google.consents, ["refused"]);
  });
});

Deno.test("candidates() gives all 37 results, and none where there are none", async () => {
  await inWorld({ results: 37, google: { consent } }, async (world, [latin = ""]) => {
    await using test = testSource();
    assertEquals(urls((await take(test.source, fish(latin))).candidates), originals(world, latin));
  });
  await inWorld({ results: 0, google: { consent } }, async (_world, [latin = ""]) => {
    await using test = testSource();
    const { candidates, end } = await take(test.source, fish(latin));
    assertEquals([candidates.length, end?.why], [0, "not-found"]);
  });
});

Deno.test("candidates() forces the search that was corrected", async () => {
  await inWorld(
    { results: 20, google: { consent, correctedAt: 1 } },
    async (world, [latin = ""]) => {
      await using test = testSource();
      assertEquals(
        urls((await take(test.source, fish(latin))).candidates),
        originals(world, latin),
      );
    },
  );
});

for (const scrolling of ["endless", "button"] as const) {
  Deno.test(`candidates() goes on after scrolling that fails: ${scrolling}`, async () => {
    const google = { consent, scrolling, scrollFailures: 2 } as const;
    await inWorld({ results: 230, google }, async (world, [latin = ""]) => {
      await using test = testSource();
      const { candidates } = await take(test.source, fish(latin));
      assertEquals(urls(candidates), originals(world, latin));
    });
  });
}

Deno.test("candidates() distinguishes a changed page from an empty one, and keeps it", async () => {
  const google = { consent, changed: true, ways: [] } as const;
  await inWorld({ results: 30, google }, async (_world, [latin = ""]) => {
    await using test = testSource();
    const { candidates, end } = await take(test.source, fish(latin));
    assertEquals([candidates.length, end?.why, test.pages.size], [0, "not-recognised", 1]);
  });
});

Deno.test("candidates() tries again in a new tab when the tab crashes, and others do not notice", async () => {
  await inWorld({ results: 10, google: { consent, crashAt: 2 } }, async (world, latin) => {
    await using test = testSource({ jobs: 3 });
    const species = latin.slice(0, 3);
    const taken = await Promise.all(species.map((one) => take(test.source, fish(one))));
    for (const [index, { candidates, end }] of taken.entries()) {
      assertEquals(urls(candidates), originals(world, species[index] ?? ""));
      assertEquals(end?.why, "exhausted");
    }
    assertEquals(world.google.searches.length, 4);
  });
});

Deno.test("candidates() stops at the robot check; headed, it waits for the person and goes on", async () => {
  await inWorld({ results: 10, google: { consent, robotCheckAt: 2 } }, async (world, latin) => {
    await using test = testSource({ jobs: 2 });
    const [first = "", second = ""] = latin;
    assertEquals((await take(test.source, fish(first), 10)).candidates.length, 10);
    const stop = await assertRejects(() => take(test.source, fish(second)), StageStop);
    assertEquals([stop.why, world.google.robotChecks], ["robot-check", 1]);
  });
  await inWorld({ results: 10, google: { consent, robotCheckAt: 1 } }, async (world, latin) => {
    const tabs: { submit(): Promise<void> }[] = [];
    await using test = testSource({ jobs: 2, headed: true, notice: (text) => solve(text, tabs) });
    const { tab } = test.keeper;
    // The test is the person at the window: it presses the form's button in the source's own tab.
    test.keeper.tab = async (deadline) => {
      const opened = await tab.call(test.keeper, deadline);
      tabs.push({
        submit: () =>
          opened.evaluate(
            "() => document.querySelector('#captcha-form')?.submit()",
            null,
            () => {},
            deadline,
          ),
      });
      return opened;
    };
    const taken: {
      readonly end?: SourceEnd;
      readonly candidates: readonly { readonly url: string }[];
    }[] = await Promise.all(latin.slice(0, 2).map((one) => take(test.source, fish(one))));
    for (const [index, { candidates }] of taken.entries()) {
      assertEquals(urls(candidates), originals(world, latin[index] ?? ""));
    }
    assertEquals(world.google.robotChecks, 1);
  });
});

function solve(text: string, tabs: readonly { submit(): Promise<void> }[]): void {
  if (text.includes("answer the check")) { for (const tab of tabs) void tab.submit(); }
}
