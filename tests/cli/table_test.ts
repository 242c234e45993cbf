import { assertEquals } from "@std/assert";
import { table } from "../../lib/cli/table.ts";

Deno.test("table() aligns texts left and numbers right", () => {
  assertEquals(
    table([["source", "kept", ""], ["fishbase", "12", "x"], ["google", "228", ""]]),
    "source    kept\nfishbase    12  x\ngoogle     228",
  );
});

Deno.test("table() of nothing is nothing", () => {
  assertEquals(table([]), "");
});
