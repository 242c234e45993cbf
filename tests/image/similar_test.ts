import { assert, assertEquals } from "@std/assert";
import type { CodecImage } from "../../lib/image/codec.ts";
import {
  type Fingerprint,
  fingerprint,
  mirrorFingerprint,
  OLD,
  oldPlace,
} from "../../lib/image/fingerprint.ts";
import { NearIndex } from "../../lib/image/near_index.ts";
import { sampleOf } from "../../lib/image/sample.ts";
import { coloursApart, isSimilar, viewsOf } from "../../lib/image/similar.ts";
import { captioned, CHANGES as ALL_CHANGES } from "./changes.ts";
import { codec, fromPixels, picture } from "./pictures.ts";
import { studio as studioFish } from "./studio.ts";

const take = (image: CodecImage): Fingerprint => {
  using whole = image.copyMemory();
  return fingerprint(sampleOf(whole));
};
const again = (bytes: Uint8Array): CodecImage => codec.Image.newFromBuffer(bytes);

/** What shops and forums do to a picture. */
const CHANGES: Readonly<Record<string, (image: CodecImage) => CodecImage>> = {
  "compressed to 30": (image) => again(image.jpegsaveBuffer({ Q: 30 })),
  "a quarter of the size": (image) => image.resize(0.25),
  "four times the size": (image) => image.resize(4),
  "in another shape": (image) => image.resize(0.6, { vscale: 0.5 }),
  "darker": (image) => image.linear([0.7, 0.7, 0.7], [0, 0, 0], { uchar: true }),
  "brighter": (image) => image.linear([1.3, 1.3, 1.3], [0, 0, 0], { uchar: true }),
  "in a white frame": (image) =>
    image.embed(30, 30, image.width + 60, image.height + 60, { extend: "white" }),
  "between black bars": (image) =>
    again(
      image.embed(0, 60, image.width, image.height + 120, { extend: "black" })
        .jpegsaveBuffer({ Q: 75 }),
    ),
  "above a small caption": (image) => captioned(image, 0.08),
  "above a large caption": (image) => captioned(image, 0.25),
  "without colours": (image) =>
    again(image.jpegsaveBuffer()).colourspace("b-w").colourspace("srgb"),
  "cropped by 5 %": (image) =>
    image.crop(
      Math.round(image.width * 0.025),
      Math.round(image.height * 0.025),
      Math.round(image.width * 0.95),
      Math.round(image.height * 0.95),
    ),
};

Deno.test("isSimilar() knows a picture again after what is done to it", () => {
  for (const index of [1, 2, 3]) {
    using image = picture(index, 480, 360);
    const original = take(image);
    for (const [what, change] of Object.entries(CHANGES)) {
      using changed = change(image);
      const { fingerprint: hex, mirrored } = take(changed);
      assert(isSimilar(original.fingerprint, hex), `${what}, picture ${index}`);
      assert(isSimilar(original.mirrored, mirrored), `${what}, picture ${index}, mirrored`);
    }
    using mirror = image.flipHor();
    assert(isSimilar(original.fingerprint, take(mirror).mirrored), `mirrored, picture ${index}`);
    assert(
      !isSimilar(original.fingerprint, take(mirror).fingerprint),
      "a mirrored picture is another one",
    );
  }
});

Deno.test("isSimilar() knows a picture again that is cropped at each edge or thinly framed", () => {
  const changes = ALL_CHANGES.filter(({ name }) => /at each edge|thin coloured/.test(name));
  assertEquals(changes.length, 2);
  for (const { name, apply } of changes) {
    let found = 0;
    for (let number = 0; number < 24; number++) {
      using image = studioFish(number, 256, 170);
      using changed = apply(image);
      if (isSimilar(take(image).fingerprint, take(changed).fingerprint)) found++;
    }
    assert(found >= 23, `${name}: ${found} of 24`);
  }
});

