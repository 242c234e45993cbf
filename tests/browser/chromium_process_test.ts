import { assertEquals, assertRejects } from "@std/assert";
import { launchChromium, NotStarted } from "../../lib/browser/chromium_process.ts";
import { withFolder } from "../dataset/folder.ts";
import { script } from "./processes.ts";

const BUS =
  "[7:9:1125/232824.355046:ERROR:dbus/bus.cc:405] Failed to connect to the bus: no socket";

/** What a program comes to that is no browser, when it may take half a second. */
async function troubleWith(program: string): Promise<[string, string]> {
  let trouble: [string, string] = ["", ""];
  await withFolder(async (cache) => {
    const error = await assertRejects(
      async () =>
        void await launchChromium({
          path: await script(cache, "program", program),
          profile: cache,
          headed: false,
          noSandbox: false,
          more: [],
          within: 500,
          signal: new AbortController().signal,
        }),
      NotStarted,
    );
    trouble = [error.trouble, error.message];
  });
  return trouble;
}

Deno.test("launchChromium() reports a silent program in one line, without what every browser says", async () => {
  assertEquals(await troubleWith("exec sleep 1000"), [
    "did-not-start",
    "it did not answer within 0.5 s",
  ]);
  assertEquals(await troubleWith(`echo '${BUS}' >&2; exec sleep 1000`), [
    "did-not-start",
    "it did not answer within 0.5 s",
  ]);
  const line = "[7:9:1125/232824.355046:FATAL:base/memory.cc:20] Out of memory.";
  assertEquals(await troubleWith(`printf '%s\\n' '${line}' '${BUS}' '' >&2; exec sleep 1000`), [
    "did-not-start",
    "it did not answer within 0.5 s: Out of memory",
  ]);
});

Deno.test("launchChromium() reports the last line of a program that ended, cut to a length", async () => {
  assertEquals(await troubleWith(`printf '%s\\n' 'first' 'no display' '${BUS}' >&2; exit 4`), [
    "did-not-start",
    "it ended with exit status 4: no display",
  ]);
  const [, long] = await troubleWith("printf 'x%.0s' $(seq 1000) >&2; exit 4");
  assertEquals(long, `it ended with exit status 4: ${"x".repeat(300)}`);
});
