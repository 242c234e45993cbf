import { assert, assertEquals } from "@std/assert";
import { describeAudit, readAudit } from "../../lib/dataset/audit.ts";
import { type Dataset, readDataset } from "../../lib/dataset/dataset.ts";
import { overviewOf } from "../../lib/report/gather.ts";
import { Board, type Standing, type Verdict } from "../../lib/review/board.ts";
import { opened, withFolder } from "../dataset/folder.ts";
import { makeSynthetic, speciesId } from "../report/synthetic.ts";

const FIRST = speciesId(0);
const SECOND = speciesId(1);
const THIRD = speciesId(2);

async function withBoard(test: (board: Board, dataset: Dataset) => Promise<void>): Promise<void> {
  await withFolder(async (dir) => {
    await makeSynthetic(dir, { species: 3, images: 45, files: "images" });
    const dataset = await opened(dir);
    try {
      const board = await Board.open(dataset, (await overviewOf(dir, dataset.state)).species);
      await board.scan(() => Promise.resolve(), new AbortController().signal);
      await test(board, dataset);
    } finally {
      await dataset.close();
    }
  });
}

function file(board: Board, at: number): string {
  return board.images(FIRST)[at]?.file ?? "";
}

async function eventsOf(dir: string): Promise<string[]> {
  const text = await Deno.readTextFile(`${dir}/log.jsonl`);
  return text.trim().split("\n").map((line) => JSON.parse(line))
    .filter(({ event }) => ["rejected", "accepted", "relabelled"].includes(event))
    .map(({ event, species, to }) => [event, species, to].filter(Boolean).join(" "));
}

Deno.test("give() logs what changes something, and the same order twice only once", () =>
  withBoard(async (board, dataset) => {
    const order = { verdict: "rejected", reason: "by eye", images: [file(board, 3)] } as const;
    const before = (await readDataset(dataset.dir)).log.lines;
    assertEquals((await board.give(order)).map(({ before }) => before), [
      { species: FIRST, verdict: "undone" },
    ]);
    assertEquals(await board.give(order), []);
    assertEquals((await readDataset(dataset.dir)).log.lines, before + 1);
    const { kept, rejected, open } = board.count(FIRST);
    assertEquals([kept, rejected, open], [44, 1, 44]);
    // Others who read the log see it already.
    const { state } = await readDataset(dataset.dir);
    assertEquals(state.kept(FIRST), 44);
    const image = [...state.keptImages(FIRST)][3];
    assertEquals(state.verdict(FIRST, image?.sha256 ?? "")?.reason, "by eye");
    state.close();
  }));

Deno.test("give() takes every verdict back to what stood before", () =>
  withBoard(async (board) => {
    const images = [file(board, 0)];
    const steps: readonly Verdict[] = ["rejected", "undone", "accepted", "undone", "accepted"];
    let stands: Verdict = "undone";
    for (const verdict of steps) {
      const [change] = await board.give({ verdict, images });
      assertEquals(change?.before.verdict, stands, verdict);
      stands = verdict;
      assertEquals(board.images(FIRST)[0]?.verdict, verdict);
    }
    assertEquals(board.count(FIRST).kept, 45);
    assertEquals(await board.give({ verdict: "undone", images: [file(board, 1)] }), []);
  }));

