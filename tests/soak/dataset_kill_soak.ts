import { withFolder } from "../dataset/folder.ts";
import { killRounds } from "../dataset/kill_rounds.ts";

Deno.test("a run that is killed 200 times leaves a folder that the next one goes on with", async () => {
  await withFolder((dir) => killRounds(dir, 200));
});
