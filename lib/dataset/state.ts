/**
 * What the log says: what was decided about each URL, what is kept, which jobs are done.
 *
 * It is held in tables, so that memory stays flat and a start does not read the whole log. Whoever
 * holds the data folder's lock writes them. Everybody else reads them through views, which put the
 * rows of the species that newer lines name in place of those in the index.
 *
 * @module
 */

import { DatabaseSync, type SQLOutputValue, type StatementSync } from "node:sqlite";
import * as v from "valibot";
import { IMAGE_FLAGS, type ImageFlag, imageFlags } from "../image/flags.ts";
import { FINAL_OUTCOMES, type Outcome, OUTCOMES } from "../base/outcome.ts";
import {
  type DoneEvent,
  type FlaggedEvent,
  type ImageEvent,
  LOG_VERSION,
  type LogEvent,
  type LogLine,
  parseLogLine,
  type RelabelledEvent,
  type RunEvent,
  type StoppedEvent,
  TAKEN_BACK,
  type VerdictEvent,
} from "./event.ts";
import type { LinePlace } from "./log_reader.ts";

/** Reads lines of the log again, in the order of the places given. */
export type ReadLines = (places: readonly LinePlace[]) => LogLine[];

/** How many URLs have each outcome. Outcomes that never occurred are absent. */
export type OutcomeCounts = Partial<Record<Outcome, number>>;

/** A run as its line in the log has it. */
export type RunLine = RunEvent & { readonly time: string };

/** One kept image. */
export interface KeptImage {
  /** The id of the species that it counts for. */
  readonly species: string;
  /** Where it was found. */
  readonly source: string;
  /** 64 hex digits. */
  readonly sha256: string;
  /** In hex; empty where the log has none. */
  readonly fingerprint: string;
  /** The path within the data folder, with `/`. */
  readonly file: string;
  /** In pixels, as the height; 0 where the log has none. */
  readonly width: number;
  /** Pixels, upright. */
  readonly height: number;
  /** The size on disk; 0 where the log has none. */
  readonly bytes: number;
  /** A person has rejected it: it stays on disk but does not count. */
  readonly rejected: boolean;
  /** What is to be said against it. */
  readonly flags: readonly ImageFlag[];
  /** Where its line stands in the log. */
  readonly place: LinePlace;
}

const NUMBER_OF = new Map(OUTCOMES.map((outcome, number) => [outcome, number]));
const KEPT = numberOf("kept");
const DOUBTFUL = [numberOf("ambiguous"), numberOf("placeholder")].join();

/** An index is of use only to a program with the same tables and the same order of outcomes. */
export const INDEX_FORMAT = `5 ${OUTCOMES.join()}`;

/** What the index holds beside its tables. */
interface Summary {
  readonly lastTime?: string | undefined;
  /** Lines of the log: the last run, and how its stages stopped. */
  readonly lines: string[];
  readonly sources: string[];
  /** By source and outcome: of a million URLs, counting them takes a second. */
  readonly counts: number[][];
}

export const SUMMARY: v.GenericSchema<unknown, Summary> = v.object({
  lastTime: v.optional(v.string()),
  lines: v.array(v.string()),
  sources: v.array(v.string()),
  counts: v.array(v.array(v.number())),
});

/** The tables that have rows of a species, and the column with its number. */
const SPECIES_COLUMNS = { url: "species", kept: "home", verdict: "species", done: "species" };

/** Creates the tables; `prefix` goes before their names. */
function createOwn(db: DatabaseSync, prefix: string): void {
  db.exec(`
    create table ${prefix}url (
      species integer not null, url text not null, source integer not null,
      outcome integer not null, offset integer not null, length integer not null,
      primary key (species, url)) without rowid;
    create table ${prefix}kept (
      offset integer primary key, length integer not null, home integer not null,
      species integer not null, source integer not null, sha256 blob not null, fingerprint blob,
      file text not null, width integer not null, height integer not null,
      bytes integer not null, rejected integer not null, flags integer not null,
      unique (home, sha256));
    create table ${prefix}verdict (
      species integer not null, sha256 blob not null, event text not null,
      primary key (species, sha256)) without rowid;
    create table ${prefix}done (
      species integer not null, source integer not null, event text not null,
      primary key (species, source)) without rowid`);
}

