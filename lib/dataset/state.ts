/**
 * What the log says: what was decided about each URL, what is kept, which jobs are done.
 *
 * It is held in `index.sqlite`, so that memory stays flat and a start does not read the whole log.
 * The index says up to which byte of the log it is true and is only a cache: it may be deleted at
 * any time. Whoever holds the data folder's lock writes it; everybody else reads it and keeps what
 * the log says beyond it in temporary tables.
 *
 * @module
 */

import { DatabaseSync, type SQLOutputValue, type StatementSync } from "node:sqlite";
import { FINAL_OUTCOMES, type Outcome, TRANSIENT_OUTCOMES } from "../base/outcome.ts";
import {
  type DoneEvent,
  type ImageEvent,
  LOG_VERSION,
  type LogEvent,
  type LogLine,
  type RelabelledEvent,
  type RunEvent,
  type StoppedEvent,
  type VerdictEvent,
} from "./event.ts";
import { parseLogLine } from "./log_line.ts";
import type { LinePlace } from "./log_reader.ts";

/** Reads lines of the log again, in the order of the places given. */
export type ReadLines = (places: readonly LinePlace[]) => LogLine[];

/** How often each outcome stands. Outcomes that never occurred are absent. */
export type OutcomeCounts = Partial<Record<Outcome, number>>;

/** A run as its line in the log has it. */
export type RunLine = RunEvent & { readonly time: string };

/** One kept image, as the log's last word on it has it. */
export interface KeptImage {
  /** Its running number, the same as long as the dataset is open. */
  readonly number: number;
  /** The id of the species that it counts for. */
  readonly species: string;
  /** The source that found it. */
  readonly source: string;
  /** 64 hex digits. */
  readonly sha256: string;
  /** The perceptual fingerprint in hex; empty where the log has none. */
  readonly fingerprint: string;
  /** The path within the data folder, with `/`. */
  readonly file: string;
  /** In pixels; 0 where the log has none. */
  readonly width: number;
  /** In pixels; 0 where the log has none. */
  readonly height: number;
  /** The size on disk; 0 where the log has none. */
  readonly bytes: number;
  /** Whether a person has rejected it: it stays on disk but does not count. */
  readonly rejected: boolean;
  /** Where its line stands in the log. */
  readonly place: LinePlace;
}

const OUTCOMES: readonly Outcome[] = [...FINAL_OUTCOMES, ...TRANSIENT_OUTCOMES];
const NUMBER_OF = new Map(OUTCOMES.map((outcome, number) => [outcome, number]));
const DOUBTFUL = [numberOf("ambiguous"), numberOf("placeholder")].join();

/** What an index must have been made with to be of use: another order of outcomes is another format. */
export const INDEX_FORMAT = `1 ${OUTCOMES.join()}`;

/** What is held in memory and written into the index beside its tables. */
export interface Summary {
  readonly events: number;
  readonly lastTime?: string;
  /** Lines of the log: the last run, and how its stages stopped. */
  readonly lines: readonly string[];
  readonly sources: readonly string[];
  /** By source and outcome. */
  readonly counts: readonly (readonly number[])[];
  readonly nextNumber: number;
}

/** The tables, in the file (`main`) or in temporary ones beside it (`temp`). */
function tables(schema: "main" | "temp"): string {
  return `
    create table ${schema}.url (
      species integer not null, url text not null, source integer not null,
      outcome integer not null, kept integer, offset integer not null, length integer not null,
      primary key (species, url)) without rowid;
    create index ${schema}.doubtful on url (offset) where outcome in (${DOUBTFUL});
    create table ${schema}.kept (
      number integer primary key, home integer not null, species integer not null,
      source integer not null, sha256 blob not null, fingerprint blob, file text not null,
      width integer not null, height integer not null, bytes integer not null,
      stands integer not null, rejected integer not null,
      offset integer not null, length integer not null, unique (home, sha256));
    create index ${schema}.of_species on kept (species);
    create index ${schema}.of_bytes on kept (sha256);
    create table ${schema}.verdict (
      species integer not null, sha256 blob not null, event text not null,
      primary key (species, sha256)) without rowid;
    create table ${schema}.done (
      species integer not null, source integer not null, event text not null,
      primary key (species, source)) without rowid;`;
}

