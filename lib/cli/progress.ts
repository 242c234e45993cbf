/**
 * What a person sees while work goes on: bars on a terminal, plain lines elsewhere, and the time
 * left, redrawn every second.
 *
 * @module
 */

import { format as formatDuration } from "@std/fmt/duration";
import { type Clock, systemClock } from "../base/clock.ts";

/** One bar: its owner sets the figures, the display draws them. */
export interface Bar {
  done: number;
  total: number;
  /** More figures, such as `12 kept`, asked for at each drawing. */
  note: () => string;
}

/** A duration as `1h 5m`, at most two units. */
export function duration(milliseconds: number): string {
  const rounded = Math.round(milliseconds / 1000) * 1000;
  if (rounded < 1000) return "0s";
  return formatDuration(rounded, { ignoreZero: true }).split(" ").slice(0, 2).join(" ");
}

/** Over how long the rate is taken, in milliseconds. */
const RATE_WINDOW = 180_000;
/** No estimate before so much time has passed, in milliseconds … */
const LEAST_TIME = 3000;
/** … and this share of the work is done, or so many units. */
const LEAST_SHARE = 0.03;
const LEAST_UNITS = 20;

/** Estimates the time left from the work left and the rate of the last minutes. */
export class Pace {
  readonly #clock: Pick<Clock, "now">;
  readonly #samples: { readonly at: number; readonly done: number }[] = [];

  constructor(clock: Pick<Clock, "now"> = systemClock) {
    this.#clock = clock;
  }

