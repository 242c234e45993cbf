/**
 * A FishBase of a table, and a clock that goes as fast as it is asked to.
 *
 * @module
 */

import type { Answer, Client, NotReceived } from "../../../lib/web/client.ts";
import type { Clock } from "../../../lib/base/clock.ts";
import type { Candidate, Demand, ImageSource, SourceEnd } from "../../../lib/sources/source.ts";
import type { Rank, Species } from "../../../lib/species/species.ts";
import {
  createFishBase,
  type FishBaseOptions,
  TABLES_HOST,
} from "../../../lib/sources/fishbase/fishbase.ts";
import { type ColumnSource, parquetWriteBuffer } from "hyparquet-writer";

/** Time that passes only by sleeping. */
export class FakeClock implements Clock {
  #now = 0;
  now(): number {
    return this.#now;
  }
  today(): number {
    return this.#now;
  }
  async sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const end = this.#now + milliseconds;
    // Others get their turn before time goes on.
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    this.#now = Math.max(this.#now, end);
    signal.throwIfAborted();
  }
}

/** What a page of the table may be: its text, or an answer that is none. */
export type Page = string | Omit<NotReceived, "ok" | "url">;

/** 404. */
export const GONE: Page = { outcome: "gone", detail: "HTTP 404", status: 404 };
/** Nobody is there. */
export const REFUSED: Page = { outcome: "refused", detail: "connection refused" };
/** 500. */
export const FAILED: Page = { outcome: "server-error", detail: "HTTP 500", status: 500 };

/** One request, as the log has it. */
export interface Asked {
  readonly host: string;
  readonly path: string;
  readonly begin: number;
  end: number;
}

/** Answers for the hosts of FishBase. */
export class FakeSite implements Client {
  readonly log: Asked[] = [];
  readonly clock = new FakeClock();
  /** How long an answer takes, in milliseconds. */
  readonly takes = 300;
  crawlDelay: number | undefined;
  mostAtOnce = 0;
  #atOnce = 0;
  /** The names of the tables that were fetched. */
  readonly fetched: string[] = [];
  /** What the tables' host answers, by the table; nobody is there unless given. */
  tables: Readonly<Record<string, Uint8Array | Page | undefined>> = {};

  /**
   * @param pages By path and query as asked for, in any case; a list is answered one after another,
   * its last page again and again.
   * @param hosts What whole hosts do instead.
   */
  constructor(
    readonly pages: Readonly<Record<string, Page | readonly Page[]>>,
    readonly hosts: Readonly<Record<string, Page | undefined>> = {},
  ) {}

  async page(url: string, { signal }: { readonly signal: AbortSignal }): Promise<Answer> {
    const { host, pathname, search } = new URL(url);
    if (host === TABLES_HOST) return this.#table(url, pathname);
    const asked = { host, path: pathname + search, begin: this.clock.now(), end: 0 };
    this.log.push(asked);
    this.#atOnce++;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#atOnce);
    try {
      await this.clock.sleep(this.takes, signal);
    } finally {
      this.#atOnce--;
      asked.end = this.clock.now();
    }
    const page = this.hosts[host] ?? this.#page(asked.path);
    if (typeof page !== "string") return { ok: false, url, ...page };
    return {
      ok: true,
      url,
      status: 200,
      headers: new Headers({ "content-type": "text/html; charset=iso-8859-1" }),
      bytes: new TextEncoder().encode(page),
      notes: [],
    };
  }

  #table(url: string, path: string): Answer {
    const name = /\/(\w+)\.parquet$/.exec(path)?.[1] ?? "";
    this.fetched.push(name);
    const file = this.tables[name] ?? REFUSED;
    if (file instanceof Uint8Array || typeof file === "string") {
      const bytes = typeof file === "string" ? new TextEncoder().encode(file) : file.slice();
      return { ok: true, url, status: 200, headers: new Headers(), bytes, notes: [] };
    }
    return { ok: false, url, ...file };
  }

  #page(path: string): Page {
    const key = Object.keys(this.pages).find((known) => known.toLowerCase() === path.toLowerCase());
    const page = key === undefined ? GONE : this.pages[key];
    if (page === undefined || !isList(page)) return page ?? GONE;
    const times = this.log.filter((one) => one.path.toLowerCase() === path.toLowerCase()).length;
    return page[Math.min(times, page.length) - 1] ?? GONE;
  }

  download(): Promise<Answer> {
    return Promise.reject(new Error("The source has no business with files"));
  }
  robots(): Promise<{ allowed: true; crawlDelay?: number }> {
    const { crawlDelay } = this;
    return Promise.resolve({ allowed: true, ...(crawlDelay !== undefined && { crawlDelay }) });
  }
  pace(): void {}
  close(): void {}
}

function isList(page: Page | readonly Page[]): page is readonly Page[] {
  return Array.isArray(page);
}

/** A fish of the list. */
export function fish(
  latin: string,
  rank: Rank = "species",
  search: string | undefined = latin,
): Species {
  return {
    id: latin.toLowerCase().replace(/[^a-z0-9]+/g, "_"),
    latin,
    rank,
    ...(search === "" ? { reason: "no Latin name" } : { search }),
    common: [],
    group: [],
    verbatim: { common: "", latin },
    page: "https://en.wikipedia.org/wiki/List",
  };
}

