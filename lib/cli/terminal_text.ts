/**
 * Text for a terminal: words of servers nobody knows made safe, lines broken, tables aligned.
 *
 * @module
 */

import { stripAnsiCode } from "@std/fmt/colors";

/** Control characters but for line ends and tabs, and what turns the direction of writing. */
const CONTROL = /(?![\t\n])[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/** The colours that this program itself sets: bold, faint, red, green, yellow and their ends. */
const OWN_COLOUR = new RegExp(`(${"\u001b"}\\[(?:0|1|2|22|31|32|33|39)m)`);

/**
 * A text in which nothing moves the cursor, clears the screen, renames the window, hides what is
 * written or turns its direction: control and direction characters are replaced by `�`. Line ends,
 * tabs and the colours of this program stay.
 */
export function legible(text: string): string {
  const parts = text.split(OWN_COLOUR);
  return parts.map((part, at) => at % 2 === 1 ? part : part.replace(CONTROL, "\ufffd")).join("");
}

/** How much of a stranger's text is shown. */
const LONGEST = 2000;

/** A stranger's text as one line, without colours, cut where it is very long. */
export function oneLine(text: string): string {
  const cut = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
  return cut.replaceAll(/\s*[\r\n]\s*/g, " ").replace(CONTROL, "\ufffd");
}

/** A command within a text, with its flags: it is copied, and a line end would cut it in two. */
const COMMAND = /(?:npx --yes )?deno\S* (?:task|run) \S+(?: --?[a-z][\w-]*(?:[ =](?!-)\S+)?)*/g;

/**
 * A text whose lines are broken at blanks to fit so many columns. Tables, indented lines and JSON
 * stay as they are, commands stay in one piece.
 */
export function wrapped(text: string, columns: number): string {
  return text.split("\n").map((line) => {
    if (stripAnsiCode(line).length <= columns || !PROSE.test(stripAnsiCode(line))) return line;
    const rows: string[] = [];
    const words = line.replace(COMMAND, (command) => command.replaceAll(" ", "\u00a0")).split(" ");
    for (const word of words) {
      const longer = `${rows.at(-1)} ${word}`;
      if (rows.length > 0 && stripAnsiCode(longer).length <= columns) {
        rows[rows.length - 1] = longer;
      } else rows.push(word);
    }
    return rows.join("\n").replaceAll("\u00a0", " ");
  }).join("\n");
}

/** A line of words with one blank between them. */
const PROSE = /^[^\s{[](?!.* {2})/;

/** Rows as lines of aligned columns; a column whose cells are all numbers is aligned right. */
export function table(rows: readonly (readonly (string | number)[])[]): string {
  const cells = rows.map((row) => row.map(String));
  const [head = []] = cells;
  const columns = head.map((_, column) => ({
    width: Math.max(...cells.map((row) => width(row[column] ?? ""))),
    isNumeric: cells.slice(1).every((row) =>
      /^-?[\d.,]*%?$/.test(stripAnsiCode(row[column] ?? ""))
    ),
  }));
  return cells.map((row) =>
    columns.map(({ isNumeric, width: wide }, column) => {
      const cell = row[column] ?? "";
      const space = " ".repeat(wide - width(cell));
      return isNumeric ? space + cell : cell + space;
    }).join("  ").trimEnd()
  ).join("\n");
}

function width(cell: string): number {
  return [...stripAnsiCode(cell)].length;
}

type Parts = readonly (string | false | undefined | readonly string[])[];

/** The lines of a report without those that are not to be said. */
export function lineList(...parts: Parts): string[] {
  return parts.flat().filter((part) => typeof part === "string");
}

/** The same as one text. */
export function lines(...parts: Parts): string {
  return lineList(...parts).join("\n");
}

/** The first so many lines, and a last one that says how many more there are, in place of `#`. */
export function firstOf(lines: readonly string[], most: number, more = "… and # more."): string[] {
  const left = lines.length - most;
  return [...lines.slice(0, most), ...left > 0 ? [more.replace("#", String(left))] : []];
}
