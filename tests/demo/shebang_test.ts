import { assertEquals, assertThrows } from "@std/assert";
import { commandOf, demoCommand } from "../../lib/demo/shebang.ts";

Deno.test("commandOf() refuses a script that does not say how it is run", () => {
  assertThrows(() => commandOf("#!/usr/bin/env deno\n"), TypeError, "deno run");
  assertThrows(() => commandOf("/** run me */\n"), TypeError);
});

Deno.test("commandOf() keeps quoted words together, as env -S does", () => {
  assertEquals(
    commandOf(
      `#!/usr/bin/env -S deno run -q --allow-net '--allow-run=/a b/c,/d' --allow-env="X Y"\ncode`,
    ),
    ["run", "-q", "--allow-net", "--allow-run=/a b/c,/d", "--allow-env=X Y"],
  );
});

Deno.test("demoCommand() takes loopback off the denied ranges and changes nothing else", () => {
  const command = [
    "run",
    "--allow-net",
    "--deny-net=127.0.0.0/8,10.0.0.0/8",
    "--allow-read=lib,data",
    "--allow-write=data,.cache",
    "--allow-run=data",
  ];
  assertEquals(demoCommand(command, "/tmp/x"), [
    "run",
    "--allow-net",
    "--deny-net=10.0.0.0/8",
    "--allow-read=lib,/tmp/x",
    "--allow-write=/tmp/x,.cache",
    "--allow-run=data",
  ]);
  assertEquals(demoCommand(["run", "--deny-net=127.0.0.0/8"], "d"), ["run"]);
});
