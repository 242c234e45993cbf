/**
 * How long a server asks to be left alone.
 *
 * @module
 */

/** Longer than this nobody means: a day, in milliseconds. */
const LONGEST = 86_400_000;

/**
 * Reads `Retry-After`: a whole number of seconds or an HTTP date (RFC 9110, 10.2.3), and no more:
 * what is spelled otherwise says nothing.
 *
 * @param value The header, or null where there is none.
 * @param today Milliseconds since 1970.
 * @returns Milliseconds, 0 for a date that has passed, a day at most; nothing for any other text.
 *
 * @example
 * ```ts
 * readRetryAfter("120", Date.now()); // 120000
 * ```
 */
export function readRetryAfter(value: string | null, today: number): number | undefined {
  const text = value?.trim() ?? "";
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1000, LONGEST);
  // The three spellings of a date begin with the day's name; `Date.parse` alone takes far more.
  if (!/^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*[, ]/.test(text)) return undefined;
  const asctime = /^\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}$/.test(text);
  const date = Date.parse(asctime ? `${text} GMT` : text);
  return Number.isNaN(date) ? undefined : Math.min(Math.max(0, date - today), LONGEST);
}
