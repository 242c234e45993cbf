import { assertEquals } from "@std/assert";
import type { LogEvent, LogLine } from "../../lib/dataset/event.ts";
import type { LinePlace } from "../../lib/dataset/log_reader.ts";
import { DatasetState } from "../../lib/dataset/state.ts";
import { keptEvent, keptFiles, tried, urlOf } from "./folder.ts";

const BETTA = "betta_splendens";
const DANIO = "danio_rerio";
const ONE = "1".repeat(64);
const TWO = "2".repeat(64);
const TIME = "2026-11-22T18:00:00.000Z";

function fileOf(sha256: string, species = BETTA): string {
  return `images/${species}/${sha256.slice(0, 16)}.jpg`;
}

function kept(number: number, sha256: string, species = BETTA): ReturnType<typeof keptEvent> {
  return keptEvent(number, sha256, fileOf(sha256, species), species);
}

/** A state of events, whose lines are the events themselves at places by number. */
function stateOf(events: readonly LogEvent[]): DatasetState {
  const lines: LogLine[] = events.map((event) => ({ v: 1, time: TIME, ...event }));
  const state = DatasetState.inMemory((places: readonly LinePlace[]) =>
    places.map(({ offset }) => lines[offset]).filter((line) => line !== undefined)
  );
  events.forEach((event, offset) => state.apply(event, { offset, length: 1 }, TIME));
  return state;
}

/** Which species have an image. */
function speciesOf(state: DatasetState, sha256: string): string[] {
  return state.imagesWithBytes(sha256).map(({ species }) => species).sort();
}

/** Everything a state says, for comparing states. */
function summary(state: DatasetState): unknown {
  return {
    kept: [BETTA, DANIO].map((species) => [state.kept(species), keptFiles(state, species)]),
    outcomes: state.sources.map((source) => [source, state.outcomes(source)]),
    decided: [1, 2, 3, 4].map((number) => state.decided(BETTA, urlOf(number))),
    failures: state.transientFailures(BETTA, "google").map(({ url }) => url),
    verdicts: [ONE, TWO].map((sha256) => state.verdict(BETTA, sha256)?.event),
    images: [...state.keptImages()].map(({ sha256, rejected }) => [sha256, rejected]),
  };
}

Deno.test("DatasetState is empty at first", () => {
  const state = stateOf([]);
  assertEquals(
    [state.kept(BETTA), keptFiles(state, BETTA), state.decided(BETTA, urlOf(1)), state.species],
    [0, [], undefined, []],
  );
  assertEquals([state.image(BETTA, ONE), state.imagesWithBytes(ONE)], [undefined, []]);
  assertEquals([state.doneWith(BETTA, "google"), state.transientFailures(BETTA, "google")], [
    undefined,
    [],
  ]);
});

Deno.test("DatasetState gives back a kept image as it was logged", () => {
  const [image] = stateOf([kept(1, ONE)]).keptImages(BETTA);
  assertEquals(image, {
    species: BETTA,
    source: "google",
    sha256: ONE,
    fingerprint: "0123456789abcdef",
    file: fileOf(ONE),
    width: 640,
    height: 480,
    bytes: 10,
    rejected: false,
    flags: [],
    place: { offset: 0, length: 1 },
  });
});

Deno.test("DatasetState gives an image the flags of its line, and of a later `flagged` line instead", () => {
  const image = { ...kept(1, ONE), flagged: ["strip", "grey", "of-the-future"] };
  const flags = (...events: LogEvent[]) => [...stateOf(events).keptImages()][0]?.flags;
  assertEquals(flags(JSON.parse(JSON.stringify(image))), ["strip", "grey"]);
  const later: LogEvent = {
    event: "flagged",
    species: BETTA,
    sha256: ONE,
    flagged: ["not-fish"],
    model: "tiny",
  };
  assertEquals(flags(kept(1, ONE), later), ["not-fish"]);
  assertEquals(flags(kept(1, ONE), later, { ...later, flagged: [] }), []);
});

Deno.test("DatasetState lets a later line for the same species and URL supersede", () => {
  const state = stateOf([kept(1, ONE), { ...tried(1, "ambiguous"), sha256: ONE }]);
  assertEquals([state.kept(BETTA), keptFiles(state, BETTA)], [0, []]);
  assertEquals(state.outcomes(), { ambiguous: 1 });
  assertEquals([state.image(BETTA, ONE), state.imagesWithBytes(ONE)], [undefined, []]);
  const back = stateOf([kept(1, ONE), tried(1, "timeout"), kept(1, TWO)]);
  assertEquals([back.kept(BETTA), keptFiles(back, BETTA)], [1, [fileOf(TWO)]]);
  assertEquals(back.transientFailures(BETTA, "google"), []);
});

