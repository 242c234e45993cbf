import { assertEquals } from "@std/assert";
import { legible, oneLine, table, wrapped } from "../../lib/cli/terminal_text.ts";

Deno.test("legible() leaves lines, tabs, our colours and letters, and nothing that steers a terminal", () => {
  const cases: [string, string][] = [
    ["two\nlines\tand Ü 金魚 🐟", "two\nlines\tand Ü 金魚 🐟"],
    [
      "\u001b[31merror:\u001b[39m \u001b[1mno\u001b[0m",
      "\u001b[31merror:\u001b[39m \u001b[1mno\u001b[0m",
    ],
    ["\u001b[8mhidden", "\ufffd[8mhidden"],
    ["\u001b[30;40mblack on black", "\ufffd[30;40mblack on black"],
    ["\u001b[2Jgone", "\ufffd[2Jgone"],
    ["\u001b]0;title\u0007", "\ufffd]0;title\ufffd"],
    ["over\rwritten", "over\ufffdwritten"],
    ["\u009b31mred\u007f\u0000", "\ufffd31mred\ufffd\ufffd"],
    ["\u001b[?25l\u001b[8;1;1t", "\ufffd[?25l\ufffd[8;1;1t"],
    ["turned \u202eround\u2066 and \u200fback", "turned \ufffdround\ufffd and \ufffdback"],
  ];
  for (const [text, shown] of cases) assertEquals(legible(text), shown);
});

Deno.test("oneLine() lets a stranger's text neither begin a line nor colour it, and cuts it", () => {
  const cases: [string, string][] = [
    ["busy\r\n  error: all is lost", "busy error: all is lost"],
    ["\u001b[31mred\u001b[39m", "\ufffd[31mred\ufffd[39m"],
    ["two\u2028lines", "two\ufffdlines"],
    ["x".repeat(8_000_000), `${"x".repeat(2000)}…`],
  ];
  for (const [text, shown] of cases) assertEquals(oneLine(text), shown);
});

Deno.test("wrapped() breaks lines at blanks, and neither commands, tables, JSON nor long words", () => {
  const cases: [string, string][] = [
    ["a line that fits in", "a line that fits in"],
    ["the words of a line that is longer", "the words of a line\nthat is longer"],
    [
      "\u001b[31merror:\u001b[39m of twenty columns",
      "\u001b[31merror:\u001b[39m of twenty\ncolumns",
    ],
    [
      "Run it: deno task scrape --data /big/fish --limit 3, then look.",
      "Run it:\ndeno task scrape --data /big/fish --limit 3,\nthen look.",
    ],
    ["kept  in all: 1 of the 20 wanted", "kept  in all: 1 of the 20 wanted"],
    ["  indented lines are commands", "  indented lines are commands"],
    ['{"document": "of several words"}', '{"document": "of several words"}'],
    ["https://photos.example.org/a/very/long/one", "https://photos.example.org/a/very/long/one"],
  ];
  for (const [text, shown] of cases) assertEquals(wrapped(text, 20), shown);
});

Deno.test("table() aligns texts left and numbers right", () => {
  assertEquals(
    table([["source", "kept", ""], ["fishbase", "12", "x"], ["google", "228", ""]]),
    "source    kept\nfishbase    12  x\ngoogle     228",
  );
});

Deno.test("table() of nothing is nothing", () => {
  assertEquals(table([]), "");
});
