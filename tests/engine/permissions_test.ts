/** That keeper, worker, pull and queue use all that their permission sets have. */

import { assert, assertEquals } from "@std/assert";
import { startKeeper, startPull, startStatus, startWorker } from "../../lib/demo/many.ts";
import { spare } from "../scripts/spare.ts";
import { NATS, onFarm, WORKER } from "./farm.ts";

Deno.test({
  name: "the sets of keeper, worker, pull and queue have nothing that a run does not ask for",
  ignore: NATS === undefined || Deno.build.os === "windows",
  async fn() {
    await onFarm(async (farm) => {
      const dir = await Deno.realPath(farm.dir);
      const audited = (name: string) => ({
        ...farm,
        environment: {
          ...name === "worker" ? WORKER : farm.environment,
          DENO_AUDIT_PERMISSIONS: `${dir}/${name}.jsonl`,
        },
      });
      const flags = ["--images", "20", "--only", "Betta splendens", "--fishbase-delay", "0"];
      const worker = startWorker(audited("worker"), `${dir}/worker`);
      try {
        const keeping = startKeeper(audited("keeper"), `${dir}/keeper`, [
          ...flags,
          ...["--render", "--sources", "fishbase,google", "--google-delay", "0"],
        ]);
        const kept = await keeping.ended;
        assert(kept.code === 0, `${kept.stderr}\n${worker.said()}`);
        // It has started a browser.
        assert(worker.said().includes("Google asked for consent"), worker.said());
        const status = await startStatus(audited("queue")).ended;
        assert(status.code === 0, status.stderr);
        const pulled = await startPull(audited("pull"), `${dir}/keeper`).ended;
        assert(pulled.code === 0, pulled.stderr);
      } finally {
        worker.kill("SIGINT");
        await worker.ended;
      }
      const left: Record<string, readonly string[]> = {};
      for (const name of ["worker", "keeper", "pull", "queue"]) {
        const data = name === "worker" ? `${dir}/worker` : `${dir}/keeper`;
        left[name] = spare(name, data, await Deno.readTextFile(`${dir}/${name}.jsonl`));
      }
      // The store is a folder here: only an S3 is reached by `pull`.
      assertEquals(left, { worker: [], keeper: [], pull: ["--allow-net"], queue: [] });
    });
  },
});