Deno.test("isSimilar() tells pictures of one species apart", () => {
  const prints = Array.from({ length: 25 }, (_, index) => {
    using image = picture(index, 320, 240);
    return take(image);
  });
  prints.forEach((one, at) => {
    for (const other of prints.slice(0, at)) {
      assert(!isSimilar(one.fingerprint, other.fingerprint));
      assert(!isSimilar(one.fingerprint, other.mirrored));
    }
  });
});

Deno.test("isSimilar() tells fish of one shape before a white wall apart by their colours", () => {
  using red = studio([180, 40, 30], [240, 210, 60]);
  using blue = studio([30, 60, 170], [90, 220, 230]);
  const [one, other] = [take(red), take(blue)];
  assert(!isSimilar(one.fingerprint, other.fingerprint));
  using darker = red.linear([0.8, 0.8, 0.8], [0, 0, 0], { uchar: true });
  assert(isSimilar(one.fingerprint, take(darker).fingerprint));
});

Deno.test("isSimilar() knows a fish before white again above a strip, which hides its margins", () => {
  using fish = studioFish(3, 480, 320);
  const { fingerprint: alone } = take(fish);
  const [width, height] = [480, 350];
  using banner = fish.embed(0, 0, width, height, {
    extend: "background",
    background: [20, 110, 170],
  });
  assert(isSimilar(alone, take(banner).fingerprint), "a blue strip");
  using wide = fish.crop(60, 60, 360, 200).embed(10, 10, 380, 260, { extend: "white" });
  using below = wide.embed(0, 0, 380, 280, { extend: "background", background: [20, 110, 170] });
  assert(isSimilar(alone, take(below).fingerprint), "other margins, and a strip");
});

Deno.test("isSimilar() tells fish before white apart that have little but their outline in common", () => {
  const fish = (number: number, width: number, height: number): string => {
    using image = studioFish(number, width, height);
    return take(image).fingerprint;
  };
  assert(!isSimilar(fish(9, 400, 600), fish(46, 400, 600)));
  assert(!isSimilar(fish(47, 640, 480), fish(56, 600, 400)));
  assert(!isSimilar(fish(46, 400, 600), fish(47, 640, 480)));
});

Deno.test("coloursApart() is the same whichever view comes first", () => {
  const [grey, coloured] = [
    "3a".repeat(68) + "20" + "88".repeat(72),
    "3a".repeat(68) + "20" + "60b0".repeat(36),
  ]
    .map((print) => viewsOf(print)[0]);
  assert(grey !== undefined && coloured !== undefined);
  assertEquals(coloursApart(grey, coloured), coloursApart(coloured, grey));
  assert(coloursApart(grey, coloured) > 0.5);
});

Deno.test("viewsOf() finds nothing in what is no fingerprint", () => {
  for (const text of ["", "0123456789abcdef", "z".repeat(282), "0".repeat(281), "0".repeat(363)]) {
    assertEquals(viewsOf(text), []);
    assert(!isSimilar(text, text));
  }
  assertEquals(viewsOf("0".repeat(564)).length, 2);
  assertEquals(viewsOf("0".repeat(724)).length, 2, "of an earlier version");
});

/** A fingerprint as an earlier version would have logged it, but for the inner part. */
function oldPrint(print: string): string {
  const groups = new Uint16Array(OLD.groups);
  [...print.slice(0, 135)].forEach((digit, at) => {
    const { group, bit } = oldPlace(at);
    if (parseInt(digit, 16) < 8) groups[group] = (groups[group] ?? 0) | 1 << bit;
  });
  const signs = Array.from(groups, (group) => group.toString(16).padStart(4, "0")).join("");
  const [contrast, colours] = [print.slice(136, 138), print.slice(138, 282)];
  return signs + signs + contrast + colours + colours;
}

