/**
 * What the log says, kept up to date with every event.
 *
 * The texts of lines stay in the log and are read from there when they are asked for; what stays
 * in memory is what a run asks for all the time.
 *
 * @module
 */

import type {
  DoneEvent,
  ImageEvent,
  LogEvent,
  LogLine,
  StoppedEvent,
  VerdictEvent,
} from "./event.ts";
import { grown } from "../base/columns.ts";
import { HashIndex } from "./hash_index.ts";
import { type KeptImage, KeptTable } from "./kept_table.ts";
import type { LinePlace } from "./log_reader.ts";
import { FINAL_OUTCOMES, isTransient, type Outcome, TRANSIENT_OUTCOMES } from "../base/outcome.ts";

/** Reads lines of the log again, in the order of the places given. */
export type ReadLines = (places: readonly LinePlace[]) => LogLine[];

/** How often each outcome stands. Outcomes that never occurred are absent. */
export type OutcomeCounts = Partial<Record<Outcome, number>>;

/** A run as its line in the log tells it. */
export type RunLine = Extract<LogEvent, { event: "run" }> & { readonly time: string };

const OUTCOMES: readonly Outcome[] = [...FINAL_OUTCOMES, ...TRANSIENT_OUTCOMES];
const NUMBER_OF = new Map(OUTCOMES.map((outcome, number) => [outcome, number]));
const KEPT = NUMBER_OF.get("kept") ?? 0;
const AMBIGUOUS = NUMBER_OF.get("ambiguous") ?? 0;
const PLACEHOLDER = NUMBER_OF.get("placeholder") ?? 0;
const DUPLICATE = NUMBER_OF.get("duplicate") ?? 0;
const NEAR_DUPLICATE = NUMBER_OF.get("near-duplicate") ?? 0;
const FIRST_TRANSIENT = FINAL_OUTCOMES.length;
/** A URL's code is its source's number times this, plus its outcome's. */
const CODES = 64;

interface SpeciesState {
  readonly number: number;
  readonly id: string;
  /** Records of the kept table, withdrawn ones included, in the order they were first kept. */
  readonly records: number[];
  /** How many of them count. */
  kept: number;
  readonly done: Map<string, DoneEvent>;
  readonly verdicts: Map<string, VerdictEvent>;
  /** By source: the slots of its transient failures, some of them given up since. */
  readonly failures: Map<string, number[]>;
}

/** What the log says. */
export class DatasetState {
  readonly #readLines: ReadLines;
  readonly #species = new Map<string, SpeciesState>();
  /** The one that was asked for last: mostly it is asked for again. */
  #lastSpecies: SpeciesState | undefined;
  readonly #speciesByNumber: SpeciesState[] = [];
  readonly #sources = new Map<string, number>();
  readonly #sourceNames: string[] = [];
  /** By source: how often each outcome stands. */
  readonly #counts: number[][] = [];
  readonly #kept = new KeptTable();
  readonly #urls = new HashIndex();
  #code = new Uint16Array(1024);
  /** By URL: the kept record, or the slot of the transient failure. */
  #reference = new Int32Array(1024);
  /** By slot: where the failure's line stands; a negative offset when it is none any more. */
  #failureOffset = new Float64Array(256);
  #failureLength = new Uint32Array(256);
  #failures = 0;
  /** By URL: where the lines of ambiguous pictures and placeholders stand. */
  readonly #doubtful = new Map<number, LinePlace>();
  readonly #stopped = new Map<string, StoppedEvent>();
  #lastRun: RunLine | undefined;
  #lastTime: string | undefined;
  #events = 0;

  /**
   * An empty state.
   *
   * @param readLines Reads lines of the log this state is of.
   */
  constructor(readLines: ReadLines) {
    this.#readLines = readLines;
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
    return this.#speciesByNumber.map((each) => each.id);
  }

