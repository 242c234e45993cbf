import { withFolder } from "./folder.ts";
import { killRounds } from "./kill_rounds.ts";

Deno.test("a run that is killed at any moment leaves a folder that the next one goes on with", async () => {
  await withFolder((dir) => killRounds(dir, 6));
});
