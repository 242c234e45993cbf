import { assert, assertEquals } from "@std/assert";
import { unloadCodec, withLateThreads } from "../../lib/image/codec.ts";
import { loadHere } from "./load_codec.ts";

Deno.test("loadCodec() starts few threads, and as many as there is work for", async () => {
  const real = globalThis.Worker;
  let started = 0;
  class Counted extends real {
    constructor(script: string | URL, options?: WorkerOptions) {
      super(script, options);
      started += 1;
    }
  }
  globalThis.Worker = Counted;
  try {
    const codec = await loadHere();
    assertEquals(started, 1);
    using image = codec.Image.black(640, 480, { bands: 3 });
    const jpeg = image.jpegsaveBuffer();
    using read = codec.Image.jpegloadBuffer(jpeg, { access: "sequential" });
    assertEquals(read.avg(), 0);
    assert(started > 1 && started <= 3, `${started} threads`);
    assertEquals(globalThis.Worker, Counted, "the real thing is put back");
    // More than the script had made at its start: it makes these by itself.
    codec.concurrency(8);
    using large = codec.Image.black(4000, 4000, { bands: 3 });
    assertEquals(large.gaussblur(2).avg(), 0);
    unloadCodec(codec);
  } finally {
    globalThis.Worker = real;
  }
});

Deno.test("withLateThreads() holds a thread's first message until it has work", () => {
  const real = globalThis.Worker;
  const log: string[] = [];
  class Fake extends real {
    readonly #name: string;
    constructor(name: string | URL) {
      super("data:text/javascript,", { type: "module" });
      super.terminate();
      this.#name = String(name);
      log.push(`${this.#name} started`);
    }
    override postMessage(message: unknown): void {
      log.push(`${this.#name} told ${message}`);
      if (message === "load") this.onmessage?.(new MessageEvent("message", { data: "loaded" }));
    }
  }
  globalThis.Worker = Fake;
  try {
    const threads = withLateThreads(() =>
      ["a", "b"].map((name) => {
        const thread = new Worker(name, { type: "module" });
        thread.onmessage = ({ data }) => log.push(`${name} says ${data}`);
        return thread;
      })
    );
    assertEquals(log, ["b started"]);
    for (const thread of threads) thread.postMessage("load");
    assertEquals(log.splice(0), ["b started", "b told load", "a says loaded", "b says loaded"]);
    threads[0]?.postMessage("work");
    assertEquals(log.splice(0), ["a started", "a told load", "a told work"]);
    threads[0]?.terminate();
  } finally {
    globalThis.Worker = real;
  }
});