  /** The sources the log names, in the order they came up. */
  get sources(): readonly string[] {
    return this.#sourceNames;
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
   * first kept: of one species, or of all.
   */
  *keptImages(species?: string): Generator<KeptImage, void, void> {
    const of = species === undefined ? this.#speciesByNumber : [this.#species.get(species)];
    for (const each of of) {
      for (const record of each?.records ?? []) {
        if (each !== undefined && this.#kept.stands(record)) yield this.#image(each, record);
      }
    }
  }

  /** The whole log lines of images, in the same order. Read from the disk. */
  lines(images: readonly KeptImage[]): (LogLine & ImageEvent)[] {
    return this.#imageLines(images.map((image) => image.place));
  }

  /** What became of a URL for a species; `undefined` where it was never tried. */
  decided(species: string, url: string): Outcome | undefined {
    const state = this.#species.get(species);
    const number = state === undefined ? -1 : this.#urls.get(url, state.number);
    return number < 0 ? undefined : OUTCOMES[(this.#code[number] ?? 0) % CODES];
  }

  /** Whether a species has a kept image with these bytes, rejected ones included. */
  hasBytes(species: string, sha256: string): boolean {
    return this.image(species, sha256) !== undefined;
  }

  /** The kept image of a species with these bytes. */
  image(species: string, sha256: string): KeptImage | undefined {
    const state = this.#species.get(species);
    if (state === undefined) return undefined;
    const record = this.#kept.find(state.number, sha256);
    return record >= 0 && this.#kept.stands(record) ? this.#image(state, record) : undefined;
  }

  /** The ids of the species that have a kept image with these bytes. */
  speciesWithBytes(sha256: string): readonly string[] {
    return this.#kept.speciesWith(sha256).map((number) => this.#speciesByNumber[number]?.id ?? "");
  }

  /** Whether a person has rejected these bytes for a species. */
  rejected(species: string, sha256: string): boolean {
    return this.verdict(species, sha256)?.event === "rejected";
  }

  /** The verdict that stands on these bytes for a species. */
  verdict(species: string, sha256: string): VerdictEvent | undefined {
    return this.#species.get(species)?.verdicts.get(sha256);
  }

  /**
   * How a job last ended. Whether that is enough now is for the asker: `kept` and `wanted` are
   * those of the time, images may have been rejected or lost since, and more may be wanted.
   */
  doneWith(species: string, source: string): DoneEvent | undefined {
    return this.#species.get(species)?.done.get(source);
  }

  /** A job's candidates whose last outcome is to be tried again, in the order of the log. */
  transientFailures(species: string, source: string): (LogLine & ImageEvent)[] {
    const slots = this.#species.get(species)?.failures.get(source) ?? [];
    const places: LinePlace[] = [];
    for (const slot of slots) {
      const offset = this.#failureOffset[slot] ?? -1;
      if (offset >= 0) places.push({ offset, length: this.#failureLength[slot] ?? 0 });
    }
    return this.#imageLines(places);
  }

  /**
   * The whole log lines of the pictures that are left out because several species claim them:
   * `ambiguous` and `placeholder`, in the order of the log. Read from the disk.
   */
  doubtful(): (LogLine & ImageEvent)[] {
    return this.#imageLines([...this.#doubtful.values()].sort((a, b) => a.offset - b.offset));
  }

  /** How often each outcome stands: of one source, or of all. */
  outcomes(source?: string): OutcomeCounts {
    const of = source === undefined
      ? this.#counts
      : [this.#counts[this.#sources.get(source) ?? -1] ?? []];
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
    this.#events++;
    this.#lastTime = time;
    switch (event.event) {
      case "run":
        this.#lastRun = { ...event, time };
        // What a stage stopped for stands until that stage runs again; a review is none.
        if (event.script === "scrape") this.#stopped.clear();
        else this.#stopped.delete(event.script);
        return;
      case "image":
        return this.#applyImage(event, place);
      case "rejected":
      case "accepted":
        return this.#applyVerdict(event);
      case "done":
        this.#speciesOf(event.species).done.set(event.source, event);
        this.#sourceOf(event.source);
        return;
      case "stopped":
        this.#stopped.set(event.source, event);
        return;
    }
  }

  #applyImage(event: ImageEvent, place: LinePlace): void {
    const species = this.#speciesOf(event.species);
    const source = this.#sourceOf(event.source);
    const before = this.#urls.size;
    const url = this.#urls.add(event.url, species.number);
    if (url === before) this.#addUrl(url);
    else this.#retract(species, url);
    if (event.outcome === "kept") {
      this.#applyKept(species, source, url, event, place);
    } else {
      this.#assert(url, source, NUMBER_OF.get(event.outcome) ?? 0);
      if (isTransient(event.outcome)) {
        this.#reference[url] = this.#addFailure(species, event.source, place);
      }
      if (event.outcome === "ambiguous" || event.outcome === "placeholder") {
        this.#doubtful.set(url, place);
      }
    }
  }

  #applyKept(
    species: SpeciesState,
    source: number,
    url: number,
    event: ImageEvent,
    place: LinePlace,
  ): void {
    const sha256 = event.sha256 ?? "";
    const known = this.#kept.find(species.number, sha256);
    if (known >= 0 && this.#kept.stands(known)) {
      // Joined logs may have kept the same bytes under two URLs: they are one file, one image.
      this.#assert(url, source, DUPLICATE);
    } else {
      const record = this.#kept.keep(species.number, source, sha256, event, place);
      if (known < 0) {
        species.records.push(record);
        this.#kept.setRejected(record, species.verdicts.get(sha256)?.event === "rejected");
      }
      if (this.#kept.counts(record)) species.kept++;
      this.#assert(url, source, KEPT);
      this.#reference[url] = record;
    }
    if (event.replaces !== undefined) this.#replace(species, event.replaces, url);
  }

  /** The image of another URL gives way to the one just kept. */
  #replace(species: SpeciesState, replaced: string, by: number): void {
    const url = this.#urls.get(replaced, species.number);
    const code = this.#code[url] ?? 0;
    if (url < 0 || url === by || code % CODES !== KEPT) return;
    this.#retract(species, url);
    this.#assert(url, Math.floor(code / CODES), NEAR_DUPLICATE);
  }

  #applyVerdict(event: VerdictEvent): void {
    const species = this.#speciesOf(event.species);
    species.verdicts.set(event.sha256, event);
    const record = this.#kept.find(species.number, event.sha256);
    if (record < 0) return;
    const counted = this.#kept.counts(record);
    this.#kept.setRejected(record, event.event === "rejected");
    species.kept += Number(this.#kept.counts(record)) - Number(counted);
  }

  /** Says what stands for a URL. */
  #assert(url: number, source: number, outcome: number): void {
    this.#code[url] = source * CODES + outcome;
    this.#reference[url] = -1;
    const counts = this.#counts[source];
    if (counts !== undefined) counts[outcome] = (counts[outcome] ?? 0) + 1;
  }

  /** Takes back what stood for a URL. */
  #retract(species: SpeciesState, url: number): void {
    const code = this.#code[url] ?? 0;
    const outcome = code % CODES;
    const counts = this.#counts[Math.floor(code / CODES)];
    if (counts !== undefined) counts[outcome] = (counts[outcome] ?? 0) - 1;
    const reference = this.#reference[url] ?? -1;
    if (outcome === KEPT) {
      const counted = this.#kept.counts(reference);
      this.#kept.withdraw(reference);
      if (counted && !this.#kept.counts(reference)) species.kept--;
    } else if (outcome >= FIRST_TRANSIENT) {
      this.#failureOffset[reference] = -1;
    } else if (outcome === AMBIGUOUS || outcome === PLACEHOLDER) {
      this.#doubtful.delete(url);
    }
  }

  #addUrl(url: number): void {
    if (url < this.#code.length) return;
    this.#code = grown(this.#code);
    this.#reference = grown(this.#reference);
  }

  #addFailure(species: SpeciesState, source: string, place: LinePlace): number {
    const slot = this.#failures++;
    if (slot === this.#failureOffset.length) {
      this.#failureOffset = grown(this.#failureOffset);
      this.#failureLength = grown(this.#failureLength);
    }
    this.#failureOffset[slot] = place.offset;
    this.#failureLength[slot] = place.length;
    const slots = species.failures.get(source);
    if (slots === undefined) species.failures.set(source, [slot]);
    else slots.push(slot);
    return slot;
  }

  #speciesOf(id: string): SpeciesState {
    if (this.#lastSpecies?.id === id) return this.#lastSpecies;
    return this.#lastSpecies = this.#findSpecies(id);
  }

  #findSpecies(id: string): SpeciesState {
    const known = this.#species.get(id);
    if (known !== undefined) return known;
    const species: SpeciesState = {
      number: this.#speciesByNumber.length,
      id,
      records: [],
      kept: 0,
      done: new Map(),
      verdicts: new Map(),
      failures: new Map(),
    };
    this.#species.set(id, species);
    this.#speciesByNumber.push(species);
    return species;
  }

  #sourceOf(name: string): number {
    const known = this.#sources.get(name);
    if (known !== undefined) return known;
    const number = this.#sourceNames.length;
    this.#sources.set(name, number);
    this.#sourceNames.push(name);
    this.#counts.push([]);
    return number;
  }

  #image(species: SpeciesState, record: number): KeptImage {
    const source = this.#sourceNames[this.#kept.sourceOf(record)] ?? "";
    return this.#kept.image(record, species.id, source);
  }

  #imageLines(places: readonly LinePlace[]): (LogLine & ImageEvent)[] {
    return this.#readLines(places).filter((line) => line.event === "image");
  }
}
