/**
 * A list of images that somebody has shared (`export --format list`), as sources: each line has the
 * address, the hash and the licence of one image.
 *
 * @module
 */

import * as v from "valibot";
import { defined } from "../base/defined.ts";
import { Failure } from "../base/failure.ts";
import { isSpeciesId, type Species } from "../species/species.ts";
import type { Candidate, ImageSource } from "./source.ts";

const TEXT = v.optional(v.string(), "");
/** The name of a species: it is searched for, and stands in every table. */
const NAME = v.optional(v.pipe(v.string(), v.maxLength(200)), "");
/** All its other names, joined. */
const NAMES = v.optional(v.pipe(v.string(), v.maxLength(10_000)), "");

const LISTED = v.object({
  species: v.pipe(v.string(), v.check((id) => isSpeciesId(id), "is not a species' id")),
  latin: NAME,
  common_names: NAMES,
  split: v.picklist(["train", "validation", "test"]),
  split_group: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  source: v.pipe(v.string(), v.regex(/^[a-z][a-z0-9-]{0,40}$/)),
  url: v.pipe(v.string(), v.url()),
  page: TEXT,
  author: TEXT,
  license: TEXT,
  license_text: TEXT,
  title: TEXT,
  sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
});

const LINE = v.pipe(v.string(), v.parseJson(undefined, "it is not JSON"), LISTED);

/** One image of a list. */
export type ListedImage = v.InferOutput<typeof LISTED>;

/**
 * Parses a list.
 *
 * @param text Lines of JSON.
 * @param path Its file, for messages.
 * @throws {Failure} With status 2, naming the first line that is wrong.
 */
export function parseImageList(text: string, path: string): ListedImage[] {
  return text.split("\n").flatMap((line, at) => {
    if (line.trim() === "") return [];
    const parsed = v.safeParse(LINE, line);
    if (parsed.success) return [parsed.output];
    const [issue] = parsed.issues;
    throw new Failure(
      `Cannot read the list ${path}: line ${at + 1} is not a line of "export --format list" (${
        v.getDotPath(issue) ?? "it"
      }: ${issue.message}).`,
      2,
    );
  });
}

/** The species of a list, in its order. */
export function speciesOf(images: readonly ListedImage[]): Species[] {
  const species = new Map<string, Species>();
  for (const { species: id, latin, common_names: common } of images) {
    if (species.has(id)) continue;
    species.set(id, {
      id,
      latin,
      rank: "species",
      search: latin,
      common: common.split("; ").filter((name) => name !== ""),
      group: [],
      verbatim: { common, latin },
      page: "",
    });
  }
  return [...species.values()];
}

/** One source for each source that the list names. */
export function createListSources(images: readonly ListedImage[]): ImageSource[] {
  return [...Map.groupBy(images, (image) => image.source)].map(([name, own]) => {
    const bySpecies = Map.groupBy(own, (image) => image.species);
    return {
      name,
      // Whoever shared the list has judged its images.
      vouches: true,
      async *candidates({ id }) {
        for (const image of bySpecies.get(id) ?? []) {
          yield await Promise.resolve(candidateOf(image));
        }
        return { why: "exhausted" };
      },
      close: () => Promise.resolve(),
    };
  });
}

function candidateOf(image: ListedImage): Candidate {
  const { url, page, author, license, license_text: licenseText, title, sha256 } = image;
  return {
    url,
    page,
    sha256,
    ...defined({
      author: author || undefined,
      license: license === "unknown" ? undefined : license || undefined,
      licenseText: licenseText || undefined,
      title: title || undefined,
    }),
  };
}