/** What came of a job. */
export interface Outcome {
  readonly candidates: readonly Candidate[];
  readonly end: SourceEnd;
}

/** A source over a site, with what it said. */
export function open(
  site: FakeSite,
  options: Partial<FishBaseOptions> = {},
): { readonly source: ImageSource; readonly notices: string[]; readonly kept: string[] } {
  const notices: string[] = [];
  const kept: string[] = [];
  const source = createFishBase({
    client: site,
    // A folder that is not there: the tables can be kept nowhere.
    data: "/nonexistent",
    notice: (text) => notices.push(text),
    keepPage: (name) => Promise.resolve(`pages/${kept[kept.push(name) - 1]}`),
    mirrors: ["www.fishbase.se", "www.fishbase.org", "www.fishbase.us"],
    ...options,
  }, { clock: site.clock, random: () => 0.5 });
  return { source, notices, kept };
}

/** Wants everything. */
export const ALL: Demand = { missing: 200, successRate: 1, known: () => false };

/** Runs one job to its end. */
export async function run(
  source: ImageSource,
  species: Species,
  demand: Demand = ALL,
): Promise<Outcome> {
  const candidates: Candidate[] = [];
  const found = source.candidates(species, demand, new AbortController().signal);
  for (;;) {
    const next = await found.next();
    if (next.done) return { candidates, end: next.value };
    candidates.push(next.value);
  }
}

/** The summary page of a species. */
export function summaryPage(name: string, code: number, photo = true): string {
  const [genus = "", ...rest] = name.split(" ");
  const species = rest.join(" ");
  const link = photo
    ? `<a href='../photos/thumbnailssummary.php?Genus=${genus}&Species=${
      rest.join("+")
    }'>Pictures</a>`
    : "No image available for this species";
  return `<html><title>${name}</title><body><div id="ss-sciname"><h1><span class='sciname'>${genus}</span>
<span class='sciname'>${species}</span> Author, 1901</h1></div><div id="ss-photo">${link}</div>
<a href='../Nomenclature/SynonymsList.php?ID=${code}&GenusName=${genus}&SpeciesName=${species}'>Synonyms</a>
<a href='/search.php'>FishBase</a></body></html>`;
}

/** What FishBase answers to a name it does not know. */
export const UNKNOWN =
  "<html><title>FishBase</title><p>Species name is not in the public version of FishBase.</p>";

/** A thumbnails page with registered pictures, and whatever else. */
export function thumbnailsPage(code: number, files: readonly string[], more = ""): string {
  const cells = files.map((file, row) =>
    `<td><a class='tooltip' href="PicturesSummary.php?StartRow=${row}&ID=${code}&what=species&TotRec=${files.length}">
<img src='../images/thumbnails/jpg/tn_${file}'><span><img src='../images/species/${file}'> Photo by T</span></a></td>`
  );
  return `<html><title>Thumbnails</title><body><a href='/search.php'>FishBase</a>
<a href='../summary/SpeciesSummary.php?id=${code}'>x</a><table><tr>${
    cells.join("")
  }${more}</tr></table>`;
}

/** The page of one picture. */
export function picturePage(file: string, said: string): string {
  return `<html><title>Picture</title><body><a href='/search.php'>FishBase</a>
<img src='../images/species/${file}'><br>by <a href='/Collaborators/CollaboratorSummary.php?ID=1'>P</a><br>${said}`;
}

/** A row of the tables. */
export type TableRow = Readonly<Record<string, string | number | null>>;

/** A table as a Parquet file; every row has the columns of the first. */
export function parquet(rows: readonly TableRow[], options = {}): Uint8Array {
  const columnData = Object.keys(rows[0] ?? {}).map((name): ColumnSource => ({
    name,
    data: rows.map((row) => row[name] ?? null),
    type: rows.some((row) => typeof row[name] === "number") ? "INT32" : "STRING",
  }));
  return new Uint8Array(parquetWriteBuffer({ columnData, ...options }));
}

/** A species of the tables: its valid name and number. */
export function speciesRow(name: string, code: number): TableRow {
  const [Genus = "", ...rest] = name.split(" ");
  return { SpecCode: code, Genus, Species: rest.join(" ") };
}

/** A synonym of the tables. */
export function synonymRow(name: string, code: number, status = "synonym"): TableRow {
  const [SynGenus = "", ...rest] = name.split(" ");
  return { SpecCode: code, SynGenus, SynSpecies: rest.join(" "), Status: status };
}

/** A picture of the tables. */
export function pictureRow(code: number, file: string, more: TableRow = {}): TableRow {
  return {
    SpecCode: code,
    PicName: file,
    PictureType: "photo",
    LifeStage: "adult",
    AuthName: "T",
    Copyright: null,
    ...more,
  };
}

/** The three tables. */
export function tables(
  { species, synonyms = [], pictures = [] }: {
    readonly species: readonly TableRow[];
    readonly synonyms?: readonly TableRow[];
    readonly pictures?: readonly TableRow[];
  },
): Readonly<Record<string, Uint8Array>> {
  return {
    species: parquet(species),
    synonyms: parquet([synonymRow("Nonesuch alienus", 999_999), ...synonyms]),
    picturesmain: parquet([pictureRow(999_999, "Alien_u0.jpg"), ...pictures]),
  };
}
