import { assertEquals, assertStringIncludes } from "@std/assert";
import { describeThrown } from "../../lib/cli/script.ts";
import { Failure } from "../../lib/base/failure.ts";

Deno.test("describeThrown() tells a failure in its own sentence, with the stack only when asked", () => {
  const failure = new Failure("Cannot read x: it is a folder.", 2, new TypeError("below"));
  assertEquals(plain(describeThrown(failure, false)), "error: Cannot read x: it is a folder.");
  const traced = plain(describeThrown(failure, true));
  assertStringIncludes(traced, "script_test.ts");
  assertStringIncludes(traced, "[cause]: TypeError: below");
});

Deno.test("describeThrown() does not call Ctrl-C an error", () => {
  assertEquals(
    describeThrown(new Failure("Interrupted: all is kept.", 130), false),
    "Interrupted: all is kept.",
  );
});

Deno.test("describeThrown() says what a script has no permission to do", () => {
  const cases: [string, string][] = [
    ['Requires write access to "/x/data", run again with the --allow-write flag', "write /x/data."],
    ['Requires net access to "a.example:443", run again with …', "reach a.example:443."],
    ['Requires run access to "/usr/bin/chromium", run again', "start /usr/bin/chromium."],
  ];
  for (const [message, end] of cases) {
    const text = describeThrown(new Deno.errors.NotCapable(message), false);
    assertEquals(plain(text), `error: This script has no permission to ${end}`);
  }
});

Deno.test("describeThrown() calls anything else a defect", () => {
  assertStringIncludes(describeThrown(new TypeError("x is not a function"), false), "defect");
  assertStringIncludes(describeThrown("thrown text", false), "thrown text");
});

Deno.test("colours come where FORCE_COLOR asks for them", async () => {
  const cases: [env: Record<string, string>, coloured: boolean][] = [
    [{ FORCE_COLOR: "1", NO_COLOR: "" }, true],
    [{ FORCE_COLOR: "1", NO_COLOR: "1" }, true],
    [{ FORCE_COLOR: "0", NO_COLOR: "" }, false],
    [{ FORCE_COLOR: "", NO_COLOR: "" }, false],
  ];
  for (const [env, coloured] of cases) {
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-q", "-P=status", "scripts/status.ts", "--help"],
      env,
    }).output();
    const text = new TextDecoder().decode(stdout);
    assertEquals(text.includes("\u001b[1m"), coloured, JSON.stringify(env));
  }
});

function plain(text: string): string {
  // deno-lint-ignore no-control-regex -- colours are control characters
  return text.replace(/\u001b\[[0-9;]*m/g, "");
}
