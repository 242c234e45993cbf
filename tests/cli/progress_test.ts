import { assertEquals } from "@std/assert";
import { Display, duration, leftText, Pace, TerminalDisplay } from "../../lib/cli/progress.ts";
import { ScrapeProgress } from "../../lib/cli/scrape_progress.ts";
import { fish } from "../scrape/world.ts";

const MINUTE = 60_000;

class SetClock {
  at = 0;
  now(): number {
    return this.at;
  }
}

Deno.test("Pace says nothing before there is something to go by", () => {
  const clock = new SetClock();
  const pace = new Pace(clock);
  assertEquals(pace.left(0), 0, "nothing is left to do");
  assertEquals(pace.left(100), undefined);
  pace.sample(0);
  clock.at = 10_000;
  assertEquals(pace.left(100), undefined, "nothing was done");
  pace.sample(1);
  assertEquals(pace.left(99), undefined, "one of a hundred is too little");
  pace.sample(5);
  assertEquals(pace.left(95), 190_000);
});

Deno.test("Pace goes by the last minutes, not by how fast it was long ago", () => {
  const clock = new SetClock();
  const pace = new Pace(clock);
  for (let minute = 0, done = 0; minute <= 20; minute++) {
    clock.at = minute * MINUTE;
    pace.sample(done += minute <= 10 ? 100 : 10);
  }
  assertEquals(Math.round((pace.left(100) ?? 0) / MINUTE), 10);
});

Deno.test("Pace grows while nothing is done", () => {
  const clock = new SetClock();
  const pace = new Pace(clock);
  pace.sample(0);
  clock.at = MINUTE;
  pace.sample(50);
  assertEquals(pace.left(50), MINUTE);
  clock.at = 2 * MINUTE;
  assertEquals(pace.left(50), 2 * MINUTE);
});

Deno.test("duration() and leftText() are short", () => {
  assertEquals([400, 61_000, 3_661_000, 90_000_000].map(duration), [
    "0s",
    "1m 1s",
    "1h 1m",
    "1d 1h",
  ]);
  assertEquals([undefined, 0, 5000].map(leftText), ["estimating", "", "5s left"]);
});

class Undrawn extends Display {
  get text(): string {
    return this.plain;
  }
  override line(): void {}
  protected override tick(): void {}
}

Deno.test("ScrapeProgress counts what an earlier run did as done, and not as speed", () => {
  const display = new Undrawn();
  try {
    const progress = new ScrapeProgress(display, 8);
    const [betta, danio] = [fish("Betta splendens"), fish("Danio rerio")];
    progress.planned({
      stages: [{ source: "google", todo: new Set([danio.id]) }],
      species: 2,
      kept: 12,
      wanted: 20,
    });
    progress.finished({ species: betta, source: "google", why: "enough", kept: 10 });
    assertEquals(
      display.text,
      "google: 1/2 species, 0 kept, estimating; images: 12/20 images, 0.0/min, estimating",
    );
    progress.started(danio, "google", 8);
    const base = { event: "image", species: danio.id, source: "google", page: "" } as const;
    progress.decided({ ...base, url: "https://a.test/1", outcome: "kept" });
    progress.decided({ ...base, url: "https://a.test/2", outcome: "timeout" });
    assertEquals(display.text.includes("images: 13/20 images"), true, display.text);
    progress.finished({ species: danio, source: "google", why: "exhausted", kept: 3 });
    progress.finished({ species: danio, source: "google", why: "exhausted", kept: 3 });
    assertEquals(display.text.includes("google: 2/2 species, 1 kept;"), true, display.text);
    progress.withdrawn(betta);
    assertEquals(display.text.includes("images: 12/20 images"), true, display.text);
  } finally {
    display.close();
  }
});

/** A terminal with 80 columns and as many lines as it takes: what is to be seen on it. */
class FakeTerminal {
  readonly #lines: string[] = [""];
  #row = 0;
  #column = 0;

  get screen(): string[] {
    return this.#lines.map((line) => line.trimEnd());
  }

  write = (text: string): void => {
    const [first = "", ...rest] = text.split("\u001b[");
    this.#print(first);
    for (const part of rest) {
      const [all = "", by, command] = /^\??(\d*)([A-Za-z])/.exec(part) ?? [];
      if (command === "A") this.#row = Math.max(0, this.#row - Number(by));
      else if (command === "K" || command === "J") this.#clearRight();
      else if (command !== "h" && command !== "l") throw new Error(`unknown to it: ${part}`);
      if (command === "J") this.#lines.length = this.#row + 1;
      this.#print(part.slice(all.length));
    }
  };

  #print(text: string): void {
    for (const mark of text) {
      if (mark === "\r" || mark === "\n") this.#column = 0;
      if (mark === "\n") this.#lines[++this.#row] ??= "";
      if (mark === "\r" || mark === "\n" || this.#column === 80) continue;
      const marks = [...this.#lines[this.#row] ?? ""];
      marks[this.#column++] = mark;
      this.#lines[this.#row] = marks.join("");
    }
  }

  #clearRight(): void {
    this.#lines[this.#row] = [...this.#lines[this.#row] ?? ""].slice(0, this.#column).join("");
  }
}

/** A display that is redrawn when a test says so. */
class Drawn extends TerminalDisplay {
  redraw(): void {
    this.tick();
  }
}

Deno.test("bars are drawn once, whatever else writes a line below them, and not after the end", () => {
  const terminal = new FakeTerminal();
  const display = new Drawn(terminal.write);
  const bars = (done: number) => [
    `google  ${"█".repeat(6 * done)}${"░".repeat(24 - 6 * done)} ${done}/4 species`,
    `images  ${"░".repeat(24)} 0/80 images`,
  ];
  try {
    const bar = display.add("google", "species", 4);
    display.add("images", "images", 80);
    display.line("The list has 4 species.");
    assertEquals(terminal.screen, ["The list has 4 species.", "", ...bars(0), "", ""]);
    bar.done = 1;
    display.redraw();
    assertEquals(terminal.screen, ["The list has 4 species.", "", ...bars(1), "", ""]);
    terminal.write("^C");
    display.line("stopping");
    const said = ["The list has 4 species.", "stopping"];
    assertEquals(terminal.screen, [...said, "", ...bars(1), "", ""]);
    terminal.write("a line of another program\n");
    bar.done = 2;
    display.redraw();
    display.redraw();
    const below = [...said, "", "", ...bars(2), "a line of another program", ""];
    assertEquals(terminal.screen, below, "it stays whole");
    terminal.write("\n");
    display.redraw();
    assertEquals(terminal.screen, [...said, "", "", "", ...bars(2), "", ""], "after Enter");
    bar.done = 4;
    display.close();
    display.line("a late word");
    display.redraw();
    assertEquals(terminal.screen, [...said, "", "", "", ...bars(4), "a late word", ""]);
  } finally {
    display.close();
  }
});
