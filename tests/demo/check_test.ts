import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { walk } from "@std/fs";
import { checkDataset, checkManners, describeManners } from "../../lib/demo/check.ts";
import type { LoggedRequest } from "../../lib/demo/world.ts";
import { withFolder } from "../dataset/folder.ts";
import { createPlan, fakeWorld, writeDataset } from "./fake_world.ts";

interface Case {
  readonly spoil: (folder: string) => Promise<void>;
  readonly told: string;
}

async function firstImage(folder: string): Promise<string> {
  for await (const { path } of walk(`${folder}/images`, { includeDirs: false })) return path;
  throw new Error("no image");
}

async function changeLog(folder: string, change: (text: string) => string): Promise<void> {
  const before = await Deno.readTextFile(`${folder}/log.jsonl`);
  const after = change(before);
  assert(before !== after, "the log was not changed");
  await Deno.writeTextFile(`${folder}/log.jsonl`, after);
}

const CASES: Readonly<Record<string, Case>> = {
  "a missing file": {
    spoil: async (folder) => await Deno.remove(await firstImage(folder)),
    told: "logged as kept",
  },
  "an extra file": {
    spoil: async (folder) => {
      await Deno.writeTextFile(`${folder}/images/betta_splendens/0123456789abcdef.jpg`, "x");
    },
    told: "not logged as kept",
  },
  "a file left half-written": {
    spoil: async (folder) => await Deno.writeTextFile(`${folder}/images/.tmp-1`, "x"),
    told: "not logged as kept",
  },
  "a wrong file": {
    spoil: async (folder) => {
      const path = await firstImage(folder);
      const bytes = await Deno.readFile(path);
      bytes[bytes.length - 1] = 0;
      await Deno.writeFile(path, bytes);
    },
    told: "is not what the log says",
  },
  "a bad image that was kept": {
    spoil: (folder) => changeLog(folder, (text) => text.replace('"gone"', '"kept"')),
    told: "outcome must be gone, is kept",
  },
  "a good image that was left out": {
    spoil: (folder) => changeLog(folder, (text) => text.replace('"kept"', '"corrupt"')),
    told: "outcome must be kept, is corrupt",
  },
  "a candidate that was never tried": {
    spoil: (folder) => changeLog(folder, (text) => text.slice(text.indexOf("\n") + 1)),
    told: "was not tried",
  },
  "a thumbnail among the candidates": {
    spoil: (folder) =>
      changeLog(folder, (text) =>
        text + JSON.stringify({
          event: "image",
          species: "betta_splendens",
          source: "google",
          url: "https://encrypted-tbn0.gstatic.com/images?q=tbn:x",
          outcome: "too-small",
        }) + "\n"),
    told: "must not have been tried",
  },
  "a job that is not done": {
    spoil: (folder) =>
      changeLog(folder, (text) => text.replace(/^.*"event":"done".*"fishbase".*\n/m, "")),
    told: "fishbase is not done",
  },
  "a wrong licence": {
    spoil: (folder) =>
      changeLog(folder, (text) => text.replace('"CC-BY-NC-3.0"', '"CC-BY-SA-4.0"')),
    told: "license must be CC-BY-NC-3.0, is CC-BY-SA-4.0",
  },
  "a torn line": {
    spoil: (folder) => changeLog(folder, (text) => text + '{"event":"ima'),
    told: "the last line has no end",
  },
  "a fish that is not on the list": {
    spoil: async (folder) => {
      const text = await Deno.readTextFile(`${folder}/species.jsonl`);
      const without = text.split("\n").filter((line) => !line.includes("danio_rerio")).join("\n");
      await Deno.writeTextFile(`${folder}/species.jsonl`, without);
    },
    told: "Danio rerio: not in species.jsonl",
  },
};

Deno.test("checkDataset() finds no difference where all is as it must be", () =>
  withFolder(async (folder) => {
    const plan = createPlan();
    await writeDataset(plan, folder);
    const verdict = await checkDataset(fakeWorld(plan), folder);
    assertEquals(verdict.differences, []);
    assertEquals(verdict.wanted, 240);
    assertEquals(verdict.complete, 12);
  }));

for (const [name, { spoil, told }] of Object.entries(CASES)) {
  Deno.test(`checkDataset() finds ${name}`, () =>
    withFolder(async (folder) => {
      const plan = createPlan();
      await writeDataset(plan, folder);
      await spoil(folder);
      const { differences } = await checkDataset(fakeWorld(plan), folder);
      assertStringIncludes(differences.join("\n"), told);
    }));
}

function request(
  time: number,
  answered: number,
  path: string,
  host = "www.fishbase.se",
): LoggedRequest {
  return { time, answered, path, host, method: "GET", status: 200 };
}

Deno.test("checkManners() finds two pages at once on one mirror", () => {
  const told = checkManners([request(0, 900, "/summary/1"), request(500, 600, "/summary/2")], 200);
  assertStringIncludes(told.join("\n"), "two pages at once");
});

Deno.test("checkManners() finds a page that came before its time", () => {
  const told = checkManners([request(0, 5, "/summary/1"), request(120, 130, "/summary/2")], 200);
  assertStringIncludes(told.join("\n"), "120 ms after the page before");
});

Deno.test("checkManners() finds three requests at once on one host", () => {
  const told = checkManners([0, 1, 2].map((n) => request(n, 90, `/${n}`, "cdn.a.example")), 0);
  assertEquals(told, ["cdn.a.example: 3 requests at once, 2 at most"]);
});

Deno.test("checkManners() lets images come two at a time beside a page", () => {
  assertEquals(
    checkManners([
      request(0, 50, "/images/species/A_u1.jpg"),
      request(1, 50, "/images/species/A_u2.jpg"),
      request(2, 40, "/summary/1"),
      request(10, 40, "/summary/1", "www.fishbase.de"),
      request(205, 240, "/summary/2"),
    ], 200),
    [],
  );
});

Deno.test("describeManners() says how far apart pages and searches were, where there were two", () => {
  const one = [request(0, 9, "/summary/1")];
  assertEquals(
    describeManners({ requests: one, google: { times: [5] } }),
    "counted by the world: at 1 host never more than 1 request at once",
  );
  const two = [...one, request(2000, 2009, "/summary/2"), request(5, 8, "/1", "cdn.a.example")];
  assertEquals(
    describeManners({ requests: two, google: { times: [5, 305] } }),
    "counted by the world: at 2 hosts never more than 1 request at once, " +
      "FishBase's pages 2.00 s apart or more, Google's searches 0.30 s apart or more",
  );
});
