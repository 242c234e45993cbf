/**
 * Joins the species lists of data folders.
 *
 * @module
 */

import { join } from "@std/path";
import type { Notice } from "../base/failure.ts";
import type { Species } from "../species/species.ts";
import { formatSpeciesCsv } from "../species/csv.ts";
import { parseSpeciesLine } from "../species/file.ts";
import { isSpeciesId } from "./log_line.ts";
import { readIfThere, replaceFile } from "../base/files.ts";

/**
 * Gives a folder the species of all. Equal lists are taken as they are; else the joined list is
 * ordered by id, and of two lines for one id the first by its text stands.
 *
 * @param into The folder that is to have all.
 * @param dirs The folders, `into` among them.
 * @param notice Hears of lines that cannot be read, and of ids that lists differ on.
 */
export async function mergeSpeciesLists(
  into: string,
  dirs: readonly string[],
  notice: Notice,
): Promise<void> {
  const texts: string[] = [];
  for (const dir of dirs) {
    const bytes = await readIfThere(join(dir, "species.jsonl"));
    if (bytes !== undefined) texts.push(new TextDecoder().decode(bytes));
  }
  const [first] = texts;
  if (first === undefined) return;
  const same = texts.every((text) => text === first);
  const lines = same ? textLines(first) : joinedLines(texts, notice);
  const species = lines.map(speciesOf).filter((each) => each !== undefined);
  const text = same ? first : lines.map((line) => `${line}\n`).join("");
  await replaceFile(join(into, "species.jsonl"), text);
  await replaceFile(join(into, "species.csv"), formatSpeciesCsv(species));
}

function joinedLines(texts: readonly string[], notice: Notice): string[] {
  const byId = new Map<string, string>();
  const differing = new Set<string>();
  for (const line of texts.flatMap(textLines)) {
    const id = speciesOf(line)?.id;
    if (id === undefined) {
      notice(`A line of a species list is left out, it has no id: ${line.slice(0, 80)}`);
      continue;
    }
    const known = byId.get(id);
    if (known !== undefined && known !== line) differing.add(id);
    if (known === undefined || line < known) byId.set(id, line);
  }
  if (differing.size > 0) {
    notice(`The species lists differ on ${differing.size} species, such as ${[...differing][0]}.`);
  }
  return [...byId].sort(([one], [other]) => one < other ? -1 : 1).map(([, line]) => line);
}

function textLines(text: string): string[] {
  return text.split("\n").map((line) => line.trim()).filter((line) => line !== "");
}

/** The fish of a line; `undefined` where the line cannot be read or has no id. */
function speciesOf(line: string): Species | undefined {
  try {
    const draft = parseSpeciesLine(line, "species.jsonl");
    return isSpeciesId(draft.id) ? { ...draft, id: draft.id } : undefined;
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}