Deno.test("isSimilar() and NearIndex know a picture again whose fingerprint is of an earlier version", () => {
  const index = new NearIndex<number>();
  const olds = [1, 2, 3].map((number) => {
    using image = picture(number, 480, 360);
    const old = oldPrint(take(image).fingerprint);
    assertEquals(old.length, 362);
    assertEquals(mirrorFingerprint(mirrorFingerprint(old)), old);
    index.add(old, number);
    return old;
  });
  olds.forEach((old, at) => {
    using image = picture(at + 1, 480, 360);
    using small = image.resize(0.5);
    const { fingerprint: hex, mirrored } = take(small);
    for (const [other, print] of olds.entries()) {
      assertEquals(isSimilar(print, hex), other === at);
      assertEquals(isSimilar(mirrorFingerprint(print), mirrored), other === at);
    }
    assert(isSimilar(old, old));
    assertEquals(index.find(hex, mirrored).map(({ item }) => item), [at + 1]);
    assertEquals(index.find(old, mirrorFingerprint(old))[0]?.item, at + 1);
  });
});

Deno.test("fingerprint() is the same for the same picture, and tells of a border", () => {
  using image = picture(4);
  assertEquals(take(image), take(image));
  assertEquals(take(image).fingerprint.length, 282);
  using framed = image.embed(20, 20, 360, 280, { extend: "white" });
  const { fingerprint: hex, inner = 1 } = take(framed);
  assertEquals(hex.length, 564);
  // What is blended with the frame does not count.
  const most = image.width * image.height / (framed.width * framed.height);
  assert(inner <= most && inner > most - 0.1, `${inner}`);
  assertEquals(take(image).inner, undefined);
});

Deno.test("fingerprint() takes the smallest and the longest pictures", () => {
  for (const [width, height] of [[1, 1], [1, 500], [500, 1], [3, 2]] as const) {
    using image = fromPixels(new Uint8Array(width * height * 3), width, height);
    assert(/^[0-9a-f]{282}$/.test(take(image).fingerprint));
  }
});

Deno.test("NearIndex finds what is alike, mirrored too, the nearest first, and not what was removed", () => {
  const index = new NearIndex<string>();
  const prints: Fingerprint[] = [];
  for (let at = 0; at < 30; at++) {
    using image = picture(at);
    const print = take(image);
    prints.push(print);
    index.add(print.fingerprint, `picture ${at}`);
  }
  assertEquals(index.size, 30);
  for (const at of [0, 7, 29]) {
    using image = picture(at);
    using small = image.resize(0.5);
    const { fingerprint: hex, mirrored } = take(small);
    assertEquals(index.find(hex, mirrored).map(({ item }) => item), [`picture ${at}`]);
    using mirror = small.flipHor();
    const seen = take(mirror);
    const [found] = index.find(seen.fingerprint, seen.mirrored);
    assertEquals([found?.item, found?.mirrored], [`picture ${at}`, true]);
  }
  using image = picture(7);
  using harsh = again(image.jpegsaveBuffer({ Q: 20 }));
  index.add(take(harsh).fingerprint, "harsh copy");
  const seven = take(image);
  assertEquals(index.find(seven.fingerprint, seven.mirrored).map(({ item }) => item), [
    "picture 7",
    "harsh copy",
  ]);
  index.remove("picture 7");
  assertEquals(index.find(seven.fingerprint, seven.mirrored).map(({ item }) => item), [
    "harsh copy",
  ]);
  assertEquals(index.size, 30);
  index.add("no fingerprint", "of another version");
  assertEquals(index.find("no fingerprint", "no fingerprint"), []);
});

/** A fish from the side before a white wall: always the same shape, in two colours. */
function studio(body: readonly number[], bars: readonly number[]): CodecImage {
  const width = 400;
  const height = 260;
  const pixels = new Uint8Array(width * height * 3).fill(255);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const across = (x - 200) / 150;
      const down = (y - 130) / 60;
      if (across ** 2 + down ** 2 > 1) continue;
      const colour = Math.sin(across * 14) > 0.2 ? bars : body;
      const light = 0.8 - 0.3 * down;
      pixels.set(colour.map((value) => Math.min(255, value * light)), (y * width + x) * 3);
    }
  }
  return fromPixels(pixels, width, height);
}