/** Makes the tables of a new index. */
export function createTables(db: DatabaseSync): void {
  db.exec(`${tables("main")}
    create table main.species (number integer primary key, id text not null, kept integer not null);
    create table main.meta (key text primary key, value text not null)`);
}

function statements(db: DatabaseSync, schema: "main" | "temp") {
  const prepare = (sql: string): StatementSync => db.prepare(sql.replaceAll("$.", `${schema}.`));
  return {
    addUrl: prepare("insert or ignore into $.url values (?, ?, ?, ?, ?, ?, ?)"),
    url: prepare("select source, outcome, kept from $.url where species = ? and url = ?"),
    decisions: prepare("select species, url, outcome from $.url"),
    urls: prepare("select url from $.url where species = ?"),
    setUrl: prepare(
      "update $.url set source = ?, outcome = ?, kept = ?, offset = ?, length = ? where species = ? and url = ?",
    ),
    setOutcome: prepare("update $.url set outcome = ?, kept = null where species = ? and url = ?"),
    failures: prepare(
      `select offset, length from $.url where species = ? and source = ? and outcome >= ${FINAL_OUTCOMES.length} order by offset`,
    ),
    doubtful: prepare(
      `select species as home, offset, length from $.url where outcome in (${DOUBTFUL}) order by offset`,
    ),
    addKept: prepare(
      "insert into $.kept values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?, ?)",
    ),
    setKept: prepare(
      "update $.kept set source = ?, fingerprint = ?, file = ?, width = ?, height = ?, bytes = ?, stands = 1, offset = ?, length = ? where number = ?",
    ),
    withdraw: prepare("update $.kept set stands = 0 where number = ?"),
    label: prepare("update $.kept set species = ?, rejected = ? where number = ?"),
    keptAt: prepare("select * from $.kept where number = ?"),
    keptHere: prepare("select * from $.kept where home = ? and sha256 = ?"),
    keptBytes: prepare("select * from $.kept where sha256 = ?"),
    keptOf: prepare("select * from $.kept where species = ? and stands = 1 order by number"),
    keptIn: prepare("select * from $.kept where home = ? and stands = 1 order by number"),
    filesIn: prepare("select home, file, rejected from $.kept where home = ? and stands = 1"),
    totals: prepare(
      "select home, rejected, count(*) as images, sum(bytes) as bytes from $.kept where stands = 1 group by home, rejected",
    ),
    verdict: prepare("select event from $.verdict where species = ? and sha256 = ?"),
    setVerdict: prepare("insert or replace into $.verdict values (?, ?, ?)"),
    done: prepare("select event from $.done where species = ? and source = ?"),
    setDone: prepare("insert or replace into $.done values (?, ?, ?)"),
  };
}

type Statements = ReturnType<typeof statements>;
type Row = Record<string, SQLOutputValue>;

interface SpeciesEntry {
  readonly number: number;
  readonly id: string;
  /** How many of its images count. */
  kept: number;
}

/** A row of the kept table. */
interface KeptRow {
  readonly number: number;
  /** The species whose folder the file is in. */
  readonly home: number;
  readonly species: number;
  readonly stands: boolean;
  readonly rejected: boolean;
  readonly row: Row;
}

/** What the log says. */
export class DatasetState {
  readonly #db: DatabaseSync;
  readonly #readLines: ReadLines;
  // Only the errors of prepared statements have SQLite's codes.
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  /** Where changes go, and what they have changed is read. */
  readonly #own: Statements;
  /** The index that others write: what no change has touched is read there. */
  readonly #below: Statements | undefined;
  readonly #touched = new Set<number>();
  readonly #species = new Map<string, SpeciesEntry>();
  readonly #byNumber: SpeciesEntry[] = [];
  readonly #changed = new Set<SpeciesEntry>();
  readonly #sources: string[];
  readonly #counts: number[][];
  readonly #stopped = new Map<string, StoppedEvent>();
  #lastRun: RunLine | undefined;
  #lastTime: string | undefined;
  #events: number;
  #nextNumber: number;

