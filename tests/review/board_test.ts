import { assertEquals } from "@std/assert";
import { type Dataset, readDataset } from "../../lib/dataset/dataset.ts";
import { Board, type Verdict } from "../../lib/review/board.ts";
import { opened, withFolder } from "../dataset/folder.ts";
import { makeSynthetic, speciesId } from "../report/synthetic.ts";

const FIRST = speciesId(0);

async function withBoard(test: (board: Board, dataset: Dataset) => Promise<void>): Promise<void> {
  await withFolder(async (dir) => {
    await makeSynthetic(dir, { species: 2, images: 45, files: "images" });
    const dataset = await opened(dir);
    try {
      await test(new Board(dataset), dataset);
    } finally {
      await dataset.close();
    }
  });
}

function name(board: Board, at: number): { species: string; name: string } {
  return { species: FIRST, name: board.images(FIRST)[at]?.name ?? "" };
}

Deno.test("give() logs what changes something, and the same order twice only once", () =>
  withBoard(async (board, dataset) => {
    const order = { verdict: "rejected", reason: "by eye", images: [name(board, 3)] } as const;
    const before = dataset.state.events;
    assertEquals((await board.give(order)).map(({ before }) => before), ["undone"]);
    assertEquals(await board.give(order), []);
    assertEquals(dataset.state.events, before + 1);
    assertEquals(board.count(FIRST), { id: FIRST, kept: 44, rejected: 1 });
    // Others who read the log see it already.
    const { state } = await readDataset(dataset.dir);
    assertEquals(state.kept(FIRST), 44);
    const sha256 = dataset.state.verdict(FIRST, [...state.keptImages(FIRST)][3]?.sha256 ?? "");
    assertEquals(sha256?.reason, "by eye");
  }));

Deno.test("give() takes every verdict back to what stood before", () =>
  withBoard(async (board) => {
    const images = [name(board, 0)];
    const steps: readonly Verdict[] = ["rejected", "undone", "accepted", "undone", "accepted"];
    let stands: Verdict = "undone";
    for (const verdict of steps) {
      const [change] = await board.give({ verdict, images });
      assertEquals(change?.before, stands, verdict);
      stands = verdict;
      assertEquals(board.images(FIRST)[0]?.verdict, verdict);
    }
    assertEquals(board.count(FIRST).kept, 45);
    assertEquals(await board.give({ verdict: "undone", images: [name(board, 1)] }), []);
  }));

Deno.test("give() judges a host in one species or in all, but not what a person has accepted", () =>
  withBoard(async (board) => {
    // The hosts go round through 40 sites: of 45 images, site0 to site4 have two in the first species.
    const { host = "" } = board.images(FIRST)[0] ?? {};
    assertEquals(host, "site0.example");
    await board.give({ verdict: "accepted", images: [name(board, 40)] });
    const first = await board.give({ verdict: "rejected", host, species: FIRST });
    assertEquals(first.length, 1);
    const all = await board.give({ verdict: "rejected", host });
    assertEquals(all.map(({ species }) => species), [speciesId(1)]);
    // It counts against the host's other images, and an undone verdict does no more.
    const doubtful = () => board.images(speciesId(1)).filter(({ reasons }) => reasons.length > 0);
    assertEquals(doubtful()[0]?.reasons, ["2 of 3 of site0.example rejected"]);
    await board.give({ verdict: "undone", images: first });
    assertEquals(doubtful(), []);
    assertEquals((await board.give({ verdict: "rejected", host, species: FIRST })).length, 1);
  }));

Deno.test("give() leaves alone what it does not know", () =>
  withBoard(async (board, dataset) => {
    const before = dataset.state.events;
    const images = [
      { species: FIRST, name: "ffffffffffffffff.jpg" },
      { species: "nobody", name: name(board, 0).name },
    ];
    assertEquals(await board.give({ verdict: "rejected", images }), []);
    assertEquals(await board.give({ verdict: "rejected", host: "nobody.example" }), []);
    assertEquals(dataset.state.events, before);
  }));
