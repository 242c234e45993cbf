/**
 * From a name of the list to FishBase's own: valid name and SpecCode.
 *
 * Costs one page where FishBase knows the name, valid or synonym. Where it does not: the genus' list
 * (asked for once a run), and if that has nothing near, the list of the epithet in all genera, and
 * then the page of the species that was found.
 *
 * @module
 */

import { parseHtml } from "../../web/html.ts";
import { epithetPath, genusPath, summaryPath, summaryPathOf, synonymsPath } from "./page_paths.ts";
import { type NameList, readNameList } from "./genus_list.ts";
import type { Mirrors } from "./mirrors.ts";
import type { PageAnswer, ReceivedPage } from "./page_answer.ts";
import { contextOf } from "./page_context.ts";
import {
  type How,
  isMisspelling,
  nearByEpithet,
  nearInGenus,
  type NearName,
  stem,
} from "./near_names.ts";
import { readSummaryPage, type SpeciesPage } from "./summary_page.ts";

/** How a name of the list became FishBase's. */
export interface Resolved {
  /** The name that was looked for. */
  readonly from: string;
  /** FishBase's valid name. */
  readonly to: string;
  /** Why the one is taken for the other. */
  readonly how: How;
}

/** What resolving comes to. */
export type Resolution =
  | {
    readonly found: "species";
    readonly page: SpeciesPage;
    readonly resolved?: Resolved;
  }
  /** The name's page is not to be had or not understood; the name may still be known. */
  | { readonly found: "unsure"; readonly reason: string; readonly strange?: ReceivedPage }
  | {
    readonly found: "nothing";
    readonly reason: string;
    /** Whether FishBase says so in words, rather than by having no such page. */
    readonly told?: true;
  };

/** A list of names, or why there is none. */
type Listing = NameList & { readonly failed?: string };

/** Finds names at FishBase, and remembers the lists of genera for the run. */
export class Names {
  readonly #mirrors: Mirrors;
  readonly #genera = new Map<string, Listing>();
  /** Whether the page of any species was understood in this run. */
  #knowsSite = false;

  /**
   * Asks for nothing yet.
   *
   * @param mirrors Whom to ask.
   */
  constructor(mirrors: Mirrors) {
    this.#mirrors = mirrors;
  }

  /**
   * Finds a name.
   *
   * @param words Genus, epithet, and for a subspecies its epithet.
   * @param how How these words were made of the list's name, where they are not the same.
   * @param signal Ends it.
   */
  async resolve(
    words: readonly string[],
    how: How | undefined,
    signal: AbortSignal,
  ): Promise<Resolution> {
    const named = await this.#summary(summaryPath(words), signal);
    const above = named.found === "species" && words.length > 2 &&
      named.page.words.join(" ") === words.slice(0, 2).join(" ");
    if (named.found === "species" && await this.#isStranger(named.page, words, signal)) {
      const other = named.page.words.join(" ");
      const reason = `FishBase answers with ${other}, which never had the name ${words.join(" ")}`;
      return { found: "nothing", reason };
    }
    const otherwise = above ? "species of the subspecies" : "synonym";
    if (named.found !== "nothing") return withHow(named, words, otherwise, how);
    if (words.length > 2) {
      const species = await this.resolve(words.slice(0, 2), undefined, signal);
      return withHow(species, words, "species of the subspecies", "species of the subspecies");
    }
    return await this.#near(words, named.told === true, signal);
  }

