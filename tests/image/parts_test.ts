import { assertEquals } from "@std/assert";
import type { CodecImage } from "../../lib/image/codec.ts";
import { type Fingerprint, fingerprint } from "../../lib/image/fingerprint.ts";
import { NearIndex } from "../../lib/image/near_index.ts";
import { sampleOf } from "../../lib/image/sample.ts";
import { picture } from "./pictures.ts";

const [WIDTH, HEIGHT] = [320, 240];
const COUNT = 20;

function printOf(index: number, change: (image: CodecImage) => CodecImage): Fingerprint {
  using image = picture(index, WIDTH, HEIGHT);
  using changed = change(image);
  return fingerprint(sampleOf(changed));
}

const WHOLES = Array.from({ length: COUNT }, (_, at) => printOf(at, (image) => image.copy()));

/** What is left when so much is cut off at the left and above. */
const cut = (left: number, top: number) => (image: CodecImage) =>
  image.crop(left * WIDTH, top * HEIGHT, (1 - left) * WIDTH, (1 - top) * HEIGHT);

const CHANGES: Readonly<Record<string, (image: CodecImage) => CodecImage>> = {
  "three tenths cut off at the left": cut(0.3, 0),
  "three tenths cut off above": cut(0, 0.3),
  "15 % cut off at the left and above, mirrored": (image) => {
    using part = cut(0.15, 0.15)(image);
    return part.flipHor();
  },
};

for (const [name, change] of Object.entries(CHANGES)) {
  Deno.test(`NearIndex finds parts and wholes within a group: ${name}`, () => {
    const index = new NearIndex<string>((item) => item.split(" ")[0] ?? "");
    const parts = new NearIndex<number>(() => "");
    WHOLES.forEach(({ fingerprint }, at) => {
      index.add(fingerprint, `here ${at}`);
      index.add(fingerprint, `there ${at}`);
    });
    for (const at of [2, 11]) {
      const { fingerprint, mirrored } = printOf(at, change);
      const found = (group?: string) =>
        index.find(fingerprint, mirrored, group).map(({ item }) => item);
      assertEquals(found("here"), [`here ${at}`]);
      assertEquals(found(), []);
      parts.add(fingerprint, at);
    }
    const found = () =>
      WHOLES.map(({ fingerprint, mirrored }) =>
        parts.find(fingerprint, mirrored, "").map(({ item }) => item)
      );
    assertEquals(found(), WHOLES.map((_, at) => [2, 11].includes(at) ? [at] : []));
    parts.remove(11);
    assertEquals(found(), WHOLES.map((_, at) => at === 2 ? [at] : []));
  });
}

Deno.test("NearIndex finds parts also in groups that it has not searched for long", () => {
  const index = new NearIndex<number>((item) => `${item}`);
  WHOLES.forEach(({ fingerprint }, at) => index.add(fingerprint, at));
  const { fingerprint, mirrored } = printOf(2, cut(0.3, 0));
  const found = (group: number) =>
    index.find(fingerprint, mirrored, `${group}`).map(({ item }) => item);
  assertEquals(found(2), [2]);
  for (let group = 3; group < 80; group++) assertEquals(found(group), []);
  assertEquals(found(2), [2]);
});
