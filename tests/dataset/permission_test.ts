import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { opened, treeOf, withFolder } from "./folder.ts";
import { type ChildOptions, runChild } from "./run_child.ts";

/** Root may write anywhere, so where we are root the child gives up root's privileges first. */
function unprivileged(): ChildOptions {
  return Deno.uid() === 0 ? { through: ["setpriv", "--bounding-set=-all"] } : {};
}

Deno.test("a folder that the operating system lets nobody write changes nothing and says so", async () => {
  await withFolder(async (dir) => {
    await Deno.chmod(dir, 0o755);
    const data = join(dir, "data");
    await (await opened(data)).close();
    await Deno.chmod(data, 0o555);
    const tree = await treeOf(dir);
    for (const name of [data, join(data, "new")]) {
      const { code, said } = await runChild(["open", name], unprivileged());
      assertStringIncludes(said, "the operating system does not permit it");
      assertEquals(code, 1);
    }
    assertEquals(await treeOf(dir), tree);
    await Deno.chmod(data, 0o755);
  });
});
