/**
 * A script that draws bars, says something longer than the terminal is wide, and is interrupted
 * twice, the first time told by the terminal and by `deno task`: what terminal_test.ts runs on a
 * terminal.
 */

import { withDisplay } from "../../lib/cli/progress.ts";
import { runScript } from "../../lib/cli/script.ts";

await runScript({
  name: "child",
  summary: "Draws.",
  flags: {},
  run: (_flags, context) =>
    withDisplay(context, async (display) => {
      display.add("fishbase", "species", 12).note = () => "0 kept  estimating";
      display.add("google", "species", 640).note = () => "12345 kept  23h 59m left";
      context.say("first");
      context.say(`a server says \u001b[2J${"long ".repeat(20)}end`);
      context.onStopping(() => "stopping");
      Deno.kill(Deno.pid, "SIGINT");
      context.signal.addEventListener("abort", () => {
        Deno.kill(Deno.pid, "SIGINT");
        setTimeout(() => {
          context.say("still here");
          Deno.kill(Deno.pid, "SIGINT");
        }, 600);
      });
      return await new Promise<0>((resolve) => setTimeout(() => resolve(0), 60_000));
    }),
});
