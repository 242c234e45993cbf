/** A file system that is full soon. */

import { assert } from "@std/assert";
import { withFolder } from "./folder.ts";

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
