import { assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { Failure } from "../../lib/base/failure.ts";
import {
  openIfThere,
  readIfThere,
  replaceFile,
  sizeOf,
  writeFileAtomic,
} from "../../lib/base/files.ts";
import { onDisk } from "./disk.ts";
import { withFolder } from "../folder.ts";

function namesIn(dir: string): string[] {
  return Array.from(Deno.readDirSync(dir), ({ name }) => name).sort();
}

/** A disk whose files fail or are slow to write. */
function diskWhere(
  write: (file: Deno.FsFile, bytes: Uint8Array) => Promise<number>,
): Pick<typeof Deno, "open"> {
  const { open: openFile } = Deno;
  const open = async (path: string | URL, options?: Deno.OpenOptions): Promise<Deno.FsFile> => {
    const file = await openFile(path, options);
    const real = { write: file.write.bind(file) };
    file.write = (bytes) => write(Object.assign(Object.create(file), real), bytes);
    return file;
  };
  return { open };
}

Deno.test("replaceFile() writes everything where the disk takes a few bytes at a time", async () => {
  await withFolder(async (dir) => {
    const slow = diskWhere((file, bytes) => file.write(bytes.subarray(0, 3)));
    await onDisk(slow, () => replaceFile(join(dir, "a"), "Günther's fish"));
    assertEquals(await Deno.readTextFile(join(dir, "a")), "Günther's fish");
    assertEquals(namesIn(dir), ["a"]);
  });
});

Deno.test("writeFileAtomic() leaves the old file, and nothing beside it, when writing fails", async () => {
  await withFolder(async (dir) => {
    const path = join(dir, "a");
    await writeFileAtomic(path, "old");
    const full = diskWhere(() => Promise.reject(new Error("full")));
    await assertRejects(() => onDisk(full, () => writeFileAtomic(path, "new")), Error, "full");
    await assertRejects(
      () => onDisk(full, () => replaceFile(path, "new")),
      Failure,
      `Cannot write ${path}: full`,
    );
    const halfWay = async (file: Deno.FsFile): Promise<void> => {
      await file.write(new Uint8Array(5));
      throw new Error("stopped");
    };
    await assertRejects(() => writeFileAtomic(path, halfWay), Error, "stopped");
    assertEquals([await Deno.readTextFile(path), namesIn(dir)], ["old", ["a"]]);
  });
});

Deno.test("writeFileAtomic() replaces a link itself, not the file that it leads to", async () => {
  await withFolder(async (dir) => {
    await Deno.writeTextFile(join(dir, "theirs"), "theirs");
    await Deno.symlink(join(dir, "theirs"), join(dir, "a"));
    await writeFileAtomic(join(dir, "a"), new TextEncoder().encode("ours"), { flush: "nothing" });
    assertEquals(await Deno.readTextFile(join(dir, "theirs")), "theirs");
    assertEquals(await Deno.readTextFile(join(dir, "a")), "ours");
  });
});

Deno.test("readIfThere(), sizeOf() and openIfThere() take plain files only", async () => {
  await withFolder(async (dir) => {
    const [file, gone, nowhere] = [join(dir, "file"), join(dir, "gone"), join(dir, "nowhere")];
    await Deno.writeTextFile(file, "12345");
    await Deno.symlink(gone, nowhere);
    assertEquals([await sizeOf(file), await sizeOf(dir), await sizeOf(gone)], [
      5,
      undefined,
      undefined,
    ]);
    assertEquals((await readIfThere(file))?.length, 5);
    assertEquals([await readIfThere(dir), await readIfThere(gone)], [undefined, undefined]);
    assertEquals(await openIfThere(gone), undefined);
    (await openIfThere(file))?.close();
    await assertRejects(() => openIfThere(dir), Failure, "not a plain file");
    await assertRejects(() => openIfThere(nowhere), Failure, "not a plain file");
  });
});
