import { assertEquals } from "@std/assert";
import { readDataset } from "../../lib/dataset/dataset.ts";
import type { LogEvent } from "../../lib/dataset/event.ts";
import { formatLogLine } from "../../lib/dataset/event.ts";
import type { Outcome } from "../../lib/base/outcome.ts";
import { type Overview, overviewOf } from "../../lib/report/gather.ts";
import { withFolder } from "../dataset/folder.ts";

async function gather(dir: string): Promise<Overview> {
  const { state } = await readDataset(dir);
  try {
    return await overviewOf(dir, state);
  } finally {
    state.close();
  }
}

const HASH = "0123456789abcdef".repeat(4);

async function writeLog(dir: string, events: readonly LogEvent[]): Promise<void> {
  const time = new Date("2026-11-22T10:00:00Z");
  await Deno.writeTextFile(
    `${dir}/log.jsonl`,
    events.map((event) => formatLogLine(event, time)).join(""),
  );
}

function tried(species: string, url: string, outcome: Outcome): LogEvent {
  const kept = outcome === "kept"
    ? {
      sha256: HASH,
      file: `images/${species}/${HASH.slice(0, 16)}.jpg`,
      bytes: 1000,
      width: 640,
      height: 299,
    }
    : {};
  return { event: "image", species, source: "google", url, page: url, outcome, ...kept };
}

function done(
  species: string,
  source: string,
  why: "enough" | "exhausted" | "not-found",
  detail?: string,
): LogEvent {
  const more = detail === undefined ? {} : { detail };
  return { event: "done", species, source, kept: 0, wanted: 1, why, ...more };
}

Deno.test("overviewOf() says which species are short and why, reasons of several sources joined", () =>
  withFolder(async (dir) => {
    await writeLog(dir, [
      { event: "run", script: "scrape", version: "0", flags: {} },
      done("betta_splendens", "fishbase", "enough"),
      tried("betta_splendens", "https://a.example/1.jpg", "kept"),
      done("danio_rerio", "fishbase", "exhausted"),
      done("danio_rerio", "google", "exhausted"),
      done("barbus_x", "fishbase", "not-found", "FishBase does not know Barbus x"),
      { event: "stopped", source: "google", why: "robot-check", detail: "Google asks" },
    ]);
    const overview = await gather(dir);
    assertEquals(overview.wanted, 1);
    assertEquals(overview.images, 1);
    assertEquals(overview.sides, [0, 1, 0, 0, 0, 0]);
    assertEquals(
      overview.species.map(({ id, standing, why }) => ({ id, standing, why })),
      [
        { id: "betta_splendens", standing: "enough", why: [] },
        {
          id: "danio_rerio",
          standing: "none",
          why: ["fishbase, google: there were no more candidates"],
        },
        {
          id: "barbus_x",
          standing: "none",
          why: [
            "fishbase: FishBase does not know Barbus x",
            "google: stopped (robot-check): Google asks",
          ],
        },
      ],
    );
  }));

Deno.test("overviewOf() says that a stage stopped although a review ran since, until the next scrape", () =>
  withFolder(async (dir) => {
    const before: LogEvent[] = [
      { event: "run", script: "scrape", version: "0", flags: {} },
      { event: "stopped", source: "google", why: "robot-check" },
      { event: "run", script: "review", version: "0", flags: {} },
    ];
    await writeLog(dir, before);
    assertEquals((await gather(dir)).stopped.map(({ why }) => why), ["robot-check"]);
    await writeLog(dir, [...before, { event: "run", script: "google", version: "0", flags: {} }]);
    assertEquals((await gather(dir)).stopped, []);
  }));

Deno.test("overviewOf() takes what is rejected from the count and says so", () =>
  withFolder(async (dir) => {
    await writeLog(dir, [
      tried("betta_splendens", "https://a.example/1.jpg", "kept"),
      done("betta_splendens", "google", "enough"),
      { event: "rejected", species: "betta_splendens", sha256: HASH },
    ]);
    const overview = await gather(dir);
    assertEquals([overview.images, overview.rejected], [0, 1]);
    assertEquals(overview.species[0]?.why, [
      "1 rejected by a person; the next scrape fetches others",
    ]);
  }));

Deno.test("overviewOf() has a flagged image stand for a species only where there is no other", () =>
  withFolder(async (dir) => {
    const other = "f".repeat(64);
    const file = `images/betta_splendens/${other.slice(0, 16)}.jpg`;
    const upright = { sha256: other, file, bytes: 1000, width: 300, height: 640 };
    const url = "https://a.example/2.jpg";
    const kept: LogEvent[] = [
      tried("betta_splendens", "https://a.example/1.jpg", "kept"),
      { ...tried("betta_splendens", url, "kept"), ...upright },
    ];
    const cover = async (...flagged: string[]): Promise<string | undefined> => {
      await writeLog(dir, [
        ...kept,
        ...flagged.map((sha256): LogEvent => ({
          ...{ event: "flagged", species: "betta_splendens", sha256, flagged: ["dish"] },
          model: "tiny",
        })),
      ]);
      return (await gather(dir)).species[0]?.cover?.slice(0, 4);
    };
    assertEquals(await cover(), "0123");
    assertEquals(await cover(HASH), "ffff");
    assertEquals(await cover(HASH, other), "0123");
  }));

Deno.test("overviewOf() counts a host's failures by the last word on each candidate", () =>
  withFolder(async (dir) => {
    await writeLog(dir, [
      tried("betta_splendens", "https://www.a.example/1.jpg", "timeout"),
      tried("betta_splendens", "https://www.a.example/1.jpg", "kept"),
      tried("betta_splendens", "https://b.example/1.jpg", "timeout"),
      tried("betta_splendens", "https://b.example/1.jpg", "gone"),
      tried("danio_rerio", "https://b.example/1.jpg", "server-error"),
      tried("betta_splendens", "https://b.example/2.jpg", "too-small"),
      tried("betta_splendens", "http://[", "bad-url"),
    ]);
    const overview = await gather(dir);
    assertEquals(overview.hosts, [{
      host: "b.example",
      tried: 3,
      kept: 0,
      failed: 2,
      outcomes: [["too-small", 1], ["gone", 1], ["server-error", 1]],
    }]);
  }));

Deno.test("overviewOf() has the species of the list first, with those nobody has looked for", () =>
  withFolder(async (dir) => {
    await Deno.writeTextFile(
      `${dir}/species.jsonl`,
      '{"id":"danio_rerio","latin":"Danio rerio","rank":"species","search":"Danio rerio","common":["Zebrafish"],"group":[],"verbatim":{"common":"","latin":"Danio rerio"},"page":"https://x.example/"}\n',
    );
    await writeLog(dir, [tried("betta_splendens", "https://a.example/1.jpg", "kept")]);
    const { species } = await gather(dir);
    assertEquals(species.map(({ name, why }) => [name, ...why]), [
      ["Danio rerio", "not scraped yet"],
      ["betta_splendens"],
    ]);
  }));
