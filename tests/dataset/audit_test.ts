import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { Failure } from "../../lib/base/failure.ts";
import {
  describeAudit,
  errorRate,
  readAudit,
  wilson,
  writeAudit,
} from "../../lib/dataset/audit.ts";
import { withFolder } from "./folder.ts";

const FILE = "images/betta_splendens/0123456789abcdef.jpg";

Deno.test("wilson() gives the score interval as textbooks have it", () => {
  const cases = [[4, 100, 0.0157, 0.0984], [0, 100, 0, 0.037], [100, 100, 0.963, 1], [
    1,
    2,
    0.0945,
    0.9055,
  ]];
  for (const [hits = 0, all = 0, low = 0, high = 0] of cases) {
    const interval = wilson(hits, all);
    const apart = Math.max(Math.abs(interval.low - low), Math.abs(interval.high - high));
    assert(apart < 0.0005, JSON.stringify(interval));
  }
});

Deno.test("an audit is written and read, and says nothing before its first verdict", () =>
  withFolder(async (dir) => {
    assertEquals(await readAudit(dir), undefined);
    const sample = [{ species: "betta_splendens", file: FILE }];
    const audit = { v: 1 as const, started: "2026-11-26T12:00:00.000Z", images: 5, sample };
    await writeAudit(dir, audit);
    assertEquals(await readAudit(dir), audit);
    assertEquals([errorRate(audit), describeAudit(audit)], [undefined, undefined]);
    const judged = { ...audit, sample: [{ ...sample[0]!, verdict: "wrong" as const }] };
    assertEquals(errorRate(judged)?.rate, 1);
    assert(describeAudit(judged)?.includes("1 of 5 images"));
  }));

Deno.test("readAudit() refuses what is no audit, and files outside the images", () =>
  withFolder(async (dir) => {
    const sample = [{ species: "betta_splendens", file: "images/../log.jsonl" }];
    const outside = { v: 1, started: "2026-11-26T12:00:00.000Z", images: 5, sample };
    for (const text of ["", "{", "[]", "{}", JSON.stringify(outside)]) {
      await Deno.writeTextFile(join(dir, "audit.json"), text);
      const failure = await assertRejects(() => readAudit(dir), Failure);
      assert(failure.message.includes("audit.json"), failure.message);
    }
  }));
