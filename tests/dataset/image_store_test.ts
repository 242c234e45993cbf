import { assert, assertEquals, assertRejects } from "@std/assert";
import { Failure } from "../../lib/base/failure.ts";
import { sha256Of } from "../../lib/base/files.ts";
import { FolderStore, pullImages } from "../../lib/dataset/image_store.ts";
import { withFolder } from "../folder.ts";

const { signal } = new AbortController();

Deno.test("pullImages() goes on where it was ended, says what is lost, and takes no other bytes", async () => {
  await withFolder(async (dir) => {
    await Deno.mkdir(`${dir}/store`);
    await Deno.mkdir(`${dir}/data/images`, { recursive: true });
    const store = new FolderStore(`${dir}/store`);
    const images = await Promise.all(Array.from({ length: 40 }, async (_, number) => {
      const bytes = new Uint8Array(100 + number).fill(number + 1);
      const sha256 = await sha256Of(bytes);
      await store.put({ sha256, type: "jpeg" }, bytes);
      return { file: `images/a_a/${sha256.slice(0, 16)}.jpg`, sha256, bytes: bytes.length };
    }));
    const dataset = {
      dir: `${dir}/data`,
      state: { keptImages: () => images.values() },
    };
    const pull = (signal: AbortSignal, progress = (_: number) => {}) =>
      pullImages(dataset, store, progress, signal);

    const stop = new AbortController();
    await assertRejects(
      () => pull(stop.signal, (done) => done === 2 ? stop.abort(new Error("enough")) : undefined),
      Error,
      "enough",
    );
    const second = await pull(signal);
    assert(second.present >= 2, `${second.present} of two were there`);
    assertEquals([second.brought + second.present, second.lost], [40, []]);
    assertEquals(await pull(signal), { brought: 0, present: 40, lost: [] });

    const [one, two] = images;
    assert(one !== undefined && two !== undefined);
    await Deno.remove(`${dir}/data/${one.file}`);
    await Deno.remove(`${dir}/store/blobs/${one.sha256.slice(0, 2)}/${one.sha256}.jpg`);
    assertEquals((await pull(signal)).lost, [one.file]);
    await Deno.remove(`${dir}/data/${two.file}`);
    await Deno.writeTextFile(
      `${dir}/store/blobs/${two.sha256.slice(0, 2)}/${two.sha256}.jpg`,
      "something else",
    );
    await assertRejects(() => pull(signal), Failure, "other bytes than its name says");
  });
});
