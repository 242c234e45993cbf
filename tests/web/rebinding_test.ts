import { assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";

const WORLD = fromFileUrl(new URL("rebinding_world.ts", import.meta.url));

/** Runs a command in a user, mount and network namespace of its own: nothing outside is touched. */
async function isolated(...command: string[]): Promise<string | undefined> {
  try {
    const { success, stdout, stderr } = await new Deno.Command("unshare", {
      args: ["--map-root-user", "--mount", "--net", ...command],
    }).output();
    if (success) return new TextDecoder().decode(stdout);
    console.log(new TextDecoder().decode(stderr));
  } catch (thrown) {
    if (!(thrown instanceof Deno.errors.NotFound)) throw thrown;
  }
  return undefined;
}

const possible = Deno.build.os === "linux" && await isolated("ip", "link") !== undefined;
if (!possible) console.log("No namespaces here: the test of DNS rebinding is left out.");

Deno.test({
  name:
    "download() reaches no private address when a name changes its address between two look-ups",
  ignore: !possible,
  fn: async () => {
    const resolver = await Deno.makeTempFile();
    try {
      await Deno.writeTextFile(resolver, "nameserver 127.0.0.1\noptions timeout:30\n");
      const output = await isolated(
        Deno.execPath(),
        "run",
        "-qA",
        "--unstable-net",
        WORLD,
        resolver,
      );
      assertEquals(output?.trim().split("\n"), [
        "loopback.example: not reached",
        "unique-local.example: not reached",
        "mapped.example: not reached",
        "nat64.example: not reached",
        "loopback-four.example: not reached",
        "private-four.example: not reached",
        "steady.example: reached by ::ffff:93.184.215.14",
      ]);
    } finally {
      await Deno.remove(resolver);
    }
  },
});
