/** A file system that is full soon. */

import { assert } from "@std/assert";
import { join } from "@std/path";
import { withFolder } from "./folder.ts";

/** Fills a disk but for so many bytes. @returns Removes what fills it. */
export async function fillDisk(dir: string, free = 0): Promise<() => Promise<void>> {
  const path = join(dir, "filler");
  const filler = await Deno.open(path, { write: true, create: true });
  const block = new Uint8Array(4096);
  for (let isFull = false; !isFull;) {
    isFull = await filler.write(block).then(() => false, (thrown) => thrown instanceof Error);
  }
  await filler.truncate((await filler.stat()).size - free);
  filler.close();
  return () => Deno.remove(path);
}

/**
 * Runs a test on a file system of 5 MB where this machine lets us make one: as root on Linux.
 * Elsewhere the same is tested on files that say the disk is full: see `log_writer_test.ts` and
 * `store_test.ts`; that is told.
 */
export async function onSmallDisk(test: (dir: string) => Promise<void>): Promise<void> {
  let mounted = false;
  await withFolder(async (dir) => {
    if (Deno.build.os !== "linux") return;
    const mount = new Deno.Command("mount", {
      args: ["-t", "tmpfs", "-o", "size=5m", "tmpfs", dir],
      stderr: "null",
    });
    mounted = (await mount.output()).success;
    if (!mounted) return;
    try {
      await test(dir);
    } finally {
      const unmount = new Deno.Command("umount", { args: [dir] });
      assert((await unmount.output()).success);
    }
  });
  if (mounted) return;
  console.log("No file system of 5 MB could be mounted here: tested on failing files.");
}
