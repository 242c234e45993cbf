import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { Failure } from "../../lib/base/failure.ts";
import { readCredentials } from "../../lib/cli/credentials.ts";
import { withFolder } from "../folder.ts";

Deno.test("readCredentials() reads a file, and does not repeat a line that it cannot read", async () => {
  await withFolder(async (dir) => {
    const file = `${dir}/credentials`;
    await Deno.writeTextFile(file, '# of the queue\nexport NATS_USER="fish"\nNATS_PASSWORD=a=b\n');
    const { NATS_USER, NATS_PASSWORD } = await readCredentials(file);
    assertEquals([NATS_USER, NATS_PASSWORD], ["fish", "a=b"]);
    await Deno.writeTextFile(file, "NATS_USER=fish\nNATS_PASWORD=secret\n");
    const failure = await assertRejects(() => readCredentials(file), Failure);
    assertStringIncludes(failure.message, "Line 2");
    assert(!failure.message.includes("secret"));
  });
});
