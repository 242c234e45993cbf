/**
 * Tells every second, on standard error, how much memory the main isolate has. Loaded before a
 * script by `--preload`, it needs no permission and changes nothing else: see `memory_bench.ts`.
 *
 * @module
 */

const timer = setInterval(() => {
  const { heapTotal, external } = Deno.memoryUsage();
  console.error(`memory ${heapTotal + external}`);
}, 1000);
// The script is begun only when nothing before it is waited for.
Deno.unrefTimer(timer);