Deno.test("give() moves an image to the species that it shows, and takes that back like any verdict", () =>
  withBoard(async (board, dataset) => {
    const images = [file(board, 7)];
    const moved = images[0] ?? "";
    const counts = (): number[] => [FIRST, SECOND, THIRD].map((id) => dataset.state.kept(id));
    const stands = (): Standing[] =>
      [FIRST, SECOND, THIRD].flatMap((id) => board.images(id))
        .filter((image) => image.file === moved)
        .map(({ species, verdict }) => ({ species, verdict }));
    const [first] = await board.give({ verdict: "accepted", to: SECOND, images });
    assertEquals(first?.before, { species: FIRST, verdict: "undone" });
    assertEquals(counts(), [44, 46, 45]);
    assertEquals(stands(), [{ species: SECOND, verdict: "accepted" }]);
    // On to a third species, wrong there, and all of it taken back step by step.
    const [second] = await board.give({ verdict: "accepted", to: THIRD, images });
    const [third] = await board.give({ verdict: "rejected", images });
    assertEquals(counts(), [44, 45, 45]);
    for (const change of [third, second, first]) {
      const { species = "", verdict = "undone" } = change?.before ?? {};
      await board.give({ verdict, to: species, images });
      assertEquals(stands(), [{ species, verdict }]);
    }
    assertEquals(counts(), [45, 45, 45]);
    // Once more to the second: what was said of it there before does not hold any more.
    await board.give({ verdict: "accepted", to: SECOND, images });
    assertEquals([stands(), counts()], [[{ species: SECOND, verdict: "accepted" }], [44, 46, 45]]);
    assert((await eventsOf(dataset.dir)).includes(`relabelled ${FIRST} ${SECOND}`));
    // Through the second to the third, at once back to the first, and to the second again.
    for (const to of [THIRD, FIRST, SECOND]) {
      await board.give({ verdict: "accepted", to, images });
      assertEquals(stands(), [{ species: to, verdict: "accepted" }]);
    }
    // Its file has stayed, and another start sees the same.
    assert(board.has(moved));
    const { state } = await readDataset(dataset.dir);
    assertEquals([FIRST, SECOND, THIRD].map((id) => state.kept(id)), [44, 46, 45]);
    state.close();
  }));

Deno.test("images() takes an image that was relabelled, by whatever program, for judged", () =>
  withBoard(async (board, dataset) => {
    const [image] = dataset.state.keptImages(FIRST);
    const sha256 = image?.sha256 ?? "";
    dataset.append({ event: "relabelled", species: FIRST, sha256, to: SECOND });
    await dataset.flush();
    const moved = board.images(SECOND).filter((each) => !each.file.startsWith(SECOND));
    assertEquals(moved.map(({ verdict }) => verdict), ["accepted"]);
  }));

Deno.test("images() reads the verdicts of old logs, taken back ones too", () =>
  withBoard(async (board, dataset) => {
    const images = [...dataset.state.keptImages(FIRST)].slice(0, 3);
    const [rejected = "", accepted = "", undone = ""] = images.map(({ sha256 }) => sha256);
    const reason = "verdict taken back";
    dataset.append({ event: "rejected", species: FIRST, sha256: rejected, reason: "by eye" });
    dataset.append({ event: "accepted", species: FIRST, sha256: accepted });
    dataset.append({ event: "rejected", species: FIRST, sha256: undone });
    dataset.append({ event: "accepted", species: FIRST, sha256: undone, reason });
    await dataset.flush();
    const verdicts = board.images(FIRST).slice(0, 3).map(({ verdict }) => verdict);
    assertEquals(verdicts, ["rejected", "accepted", "undone"]);
  }));

Deno.test("give() judges a host in one species or in all, but not what a person has accepted", () =>
  withBoard(async (board) => {
    // The hosts go round through 40 sites: of 45 images, site0 to site4 have two in the first species.
    const value = board.images(FIRST)[0]?.traits.host ?? "";
    assertEquals(value, "site0.example");
    const all = { trait: "host", value } as const;
    await board.give({ verdict: "accepted", images: [file(board, 40)] });
    const first = await board.give({ verdict: "rejected", all, species: FIRST });
    assertEquals(first.length, 1);
    const rest = await board.give({ verdict: "rejected", all });
    assertEquals(rest.map(({ before }) => before.species), [SECOND, THIRD]);
    await board.give({ verdict: "undone", images: rest.slice(0, 1).map(({ file }) => file) });
    // It counts against the host's other images, and an undone verdict does no more.
    const said = () =>
      board.images(SECOND).flatMap(({ reasons }) => reasons).filter((one) => one.includes("site0"));
    assertEquals(said(), ["2 of 4 of site0.example rejected"]);
    await board.give({ verdict: "undone", images: [...first, ...rest].map(({ file }) => file) });
    assertEquals(said(), []);
    assertEquals((await board.give({ verdict: "rejected", all, species: FIRST })).length, 1);
  }));

