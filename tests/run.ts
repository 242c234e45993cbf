/**
 * Runs all tests in two halves side by side, both to their end, and sums them up: `deno task test`.
 * With paths behind it, only the tests there. Its last line is `N passed, N failed`.
 *
 * @module
 */

import { stripAnsiCode } from "@std/fmt/colors";

const PROGRAMS = ["tests/scripts", "tests/readme_test.ts", "tests/export"];

const HALVES: readonly (readonly [name: string, args: readonly string[]])[] = Deno.args.length > 0
  ? [["tests", Deno.args]]
  : [["programs", PROGRAMS], ["library", [`--ignore=${PROGRAMS.join(",")}`, "tests"]]];

interface Half {
  readonly passed: number;
  readonly failed: number;
}

/** Runs one half, shows its lines under its name, and counts. */
async function runHalf(name: string, args: readonly string[]): Promise<Half> {
  const child = new Deno.Command("deno", {
    args: ["test", "--allow-all", ...args],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let [passed, failed] = [0, 0];
  const show = async (stream: ReadableStream<Uint8Array<ArrayBuffer>>) => {
    let rest = "";
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        console.log(`[${name}] ${line}`);
        const sum = /\b(\d+) passed\b.*\| (\d+) failed/.exec(stripAnsiCode(line));
        if (sum !== null) [passed, failed] = [Number(sum[1]), Number(sum[2])];
      }
    }
    if (rest !== "") console.log(`[${name}] ${rest}`);
  };
  const [{ success }] = await Promise.all([child.status, show(child.stdout), show(child.stderr)]);
  // A half that fails without a failed test, such as by an error of its types, counts as one.
  return { passed, failed: success ? failed : Math.max(1, failed) };
}

const halves = await Promise.all(HALVES.map(([name, args]) => runHalf(name, args)));
const sum = (key: keyof Half) => halves.reduce((all, half) => all + half[key], 0);
if (!await isThere("../shared/captures")) {
  console.log("Tests of real pages were left out: ../shared/captures is not there.");
}
console.log(`${sum("passed")} passed, ${sum("failed")} failed`);
Deno.exit(sum("failed") === 0 ? 0 : 1);

async function isThere(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isDirectory;
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound) return false;
    throw thrown;
  }
}