  /** Notes how much is done by now. Fractions count: half an item is work, too. */
  sample(done: number): void {
    const at = this.#clock.now();
    this.#samples.push({ at, done });
    while (at - (this.#samples[1]?.at ?? at) > RATE_WINDOW) this.#samples.shift();
  }

  /** How much is done a millisecond, over the last minutes. */
  get rate(): number {
    const { time, done } = this.#lately();
    return time <= 0 ? 0 : done / time;
  }

  /** Milliseconds left for so much work; nothing until there is something to go by. */
  left(work: number): number | undefined {
    if (work <= 0) return 0;
    const { time, done, all } = this.#lately();
    const enough = done >= Math.min(LEAST_UNITS, LEAST_SHARE * (all + work));
    return time < LEAST_TIME || done <= 0 || !enough ? undefined : (work * time) / done;
  }

  #lately(): { readonly time: number; readonly done: number; readonly all: number } {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (first === undefined || last === undefined) return { time: 0, done: 0, all: 0 };
    return { time: this.#clock.now() - first.at, done: last.done - first.done, all: last.done };
  }
}

export abstract class Display {
  readonly #bars: { readonly name: string; readonly unit: string; readonly bar: Bar }[] = [];
  readonly #timer: ReturnType<typeof setInterval>;

  constructor() {
    this.#timer = setInterval(() => this.tick(), 1000);
    Deno.unrefTimer(Number(this.#timer));
  }

  add(name: string, unit: string, total = 0): Bar {
    const bar: Bar = { done: 0, total, note: () => "" };
    this.#bars.push({ name, unit, bar });
    return bar;
  }

  /** A bar of counted things: the function sets how many are done, of how many. */
  count(name: string, unit: string): (done: number, total: number) => void {
    const bar = this.add(name, unit);
    const pace = new Pace();
    pace.sample(0);
    bar.note = () => bar.total === 0 ? "" : leftText(pace.left(bar.total - bar.done));
    return (done, total) => {
      bar.done = done;
      bar.total = total;
      pace.sample(done);
    };
  }

  /** Writes a line above the bars. */
  abstract line(text: string): void;

  /** Shows the last state and leaves the terminal as it was found. */
  close(): void {
    clearInterval(this.#timer);
  }

  /** The bars to be shown: what has no total yet is not, a script may still ask something. */
  get #shown() {
    return this.#bars.filter(({ bar }) => bar.total > 0).map(({ name, unit, bar }) => {
      const notes = bar.note().split("  ").filter(Boolean);
      return { name, bar, parts: [`${bar.done}/${bar.total} ${unit}`, ...notes] };
    });
  }

  /** Each bar as a line of at most so many columns. */
  protected rows(columns: number): string[] {
    const bars = this.#shown.map((one) => ({ ...one, text: one.parts.join("  ") }));
    const longest = (texts: readonly string[]) => Math.max(0, ...texts.map(({ length }) => length));
    const width = longest(bars.map(({ name }) => name));
    const room = columns - width - 3 - longest(bars.map(({ text }) => text));
    const length = Math.max(SHORTEST, Math.min(LONGEST, room));
    return bars.map(({ name, text, bar: { done, total } }) => {
      const filled = Math.min(length, Math.floor((done / total) * length));
      const drawn = "█".repeat(filled) + "░".repeat(length - filled);
      return `${name.padEnd(width)}  ${drawn} ${text}`.slice(0, columns);
    });
  }

  /** The bars as one line without bars. */
  protected get plain(): string {
    return this.#shown.map(({ name, parts }) => `${name}: ${parts.join(", ")}`).join("; ");
  }

  /** Called each second. */
  protected abstract tick(): void;
}

/** The time left in words. */
export function leftText(left: number | undefined): string {
  return left === undefined ? "estimating" : left === 0 ? "" : `${duration(left)} left`;
}

/** The longest and the shortest bar, in columns. */
const LONGEST = 24;
const SHORTEST = 4;

const HIDE_CURSOR = "\u001b[?25l";
const SHOW_CURSOR = "\u001b[?25h";
const CUT_OFF = "\u001b[?7l";
const WRAP = "\u001b[?7h";
const CLEAR_BELOW = "\u001b[J";
const CLEAR_LINE = "\u001b[K";

/**
 * Bars on a terminal, a blank line above and one below them, and the cursor under those. When
 * something else writes a line there, such as a person's Enter, the next drawing comes one line
 * lower: it covers the old bars, and the line stays whole below the new ones.
 */
export class TerminalDisplay extends Display {
  readonly #write: (text: string) => void;
  #drawn = 0;
  #isClosed = false;

  constructor(write: (text: string) => void = writeError) {
    super();
    this.#write = write;
  }

  line(text: string): void {
    // What is drawn is cut off at the edge of the terminal; what is said goes on in the next line.
    this.#write(`${this.#up()}${CLEAR_BELOW}${WRAP}${text}\n`);
    this.#drawn = 0;
    this.tick();
  }

  protected override tick(): void {
    if (this.#isClosed) return;
    const rows = this.rows(columns());
    if (rows.length === 0) return;
    this.#write(`${HIDE_CURSOR}${CUT_OFF}${this.#up()}${asLines(["", ...rows])}\n${WRAP}`);
    this.#drawn = rows.length + 2;
  }

  override close(): void {
    if (this.#isClosed) return;
    super.close();
    this.#isClosed = true;
    const rows = this.rows(columns());
    const last = rows.length === 0 ? "" : `${this.#up()}${asLines(["", ...rows])}${CLEAR_BELOW}`;
    this.#write(`${CUT_OFF}${last}${WRAP}${SHOW_CURSOR}`);
    this.#drawn = 0;
  }

  #up(): string {
    return this.#drawn === 0 ? "" : `\u001b[${this.#drawn}A\r`;
  }
}

function asLines(rows: readonly string[]): string {
  return rows.map((row) => `${row}${CLEAR_LINE}\n`).join("");
}

function writeError(text: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(text));
}

export function columns(): number {
  try {
    const { columns } = Deno.consoleSize();
    if (columns > 0) return columns;
  } catch {
    // A terminal that does not tell its size, such as a serial line.
  }
  return 80;
}

/** How often plain lines come, in milliseconds: at first, and after the first minute. */
const OFTEN = 5000;
const SELDOM = 30_000;
const FIRST_MINUTE = 60_000;

class PlainDisplay extends Display {
  readonly #say: (text: string) => void;
  readonly #began = performance.now();
  #last = this.#began;
  #said = "";

  constructor(say: (text: string) => void) {
    super();
    this.#say = say;
  }

  line(text: string): void {
    this.#say(text);
  }

  protected override tick(): void {
    const now = performance.now();
    if (now - this.#last < (now - this.#began < FIRST_MINUTE ? OFTEN : SELDOM)) return;
    this.#last = now;
    const text = this.plain;
    if (text !== this.#said) this.#say(text);
    this.#said = text;
  }

  override close(): void {
    super.close();
    if (this.#said !== "" && this.plain !== this.#said) this.#say(this.plain);
  }
}

/** What a display needs of a script's frame. */
export interface Frame {
  readonly quiet: boolean;
  /** Tells a person something, on standard error, unless `--quiet`. */
  say(text: string): void;
  /** Hands what `say` gets to a display, which writes it above its bars, until called with nothing. */
  sayThrough(display: Display | undefined): void;
}

/**
 * Runs some work with a display: bars where standard error is a terminal, else a line now and then.
 * What the script says meanwhile appears above the bars.
 */
export async function withDisplay<T>(
  frame: Frame,
  work: (display: Display) => Promise<T>,
): Promise<T> {
  const drawing = Deno.stderr.isTerminal() && !frame.quiet ? new TerminalDisplay() : undefined;
  frame.sayThrough(drawing);
  const display = drawing ?? new PlainDisplay(frame.say);
  try {
    return await work(display);
  } finally {
    display.close();
    frame.sayThrough(undefined);
  }
}
