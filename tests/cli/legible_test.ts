import { assertEquals } from "@std/assert";
import { legible } from "../../lib/cli/legible.ts";

Deno.test("legible() leaves lines, tabs, colours and letters, and nothing that steers a terminal", () => {
  const cases: [string, string][] = [
    ["two\nlines\tand Ü 金魚 🐟", "two\nlines\tand Ü 金魚 🐟"],
    [
      "\u001b[31merror:\u001b[39m \u001b[1;33mno\u001b[0m",
      "\u001b[31merror:\u001b[39m \u001b[1;33mno\u001b[0m",
    ],
    ["\u001b[2Jgone", "\ufffd[2Jgone"],
    ["\u001b]0;title\u0007", "\ufffd]0;title\ufffd"],
    ["over\rwritten", "over\ufffdwritten"],
    ["\u009b31mred\u007f\u0000", "\ufffd31mred\ufffd\ufffd"],
    ["\u001b[?25l\u001b[8;1;1t", "\ufffd[?25l\ufffd[8;1;1t"],
  ];
  for (const [text, shown] of cases) assertEquals(legible(text), shown);
});