  async #near(
    words: readonly string[],
    told: boolean,
    signal: AbortSignal,
  ): Promise<Resolution> {
    const [genus = "", epithet = ""] = words;
    const name = words.join(" ");
    const list = this.#genera.get(genus) ?? await this.#list(genusPath(genus), signal);
    if (list.shape !== "unknown") this.#genera.set(genus, list);
    let near = nearInGenus(words, list.names);
    if (near.found === "none") {
      near = nearByEpithet(words, (await this.#list(epithetPath(epithet), signal)).names);
    }
    if (near.found !== "one" && list.failed !== undefined) {
      return {
        found: "unsure",
        reason: `the names near ${name} are not to be had: ${list.failed}`,
      };
    }
    if (near.found === "several") {
      const names = near.names.slice(0, 6).join(", ");
      return {
        found: "nothing",
        reason: `FishBase does not know ${name}; near it are ${names}: none is guessed`,
      };
    }
    if (near.found === "none") {
      // A site that has not given a single page we know may be another one, or have moved.
      if (!told && !this.#knowsSite && list.shape === "unknown") {
        return {
          found: "unsure",
          reason: `no page of FishBase was found so far, nor that of ${name}`,
        };
      }
      const known = list.names.length > 0 ? `, though ${list.names.length} names of its genus` : "";
      return { found: "nothing", reason: `FishBase does not know ${name}${known}` };
    }
    return await this.#take(near, words, signal);
  }

  /** Reads the page of the name that was found near. */
  async #take(
    { name, how }: Extract<NearName, { found: "one" }>,
    words: readonly string[],
    signal: AbortSignal,
  ): Promise<Resolution> {
    const path = name.specCode === undefined
      ? summaryPath(name.valid)
      : summaryPathOf(name.specCode);
    const page = await this.#summary(path, signal);
    if (page.found === "species") return withHow(page, words, how, how);
    if (page.found === "unsure") return page;
    // The list names it, its own page does not: what the list says has to do.
    const { specCode, valid } = name;
    const species: SpeciesPage = {
      shape: "species",
      words: valid,
      ...(specCode !== undefined && { specCode }),
      saysNone: false,
    };
    return withHow({ found: "species", page: species }, words, how, how);
  }

  async #summary(path: string, signal: AbortSignal): Promise<Resolution> {
    const answer = await this.#mirrors.ask(path, signal);
    if (!answer.ok) {
      const { gone, reason } = answer;
      return gone ? { found: "nothing", reason } : { found: "unsure", reason };
    }
    const page = readSummaryPage(parseHtml(answer.text), contextOf(answer, this.#mirrors));
    if (page.shape === "species") {
      this.#knowsSite = true;
      return { found: "species", page };
    }
    if (page.shape === "no-such-name") {
      return { found: "nothing", reason: "FishBase does not know it", told: true };
    }
    return { found: "unsure", reason: "the summary page was not recognised", strange: answer };
  }

  /**
   * Whether a page that answers to a name is another species' page. The site leads from a synonym to
   * the valid name (told); one that shares no word with the name, and whose own list of synonyms does
   * not have it, is what the site answers to whatever it does not know.
   */
  async #isStranger(
    { specCode, words }: SpeciesPage,
    asked: readonly string[],
    signal: AbortSignal,
  ): Promise<boolean> {
    const [genus = "", epithet = ""] = asked;
    const alike = words[0]?.toLowerCase() === genus.toLowerCase() ||
      asked.some((word) => words.some((other) => isMisspelling(word, other))) ||
      words.slice(1).some((word) => stem(word) === stem(epithet));
    if (alike || specCode === undefined) return false;
    const answer = await this.#mirrors.ask(synonymsPath(specCode, words), signal);
    if (!answer.ok) return false;
    const text = (parseHtml(answer.text).body.textContent ?? "").replace(/[\s\u00a0]+/g, " ");
    const isList = text.includes(words.join(" ")) && /synonym/i.test(text);
    return isList && !text.toLowerCase().includes(`${genus} ${epithet}`.toLowerCase());
  }

  async #list(path: string, signal: AbortSignal): Promise<Listing> {
    const answer: PageAnswer = await this.#mirrors.ask(path, signal);
    if (!answer.ok) {
      const { forbidden, gone, reason } = answer;
      const settled = gone || forbidden === true;
      return { shape: "unknown", names: [], ...(!settled && { failed: reason }) };
    }
    return readNameList(parseHtml(answer.text), contextOf(answer, this.#mirrors));
  }
}

/** Adds how a name became another, where it did; `always` says so even where the words are equal. */
function withHow(
  resolution: Resolution,
  words: readonly string[],
  how: How,
  always: How | undefined,
): Resolution {
  if (resolution.found !== "species") return resolution;
  const from = words.join(" ");
  const to = resolution.page.words.join(" ");
  if (from === to && always === undefined) return resolution;
  return { ...resolution, resolved: { from, to, how: always ?? how } };
}
