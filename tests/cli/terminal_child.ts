/**
 * A script that draws bars, says something longer than the terminal is wide, and is interrupted
 * twice: what terminal_test.ts runs on a terminal.
 */

import { createProgress } from "../../lib/cli/progress.ts";
import { runScript } from "../../lib/cli/script.ts";

await runScript({
  name: "child",
  summary: "Draws.",
  flags: {},
  async run(_flags, context) {
    const drawn = createProgress(Deno.stderr.isTerminal(), context.say);
    context.sayThrough(drawn);
    drawn.stage("fishbase", 12, 20);
    drawn.stage("google", 640, 200);
    context.say("first");
    context.say(`a server says \u001b[2J${"long ".repeat(20)}end`);
    context.onStopping(() => "stopping");
    Deno.kill(Deno.pid, "SIGINT");
    context.signal.addEventListener("abort", () => Deno.kill(Deno.pid, "SIGINT"));
    return await new Promise<0>((resolve) => setTimeout(() => resolve(0), 60_000));
  },
});
