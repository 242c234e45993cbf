import { assertEquals } from "@std/assert";
import { fingerprint } from "../../lib/image/fingerprint.ts";
import type { Sample } from "../../lib/image/sample.ts";
import { type Doubt, doubts, type Looked } from "../../lib/review/suspicion.ts";

const SIDE = 128;

/** A picture of waves: which ones, where they begin and how they are coloured is its kind. */
function painted(across: number, start: number, tint: readonly number[]): Sample {
  const pixels = new Uint8Array(SIDE * SIDE * 3);
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const wave = Math.sin((x * across + start) / 20) + Math.cos((y * across - start * 3) / 33) +
        Math.sin((x + y + start * 7) / 11);
      tint.forEach((share, band) => {
        pixels[(y * SIDE + x) * 3 + band] = Math.round(
          128 + 40 * wave * share + (share - 0.5) * 60,
        );
      });
    }
  }
  return { width: SIDE, height: SIDE, pixels };
}

function looked(sample: Sample | undefined, more: Partial<Looked> = {}): Looked {
  const print = sample === undefined ? "" : fingerprint(sample).fingerprint;
  return { fingerprint: print, width: 800, height: 600, host: "a.example", ...more };
}

const BLUE = [0.2, 0.4, 1];
const RED = [1, 0.3, 0.1];
const clean = () => ({ all: 10, rejected: 0 });

function reasons(found: readonly Doubt[]): string[] {
  return found.map(({ reasons }) => reasons.join());
}

Deno.test("doubts() finds the one of another colour among its species", () => {
  const images = Array.from({ length: 12 }, (_, at) => looked(painted(1 + at % 3, at * 61, BLUE)));
  images.splice(5, 0, looked(painted(2, 400, RED)));
  const found = doubts(images, clean);
  assertEquals(found[5]?.reasons, ["unlike the others"]);
  const most = Math.max(...found.map(({ score }) => score));
  assertEquals(found.findIndex(({ score }) => score === most), 5);
});

Deno.test("doubts() says nothing of likeness where there are few, or no fingerprints", () => {
  const few = [looked(painted(1, 0, BLUE)), looked(painted(2, 400, RED))];
  assertEquals(reasons(doubts(few, clean)), ["", ""]);
  assertEquals(reasons(doubts([looked(undefined), looked(undefined)], clean)), ["", ""]);
  assertEquals(doubts([looked(undefined, { fingerprint: "no fingerprint" })], clean)[0]?.score, 0);
  assertEquals(doubts([], clean), []);
});

Deno.test("doubts() calls what is nearly the same picture so, both of the pair", () => {
  const pair = [painted(1, 0, BLUE), painted(1, 1, BLUE)];
  const found = doubts(pair.map((sample) => looked(sample)), clean);
  assertEquals(reasons(found), Array(2).fill("may be the same picture as another"));
});

Deno.test("doubts() puts small images before larger ones and names the smallest", () => {
  const sizes = [[1000, 800], [400, 300], [180, 120], [0, 0]];
  const found = doubts(
    sizes.map(([width = 0, height = 0]) => looked(undefined, { width, height })),
    clean,
  );
  assertEquals(reasons(found), ["", "", "small", ""]);
  const [large = 0, middle = 0, small = 0] = found.map(({ score }) => score);
  assertEquals([large === 0, middle > large, small > middle], [true, true, true]);
});

Deno.test("doubts() holds a host's rejects against it, but not one of many", () => {
  const records = {
    bad: { all: 4, rejected: 3 },
    once: { all: 1, rejected: 1 },
    large: { all: 1000, rejected: 3 },
  };
  const found = doubts(
    Object.keys(records).map((host) => looked(undefined, { host })),
    (host) => Object.entries(records).find(([name]) => name === host)?.[1] ?? clean(),
  );
  assertEquals(reasons(found), ["3 of 4 of bad rejected", "", ""]);
});