Deno.test("give() judges what one author took, or one query found in whatever species", () =>
  withBoard(async (board) => {
    const { author = "", query = "" } = board.images(FIRST)[3]?.traits ?? {};
    assertEquals([author, query], ["Photographer 3", "{latin} fish"]);
    const by = await board.give({
      verdict: "rejected",
      all: { trait: "author", value: author },
      species: FIRST,
    });
    assertEquals(by.length, 1);
    const found = await board.give({ verdict: "rejected", all: { trait: "query", value: query } });
    assertEquals(new Set(found.map(({ now }) => now.species)).size, 3);
  }));

Deno.test("give() leaves alone what it does not know", () =>
  withBoard(async (board, dataset) => {
    const before = (await readDataset(dataset.dir)).log.lines;
    const images = [`${FIRST}/ffffffffffffffff.jpg`, `nobody/${file(board, 0).split("/")[1]}`];
    assertEquals(await board.give({ verdict: "rejected", images }), []);
    const all = { trait: "host", value: "nobody.example" } as const;
    assertEquals(await board.give({ verdict: "rejected", all }), []);
    assertEquals((await readDataset(dataset.dir)).log.lines, before);
  }));

Deno.test("vouched() gives photos of sources that name species, then what a person has accepted", () =>
  withBoard(async (board) => {
    const sources = (): string[] => board.vouched(FIRST).map(({ source }) => source);
    assertEquals(sources(), ["fishbase", "fishbase", "fishbase"]);
    const wrong = board.vouched(FIRST).slice(1).map(({ file }) => file);
    await board.give({ verdict: "rejected", images: [...wrong, file(board, 40)] });
    assertEquals(sources(), ["fishbase"]);
    await board.give({ verdict: "accepted", images: [file(board, 5)] });
    assertEquals(sources(), ["fishbase", "google"]);
  }));

Deno.test("vouched() gives flagged photos after all others", () =>
  withBoard((board, dataset) => {
    const [first] = board.vouched(FIRST);
    const sha256 = [...dataset.state.keptImages(FIRST)]
      .find(({ file }) => file === `images/${first?.file}`)?.sha256 ?? "";
    dataset.append({ event: "flagged", species: FIRST, sha256, flagged: ["strip"], model: "tiny" });
    const files = board.vouched(FIRST).map(({ file }) => file);
    assertEquals(files.indexOf(first?.file ?? ""), 2);
    return Promise.resolve();
  }));

Deno.test("an audit draws 100 images at random, and its verdicts give the error rate", () =>
  withBoard(async (board, dataset) => {
    assertEquals(board.auditCount().of, 0);
    await board.startAudit(new Date("2026-11-26T12:00:00Z"));
    const images = board.auditImages();
    assertEquals(new Set(images.map((image) => image.file)).size, 100);
    const files = images.map((image) => image.file);
    await board.give({ verdict: "rejected", images: files.slice(0, 3) });
    await board.give({ verdict: "accepted", to: THIRD, images: files.slice(3, 4) });
    await board.give({ verdict: "accepted", images: files.slice(4, 50) });
    const audit = await readAudit(dataset.dir);
    const moved = Number(images[3]?.species !== THIRD);
    assertEquals(audit?.sample.filter(({ verdict }) => verdict === "wrong").length, 3 + moved);
    assertEquals(board.auditCount().judged, 50);
    // What is undone is open again.
    await board.give({ verdict: "undone", images: files.slice(0, 1) });
    assertEquals(board.auditCount().judged, 49);
    const found = describeAudit(
      (await readAudit(dataset.dir)) ?? { v: 1, started: "", images: 0, sample: [] },
    );
    assert(
      found?.startsWith("49 of 135 images, drawn at random on 2026-11-26, were judged"),
      found,
    );
    assertEquals(found, board.auditCount().found);
    // Another board goes on with it.
    const again = await Board.open(dataset, (await overviewOf(dataset.dir, dataset.state)).species);
    assertEquals(again.auditCount().judged, 49);
  }));