  /**
   * The state that an index holds.
   *
   * @param db The index, its tables made.
   * @param summary What it holds besides its tables; absent where it is new.
   * @param readLines Reads lines of the log this state is of.
   * @param writable Whether changes go into the index; else into temporary tables.
   */
  constructor(
    db: DatabaseSync,
    summary: Summary | undefined,
    readLines: ReadLines,
    writable: boolean,
  ) {
    this.#db = db;
    this.#readLines = readLines;
    this.#begin = db.prepare("begin");
    this.#commit = db.prepare("commit");
    if (writable) this.#own = statements(db, "main");
    else {
      db.exec(tables("temp"));
      this.#own = statements(db, "temp");
      this.#below = statements(db, "main");
    }
    for (const { id, kept } of db.prepare("select id, kept from species order by number").all()) {
      this.#addSpecies(text(id), count(kept));
    }
    this.#changed.clear();
    this.#sources = [...summary?.sources ?? []];
    this.#counts = summary?.counts.map((each) => [...each]) ?? [];
    for (const line of summary?.lines ?? []) {
      const parsed = parseLogLine(line);
      if (parsed.kind !== "event") continue;
      if (parsed.line.event === "run") this.#lastRun = runOf(parsed.line, parsed.line.time);
      if (parsed.line.event === "stopped") this.#stopped.set(parsed.line.source, parsed.line);
    }
    this.#lastTime = summary?.lastTime;
    this.#events = summary?.events ?? 0;
    this.#nextNumber = summary?.nextNumber ?? 0;
  }

  /** An empty state in memory. */
  static empty(readLines: ReadLines = () => []): DatasetState {
    const db = new DatabaseSync(":memory:");
    createTables(db);
    return new DatasetState(db, undefined, readLines, true);
  }

  /** How many events were taken in. */
  get events(): number {
    return this.#events;
  }

  /** The time of the last line that had one. */
  get lastTime(): string | undefined {
    return this.#lastTime;
  }

  /** The last run. */
  get lastRun(): RunLine | undefined {
    return this.#lastRun;
  }

  /** How the sources and scripts of the last run stopped, by name. */
  get stopped(): ReadonlyMap<string, StoppedEvent> {
    return this.#stopped;
  }

  /** The ids of all species the log names, in the order they came up. */
  get species(): readonly string[] {
    return this.#byNumber.map((each) => each.id);
  }

  /** The sources the log names, in the order they came up. */
  get sources(): readonly string[] {
    return this.#sources;
  }

  /** How many images of a species are kept and not rejected. */
  kept(species: string): number {
    return this.#species.get(species)?.kept ?? 0;
  }

  /** The paths within the data folder of a species' images that are kept and not rejected. */
  keptFiles(species: string): string[] {
    return [...this.keptImages(species)].filter((image) => !image.rejected)
      .map((image) => image.file);
  }

