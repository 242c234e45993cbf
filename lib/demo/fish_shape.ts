/**
 * What a painted fish looks like: its species' colours and pattern, body, fins and eye.
 *
 * @module
 */

import { type Canvas, type Colour, hue, within } from "./canvas.ts";
import { type Random, random } from "./random.ts";

/** How a species looks. */
export interface Look {
  /** The colour of its back. */
  readonly back: Colour;
  /** The colour of its belly. */
  readonly belly: Colour;
  /** The colour of its markings. */
  readonly mark: Colour;
  /** The colour of its fins. */
  readonly fins: Colour;
  /** What its markings are. */
  readonly pattern: "bars" | "lines" | "spots" | "band" | "mask";
  /** How many of them there are, or how large they are. */
  readonly marks: number;
  /** Half of its height, against half of its length. */
  readonly slender: number;
  /** How far its tail spreads. */
  readonly tail: number;
  /** How high its back fin is. */
  readonly dorsal: number;
}

/**
 * How a species looks.
 *
 * @param seed The species' own text.
 */
export function lookOf(seed: string): Look {
  const chance = random(`look/${seed}`);
  const first = chance.between(0, 360);
  const second = first + chance.between(90, 270);
  return {
    back: hue(chance, first, first + 10, chance.between(0.4, 0.9), chance.between(0.3, 0.7)),
    belly: hue(chance, first, first + 30, chance.between(0.1, 0.6), chance.between(0.8, 1)),
    mark: hue(chance, second, second + 20, chance.between(0.5, 1), chance.between(0.1, 0.9)),
    fins: hue(chance, second, second + 60, chance.between(0.4, 0.9), chance.between(0.5, 0.95)),
    pattern: chance.pick(["bars", "lines", "spots", "band", "mask"] as const),
    marks: chance.whole(2, 7),
    slender: chance.between(0.22, 0.52),
    tail: chance.between(0.25, 0.6),
    dorsal: chance.between(0.15, 0.5),
  };
}

/**
 * Draws one fish.
 *
 * @param canvas Where to.
 * @param chance Chooses place, pose and light.
 * @param look How its species looks.
 * @param size 1 fills about half of the picture's width.
 */
export function fish(canvas: Canvas, chance: Random, look: Look, size = 1): void {
  const { width, height } = canvas;
  const length = width * chance.between(0.2, 0.36) * size;
  const middleX = width * chance.between(0.3, 0.7);
  const middleY = height * chance.between(0.25, 0.72);
  const turn = chance.between(-0.35, 0.35);
  const flip = chance.next() < 0.5 ? -1 : 1;
  const light = chance.between(0.75, 1.2);
  const cos = Math.cos(turn) / length;
  const sin = Math.sin(turn) / length;
  const reach = length * 1.7;
  within(canvas, middleX, middleY, reach, reach, (x, y) => {
    const overX = x - middleX;
    const overY = y - middleY;
    // The fish's own measure: head at 1, root of the tail at -1, back upwards below 0.
    const along = (overX * cos + overY * sin) * flip;
    const across = -overX * sin + overY * cos;
    if (along < -1.62 || along > 1.02) return;
    const shape = part(along, across, look);
    if (shape === undefined) return;
    const [colour, cover, shade] = shape;
    const bright = light * shade;
    canvas.lay(x, y, colour[0] * bright, colour[1] * bright, colour[2] * bright, cover);
  });
}

/** What of a fish lies at a place: its colour, how much it covers, how bright it is. */
function part(
  along: number,
  across: number,
  look: Look,
): readonly [Colour, number, number] | undefined {
  const half = look.slender * Math.pow(Math.max(0, 1 - along * along), 0.62) *
    (along < 0 ? 1 + along * 0.45 : 1);
  const over = across / (half + 1e-6);
  if (Math.abs(over) <= 1 && half > 0) {
    const eye = Math.hypot(along - 0.72, across + look.slender * 0.16);
    if (eye < 0.035) return [[8, 8, 10], 1, 1];
    if (eye < 0.07) return [[235, 225, 170], 1, 1];
    const shade = 1.12 - 0.45 * over * over + (over < 0 ? 0.1 : -0.08);
    const edge = Math.min(1, (1 - Math.abs(over)) * half * 40);
    return [marked(along, over, look) ? look.mark : blend(look, over), edge, shade];
  }
  if (along < -0.8) {
    const spread = look.tail * (-0.72 - along) * 0.95 + 0.06;
    const ray = 0.8 + 0.25 * Math.sin(across * 60 / (0.4 - along));
    return Math.abs(across) < spread ? [look.fins, 0.8, ray] : undefined;
  }
  const sail = half + look.dorsal * 0.6 * Math.max(0, 1 - Math.pow((along + 0.1) / 0.6, 2));
  if (across < 0 && -across < sail) return [look.fins, 0.72, 0.85 + 0.2 * Math.sin(along * 70)];
  const keel = half + look.dorsal * 0.4 * Math.max(0, 1 - Math.pow((along + 0.35) / 0.35, 2));
  if (across > 0 && across < keel) return [look.fins, 0.72, 0.8 + 0.2 * Math.sin(along * 70)];
  return undefined;
}

function blend(look: Look, over: number): Colour {
  const share = Math.min(1, Math.max(0, over * 0.7 + 0.5));
  const mixed = (back: number, belly: number): number => back * (1 - share) + belly * share;
  return [
    mixed(look.back[0], look.belly[0]),
    mixed(look.back[1], look.belly[1]),
    mixed(look.back[2], look.belly[2]),
  ];
}

function marked(along: number, over: number, look: Look): boolean {
  switch (look.pattern) {
    case "bars":
      return Math.sin((along + 1) * look.marks * 2.6) > 0.45;
    case "lines":
      return Math.sin((over + 1) * look.marks * 1.9) > 0.55;
    case "spots":
      return Math.sin(along * look.marks * 5) * Math.sin(over * look.marks * 2.2) > 0.42;
    case "band":
      return Math.abs(over) < 0.13 * Math.sqrt(look.marks);
    case "mask":
      return along > 0.95 - look.marks * 0.12 || along < -0.75;
  }
}
