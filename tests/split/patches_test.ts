import { assert, assertEquals, assertLess } from "@std/assert";
import { onesOf } from "../../lib/image/similar.ts";
import {
  detailsInCommon,
  hashOf,
  type Look,
  LOOK_SIDE,
  lookAt,
  mirroredHashOf,
  SAME_DETAILS,
} from "../../lib/split/patches.ts";
import type { CodecImage } from "../../lib/image/codec.ts";
import { readPixels } from "../../lib/image/sample.ts";
import { picture } from "../image/pictures.ts";

function look(image: CodecImage): Look {
  using small = image.thumbnailImage(LOOK_SIDE, { height: LOOK_SIDE, size: "force" });
  using plain = small.colourspace("srgb");
  return lookAt(readPixels(plain).pixels);
}

/** What is done to a picture, one after the other. */
const EDITS: Readonly<Record<string, (image: CodecImage) => CodecImage>> = {
  "mirrored": (image) => image.flipHor(),
  "a part of three quarters": (image) => image.crop(0, 0, image.width, image.height * 0.75),
  "a seventh cut off at each edge, mirrored": (image) => {
    const [across, down] = [image.width / 7, image.height / 7];
    using part = image.crop(across, down, image.width - 2 * across, image.height - 2 * down);
    return part.flipHor();
  },
  "grey, brighter and with less contrast": (image) => {
    using grey = image.colourspace("b-w");
    using light = grey.linear(0.6, 90);
    return light.cast("uchar");
  },
  "in a wide white frame": (image) =>
    image.embed(40, 60, image.width + 80, image.height + 120, {
      extend: "background",
      background: [255, 255, 255],
    }),
};

for (const [name, edit] of Object.entries(EDITS)) {
  Deno.test(`detailsInCommon() knows a picture again: ${name}`, () => {
    for (const index of [1, 2, 3]) {
      using image = picture(index);
      using edited = edit(image);
      const alike = detailsInCommon(look(image), look(edited));
      assert(alike >= SAME_DETAILS, `picture ${index}: ${alike}`);
      assertEquals(detailsInCommon(look(edited), look(image)), alike);
    }
  });
}

Deno.test("detailsInCommon() takes no two different pictures for one", () => {
  const looks = Array.from({ length: 12 }, (_, index) => {
    using image = picture(index + 1);
    return look(image);
  });
  for (const [at, one] of looks.entries()) {
    for (const other of looks.slice(0, at)) assertLess(detailsInCommon(one, other), SAME_DETAILS);
  }
});

Deno.test("detailsInCommon() says nothing of pictures without details", () => {
  const plain = lookAt(new Uint8Array(LOOK_SIDE * LOOK_SIDE * 3).fill(200));
  assertEquals(detailsInCommon(plain, plain), 0);
});

Deno.test("the hash of a mirrored picture is known before it is mirrored", () => {
  using image = picture(4);
  using mirrored = image.flipHor();
  const [one, other] = [mirroredHashOf(look(image)), hashOf(look(mirrored))];
  assertLess(onesOf(one[0] ^ other[0]) + onesOf(one[1] ^ other[1]), 4);
});