  /**
   * The kept images, rejected ones included (see `KeptImage.rejected`), in the order they were
   * first kept: of one species, or of all. An image that was relabelled is one of the species that
   * it shows.
   */
  *keptImages(species?: string): Generator<KeptImage, void, void> {
    const of = species === undefined ? this.#byNumber : [this.#species.get(species)];
    for (const each of of) {
      if (each === undefined) continue;
      const rows = this.#keptRows((from) => from.keptOf.all(each.number));
      // Relabelled images may come from both sides of a reader's state.
      if (this.#below !== undefined) rows.sort((one, other) => one.number - other.number);
      for (const row of rows) yield this.#image(row);
    }
  }

  /** How many images are kept, how many more are rejected, and the size of the former in bytes. */
  totals(): { images: number; bytes: number; rejected: number } {
    const totals = { images: 0, bytes: 0, rejected: 0 };
    for (const row of this.#untouched((from) => from.totals.all())) {
      if (row.rejected === 1) totals.rejected += count(row.images);
      else {
        totals.images += count(row.images);
        totals.bytes += count(row.bytes);
      }
    }
    return totals;
  }

  /** The paths of the kept images whose files are in a species' folder, and whether each is rejected. */
  filesIn(species: string): Map<string, boolean> {
    const number = this.#species.get(species)?.number;
    if (number === undefined) return new Map();
    const rows = this.#untouched((from) => from.filesIn.all(number));
    return new Map(rows.map(({ file, rejected }) => [text(file), rejected === 1]));
  }

  /** The kept images whose files are in a species' folder, whatever species they count for. */
  imagesIn(species: string): KeptImage[] {
    const number = this.#species.get(species)?.number;
    if (number === undefined) return [];
    return this.#keptRows((from) => from.keptIn.all(number)).map((row) => this.#image(row));
  }

  /** The whole log lines of images, in the same order. Read from the disk. */
  lines(images: readonly KeptImage[]): (LogLine & ImageEvent)[] {
    return this.#imageLines(images.map((image) => image.place));
  }

  /** What became of a URL for a species; `undefined` where it was never tried. */
  decided(species: string, url: string): Outcome | undefined {
    const number = this.#species.get(species)?.number;
    const row = number === undefined ? undefined : this.#of(number).url.get(number, url);
    return row === undefined ? undefined : OUTCOMES[count(row.outcome)];
  }

  /** The URLs that were tried for a species. */
  decidedUrls(species: string): string[] {
    const number = this.#species.get(species)?.number;
    if (number === undefined) return [];
    return this.#of(number).urls.all(number).map(({ url }) => text(url));
  }

  /** What stands for each candidate that was tried, species by species. */
  *decisions(): Generator<{ species: string; url: string; outcome: Outcome }, void, void> {
    for (const from of [this.#own, this.#below]) {
      for (const { species, url, outcome } of from?.decisions.iterate() ?? []) {
        if (from === this.#below && this.#touched.has(count(species))) continue;
        const id = this.#byNumber[count(species)]?.id;
        const name = OUTCOMES[count(outcome)];
        if (id !== undefined && name !== undefined) {
          yield { species: id, url: text(url), outcome: name };
        }
      }
    }
  }

  /** Whether a species has a kept image with these bytes, rejected and relabelled ones included. */
  hasBytes(species: string, sha256: string): boolean {
    return this.image(species, sha256) !== undefined;
  }

  /** The kept image of a species with these bytes. */
  image(species: string, sha256: string): KeptImage | undefined {
    const number = this.#species.get(species)?.number;
    const row = this.#keptRows((from) => from.keptBytes.all(blob(sha256)))
      .find((each) => each.stands && (each.home === number || each.species === number));
    return row && this.#image(row);
  }

  /** The ids of the species that have a kept image with these bytes. */
  speciesWithBytes(sha256: string): readonly string[] {
    const rows = this.#keptRows((from) => from.keptBytes.all(blob(sha256)))
      .filter(({ stands }) => stands);
    return [...new Set(rows.map((row) => this.#byNumber[row.species]?.id ?? ""))];
  }

  /** Whether a person has rejected these bytes for a species. */
  rejected(species: string, sha256: string): boolean {
    return this.verdict(species, sha256)?.event === "rejected";
  }

  /** The verdict that stands on these bytes for a species. */
  verdict(species: string, sha256: string): VerdictEvent | RelabelledEvent | undefined {
    const number = this.#species.get(species)?.number;
    return number === undefined ? undefined : this.#verdictOn(number, blob(sha256));
  }

  /**
   * How a job last ended. Whether that is enough now is for the asker: `kept` and `wanted` are
   * those of the time, images may have been rejected or lost since, and more may be wanted.
   */
  doneWith(species: string, source: string): DoneEvent | undefined {
    const number = this.#species.get(species)?.number;
    const from = this.#sources.indexOf(source);
    if (number === undefined || from < 0) return undefined;
    const row = this.#of(number).done.get(number, from);
    const event = row && eventIn(row);
    return event?.event === "done" ? event : undefined;
  }

  /** A job's candidates whose last outcome is to be tried again, in the order of the log. */
  transientFailures(species: string, source: string): (LogLine & ImageEvent)[] {
    const number = this.#species.get(species)?.number;
    const from = this.#sources.indexOf(source);
    if (number === undefined || from < 0) return [];
    return this.#imageLines(this.#of(number).failures.all(number, from).map(placeOf));
  }

  /**
   * The whole log lines of the pictures that are left out because several species claim them:
   * `ambiguous` and `placeholder`, in the order of the log. Read from the disk.
   */
  doubtful(): (LogLine & ImageEvent)[] {
    const places = this.#untouched((from) => from.doubtful.all()).map(placeOf);
    return this.#imageLines(places.sort((one, other) => one.offset - other.offset));
  }

  /** How often each outcome stands: of one source, or of all. */
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
   * @param event The event.
   * @param place Where its line stands, or will stand, in the log.
   * @param time Its time, where it is known.
   */
  apply(event: LogEvent, place: LinePlace, time: string): void {
    if (!this.#db.isTransaction) this.#begin.run();
    this.#events++;
    this.#lastTime = time;
    switch (event.event) {
      case "run": {
        const { script } = this.#lastRun = runOf(event, time);
        // What a stage stopped for stands until that stage runs again; a review is none.
        if (script === "scrape") this.#stopped.clear();
        else this.#stopped.delete(script);
        return;
      }
      case "image":
        return this.#applyImage(event, place);
      case "rejected":
      case "accepted":
      case "relabelled":
        return this.#applyVerdict(event, time);
      case "done": {
        const { number } = this.#touch(event.species);
        this.#own.setDone.run(number, this.#sourceOf(event.source), lineOf(event, time));
        return;
      }
      case "stopped":
        this.#stopped.set(event.source, event);
        return;
    }
  }

  /**
   * Writes into the index what is held in memory, with what else its owner wants to be there, and
   * commits.
   *
   * @param meta By key.
   */
  save(meta: Readonly<Record<string, unknown>>): void {
    if (!this.#db.isTransaction) this.#begin.run();
    const species = this.#db.prepare("insert or replace into species values (?, ?, ?)");
    for (const { number, id, kept } of this.#changed) species.run(number, id, kept);
    const put = this.#db.prepare("insert or replace into meta values (?, ?)");
    const time = this.#lastTime ?? "";
    const summary: Summary = {
      events: this.#events,
      ...(this.#lastTime === undefined ? {} : { lastTime: this.#lastTime }),
      lines: [
        ...(this.#lastRun === undefined ? [] : [lineOf(this.#lastRun, this.#lastRun.time)]),
        ...[...this.#stopped.values()].map((event) => lineOf(event, time)),
      ],
      sources: this.#sources,
      counts: this.#counts,
      nextNumber: this.#nextNumber,
    };
    for (const [key, value] of Object.entries({ ...meta, summary })) {
      put.run(key, JSON.stringify(value));
    }
    this.#commit.run();
    this.#changed.clear();
  }

  /** Ends what a reader has begun, so that it keeps nobody from writing the index. */
  settle(): void {
    if (this.#db.isTransaction) this.#commit.run();
  }

  /** Closes the index. What was not saved is read from the log again by whoever comes next. */
  close(): void {
    if (this.#db.isOpen) this.#db.close();
  }

  /** The same as {@link DatasetState.close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  #applyImage(event: ImageEvent, place: LinePlace): void {
    const species = this.#touch(event.species);
    const source = this.#sourceOf(event.source);
    if (event.outcome === "kept") return this.#applyKept(species, source, event, place);
    this.#decide(species, event.url, source, numberOf(event.outcome), null, place);
  }

  /** Says what stands for a URL. */
  #decide(
    species: SpeciesEntry,
    url: string,
    source: number,
    outcome: number,
    kept: number | null,
    { offset, length }: LinePlace,
  ): void {
    const { number } = species;
    const added = this.#own.addUrl.run(number, url, source, outcome, kept, offset, length);
    if (added.changes === 0) {
      this.#retract(this.#own.url.get(number, url));
      this.#own.setUrl.run(source, outcome, kept, offset, length, number, url);
    }
    this.#count(source, outcome, 1);
  }

  #applyKept(
    species: SpeciesEntry,
    source: number,
    event: ImageEvent,
    place: LinePlace,
  ): void {
    const hash = blob(event.sha256 ?? "");
    const before = this.#own.url.get(species.number, event.url);
    if (before !== undefined) {
      this.#retract(before);
      // What was taken back above must not be taken back again below.
      this.#own.setOutcome.run(count(before.outcome), species.number, event.url);
      this.#count(count(before.source), count(before.outcome), 1);
    }
    const known = this.#ownKept(this.#own.keptHere.get(species.number, hash));
    // Merged logs may have kept the same bytes under two URLs: they are one file, one image.
    const isDouble = known?.stands === true;
    const number = known?.number ?? this.#nextNumber;
    if (!isDouble) {
      const { file = "", width = 0, height = 0, bytes = 0 } = event;
      const fingerprint = fingerprintBlob(event.dhash);
      const { offset, length } = place;
      if (known !== undefined) {
        this.#own.setKept.run(
          ...[source, fingerprint, file, width, height, bytes, offset, length, number],
        );
        this.#add(this.#byNumber[known.species], known.rejected ? 0 : 1);
      } else {
        this.#nextNumber++;
        const label = this.#labelOf(species.number, hash);
        const is = [number, species.number, label.species, source, hash, fingerprint, file];
        this.#own.addKept.run(
          ...[...is, width, height, bytes, Number(label.rejected), offset, length],
        );
        this.#add(this.#byNumber[label.species], label.rejected ? 0 : 1);
      }
    }
    const outcome = numberOf(isDouble ? "duplicate" : "kept");
    this.#decide(species, event.url, source, outcome, isDouble ? null : number, place);
    if (event.replaces !== undefined && event.replaces !== event.url) {
      this.#replace(species, event.replaces);
    }
  }

  /** The image of another URL gives way to the one just kept. */
  #replace(species: SpeciesEntry, url: string): void {
    const row = this.#own.url.get(species.number, url);
    if (row === undefined || count(row.outcome) !== numberOf("kept")) return;
    this.#retract(row);
    this.#own.setOutcome.run(numberOf("near-duplicate"), species.number, url);
    this.#count(count(row.source), numberOf("near-duplicate"), 1);
  }

  /** Takes back what stood for a URL. */
  #retract(row: Row | undefined): void {
    if (row === undefined) return;
    this.#count(count(row.source), count(row.outcome), -1);
    if (row.kept === null) return;
    const kept = this.#ownKept(this.#own.keptAt.get(count(row.kept)));
    if (kept === undefined || !kept.stands) return;
    this.#own.withdraw.run(kept.number);
    this.#add(this.#byNumber[kept.species], kept.rejected ? 0 : -1);
  }

  #applyVerdict(event: VerdictEvent | RelabelledEvent, time: string): void {
    const species = this.#touch(event.species);
    if (event.event === "relabelled") this.#touch(event.to);
    const hash = blob(event.sha256);
    this.#own.setVerdict.run(species.number, hash, lineOf(event, time));
    for (const { home } of this.#keptRows((from) => from.keptBytes.all(hash))) {
      this.#touchNumber(home);
    }
    for (const row of this.#own.keptBytes.all(hash)) {
      const kept = this.#ownKept(row);
      if (kept === undefined) continue;
      const { species: of, rejected } = this.#labelOf(kept.home, hash);
      if (of === kept.species && rejected === kept.rejected) continue;
      this.#own.label.run(of, Number(rejected), kept.number);
      if (!kept.stands) continue;
      this.#add(this.#byNumber[kept.species], kept.rejected ? 0 : -1);
      this.#add(this.#byNumber[of], rejected ? 0 : 1);
    }
  }

  /** Which species an image counts for, and whether it is rejected, as people's verdicts have it. */
  #labelOf(home: number, hash: Uint8Array): { species: number; rejected: boolean } {
    const seen = new Set<number>();
    let species = home;
    for (;;) {
      seen.add(species);
      const verdict = this.#verdictOn(species, hash);
      if (verdict?.event !== "relabelled") {
        return { species, rejected: verdict?.event === "rejected" };
      }
      const to = this.#touch(verdict.to).number;
      // Relabelled back to a species it has been: there it stays.
      if (seen.has(to)) return { species: to, rejected: false };
      species = to;
    }
  }

  #verdictOn(species: number, hash: Uint8Array): VerdictEvent | RelabelledEvent | undefined {
    const row = this.#of(species).verdict.get(species, hash);
    const event = row && eventIn(row);
    return event !== undefined && isVerdict(event) ? event : undefined;
  }

  #count(source: number, outcome: number, by: number): void {
    const counts = this.#counts[source];
    if (counts !== undefined) counts[outcome] = (counts[outcome] ?? 0) + by;
  }

  #add(species: SpeciesEntry | undefined, by: number): void {
    if (species === undefined || by === 0) return;
    species.kept += by;
    this.#changed.add(species);
  }

  /** The species of an id, which gets a number now if it has none, ready to be changed. */
  #touch(id: string): SpeciesEntry {
    const species = this.#species.get(id) ?? this.#addSpecies(id, 0);
    this.#touchNumber(species.number);
    return species;
  }

  /** Copies a species' rows out of an index that others write. */
  #touchNumber(species: number): void {
    if (this.#below === undefined || this.#touched.has(species)) return;
    this.#touched.add(species);
    for (
      const [table, key] of [["url", "species"], ["kept", "home"], ["verdict", "species"], [
        "done",
        "species",
      ]]
    ) {
      this.#db.prepare(
        `insert into temp.${table} select * from main.${table} where ${key} = ?`,
      ).run(species);
    }
  }

  #addSpecies(id: string, kept: number): SpeciesEntry {
    const species: SpeciesEntry = { number: this.#byNumber.length, id, kept };
    this.#species.set(id, species);
    this.#byNumber.push(species);
    this.#changed.add(species);
    return species;
  }

  #sourceOf(name: string): number {
    const known = this.#sources.indexOf(name);
    if (known >= 0) return known;
    this.#sources.push(name);
    this.#counts.push(OUTCOMES.map(() => 0));
    return this.#sources.length - 1;
  }

