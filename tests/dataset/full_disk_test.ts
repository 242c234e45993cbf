import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { LOG_NAME, readDataset } from "../../lib/dataset/dataset.ts";
import { Failure } from "../../lib/base/failure.ts";
import { keep, keptFiles, opened, tried } from "./folder.ts";
import { runChild } from "./run_child.ts";
import { fillDisk, onSmallDisk } from "./small_disk.ts";

const BETTA = "betta_splendens";

Deno.test("a full disk ends the run with a sentence, and all that is logged stays good", async () => {
  await onSmallDisk(async (dir) => {
    const { code, said } = await runChild(["fill", dir]);
    assertStringIncludes(said, "the disk is full");
    assertStringIncludes(said, "run the same command again");
    assertEquals(code, 1);
    const { state, log } = await readDataset(dir);
    assertEquals([log.problemCount, log.end], [0, log.size]);
    const files = keptFiles(state, BETTA);
    state.close();
    // Some thirty lines are written at a time: when the disk fills up then, those are lost.
    assert(files.length > 10, `${files.length} images`);
    for (const file of files) assertEquals((await Deno.stat(join(dir, file))).size, 100_000);
    // With room made, for the index too, the same folder goes on.
    const removed = files.slice(0, 5);
    for (const file of removed) await Deno.remove(join(dir, file));
    const dataset = await opened(dir);
    await keep(dataset, 1000);
    await dataset.close();
    const { state: after } = await readDataset(dir);
    const left = files.length - removed.length + 1;
    assertEquals(after.kept(BETTA), left);
    after.close();
    const names = [...Deno.readDirSync(join(dir, "images", BETTA))];
    assertEquals(names.length, left);
  });
});

Deno.test("a disk without room for one more line ends the run with its log whole", async () => {
  await onSmallDisk(async (dir) => {
    const first = await opened(dir);
    await first.close();
    const makeRoom = await fillDisk(dir);
    const before = await Deno.readTextFile(join(dir, LOG_NAME));
    const told: string[] = [];
    const failure = await assertRejects(() => opened(dir, told), Failure);
    assertStringIncludes(failure.message, "the disk is full");
    await makeRoom();
    const again = await opened(dir, told);
    again.append(tried(1, "gone"));
    await again.close();
    const after = await Deno.readTextFile(join(dir, LOG_NAME));
    assert(after.startsWith(before));
    const read = await readDataset(dir);
    assertEquals(read.log.problemCount, 0);
    read.state.close();
    assertEquals(told, []);
  });
});