/** Creates the tables of a new index. */
export function createTables(db: DatabaseSync): void {
  createOwn(db, "");
  db.exec(`
    create index doubtful on url (offset) where outcome in (${DOUBTFUL});
    create index kept_species on kept (species, rejected);
    create index kept_sha256 on kept (sha256);
    create table species (number integer primary key, id text not null);
    create table forgotten (key blob primary key) without rowid;
    create table meta (key text primary key, value text not null)`);
}

const OVERLAY = "temp.new_";

/** Puts views over the tables, which show copied rows of the species that were touched. */
function createOverlay(db: DatabaseSync): void {
  createOwn(db, OVERLAY);
  db.exec("create temp table touched (species integer primary key)");
  for (const [table, species] of Object.entries(SPECIES_COLUMNS)) {
    db.exec(`create temp view ${table} as select * from new_${table}
      union all select * from main.${table} where ${species} not in (select species from touched)`);
  }
}

/** Statements that write name their table `own_…`; those that read find a table or a view. */
function statements(db: DatabaseSync, prefix: string) {
  const prepare = (sql: string): StatementSync => db.prepare(sql.replaceAll("own_", prefix));
  return {
    addUrl: prepare("insert or ignore into own_url values (?, ?, ?, ?, ?, ?)"),
    setUrl: prepare(
      "update own_url set source = ?, outcome = ?, offset = ?, length = ? where species = ? and url = ?",
    ),
    url: prepare("select source, outcome, offset, length from url where species = ? and url = ?"),
    decisions: prepare("select species, url, outcome from url where species between ? and ?"),
    failures: prepare(
      `select offset, length from url where species = ? and source = ? and outcome >= ${FINAL_OUTCOMES.length} order by offset`,
    ),
    doubtful: prepare(
      `select offset, length from url where outcome in (${DOUBTFUL}) order by offset`,
    ),
    keep: prepare("insert into own_kept values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
    withdraw: prepare("delete from own_kept where offset = ?"),
    flag: prepare("update own_kept set flags = ? where offset = ?"),
    label: prepare("update own_kept set species = ?, rejected = ? where offset = ?"),
    known: prepare("select offset from kept where home = ? and sha256 = ?"),
    sameBytes: prepare("select * from kept where sha256 = ?"),
    imagesOf: prepare("select * from kept where species = ? order by offset"),
    imagesIn: prepare("select * from kept where home = ? order by offset"),
    takenBy: prepare(
      "select sha256 from kept where home = ? and sha256 between ? and ? and file = ?",
    ),
    filesIn: prepare("select file, bytes, rejected from kept where home = ?"),
    count: prepare("select count(*) as images from kept where species = ? and rejected = 0"),
    totals: prepare(
      `select count(*) - coalesce(sum(rejected), 0) as images, coalesce(sum(rejected), 0) as rejected,
        coalesce(sum(bytes * (1 - rejected)), 0) as bytes from kept`,
    ),
    verdict: prepare("select event from verdict where species = ? and sha256 = ?"),
    setVerdict: prepare("insert or replace into own_verdict values (?, ?, ?)"),
    forget: db.prepare("insert or ignore into forgotten values (?)"),
    forgotten: db.prepare("select 1 from forgotten where key = ?"),
    done: prepare("select event from done where species = ? and source = ?"),
    setDone: prepare("insert or replace into own_done values (?, ?, ?)"),
  };
}

type Row = Record<string, SQLOutputValue>;

/** What the log says. */
export class DatasetState {
  readonly #db: DatabaseSync;
  readonly #readLines: ReadLines;
  readonly #isOverlay: boolean;
  readonly #sql: ReturnType<typeof statements>;
  // Only the errors of prepared statements have SQLite's codes.
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly #addSpecies: StatementSync;
  readonly #ids: string[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #touched = new Set<number>();
  /** By species' number: how many images it has, until that changes. A job asks ten times an image. */
  readonly #keptCounts = new Map<number, number>();
  readonly #sources: string[];
  readonly #counts: number[][];
  readonly #stopped = new Map<string, StoppedEvent>();
  /** Keys of what was forgotten that are not in the index, because it belongs to somebody else. */
  readonly #forgotten = new Set<string>();
  #hasForgotten: boolean;
  #lastRun: RunLine | undefined;
  #lastTime: string | undefined;

  /**
   * The state that an index holds.
   *
   * @param db The index, its tables made.
   * @param summary What it holds besides; absent where it is new.
   * @param isOverlay Whether the index belongs to somebody else: then it is not written.
   */
  constructor(
    db: DatabaseSync,
    summary: Summary | undefined,
    readLines: ReadLines,
    isOverlay = false,
  ) {
    this.#db = db;
    this.#readLines = readLines;
    this.#isOverlay = isOverlay;
    this.#begin = db.prepare("begin");
    this.#commit = db.prepare("commit");
    this.#addSpecies = db.prepare("insert into species values (?, ?)");
    for (const { id } of db.prepare("select id from species order by number").all()) {
      this.#numbers.set(asText(id), this.#ids.push(asText(id)) - 1);
    }
    if (isOverlay) createOverlay(db);
    this.#sql = statements(db, isOverlay ? OVERLAY : "");
    this.#sources = summary?.sources ?? [];
    this.#counts = summary?.counts ?? [];
    for (const line of summary?.lines ?? []) {
      const parsed = parseLogLine(line);
      if (parsed.kind === "event") this.#applyStage(parsed.line, parsed.line.time);
    }
    this.#hasForgotten = db.prepare("select 1 from forgotten limit 1").get() !== undefined;
    this.#lastTime = summary?.lastTime;
  }

  /** An empty state, all of it in memory. */
  static inMemory(readLines: ReadLines): DatasetState {
    const db = new DatabaseSync(":memory:");
    createTables(db);
    return new DatasetState(db, undefined, readLines);
  }

  /** The time of the last line. */
  get lastTime(): string | undefined {
    return this.#lastTime;
  }

  /** The run that began last. */
  get lastRun(): RunLine | undefined {
    return this.#lastRun;
  }

  /** How the sources and scripts of the last run stopped, by name. */
  get stopped(): ReadonlyMap<string, StoppedEvent> {
    return this.#stopped;
  }

  /** Whether anything was forgotten on somebody's request. */
  get hasForgotten(): boolean {
    return this.#hasForgotten;
  }

  /** Whether an image was forgotten on somebody's request, by any of its keys. */
  isForgotten(keys: Iterable<string>): boolean {
    if (!this.#hasForgotten) return false;
    for (const key of keys) {
      if (this.#forgotten.has(key) || this.#sql.forgotten.get(blob(key)) !== undefined) return true;
    }
    return false;
  }

  /** The ids of all species the log names, in the order they came up. */
  get species(): readonly string[] {
    return this.#ids;
  }

  /** The sources the log names, in the order they came up. */
  get sources(): readonly string[] {
    return this.#sources;
  }

  /** How many images of a species are kept and not rejected. */
  kept(species: string): number {
    const number = this.#numberOf(species);
    const known = this.#keptCounts.get(number);
    if (known !== undefined) return known;
    const counted = count(this.#sql.count.get(number)?.images);
    // Somebody else's index may change at any time.
    if (!this.#isOverlay) this.#keptCounts.set(number, counted);
    return counted;
  }

  /**
   * The kept images of one species or of all, rejected ones included, in the order of the log. A
   * relabelled image is one of the species that it shows.
   */
  *keptImages(species?: string): Generator<KeptImage, void, void> {
    for (const id of species === undefined ? this.#ids : [species]) {
      for (const row of this.#sql.imagesOf.all(this.#numberOf(id))) yield this.#image(row);
    }
  }

  /** How many images are kept, how many more are rejected, and the size of the former in bytes. */
  totals(): { images: number; bytes: number; rejected: number } {
    const { images, bytes, rejected } = this.#sql.totals.get() ?? {};
    return { images: count(images), bytes: count(bytes), rejected: count(rejected) };
  }

  /** The kept images whose files are in a species' folder, whatever species they count for. */
  imagesIn(species: string): KeptImage[] {
    return this.#sql.imagesIn.all(this.#numberOf(species)).map((row) => this.#image(row));
  }

  /** The paths of these images, with their sizes and whether each is rejected. */
  filesIn(species: string): Map<string, Pick<KeptImage, "bytes" | "rejected">> {
    return new Map(
      this.#sql.filesIn.all(this.#numberOf(species)).map(({ file, bytes, rejected }) => [
        asText(file),
        { bytes: count(bytes), rejected: rejected === 1 },
      ]),
    );
  }

  /** Whether a path belongs to a kept image, one with another hash than this. */
  isTaken(file: string, sha256 = ""): boolean {
    const home = this.#numberOf(file.split("/")[1] ?? "");
    // A file's name is the start of its hash.
    const [, name = ""] = /([0-9a-f]*)\.\w+$/.exec(file) ?? [];
    const [first, last] = [blob(name.padEnd(64, "0")), blob(name.padEnd(64, "f"))];
    return this.#sql.takenBy.all(home, first, last, file).some((row) => hex(row.sha256) !== sha256);
  }

  /** The log lines of images, in the same order. Read from the disk. */
  lines(images: readonly KeptImage[]): (LogLine & ImageEvent)[] {
    return this.#imageLines(images.map((image) => image.place));
  }

  /** What became of a URL for a species; `undefined` where it was never tried. */
  decided(species: string, url: string): Outcome | undefined {
    const row = this.#sql.url.get(this.#numberOf(species), url);
    return row && OUTCOMES[count(row.outcome)];
  }

  /** What became of each URL that was tried for one species or all. */
  *decisions(
    species?: string,
  ): Generator<{ species: string; url: string; outcome: Outcome }, void, void> {
    const only = species === undefined ? undefined : this.#numberOf(species);
    const rows = this.#sql.decisions.iterate(only ?? 0, only ?? this.#ids.length);
    for (const { species, url, outcome } of rows) {
      const id = this.#ids[count(species)];
      const name = OUTCOMES[count(outcome)];
      if (id !== undefined && name !== undefined) {
        yield { species: id, url: asText(url), outcome: name };
      }
    }
  }

  /** The kept image of a species with these bytes, a rejected or relabelled one too. */
  image(species: string, sha256: string): KeptImage | undefined {
    return this.imagesWithBytes(sha256).find((image) =>
      image.species === species || image.file.split("/")[1] === species
    );
  }

  /** The kept images of all species with these bytes. */
  imagesWithBytes(sha256: string): KeptImage[] {
    return this.#sql.sameBytes.all(blob(sha256)).map((row) => this.#image(row));
  }

  /** Whether a person has said that an image shows the species that it counts for. */
  isAccepted({ species, sha256, file }: KeptImage): boolean {
    const verdict = this.verdict(species, sha256);
    // Whoever said which species it is has judged it.
    if (verdict === undefined) return file.split("/")[1] !== species;
    return verdict.event !== "rejected" && verdict.reason !== TAKEN_BACK;
  }

  /** The last verdict on these bytes for a species. */
  verdict(species: string, sha256: string): VerdictEvent | RelabelledEvent | undefined {
    return this.#verdictOn(this.#numberOf(species), blob(sha256));
  }

  /**
   * How a job last ended. Its `kept` and `wanted` are those of that time: images may have been
   * rejected or lost since, and more may be wanted.
   */
  doneWith(species: string, source: string): DoneEvent | undefined {
    const row = this.#sql.done.get(this.#numberOf(species), this.#sources.indexOf(source));
    const event = row && eventIn(row);
    return event?.event === "done" ? event : undefined;
  }

  /** A job's candidates whose last outcome is to be tried again, in the order of the log. */
  transientFailures(species: string, source: string): (LogLine & ImageEvent)[] {
    const from = this.#sources.indexOf(source);
    return this.#imageLines(this.#sql.failures.all(this.#numberOf(species), from).map(placeOf));
  }

  /** The log lines of all `ambiguous` and `placeholder` pictures, in order. Read from the disk. */
  doubtful(): (LogLine & ImageEvent)[] {
    return this.#imageLines(this.#sql.doubtful.all().map(placeOf));
  }

  /** How many URLs have each outcome: of one source, or of all. */
  outcomes(source?: string): OutcomeCounts {
    const of = source === undefined
      ? this.#counts
      : [this.#counts[this.#sources.indexOf(source)] ?? []];
    const counts: OutcomeCounts = {};
    OUTCOMES.forEach((outcome, number) => {
      const sum = of.reduce((total, each) => total + (each[number] ?? 0), 0);
      if (sum > 0) counts[outcome] = sum;
    });
    return counts;
  }

  /**
   * Takes an event in. The order of events counts, not their times; the same event again changes
   * nothing.
   *
   * @param place Where its line stands, or will stand, in the log.
   */
  apply(event: LogEvent, place: LinePlace, time: string): void {
    if (!this.#db.isTransaction) this.#begin.run();
    this.#lastTime = time;
    switch (event.event) {
      case "run":
      case "stopped":
        return this.#applyStage(event, time);
      case "image":
        return this.#applyImage(event, place);
      case "rejected":
      case "accepted":
      case "relabelled":
        return this.#applyVerdict(event, time);
      case "flagged":
        return this.#applyFlags(event);
      case "done": {
        const source = this.#sourceOf(event.source);
        this.#sql.setDone.run(this.#touch(event.species), source, lineOf(event, time));
        return;
      }
      case "forgotten":
        this.#hasForgotten = true;
        for (const key of event.keys) {
          if (this.#isOverlay) this.#forgotten.add(key);
          else this.#sql.forget.run(blob(key));
        }
        return;
    }
  }

  /** Writes the summary and more of its owner's into the index, and commits. */
  save(owners: Readonly<Record<string, unknown>>): void {
    if (!this.#db.isTransaction) this.#begin.run();
    const [lastTime, lastRun] = [this.#lastTime, this.#lastRun];
    const summary: Summary = {
      lastTime,
      lines: [
        ...(lastRun === undefined ? [] : [lineOf(lastRun, lastRun.time)]),
        ...[...this.#stopped.values()].map((event) => lineOf(event, lastTime ?? "")),
      ],
      sources: this.#sources,
      counts: this.#counts,
    };
    this.#db.prepare("insert or replace into meta values ('index', ?)")
      .run(JSON.stringify({ ...owners, summary }));
    this.#commit.run();
  }

  /** Ends a reader's transaction, so that it keeps nobody from writing the index. */
  settle(): void {
    if (this.#db.isTransaction) this.#commit.run();
  }

  /** Closes the index. What was not saved is read from the log again by whoever comes next. */
  close(): void {
    if (this.#db.isOpen) this.#db.close();
  }

  /** Closes the index. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** A run or stage began, or stopped. */
  #applyStage(event: LogEvent, time: string): void {
    if (event.event === "stopped") this.#stopped.set(event.source, event);
    if (event.event !== "run") return;
    const { script, version, flags } = event;
    this.#lastRun = { event: "run", script, version, flags, time };
    // Why a stage stopped is of interest until that stage runs again; a review is no stage.
    if (script === "scrape") this.#stopped.clear();
    else this.#stopped.delete(script);
  }

  #applyImage(event: ImageEvent, place: LinePlace): void {
    const species = this.#touch(event.species);
    const { url, sha256 = "", file = "", width = 0, height = 0, bytes = 0, replaces } = event;
    const source = this.#sourceOf(event.source);
    if (event.outcome !== "kept") return this.#decide(species, url, source, event.outcome, place);
    const hash = blob(sha256);
    // What this URL brought before is not a double of what it brings now.
    this.#withdraw(this.#sql.url.get(species, url));
    // Merged logs may have kept the same bytes under two URLs: they are one file, one image.
    if (this.#sql.known.get(species, hash) !== undefined) {
      return this.#decide(species, url, source, "duplicate", place);
    }
    this.#decide(species, url, source, "kept", place);
    const label = this.#labelOf(species, hash);
    this.#sql.keep.run(
      ...[place.offset, place.length, species, label.species, source, hash],
      ...[fingerprintBlob(event.dhash), file, width, height, bytes, Number(label.rejected)],
      numberOfFlags(event.flagged),
    );
    this.#keptCounts.delete(label.species);
    if (replaces === undefined || replaces === url) return;
    const smaller = this.#sql.url.get(species, replaces);
    if (smaller?.outcome !== KEPT) return;
    this.#decide(species, replaces, count(smaller.source), "near-duplicate", placeOf(smaller));
  }

  /** Sets what became of a URL, and withdraws the image that it gave before. */
  #decide(
    species: number,
    url: string,
    source: number,
    outcome: Outcome,
    { offset, length }: LinePlace,
  ): void {
    const row = [source, numberOf(outcome), offset, length];
    this.#count(source, numberOf(outcome), 1);
    if (this.#sql.addUrl.run(species, url, ...row).changes === 1) return;
    const before = this.#sql.url.get(species, url);
    this.#count(count(before?.source), count(before?.outcome), -1);
    this.#withdraw(before);
    this.#sql.setUrl.run(...row, species, url);
  }

  /** What a URL gave does not stand any more. */
  #withdraw(decision: Row | undefined): void {
    if (decision?.outcome !== KEPT) return;
    this.#sql.withdraw.run(count(decision.offset));
    this.#keptCounts.clear();
  }

  #applyVerdict(event: VerdictEvent | RelabelledEvent, time: string): void {
    const species = this.#touch(event.species);
    if (event.event === "relabelled") this.#touch(event.to);
    const hash = blob(event.sha256);
    this.#sql.setVerdict.run(species, hash, lineOf(event, time));
    for (const { offset, home } of this.#sql.sameBytes.all(hash)) {
      this.#touchNumber(count(home));
      const label = this.#labelOf(count(home), hash);
      this.#sql.label.run(label.species, Number(label.rejected), count(offset));
    }
    this.#keptCounts.clear();
  }

  #applyFlags(event: FlaggedEvent): void {
    this.#touch(event.species);
    for (const { offset, home } of this.#sql.sameBytes.all(blob(event.sha256))) {
      this.#touchNumber(count(home));
      this.#sql.flag.run(numberOfFlags(event.flagged), count(offset));
    }
  }

  /** Which species an image counts for, and whether it is rejected, by people's verdicts. */
  #labelOf(home: number, hash: Uint8Array): { species: number; rejected: boolean } {
    const seen = new Set<number>();
    let species = home;
    for (;;) {
      seen.add(species);
      const verdict = this.#verdictOn(species, hash);
      if (verdict?.event !== "relabelled") {
        return { species, rejected: verdict?.event === "rejected" };
      }
      const to = this.#touch(verdict.to);
      // Relabelled back to a species it has been: there it stays.
      if (seen.has(to)) return { species: to, rejected: false };
      species = to;
    }
  }

  #verdictOn(species: number, hash: Uint8Array): VerdictEvent | RelabelledEvent | undefined {
    const row = this.#sql.verdict.get(species, hash);
    const event = row && eventIn(row);
    const isVerdict = event?.event === "rejected" || event?.event === "accepted" ||
      event?.event === "relabelled";
    return isVerdict ? event : undefined;
  }

  #count(source: number, outcome: number, by: number): void {
    const counts = this.#counts[source];
    if (counts !== undefined) counts[outcome] = (counts[outcome] ?? 0) + by;
  }

  /** The number of a species; -1, which no row has, where the log does not name it. */
  #numberOf(id: string): number {
    return this.#numbers.get(id) ?? -1;
  }

  /** The number of a species, ready to be changed. */
  #touch(id: string): number {
    let number = this.#numbers.get(id);
    if (number === undefined) {
      number = this.#ids.push(id) - 1;
      this.#numbers.set(id, number);
      if (!this.#isOverlay) this.#addSpecies.run(number, id);
    }
    this.#touchNumber(number);
    return number;
  }

  /** Copies a species' rows out of an index that is not ours. */
  #touchNumber(species: number): void {
    if (!this.#isOverlay || this.#touched.has(species)) return;
    this.#touched.add(species);
    for (const [table, column] of Object.entries(SPECIES_COLUMNS)) {
      this.#db.prepare(
        `insert into ${OVERLAY}${table} select * from main.${table} where ${column} = ?`,
      ).run(species);
    }
    this.#db.prepare("insert into touched values (?)").run(species);
  }

  #sourceOf(name: string): number {
    const known = this.#sources.indexOf(name);
    if (known >= 0) return known;
    this.#counts.push(OUTCOMES.map(() => 0));
    return this.#sources.push(name) - 1;
  }

  #image(row: Row): KeptImage {
    return {
      species: this.#ids[count(row.species)] ?? "",
      source: this.#sources[count(row.source)] ?? "",
      sha256: hex(row.sha256),
      fingerprint: hex(row.fingerprint),
      file: asText(row.file),
      width: count(row.width),
      height: count(row.height),
      bytes: count(row.bytes),
      rejected: row.rejected === 1,
      flags: IMAGE_FLAGS.filter((_, bit) => count(row.flags) >> bit & 1),
      place: placeOf(row),
    };
  }

  #imageLines(places: readonly LinePlace[]): (LogLine & ImageEvent)[] {
    return this.#readLines(places).filter((line) => line.event === "image");
  }
}

