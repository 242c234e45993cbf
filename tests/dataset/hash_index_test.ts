import { assertEquals } from "@std/assert";
import { HashIndex } from "../../lib/dataset/hash_index.ts";

Deno.test("HashIndex numbers a hundred thousand texts that hardly differ, each once", () => {
  const index = new HashIndex();
  const text = (number: number): string => `https://fish.example/a/${number}.jpg`;
  for (let number = 0; number < 100_000; number++) {
    if (index.add(text(number)) !== number) throw new Error(`${number} was taken for another`);
  }
  for (let number = 0; number < 100_000; number++) {
    if (index.get(text(number)) !== number || index.add(text(number)) !== number) {
      throw new Error(`${number} was not found again`);
    }
  }
  assertEquals([index.size, index.get(text(100_000)), index.get("")], [100_000, -1, -1]);
});

Deno.test("HashIndex keeps realms, order and length of texts apart", () => {
  const index = new HashIndex();
  const texts = ["", "a", "ab", "ba", "aa", "a\0", "\0a", "\0", "\0\0", "魚", "abc", "abd", "bac"];
  for (const realm of [0, 1, 2, 600]) {
    for (const text of texts) index.add(text, realm);
  }
  assertEquals(index.size, texts.length * 4);
  assertEquals(index.get("ab", 3), -1);
});
