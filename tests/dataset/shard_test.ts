import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { inShard, parseShard } from "../../lib/dataset/shard.ts";
import { Failure } from "../../lib/base/failure.ts";

const IDS = Array.from({ length: 640 }, (_, number) => `genus${number % 90}_species${number}`);

Deno.test("parseShard() refuses other texts than i/n, with status 2", () => {
  for (const text of ["", "1", "0/4", "5/4", "1/0", "-1/4", "1/4/2", "a/b", "1.5/4", "1/99999"]) {
    const failure = assertThrows(() => parseShard(text), Failure);
    assertEquals(failure.status, 2, text);
    assertStringIncludes(failure.message, "--shard");
  }
  assertEquals(parseShard("4/4"), { index: 4, of: 4 });
});

Deno.test("inShard() puts every species into exactly one share", () => {
  for (const count of [1, 2, 3, 4, 7, 16]) {
    const shares = Array.from({ length: count }, (_, at) => at + 1);
    const found = IDS.map((id) => shares.filter((index) => inShard(id, { index, of: count })));
    assert(found.every((each) => each.length === 1), `${count} shares`);
    for (const share of shares) {
      const size = found.filter(([index]) => index === share).length;
      assert(size > IDS.length / count / 2, `share ${share} of ${count} has ${size}`);
    }
  }
});

Deno.test("inShard() says the same in every version", () => {
  const known = ["betta_splendens", "corydoras_adolfoi", "danio_rerio", "labidochromis_sp_hongi"];
  const shares = known.map((id) => [1, 2, 3, 4].find((index) => inShard(id, { index, of: 4 })));
  assertEquals(shares, [1, 2, 4, 2]);
});
