/**
 * Asking the person at the terminal.
 *
 * @module
 */

/**
 * Asks yes or no on standard error, so that standard output stays for results.
 *
 * @param question The question.
 * @returns Whether the answer was yes; the end of the input is a no.
 */
export function askOnTerminal(question: string): boolean {
  Deno.stderr.writeSync(new TextEncoder().encode(`${question} [y/N] `));
  const bytes = new Uint8Array(256);
  const length = Deno.stdin.readSync(bytes) ?? 0;
  return /^\s*y(es)?\s*$/i.test(new TextDecoder().decode(bytes.subarray(0, length)));
}
