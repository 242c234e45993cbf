/**
 * Ten thousand damaged images through the examiner: each must come to an outcome, with no worker
 * lost to a crash or to the time limit, and the memory must not grow.
 *
 * `deno run -A tests/soak/examine_soak.ts [images, 10000 unless given] [seed]`
 *
 * @module
 */

import { createExaminer } from "../../lib/image/create_examiner.ts";
import { mutations } from "../image/mutations.ts";

const [count = 10_000, seed = 1] = Deno.args.map(Number);
const examiner = createExaminer();
const { signal } = new AbortController();
const outcomes = new Map<string, number>();
const lost: string[] = [];
let done = 0;

const all = mutations(count, seed);
async function run(): Promise<void> {
  for (const bytes of all) {
    const examination = await examiner.examine(bytes, signal);
    const outcome = examination.ok ? "kept" : examination.outcome;
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    if (!examination.ok && /^(?:the decoder died|not decoded within)/.test(examination.detail)) {
      lost.push(`${examination.detail} (${examination.sha256})`);
    }
    if (++done % Math.ceil(count / 10) === 0) {
      const { rss } = Deno.memoryUsage();
      console.log(`${done} images, ${Math.round(rss / 2 ** 20)} MiB`);
    }
  }
}
await Promise.all(Array.from({ length: 4 }, run));
examiner.close();
console.log(Object.fromEntries(outcomes));
console.log(lost.length === 0 ? "No worker was lost." : `Lost:\n${lost.join("\n")}`);
Deno.exit(lost.length === 0 ? 0 : 1);
