import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { Failure } from "../../lib/base/failure.ts";
import {
  fileInside,
  folderInside,
  imagesAreElsewhere,
  makeFolderInside,
  pathInside,
  writableInside,
} from "../../lib/base/inside.ts";
import { withFolder } from "../dataset/folder.ts";

/** A data folder with a folder, a file and links of every kind. */
async function withLinks(test: (data: string) => Promise<void>): Promise<void> {
  await withFolder(async (dir) => {
    const [data, outside] = [join(dir, "data"), join(dir, "outside")];
    await Deno.mkdir(join(data, "images", "betta"), { recursive: true });
    await Deno.mkdir(join(outside, "below"), { recursive: true });
    await Deno.writeTextFile(join(outside, "file"), "a stranger's");
    await Deno.writeTextFile(join(data, "file"), "ours");
    await Deno.symlink(outside, join(data, "link"));
    await Deno.symlink(join(outside, "file"), join(data, "file-link"));
    await Deno.symlink("chain-2", join(data, "chain"));
    await Deno.symlink(outside, join(data, "chain-2"));
    await Deno.symlink("loop", join(data, "loop"));
    await Deno.symlink("nowhere", join(data, "dangling"));
    await Deno.symlink(outside, join(data, "images", "danio"));
    await test(data);
  });
}

Deno.test({
  name: "pathInside(), folderInside() and makeFolderInside() refuse every link on the way",
  ignore: Deno.build.os === "windows",
  async fn() {
    await withLinks(async (data) => {
      for (const link of ["link", "chain", "loop", "dangling", "images/danio", "file-link"]) {
        for (
          const use of [
            () => pathInside(data, `${link}/x`),
            () => pathInside(data, `${link}/below/x`),
            () => folderInside(data, link),
            () => makeFolderInside(data, `${link}/new`),
            () => fileInside(data, `${link}/file`),
            () => writableInside(data, link),
          ]
        ) {
          const failure = await assertRejects(use, Failure, undefined, link);
          assertStringIncludes(failure.message, "it is a link");
        }
        assertEquals(await fileInside(data, link), undefined);
      }
    });
  },
});

Deno.test("what is no link is let through, what is missing too", async () => {
  await withFolder(async (data) => {
    await Deno.mkdir(join(data, "images"));
    await Deno.writeTextFile(join(data, "file"), "");
    assertEquals(await pathInside(data, "images/x"), join(data, "images", "x"));
    assertEquals(await folderInside(data, "missing/below"), join(data, "missing", "below"));
    assertEquals(await makeFolderInside(data, "a/b"), join(data, "a", "b"));
    assertEquals((await Deno.stat(join(data, "a", "b"))).isDirectory, true);
    assertEquals(await fileInside(data, "file"), join(data, "file"));
    assertEquals(await fileInside(data, "images"), undefined);
    assertEquals(await writableInside(data, "new"), join(data, "new"));
    await assertRejects(() => folderInside(data, "file"), Failure, "it is a file, not a folder");
    for (const path of ["../x", "images/../../x", "", "/etc", "images//x", "./x"]) {
      await assertRejects(() => pathInside(data, path), TypeError, undefined, path);
    }
  });
});

Deno.test({
  name: "images alone may be a link, to a folder that is there",
  ignore: Deno.build.os === "windows",
  async fn() {
    await withLinks(async (data) => {
      assertEquals(await imagesAreElsewhere(data), false);
      await Deno.remove(join(data, "images"), { recursive: true });
      await Deno.symlink("chain", join(data, "images"));
      assertEquals(await imagesAreElsewhere(data), true);
      assertEquals(await pathInside(data, "images/below/x"), join(data, "images/below/x"));
      await Deno.remove(join(data, "images"));
      for (const target of ["images", "dangling", "file"]) {
        await Deno.symlink(target, join(data, "images"));
        await assertRejects(() => folderInside(data, "images"), Failure, "leads to no folder");
        await Deno.remove(join(data, "images"));
      }
    });
  },
});
