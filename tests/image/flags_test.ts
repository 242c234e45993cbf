import { assertEquals } from "@std/assert";
import { Seeded } from "../../lib/base/seeded.ts";
import { imageFlags, measureFlags } from "../../lib/image/flags.ts";
import type { Sample } from "../../lib/image/sample.ts";

type Colour = readonly [number, number, number];

/** A picture of 120 × 100 pixels, with noise as a camera has it. */
function picture(colourAt: (x: number, y: number) => Colour, noise = 12): Sample {
  const [width, height] = [120, 100];
  const random = new Seeded("flags");
  const pixels = Uint8Array.from({ length: width * height * 3 }, (_, at) => {
    const pixel = Math.floor(at / 3);
    const value = colourAt(pixel % width, Math.floor(pixel / width))[at % 3] ?? 0;
    return Math.max(0, Math.min(255, value + (random.next() - 0.5) * noise));
  });
  return { width, height, pixels };
}

const scene = (x: number, y: number): Colour => [
  140 + 60 * Math.sin(x / 9),
  120 + 60 * Math.sin(y / 7),
  100 + 40 * Math.sin((x + y) / 5),
];

Deno.test("measureFlags() says nothing against a photo, also before a plain wall", () => {
  assertEquals(measureFlags(picture(scene)), []);
  const wall = (x: number, y: number): Colour =>
    (x - 60) ** 2 + (y - 50) ** 2 < 900 ? scene(x, y) : [240, 240, 240];
  assertEquals(measureFlags(picture(wall, 6)), []);
});

Deno.test("measureFlags() finds a drawing, whose areas are of exactly one colour", () => {
  const drawn = (x: number, y: number): Colour =>
    (x - 60) ** 2 + 2 * (y - 50) ** 2 < 1500 ? (x < 55 ? [230, 120, 40] : [250, 220, 90]) : [
      200,
      225,
      250,
    ];
  assertEquals(measureFlags(picture(drawn, 0)), ["drawing"]);
  assertEquals(measureFlags(picture(drawn)), []);
});

Deno.test("measureFlags() calls a photo above a caption of one colour no drawing", () => {
  const strip = (x: number, y: number): Colour => (y < 80 ? scene(x, y) : [250, 250, 250]);
  const drawn = picture(strip);
  drawn.pixels.fill(250, 80 * 120 * 3);
  assertEquals(measureFlags(drawn), ["strip"]);
});

Deno.test("measureFlags() finds a strip below, with letters, and no strip in a calm foreground", () => {
  const strip = (x: number, y: number): Colour =>
    y < 90
      ? scene(x, y)
      : y > 92 && y < 96 && x > 10 && x < 50 && x % 3 > 0
      ? [250, 250, 250]
      : [10, 40, 80];
  assertEquals(measureFlags(picture(strip, 8)), ["strip"]);
  const calm = (x: number, y: number): Colour => {
    const share = Math.max(0, Math.min(1, (y - 40) / 50));
    const [red, green, blue] = scene(x, y);
    return [red * (1 - share), green * (1 - share) + 40 * share, blue * (1 - share) + 90 * share];
  };
  assertEquals(measureFlags(picture(calm, 8)), []);
});

Deno.test("measureFlags() finds what is grey or blurred", () => {
  const grey = (x: number, y: number): Colour => {
    const light = 120 + 50 * Math.sin(x * 1.7) + 50 * Math.sin(y * 1.3 + x / 4);
    return [light, light, light];
  };
  assertEquals(measureFlags(picture(grey, 4)), ["grey"]);
  const blurred = (x: number, y: number): Colour => [
    140 + 60 * Math.sin(x / 30),
    120 + 60 * Math.sin(y / 30),
    90,
  ];
  assertEquals(measureFlags(picture(blurred, 1)), ["blurred"]);
});

Deno.test("imageFlags() reads the flags it knows, in order", () => {
  assertEquals(imageFlags(["grey", "new", "dish", 1]), ["dish", "grey"]);
  assertEquals(imageFlags("grey"), []);
});
