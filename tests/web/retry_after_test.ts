import { assertEquals } from "@std/assert";
import { readRetryAfter } from "../../lib/web/retry_after.ts";

const TODAY = Date.UTC(2026, 10, 22, 12, 0, 0);

/** Spellings of `Retry-After`, and how many milliseconds each asks for. */
const SPELLINGS: readonly (readonly [string | null, number | undefined])[] = [
  [null, undefined],
  ["", undefined],
  ["0", 0],
  ["120", 120_000],
  [" 120 ", 120_000],
  ["000120", 120_000],
  ["99999999999999999999", 86_400_000],
  ["-5", undefined],
  ["1.5", undefined],
  ["1e3", undefined],
  ["0x10", undefined],
  ["120 seconds", undefined],
  ["120, 240", undefined],
  ["soon", undefined],
  ["2026", 2_026_000],
  ["2026-11-22T12:02:00Z", undefined],
  ["Sun, 22 Nov 2026 12:02:00 GMT", 120_000],
  ["Sunday, 22-Nov-26 12:02:00 GMT", 120_000],
  ["Sun Nov 22 12:02:00 2026", 120_000],
  ["Sun, 22 Nov 2026 11:00:00 GMT", 0],
  ["Sun, 22 Nov 2099 12:00:00 GMT", 86_400_000],
  ["Sun, 99 Nov 2026 12:02:00 GMT", undefined],
];

for (const [spelling, expected] of SPELLINGS) {
  Deno.test(`readRetryAfter() reads ${JSON.stringify(spelling)}`, () => {
    assertEquals(readRetryAfter(spelling, TODAY), expected);
  });
}