Deno.test("DatasetState keeps species apart, for the same URL and the same bytes", () => {
  const state = stateOf([kept(1, ONE), kept(1, ONE, DANIO), tried(2, "gone", DANIO)]);
  assertEquals(speciesOf(state, ONE), [BETTA, DANIO]);
  assertEquals([state.decided(BETTA, urlOf(2)), state.decided(DANIO, urlOf(2))], [
    undefined,
    "gone",
  ]);
  state.apply(tried(1, "gone"), { offset: 3, length: 1 }, TIME);
  assertEquals([state.kept(BETTA), state.kept(DANIO), speciesOf(state, ONE)], [0, 1, [
    DANIO,
  ]]);
});

Deno.test("DatasetState withdraws the smaller image that another replaces", () => {
  const state = stateOf([kept(1, ONE), { ...kept(2, TWO), replaces: urlOf(1) }]);
  assertEquals([state.kept(BETTA), keptFiles(state, BETTA)], [1, [fileOf(TWO)]]);
  assertEquals(state.decided(BETTA, urlOf(1)), "near-duplicate");
  assertEquals(state.outcomes("google"), { kept: 1, "near-duplicate": 1 });
  const itself = stateOf([{ ...kept(1, ONE), replaces: urlOf(1) }]);
  assertEquals(itself.kept(BETTA), 1);
  const nothing = stateOf([tried(1, "gone"), { ...kept(2, TWO), replaces: urlOf(1) }]);
  assertEquals(nothing.decided(BETTA, urlOf(1)), "gone");
});

Deno.test("DatasetState lets the later verdict stand, whether it comes before the image or after", () => {
  const rejected = { event: "rejected", species: BETTA, sha256: ONE } as const;
  const accepted = { event: "accepted", species: BETTA, sha256: ONE } as const;
  for (const events of [[kept(1, ONE), rejected], [rejected, kept(1, ONE)]]) {
    const state = stateOf(events);
    assertEquals([state.kept(BETTA), keptFiles(state, BETTA)], [0, []]);
    assertEquals(state.verdict(BETTA, ONE)?.event, "rejected");
    assertEquals(state.image(BETTA, ONE)?.rejected, true);
    assertEquals(state.decided(BETTA, urlOf(1)), "kept");
    state.apply(accepted, { offset: 9, length: 1 }, TIME);
    assertEquals([state.kept(BETTA), state.image(BETTA, ONE)?.rejected], [1, false]);
  }
  assertEquals(stateOf([kept(1, ONE), accepted, rejected, rejected]).kept(BETTA), 0);
});

Deno.test("DatasetState counts the same bytes under two URLs as one image", () => {
  const state = stateOf([kept(1, ONE), kept(2, ONE)]);
  assertEquals([state.kept(BETTA), keptFiles(state, BETTA)], [1, [fileOf(ONE)]]);
  assertEquals(state.outcomes(), { kept: 1, duplicate: 1 });
});

Deno.test("DatasetState gives transient failures in the order of the log, with all their fields", () => {
  const first = { ...tried(1, "timeout"), author: "A. Nonymous", license: "CC-BY-4.0" };
  const again = { ...tried(1, "refused"), author: "A. Nonymous" };
  const state = stateOf([first, tried(2, "server-error"), tried(3, "gone"), again]);
  const found = state.transientFailures(BETTA, "google");
  assertEquals(found.map(({ url }) => url), [urlOf(2), urlOf(1)]);
  assertEquals(found[1], { v: 1, time: TIME, ...again });
  state.apply(tried(2, "gone"), { offset: 9, length: 1 }, TIME);
  assertEquals(state.transientFailures(BETTA, "google").map(({ url }) => url), [urlOf(1)]);
  assertEquals(state.transientFailures(BETTA, "fishbase"), []);
});

