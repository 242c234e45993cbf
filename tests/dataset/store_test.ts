import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { basename, join } from "@std/path";
import { Store } from "../../lib/dataset/store.ts";
import { Failure } from "../../lib/base/failure.ts";
import { onDisk } from "../base/disk.ts";
import { imageOf, treeOf, withFolder } from "./folder.ts";

const BETTA = "betta_splendens";

async function storeIn(dir: string): Promise<Store> {
  await Deno.mkdir(join(dir, "images"));
  return new Store(dir, () => false);
}

Deno.test("Store.place() puts the whole file under its hash; once it is logged nothing stands beside it", async () => {
  await withFolder(async (dir) => {
    const store = await storeIn(dir);
    const image = await imageOf(1);
    const file = await store.place(BETTA, image);
    assertEquals(file, `images/${BETTA}/${image.sha256.slice(0, 16)}.jpg`);
    assertEquals(Object.keys(await treeOf(dir)).length, 2);
    store.appended(file, 0);
    await store.settle(1);
    assertEquals(await treeOf(dir), { [file]: new TextDecoder().decode(image.bytes) });
  });
});

Deno.test("Store.place() writes nothing where the bytes stand, and writes over what differs", async () => {
  await withFolder(async (dir) => {
    const store = await storeIn(dir);
    const image = await imageOf(1);
    const path = join(dir, await store.place(BETTA, image));
    const { ino } = await Deno.stat(path);
    await store.place(BETTA, image);
    assertEquals((await Deno.stat(path)).ino, ino);
    const garbage = image.bytes.map(() => 120);
    for (const wrong of [garbage, image.bytes.subarray(0, 3)]) {
      await Deno.writeFile(path, wrong);
      await store.place(BETTA, image);
      assertEquals(await Deno.readFile(path), image.bytes);
    }
  });
});

Deno.test("Store.place() takes a longer name where another image has the first", async () => {
  await withFolder(async (dir) => {
    await Deno.mkdir(join(dir, "images"));
    const image = await imageOf(1);
    const first = `images/${BETTA}/${image.sha256.slice(0, 16)}.jpg`;
    const store = new Store(dir, (file) => file === first);
    assertEquals(
      await store.place(BETTA, image),
      `images/${BETTA}/${image.sha256.slice(0, 24)}.jpg`,
    );
  });
});

Deno.test("Store.place() follows no link out of the data folder", async () => {
  await withFolder(async (dir) => {
    const store = await storeIn(dir);
    const outside = await Deno.makeTempDir();
    try {
      await Deno.symlink(outside, join(dir, "images", BETTA));
      const failure = await assertRejects(
        async () => store.place(BETTA, await imageOf(1)),
        Failure,
      );
      assertStringIncludes(failure.message, "a link");
      const image = await imageOf(2);
      await Deno.mkdir(join(dir, "images", "danio_rerio"));
      const file = `images/danio_rerio/${image.sha256.slice(0, 16)}.jpg`;
      await Deno.symlink(join(outside, "target"), join(dir, file));
      await store.place("danio_rerio", image);
      assertEquals((await Deno.lstat(join(dir, file))).isFile, true);
      assertEquals([...Deno.readDirSync(outside)], []);
    } finally {
      await Deno.remove(outside, { recursive: true });
    }
  });
});

Deno.test("Store.place() refuses species and hashes that are not valid", async () => {
  await withFolder(async (dir) => {
    const store = await storeIn(dir);
    const image = await imageOf(1);
    await assertRejects(() => store.place("../x", image), TypeError);
    await assertRejects(() => store.place(BETTA, { ...image, sha256: "../../x" }), TypeError);
    await assertRejects(() => store.remove("images/../log.jsonl"), TypeError);
    assertEquals(await treeOf(dir), {});
  });
});

Deno.test("Store.place() does not bring a deleted data folder back", async () => {
  await withFolder(async (dir) => {
    const store = await storeIn(dir);
    await store.place(BETTA, await imageOf(1));
    await Deno.remove(dir, { recursive: true });
    for (const species of [BETTA, "danio_rerio"]) {
      const failure = await assertRejects(
        async () => store.place(species, await imageOf(2)),
        Failure,
      );
      assertStringIncludes(failure.message, "not there any more");
    }
    await assertRejects(() => Deno.stat(dir), Deno.errors.NotFound);
  });
});

Deno.test("Store.place() leaves nothing half-written when the disk fails", async () => {
  const errors: Record<string, string> = {
    ENOSPC: "disk is full",
    EROFS: "read-only",
    EXDEV: "cannot rename",
    EIO: "EIO",
  };
  for (const [code, words] of Object.entries(errors)) {
    for (const broken of ["rename", "open"] as const) {
      await withFolder(async (dir) => {
        const failing = () => Promise.reject(Object.assign(new Error("os error"), { code }));
        const { open: openFile } = Deno;
        const open: typeof Deno.open = (path, options) =>
          options?.createNew ? failing() : openFile(path, options);
        const disk = broken === "open" ? { open } : { link: failing, rename: failing };
        const store = await storeIn(dir);
        const image = await imageOf(1);
        const failure = await assertRejects(
          () => onDisk(disk, () => store.place(BETTA, image)),
          Failure,
        );
        assertStringIncludes(failure.message, words);
        assertEquals(await treeOf(dir), {});
      });
    }
  }
});

Deno.test("Store.flushNames() flushes each folder that got a file, once", async () => {
  await withFolder(async (dir) => {
    const opened: string[] = [];
    const { open: openFile } = Deno;
    const open: typeof Deno.open = (path, options) => {
      opened.push(basename(String(path)));
      return openFile(path, options);
    };
    const store = await storeIn(dir);
    const names: string[][] = [];
    const flush = async () => {
      opened.length = 0;
      await onDisk({ open }, () => store.flushNames());
      names.push(opened.toSorted());
    };
    await store.place(BETTA, await imageOf(1));
    await store.place(BETTA, await imageOf(2));
    await store.place("danio_rerio", await imageOf(3));
    await flush();
    await flush();
    await store.place(BETTA, await imageOf(4));
    await flush();
    assertEquals(names, [[BETTA, "danio_rerio"], [], [BETTA]]);
  });
});

Deno.test("Store.takeBack() removes what was placed and not logged, and nothing else", async () => {
  for (const linked of [true, false]) {
    await withFolder(async (dir) => {
      const link = () => Promise.reject(Object.assign(new Error("os error"), { code: "EPERM" }));
      const store = await storeIn(dir);
      await onDisk(linked ? {} : { link }, async () => {
        const logged = await store.place(BETTA, await imageOf(1));
        store.appended(logged, 0);
        await store.settle(1);
        await store.place(BETTA, await imageOf(2));
        await store.takeBack();
        assertEquals(Object.keys(await treeOf(dir)), [logged]);
      });
    });
  }
});

Deno.test("Store.remove() removes an image, and does not mind that it is gone", async () => {
  await withFolder(async (dir) => {
    const store = await storeIn(dir);
    const file = await store.place(BETTA, await imageOf(1));
    store.appended(file, 0);
    await store.settle(1);
    await store.remove(file);
    await store.remove(file);
    assertEquals(await treeOf(dir), {});
  });
});
