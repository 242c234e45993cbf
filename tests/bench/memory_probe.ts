/**
 * Tells every second, on standard error, how much memory the main isolate has, and every half a
 * minute how much of it is in use, garbage taken away. Loaded before a script by `--preload`, it
 * needs no permission and changes nothing else: see `memory_bench.ts`.
 *
 * @module
 */

let seconds = 0;
const timer = setInterval(() => {
  const { heapTotal, external } = Deno.memoryUsage();
  console.error(`memory ${heapTotal + external}`);
  const collect: unknown = Reflect.get(globalThis, "gc");
  if (++seconds % 30 !== 0 || typeof collect !== "function") return;
  collect();
  const used = Deno.memoryUsage();
  console.error(`in use ${used.heapUsed + used.external}`);
}, 1000);
// The script is begun only when nothing before it is waited for.
Deno.unrefTimer(timer);