  /** Where a species' rows are. */
  #of(species: number): Statements {
    return this.#below === undefined || this.#touched.has(species) ? this.#own : this.#below;
  }

  /** Rows of the kept table, from wherever they stand. */
  #keptRows(select: (from: Statements) => Row[]): KeptRow[] {
    return this.#untouched(select).flatMap((row) => this.#ownKept(row) ?? []);
  }

  #untouched(select: (from: Statements) => Row[]): Row[] {
    const own = select(this.#own);
    if (this.#below === undefined) return own;
    return [...own, ...select(this.#below).filter(({ home }) => !this.#touched.has(count(home)))];
  }

  #ownKept(row: Row | undefined): KeptRow | undefined {
    return row && {
      number: count(row.number),
      home: count(row.home),
      species: count(row.species),
      stands: row.stands === 1,
      rejected: row.rejected === 1,
      row,
    };
  }

  #image({ number, species, rejected, row }: KeptRow): KeptImage {
    return {
      number,
      species: this.#byNumber[species]?.id ?? "",
      source: this.#sources[count(row.source)] ?? "",
      sha256: hex(row.sha256),
      fingerprint: hex(row.fingerprint),
      file: text(row.file),
      width: count(row.width),
      height: count(row.height),
      bytes: count(row.bytes),
      rejected,
      place: placeOf(row),
    };
  }

  #imageLines(places: readonly LinePlace[]): (LogLine & ImageEvent)[] {
    return this.#readLines(places).filter((line) => line.event === "image");
  }
}

