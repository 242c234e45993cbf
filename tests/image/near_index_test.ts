import { assertEquals } from "@std/assert";
import { fingerprint } from "../../lib/image/fingerprint.ts";
import { NearIndex } from "../../lib/image/near_index.ts";
import { sampleOf } from "../../lib/image/sample.ts";
import { isSimilar } from "../../lib/image/similar.ts";
import { picture } from "./pictures.ts";

/** So many that every array of the index has grown. */
const MANY = 2100;

Deno.test("NearIndex finds what was added, straight and mirrored, among many, until it is removed", () => {
  const prints = Array.from({ length: 24 }, (_, at) => {
    using image = picture(at, 200, 150);
    return fingerprint(sampleOf(image));
  });
  const index = new NearIndex<number>();
  for (let item = 0; item < MANY; item++) index.add(prints[item % 12]?.fingerprint ?? "", item);
  assertEquals(index.size, MANY);
  for (const [at, { fingerprint: hex, mirrored }] of prints.entries()) {
    const found = index.find(hex, mirrored).map(({ item }) => item).sort((a, b) => a - b);
    const like = prints.slice(0, 12).map((print) =>
      isSimilar(hex, print.fingerprint) || isSimilar(mirrored, print.fingerprint)
    );
    const expected = Array.from({ length: MANY }, (_, item) => item)
      .filter((item) => like[item % 12]);
    assertEquals(found, expected, `picture ${at}`);
  }
  const { fingerprint: hex = "", mirrored = "" } = prints[3] ?? {};
  const [seen] = index.find(mirrored, hex);
  assertEquals([seen?.apart, seen?.mirrored], [0, true]);
  for (let item = 3; item < MANY; item += 12) index.remove(item);
  assertEquals(index.find(hex, mirrored).filter(({ item }) => item % 12 === 3), []);
});
