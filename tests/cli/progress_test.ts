import { assertEquals } from "@std/assert";
import { Display, duration, leftText, Pace } from "../../lib/cli/progress.ts";
import { ScrapeProgress } from "../../lib/cli/scrape_progress.ts";
import { fish } from "../scrape/world.ts";

const MINUTE = 60_000;

/** A clock that a test sets. */
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

/** A display that draws nothing. */
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
  } finally {
    display.close();
  }
});