/** An event as a line of the log, so that it is checked like one when it is read back. */
function lineOf(event: LogEvent, time: string): string {
  return JSON.stringify({ ...event, v: LOG_VERSION, time });
}

function eventIn(row: Row): LogEvent | undefined {
  const parsed = parseLogLine(asText(row.event));
  if (parsed.kind !== "event") return undefined;
  const { v: _version, time: _time, ...event } = parsed.line;
  return event;
}

function numberOf(outcome: Outcome): number {
  return NUMBER_OF.get(outcome) ?? 0;
}

/** Flags as the bits of a number, the first flag's the lowest. */
function numberOfFlags(flags: unknown): number {
  return imageFlags(flags).reduce((sum, flag) => sum + 2 ** IMAGE_FLAGS.indexOf(flag), 0);
}

function placeOf(row: Row): LinePlace {
  return { offset: count(row.offset), length: count(row.length) };
}

function blob(digits: string): Uint8Array {
  return Uint8Array.fromHex(digits);
}

/** Old logs may have a fingerprint that is not hex: it counts as missing. */
function fingerprintBlob(digits = ""): Uint8Array | null {
  return digits.length % 2 === 0 && /^[0-9a-f]+$/.test(digits) ? blob(digits) : null;
}

function hex(value: SQLOutputValue | undefined): string {
  return value instanceof Uint8Array ? value.toHex() : "";
}

function asText(value: SQLOutputValue | undefined): string {
  if (typeof value === "string") return value;
  throw new TypeError("The index holds no text where one belongs");
}

function count(value: SQLOutputValue | undefined): number {
  if (typeof value === "number" && value >= 0) return value;
  throw new TypeError("The index holds no count where one belongs");
}
