/**
 * What a person sees while a run goes on: bars on a terminal, plain lines elsewhere.
 *
 * @module
 */

// @ts-types="@types/cli-progress"
import { MultiBar, Presets, type SingleBar } from "cli-progress";
import { format as formatDuration } from "@std/fmt/duration";
import type { ImageEvent } from "../dataset/event.ts";
import type { JobReport, Progress } from "../scrape/progress.ts";
import type { Drawing } from "./script.ts";

/** Progress that is drawn somewhere and must be put away at the end; that shows the last state. */
export interface DrawnProgress extends Progress, Drawing {
  /** How many downloads are under way now. */
  readonly underWay: number;
}

/** How often plain lines come, in milliseconds. */
const PLAIN_INTERVAL = 5000;

/** One stage's figures. */
class Stage {
  readonly name: string;
  readonly species: number;
  readonly wanted: number;
  readonly began = performance.now();
  readonly done = new Set<string>();
  kept = 0;
  keptNow = 0;

  constructor(name: string, species: number, wanted: number) {
    this.name = name;
    this.species = species;
    this.wanted = wanted;
  }

  get speciesDone(): number {
    return this.done.size;
  }

  get rate(): string {
    const minutes = (performance.now() - this.began) / 60_000;
    return `${(this.keptNow / Math.max(minutes, 1 / 60)).toFixed(0)}/min`;
  }

  get left(): string {
    if (this.speciesDone === 0) return "?";
    const perSpecies = (performance.now() - this.began) / this.speciesDone;
    return duration(perSpecies * (this.species - this.speciesDone));
  }

  get line(): string {
    return `${this.name}: ${this.speciesDone}/${this.species} species, ${this.keptNow} images ` +
      `kept, ${this.rate}, ${this.left} left`;
  }
}

/** A duration as `1h 5m`, at most two units. */
export function duration(milliseconds: number): string {
  const rounded = Math.round(milliseconds / 1000) * 1000;
  if (rounded < 1000) return "0s";
  return formatDuration(rounded, { ignoreZero: true }).split(" ").slice(0, 2).join(" ");
}

/** Counts what happens, stage by stage; drawing is left to those who extend it. */
abstract class CountedProgress implements DrawnProgress {
  protected readonly stages = new Map<string, Stage>();
  #underWay = 0;

  get underWay(): number {
    return this.#underWay;
  }

  stage(source: string, species: number, wanted: number): void {
    this.stages.set(source, new Stage(source, species, wanted));
  }

  started(): void {
    // The bars count what is done; what is begun shows in the downloads under way.
  }

  fetching(change: 1 | -1): void {
    this.#underWay += change;
  }

  decided(event: ImageEvent): void {
    const stage = this.stages.get(event.source);
    if (stage === undefined || event.outcome !== "kept") return;
    stage.keptNow++;
    this.changed(stage);
  }

  finished(report: JobReport): void {
    const stage = this.stages.get(report.source);
    if (stage === undefined) return;
    // A species may be gone back to at the end; it is counted once.
    stage.done.add(report.species.id);
    if (report.why === "failed" || report.why === "not-recognised") {
      this.line(`${report.source}: ${report.species.latin}: ${report.detail ?? report.why}`);
    }
    this.changed(stage);
  }

  notice(text: string): void {
    this.line(text);
  }

  protected abstract changed(stage: Stage): void;
  abstract line(text: string): void;
  abstract close(): void;
}

/** What a line has beside its bar, in columns: room for names and figures of a long run. */
const BESIDE = 62;
/** The longest and the shortest bar, in columns. */
const LONGEST = 24;
const SHORTEST = 4;

const CLEAR_BELOW = "\u001b[J";
const WRAP = "\u001b[?7h";
const CUT_OFF = "\u001b[?7l";

class Bars extends CountedProgress {
  readonly #bars = new MultiBar(
    {
      format: "{name} {bar} {value}/{total} species  {kept} kept  {rate}  {left} left",
      barsize: Math.max(SHORTEST, Math.min(LONGEST, columns() - BESIDE)),
      fps: 5,
      hideCursor: true,
      linewrap: false,
      clearOnComplete: false,
      gracefulExit: false,
      // A line said above pushes all bars down, also those that have not changed.
      forceRedraw: true,
      stream: undefined,
    },
    Presets.shades_classic,
  );
  readonly #bySource = new Map<string, SingleBar>();

  override stage(source: string, species: number, wanted: number): void {
    super.stage(source, species, wanted);
    this.#bySource.set(
      source,
      this.#bars.create(species, 0, { name: source.padEnd(9), kept: 0, rate: "0/min", left: "?" }),
    );
  }

  protected changed(stage: Stage): void {
    this.#bySource.get(stage.name)?.update(stage.speciesDone, {
      kept: stage.keptNow,
      rate: stage.rate,
      left: stage.left,
    });
  }

  line(text: string): void {
    // The bars are cut off at the edge of the terminal; what is said must be read to its end.
    this.#bars.log(`${CLEAR_BELOW}${WRAP}${text}\n${CUT_OFF}`);
    this.#bars.update();
  }

  close(): void {
    this.#bars.stop();
  }
}

/** How wide the terminal is, in columns. */
function columns(): number {
  try {
    const { columns } = Deno.consoleSize();
    if (columns > 0) return columns;
  } catch {
    // A terminal that does not tell its size, such as a serial line.
  }
  return 80;
}

class PlainLines extends CountedProgress {
  readonly #say: (text: string) => void;
  readonly #timer: ReturnType<typeof setInterval>;
  #told = "";

  constructor(say: (text: string) => void) {
    super();
    this.#say = say;
    this.#timer = setInterval(() => this.#tell(), PLAIN_INTERVAL);
  }

  protected changed(): void {
    // Told by the timer: one line every few seconds, not one an image.
  }

  line(text: string): void {
    this.#say(text);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#tell();
  }

  #tell(): void {
    const text = [...this.stages.values()].map((stage) => stage.line).join("; ");
    if (text !== this.#told) this.#say(text);
    this.#told = text;
  }
}

/**
 * Progress for a person: bars where standard error is a terminal, else a line every few seconds.
 *
 * @param terminal Whether standard error is a terminal.
 * @param say Writes a plain line.
 */
export function createProgress(terminal: boolean, say: (text: string) => void): DrawnProgress {
  return terminal ? new Bars() : new PlainLines(say);
}
