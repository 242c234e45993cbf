import { assert, assertEquals, assertNotEquals } from "@std/assert";
import type { Sample } from "../../lib/image/sample.ts";
import { readPixels } from "../../lib/image/sample.ts";
import type { Variation } from "../../lib/image/vary.ts";
import { vary } from "../../lib/image/vary.ts";
import { codec, picture } from "./pictures.ts";

const [WIDTH, HEIGHT] = [60, 40];

function plain(colour: readonly number[], dot?: readonly [number, number]): Sample {
  const pixels = Uint8Array.from({ length: WIDTH * HEIGHT * 3 }, (_, at) => colour[at % 3] ?? 0);
  if (dot !== undefined) {
    pixels.fill(255, (dot[1] * WIDTH + dot[0]) * 3, (dot[1] * WIDTH + dot[0]) * 3 + 3);
  }
  return { width: WIDTH, height: HEIGHT, pixels };
}

function at({ width, pixels }: Sample, x: number, y: number): number[] {
  return [...pixels.subarray((y * width + x) * 3, (y * width + x) * 3 + 3)];
}

/** Where the brightest pixel is. */
function brightest(picture: Sample): [number, number] {
  let place: [number, number] = [0, 0];
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      if ((at(picture, x, y)[0] ?? 0) > (at(picture, ...place)[0] ?? 0)) place = [x, y];
    }
  }
  return place;
}

Deno.test("vary() puts each place of the picture where its operations say", () => {
  const dot = [45, 10] as const;
  const quarter = { do: "crop", left: 0.5, top: 0, share: 0.5 } as const;
  const white = { do: "cover", left: 0, top: 0, width: 0.08, height: 0.1, grey: 255 } as const;
  const cases: [Variation[], [number, number]][] = [
    [[], [45, 10]],
    [[{ do: "mirror" }], [14, 10]],
    // Clockwise: what is right of the middle comes below it.
    [[{ do: "turn", degrees: 90 }], [39, 35]],
    [[quarter], [30, 20]],
    [[{ do: "mirror" }, { do: "turn", degrees: 180 }], [45, 29]],
    [[{ do: "mirror" }, { do: "mirror" }, quarter], [30, 20]],
    [[white, { do: "mirror" }], [55, 0]],
    [[{ do: "light", brightness: 1, contrast: 1 }, { do: "mirror" }], [14, 10]],
  ];
  for (const [variations, [x, y]] of cases) {
    const [isX, isY] = brightest(vary(codec, plain([0, 0, 0], dot), variations));
    const words = JSON.stringify([variations, isX, isY]);
    assert(Math.abs(isX - x) <= 1 && Math.abs(isY - y) <= 1, words);
  }
});

Deno.test("vary() shows the mirror image beyond an edge", () => {
  const beyond = { do: "crop", left: 0.5, top: 0, share: 1 } as const;
  const made = vary(codec, plain([0, 0, 0], [45, 10]), [beyond]);
  assertEquals([at(made, 15, 10)[0], at(made, 44, 10)[0]], [255, 255]);
});

Deno.test("vary() brings in no colour at corners and edges that the picture lacks", () => {
  for (const degrees of [-45, -20, 7, 44]) {
    const made = vary(codec, plain([200, 150, 90]), [
      { do: "turn", degrees },
      { do: "crop", left: 0.2, top: 0, share: 0.8 },
    ]);
    assertEquals(made.pixels, plain([200, 150, 90]).pixels);
  }
});

Deno.test("vary() changes tones as one matrix, and covers what lies below them", () => {
  const light = { do: "light", brightness: 1.1, contrast: 0.9 } as const;
  const cover = { do: "cover", left: 0.5, top: 0.5, width: 0.25, height: 0.25, grey: 100 } as const;
  const lit = (value: number): number =>
    Math.min(255, Math.round(value * 1.1 * 0.9 + 1.1 * 128 * 0.1));
  const made = vary(codec, plain([10, 60, 250]), [cover, light]);
  assertEquals(at(made, 0, 0), [10, 60, 250].map(lit));
  assertEquals(at(made, 35, 25), [100, 100, 100].map(lit));
  assertEquals(at(made, 45, 25), [10, 60, 250].map(lit));
  const after = vary(codec, plain([10, 60, 250]), [light, cover]);
  assertEquals(at(after, 35, 25), [100, 100, 100]);
  // Grey has no hue and no saturation.
  const colour = { do: "colour", hue: 30, saturation: 1.5 } as const;
  assertEquals(at(vary(codec, plain([77, 77, 77]), [colour]), 3, 3), [77, 77, 77]);
  const [red = 0, , blue = 255] = at(
    vary(codec, plain([180, 90, 60]), [{ ...colour, hue: 0 }]),
    3,
    3,
  );
  assert(red > 200 && blue < 50);
});

Deno.test("vary() adds noise of the strength wanted, the same for the same seed alone", () => {
  const noisy = (seed: number): Uint8Array =>
    vary(codec, plain([128, 128, 128]), [{ do: "noise", strength: 9, seed }]).pixels;
  assertEquals(noisy(3), noisy(3));
  assertNotEquals(noisy(3), noisy(4));
  const off = Array.from(noisy(3), (value) => value - 128);
  const mean = off.reduce((sum, value) => sum + value, 0) / off.length;
  const square = off.reduce((sum, value) => sum + value ** 2, 0) / off.length;
  assert(Math.abs(mean) < 0.5);
  assert(Math.abs(Math.sqrt(square) - 9) < 0.5);
});

Deno.test("vary() does what cannot be done in one pass in the order given", () => {
  using image = picture(2, 120, 90);
  const photo = readPixels(image);
  const steps: Variation[] = [
    { do: "blur", radius: 20 },
    { do: "noise", strength: 5, seed: 1 },
    { do: "mirror" },
    { do: "recompress", quality: 40 },
    { do: "light", brightness: 1.2, contrast: 1 },
  ];
  const together = vary(codec, photo, steps);
  const apart = steps.reduce((now, step) => vary(codec, now, [step]), photo);
  assertEquals(together.pixels, apart.pixels);
  assertEquals(vary(codec, photo, []).pixels, photo.pixels);
});