function runOf({ event, script, version, flags }: RunEvent, time: string): RunLine {
  return { event, script, version, flags, time };
}

/** An event as it is kept in the index: as in the log, so that it is read with the same care. */
function lineOf(event: LogEvent, time: string): string {
  return JSON.stringify({ ...event, v: LOG_VERSION, time });
}

function eventIn(row: Row): LogEvent | undefined {
  const parsed = parseLogLine(text(row.event));
  if (parsed.kind !== "event") return undefined;
  const { v: _version, time: _time, ...event } = parsed.line;
  return event;
}

function isVerdict(event: LogEvent): event is VerdictEvent | RelabelledEvent {
  return ["rejected", "accepted", "relabelled"].includes(event.event);
}

function numberOf(outcome: Outcome): number {
  return NUMBER_OF.get(outcome) ?? 0;
}

function placeOf(row: Row): LinePlace {
  return { offset: count(row.offset), length: count(row.length) };
}

function blob(digits: string): Uint8Array {
  return Uint8Array.fromHex(digits);
}

/** A fingerprint that is no hex is taken for none. */
function fingerprintBlob(digits = ""): Uint8Array | null {
  return digits.length % 2 === 0 && /^[0-9a-f]+$/.test(digits) ? blob(digits) : null;
}

function hex(value: SQLOutputValue | undefined): string {
  return value instanceof Uint8Array ? value.toHex() : "";
}

function text(value: SQLOutputValue | undefined): string {
  if (typeof value === "string") return value;
  throw new TypeError("The index holds no text where one belongs");
}

function count(value: SQLOutputValue | undefined): number {
  if (typeof value === "number") return value;
  throw new TypeError("The index holds no number where one belongs");
}
