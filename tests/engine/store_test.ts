import { assert, assertRejects } from "@std/assert";
import { Failure } from "../../lib/base/failure.ts";
import { sha256Of } from "../../lib/base/files.ts";
import { openStore } from "../../lib/engine/store.ts";
import { withFolder } from "../folder.ts";

const { signal } = new AbortController();

Deno.test("a store that is not mounted is not made up, and one with a bad name is refused", async () => {
  await withFolder(async (dir) => {
    const bytes = new Uint8Array([1]);
    const blob = { sha256: await sha256Of(bytes), type: "png" } as const;
    const away = openStore(`${dir}/away`, {});
    await assertRejects(() => away.put(blob, bytes, signal), Failure);
    await assertRejects(() => away.get(blob, signal), Failure);
    for (const name of ["http://bucket/x", "s3://", "s3://fish/images"]) {
      let thrown: unknown;
      try {
        openStore(name, {});
      } catch (error) {
        thrown = error;
      }
      assert(thrown instanceof Failure && thrown.status === 2, name);
    }
  });
});