Deno.test("DatasetState does not change when it reads everything twice", () => {
  const events: LogEvent[] = [
    kept(1, ONE),
    tried(3, "timeout"),
    { ...kept(2, TWO), replaces: urlOf(1) },
    tried(4, "gone"),
    { event: "rejected", species: BETTA, sha256: TWO },
    { event: "done", species: BETTA, source: "google", kept: 1, wanted: 9, why: "exhausted" },
  ];
  assertEquals(summary(stateOf([...events, ...events])), summary(stateOf(events)));
  const doubled = events.flatMap((event) => [event, event]);
  assertEquals(summary(stateOf(doubled)), summary(stateOf(events)));
});

Deno.test("DatasetState goes by the order of lines, whatever the clock said", () => {
  const state = stateOf([]);
  state.apply(kept(1, ONE), { offset: 0, length: 1 }, "2030-01-01T00:00:00.000Z");
  state.apply(tried(1, "gone"), { offset: 1, length: 1 }, "1999-01-01T00:00:00.000Z");
  assertEquals(state.decided(BETTA, urlOf(1)), "gone");
});

Deno.test("DatasetState remembers how jobs and the last run ended", () => {
  const run = { event: "run", script: "scrape", version: "1", flags: {} } as const;
  const done = { event: "done", species: BETTA, source: "google", kept: 1, wanted: 2 } as const;
  const state = stateOf([
    run,
    { event: "stopped", source: "google", why: "robot-check" },
    { ...done, why: "not-found" },
    { ...done, why: "exhausted", found: { code: 4 } },
  ]);
  assertEquals(state.doneWith(BETTA, "google"), { ...done, why: "exhausted", found: { code: 4 } });
  assertEquals([...state.stopped.keys()], ["google"]);
  state.apply(run, { offset: 9, length: 1 }, TIME);
  assertEquals([...state.stopped.keys()], []);
  assertEquals(state.lastRun?.script, "scrape");
});

Deno.test("DatasetState holds thousands of images and failures", () => {
  const events = Array.from({ length: 5000 }, (_, number) => {
    const sha256 = number.toString(16).padStart(64, "0");
    const name = sha256.slice(-16);
    return number % 2 === 0
      ? keptEvent(number, name + sha256.slice(16), `images/${BETTA}/${name}.png`)
      : tried(number, "timeout");
  });
  const state = stateOf(events);
  assertEquals(state.outcomes(), { kept: 2500, timeout: 2500 });
  assertEquals(state.transientFailures(BETTA, "google").length, 2500);
  assertEquals(
    keptFiles(state, BETTA),
    events.flatMap((event) => event.file === undefined ? [] : [event.file]),
  );
});

Deno.test("DatasetState counts a relabelled image for the species it shows, until another verdict", () => {
  const relabel = (species: string, to: string): LogEvent => ({
    event: "relabelled",
    species,
    sha256: ONE,
    to,
  });
  const cases: [LogEvent[], [betta: number, danio: number, barbus: number]][] = [
    [[relabel(BETTA, DANIO)], [0, 1, 0]],
    [[relabel(BETTA, DANIO), { event: "accepted", species: BETTA, sha256: ONE }], [1, 0, 0]],
    [[relabel(BETTA, DANIO), { event: "rejected", species: BETTA, sha256: ONE }], [0, 0, 0]],
    [[relabel(BETTA, DANIO), { event: "rejected", species: DANIO, sha256: ONE }], [0, 0, 0]],
    [[relabel(BETTA, DANIO), relabel(DANIO, "barbus_sp")], [0, 0, 1]],
    [[relabel(BETTA, DANIO), relabel(DANIO, BETTA)], [1, 0, 0]],
    [[{ event: "rejected", species: BETTA, sha256: ONE }, relabel(BETTA, DANIO)], [0, 1, 0]],
  ];
  for (const [verdicts, wanted] of cases) {
    // A verdict stands whether its image is logged before it or after it.
    for (const events of [[kept(1, ONE), ...verdicts], [...verdicts, kept(1, ONE)]]) {
      const state = stateOf(events);
      const counts = [BETTA, DANIO, "barbus_sp"].map((id) => state.kept(id));
      assertEquals(counts, [...wanted], JSON.stringify(events));
      const files = [BETTA, DANIO, "barbus_sp"].flatMap((id) => keptFiles(state, id));
      assertEquals(files, counts.some((count) => count > 0) ? [fileOf(ONE)] : []);
      assertEquals(state.imagesIn(BETTA).map(({ file }) => file), [fileOf(ONE)]);
      assertEquals(state.image(BETTA, ONE)?.file, fileOf(ONE));
    }
  }
});
