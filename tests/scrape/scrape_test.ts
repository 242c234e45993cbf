import { assert, assertEquals, assertRejects } from "@std/assert";
import { delay } from "@std/async";
import { join } from "@std/path";
import { Failure } from "../../lib/base/failure.ts";
import { openDataset } from "../../lib/dataset/dataset.ts";
import { type ImageEvent, TAKEN_BACK } from "../../lib/dataset/event.ts";
import { forget } from "../../lib/dataset/forget.ts";
import type { NetworkOutcome } from "../../lib/base/outcome.ts";
import { fetchHere } from "../../lib/scrape/fetch_candidate.ts";
import type { JobReport } from "../../lib/scrape/progress.ts";
import {
  type Candidate,
  type ImageSource,
  type SourceEnd,
  StageStop,
} from "../../lib/sources/source.ts";
import type { Species } from "../../lib/species/species.ts";
import { inVirtualTime } from "../base/virtual_time.ts";
import {
  decisions,
  examiner,
  fish,
  inFolder,
  log,
  Network,
  type Reply,
  run,
  source,
  unseen,
} from "./world.ts";

const betta = fish("Betta splendens");
const danio = fish("Danio rerio");
const tetra = fish("Paracheirodon innesi");

Deno.test("scrape() decides in the source's order whichever download is the fastest", async () => {
  await inFolder(async (dir) => {
    const last = Promise.withResolvers<void>();
    const network = new Network({ c: { text: "picture a" } }, async (path) => {
      if (path === "c") last.resolve();
      else await last.promise;
    });
    const found = source("fishbase", { [betta.id]: ["a", "b", "c", "d"] });
    await run(dir, { species: [betta], wanted: 4 }, [found], network);
    assertEquals(await decisions(dir), ["a kept", "b kept", "c duplicate", "d kept"]);
  });
});

/** What is decided when the second picture comes only after so many others are kept. */
function decidedWithSlow(wanted: number, before: number): Promise<string[]> {
  return inVirtualTime(async () => {
    let said: string[] = [];
    await inFolder(async (dir) => {
      const network = new Network({}, async (path, signal) => {
        while (path === "slow" && (await decisions(dir)).length < before) {
          await delay(1000, { signal });
        }
      });
      const found = source("google", { [betta.id]: ["a", "slow", "b", "c"] });
      await run(dir, { species: [betta], wanted }, [found], network);
      said = await decisions(dir);
    });
    return said;
  });
}

Deno.test("scrape() does not wait for a download that hangs when the others are enough, else it does", async () => {
  assertEquals(await decidedWithSlow(3, 99), ["a kept", "b kept", "c kept", "slow timeout"]);
  assertEquals(await decidedWithSlow(4, 3), ["a kept", "b kept", "c kept", "slow kept"]);
});

Deno.test("scrape() waits once for a host that hangs, until a picture has come from it", async () => {
  const took = (answered?: number) =>
    inVirtualTime(async () => {
      const ends: number[] = [];
      await inFolder(async (dir) => {
        let asked = 0;
        const network = new Network({}, async (path, signal) => {
          if (!path.startsWith("slow") || asked++ === answered) return;
          await new Promise((resolve) => signal.addEventListener("abort", resolve));
        });
        const found = source("google", {
          [betta.id]: ["//hung.test/slow_a", "a"],
          [danio.id]: ["//hung.test/slow_b", "b"],
          [tetra.id]: ["//hung.test/slow_c", "c"],
        });
        const began = performance.now();
        const finished = () => ends.push(Math.round((performance.now() - began) / 1000));
        const plan = { species: [betta, danio, tetra], wanted: 1, jobs: 1 };
        await run(dir, plan, [found], network, undefined, { ...unseen, finished });
      });
      return ends;
    });
  assertEquals(await took(), [5, 5, 5]);
  assertEquals(await took(1), [5, 5, 10]);
});

Deno.test("scrape() stops at what is wanted and logs nothing beyond", async () => {
  await inFolder(async (dir) => {
    const paths = Array.from({ length: 40 }, (_, n) => `p${n}`);
    const network = new Network();
    await run(
      dir,
      { species: [betta], wanted: 3 },
      [source("google", { [betta.id]: paths })],
      network,
    );
    assertEquals(await decisions(dir), ["p0 kept", "p1 kept", "p2 kept"]);
    assert(network.asked.length <= 8, `${network.asked.length} were asked for`);
    const done = (await log(dir)).find(({ event }) => event === "done");
    assert(done?.event === "done");
    assertEquals([done.why, done.kept, done.wanted], ["enough", 3, 3]);
  });
});

Deno.test("scrape() obeys an opt-out within a file, and marks what a program has made", async () => {
  const network = new Network({
    a: { text: "picture a noai" },
    b: { text: "picture b made up" },
  });
  for (const ignoreOptOuts of [false, true]) {
    await inFolder(async (dir) => {
      const plan = { species: [betta], wanted: 9, ignoreOptOuts };
      await run(dir, plan, [source("google", { [betta.id]: ["a", "b"] })], network);
      assertEquals(await decisions(dir), [`a ${ignoreOptOuts ? "kept" : "opted-out"}`, "b kept"]);
      const lines = (await log(dir)).flatMap((line) => line.event === "image" ? [line] : []);
      assertEquals(lines.map(({ kind }) => kind), [undefined, "synthetic"]);
    });
  }
});

Deno.test("fetchHere() asks a page once whether its pictures may be used, where they have no licence", async () => {
  const asked: string[] = [];
  class WithPages extends Network {
    override page(url: string): ReturnType<Network["page"]> {
      asked.push(url);
      const content = url.endsWith("/closed") ? "noai" : "all";
      const bytes = new TextEncoder().encode(`<meta name="robots" content="${content}">`);
      const headers = new Headers();
      return Promise.resolve({ ok: true, url, status: 200, headers, bytes, notes: [] });
    }
  }
  const network = new WithPages();
  const { signal } = new AbortController();
  const outcomes: string[] = [];
  for (const checked of [true, false]) {
    const fetcher = fetchHere(network, examiner, checked);
    for (const [path, license] of [["closed"], ["closed"], ["closed", "CC0-1.0"], ["open"]]) {
      const candidate = {
        url: `https://a.test/${outcomes.length}`,
        page: `https://a.test/${path}`,
        ...(license === undefined ? {} : { license }),
      };
      const order = { candidate, species: betta.id, source: "google", arrived: () => {} };
      const result = await fetcher.fetch(order, signal);
      outcomes.push(result.ok ? "ok" : `${result.answer.outcome} ${result.answer.detail}`);
    }
  }
  const refused = "opted-out meta robots: noai";
  assertEquals(outcomes, [refused, refused, "ok", "ok", "ok", "ok", "ok", "ok"]);
  assertEquals(asked, ["https://a.test/closed", "https://a.test/open"]);
});

Deno.test("scrape() fetches nothing that was forgotten, and logs nothing of it", async () => {
  await inFolder(async (dir) => {
    const paths = ["a", "b", "c"];
    const plan = { species: [betta], wanted: 9, retry: "all" as const };
    await run(dir, plan, [source("google", { [betta.id]: ["a"] })], new Network());
    const settings = { script: "forget", version: "0", notice: () => {} };
    const request = { by: "url", value: "https://google.test/a" } as const;
    await forget(dir, request, settings, () => Promise.resolve());
    // At b the same bytes stand that stood at a.
    const network = new Network({ b: { text: "picture a" } });
    await run(dir, plan, [source("other", { [betta.id]: ["x"] })], network);
    await run(dir, plan, [source("google", { [betta.id]: paths })], network);
    await run(dir, plan, [source("google", { [betta.id]: paths })], network);
    assertEquals(network.asked, ["x", "b", "c"]);
    assertEquals(await decisions(dir), ["x kept", "c kept"]);
    assert(!/google\.test\/[ab]"/.test(await Deno.readTextFile(join(dir, "log.jsonl"))));
  });
});

Deno.test("scrape() tries a candidate's other addresses before it is gone, and only then", async () => {
  const answer = (outcome: NetworkOutcome): Reply => ({ outcome });
  const cases: [Record<string, Reply>, asked: string, decision: string][] = [
    [{}, "a", "a kept"],
    [{ a: answer("gone") }, "a b", "a kept"],
    [{ a: answer("gone"), b: answer("gone") }, "a b c", "a kept"],
    [{ a: answer("gone"), b: answer("gone"), c: answer("gone") }, "a b c", "a gone"],
    // What did not answer may have the picture the next time.
    [{ a: answer("gone"), b: answer("timeout") }, "a b", "a timeout"],
    [{ a: answer("forbidden") }, "a", "a forbidden"],
  ];
  for (const [replies, asked, decision] of cases) {
    await inFolder(async (dir) => {
      const network = new Network(replies);
      const found: ImageSource = {
        name: "fishbase",
        vouches: true,
        async *candidates() {
          const alternatives = ["https://fishbase.test/b", "https://fishbase.test/c"];
          yield await Promise.resolve({ url: "https://fishbase.test/a", alternatives, page: "" });
          return { why: "exhausted" };
        },
        close: () => Promise.resolve(),
      };
      await run(dir, { species: [betta] }, [found], network);
      assertEquals(network.asked.join(" "), asked);
      assertEquals(await decisions(dir), [decision]);
    });
  }
});

Deno.test("scrape() asks the second source only for what the first lacks", async () => {
  await inFolder(async (dir) => {
    const sure = source("fishbase", { [betta.id]: ["f1"], [danio.id]: ["f2", "f3", "f4"] });
    const many = source("google", { [betta.id]: ["g1", "g2", "g3"], [danio.id]: ["g4"] });
    await run(dir, { species: [betta, danio] }, [sure, many], new Network());
    assertEquals((await decisions(dir)).sort(), [
      "f1 kept",
      "f2 kept",
      "f3 kept",
      "f4 kept",
      "g1 kept",
      "g2 kept",
    ]);
    assertEquals(many.searched, [betta.id]);
  });
});

/** A person's verdict on the first image. */
async function accept(dir: string, reason: string): Promise<void> {
  const given = { script: "review", version: "0.0.0", flags: {}, notice: () => {} };
  const dataset = await openDataset({ dir, ...given });
  const [image] = dataset.state.keptImages();
  const { species, sha256 } = image ?? { species: "", sha256: "" };
  dataset.append({ event: "accepted", species, sha256, reason });
  await dataset.close();
}

Deno.test("scrape() leaves a species its picture that a sure source or a person gave it before", async () => {
  const shared = ["f1 kept", "f1 ambiguous", "g1 ambiguous"];
  const cases = [
    ["fishbase", undefined, ["f1 kept", "g1 ambiguous"]],
    ["google", undefined, shared],
    ["google", "by eye", ["f1 kept", "g1 ambiguous"]],
    ["google", TAKEN_BACK, shared],
  ] as const;
  for (const [first, reason, decided] of cases) {
    await inFolder(async (dir) => {
      const network = new Network({ f1: { text: "picture" }, g1: { text: "picture" } });
      await run(dir, { species: [betta] }, [source(first, { [betta.id]: ["f1"] })], network);
      if (reason !== undefined) await accept(dir, reason);
      await run(dir, { species: [danio] }, [source("google", { [danio.id]: ["g1"] })], network);
      assertEquals(await decisions(dir), [...decided]);
    });
  }
});

Deno.test("scrape() gives each candidate exactly one outcome, failures too", async () => {
  await inFolder(async (dir) => {
    const network = new Network({
      gone: { outcome: "gone" },
      slow: { outcome: "timeout" },
      page: { text: "<html>" },
    });
    const found = source("google", { [betta.id]: ["gone", "slow", "page", "slow", "good"] });
    await run(dir, { species: [betta] }, [found], network);
    assertEquals(await decisions(dir), [
      "gone gone",
      "slow timeout",
      "page not-an-image",
      "good kept",
    ]);
  });
});

Deno.test("scrape() a second time does only what is left, without a search", async () => {
  await inFolder(async (dir) => {
    const table = { [betta.id]: ["gone", "slow", "good"] };
    const bad = new Network({ gone: { outcome: "gone" }, slow: { outcome: "timeout" } });
    await run(dir, { species: [betta] }, [source("google", table)], bad);
    const again = source("google", table);
    const healed = new Network();
    await run(dir, { species: [betta] }, [again], healed);
    assertEquals(healed.asked, ["slow"]);
    assertEquals(again.searched, []);
    const third = new Network();
    const lines = (await log(dir)).length;
    await run(dir, { species: [betta] }, [source("google", table)], third);
    assertEquals(third.asked, []);
    // Only the line that says a run began.
    assertEquals((await log(dir)).length, lines + 1);
  });
});

Deno.test("scrape() with --retry none tries nothing again, with all everything but the kept", async () => {
  await inFolder(async (dir) => {
    const table = { [betta.id]: ["gone", "slow", "good"] };
    const replies = { gone: { outcome: "gone" }, slow: { outcome: "timeout" } } as const;
    await run(dir, { species: [betta] }, [source("google", table)], new Network(replies));
    const none = new Network(replies);
    await run(dir, { species: [betta], retry: "none" }, [source("google", table)], none);
    assertEquals(none.asked, []);
    const all = new Network();
    await run(dir, { species: [betta], retry: "all" }, [source("google", table)], all);
    assertEquals(all.asked, ["gone", "slow"]);
  });
});

Deno.test("scrape() goes on when more is wanted than before, from where it was", async () => {
  await inFolder(async (dir) => {
    const table = { [betta.id]: ["a", "b", "c", "d", "e"] };
    await run(dir, { species: [betta], wanted: 2 }, [source("google", table)], new Network());
    const network = new Network();
    await run(dir, { species: [betta], wanted: 4 }, [source("google", table)], network);
    assertEquals((await decisions(dir)).slice(0, 4), ["a kept", "b kept", "c kept", "d kept"]);
    assert(!network.asked.includes("a") && !network.asked.includes("b"));
  });
});

Deno.test("scrape() decides what was found before a robot check, then stops that stage alone", async () => {
  await inFolder(async (dir) => {
    const sure = source("fishbase", { [betta.id]: ["f1"], [danio.id]: ["f2"] });
    const shut = source("google", { [betta.id]: ["g1"] }, () => {
      throw new StageStop("robot-check", "Google asks whether we are a person.");
    });
    const result = await run(
      dir,
      { species: [betta, danio], jobs: 1 },
      [sure, shut],
      new Network(),
    );
    assertEquals(await decisions(dir), ["f1 kept", "g1 kept", "f2 kept"]);
    assertEquals(shut.searched, [betta.id]);
    assertEquals(result.stops.map(({ source, stop }) => [source, stop.why]), [
      ["google", "robot-check"],
    ]);
    const stopped = (await log(dir)).filter(({ event }) => event === "stopped");
    assertEquals(stopped.length, 1);
  });
});

Deno.test("scrape() stops a stage when nothing at all can be fetched from this machine", async () => {
  await inFolder(async (dir) => {
    const shut = source("google", { [betta.id]: ["g1", "g2"], [danio.id]: ["g3"] });
    const network = Object.assign(new Network({ g1: { outcome: "tls-error" } }), {
      outage: () => "Check the clock.",
    });
    const result = await run(dir, { species: [betta, danio], jobs: 1 }, [shut], network);
    assertEquals(await decisions(dir), ["g1 tls-error"]);
    assertEquals(shut.searched, [betta.id]);
    assertEquals(result.stops.map(({ stop }) => [stop.why, stop.message]), [
      ["unreachable", "Check the clock."],
    ]);
  });
});

Deno.test("scrape() takes a source that failed for every species it was asked for as stopped", async () => {
  const failed = { why: "failed", reason: "the tab crashed" } as const;
  const changed = { why: "not-recognised", reason: "no results in the page" } as const;
  const nameless = { why: "no-latin-name", reason: "the cell says hybrid" } as const;
  const cases: [SourceEnd, SourceEnd, stops: string[]][] = [
    [failed, failed, ["failed: No search of 2 species worked: the tab crashed"]],
    [changed, failed, ["failed: No search of 2 species worked: no results in the page"]],
    [failed, nameless, ["failed: No search of 1 species worked: the tab crashed"]],
    [nameless, nameless, []],
    [failed, { why: "exhausted" }, []],
    [failed, { why: "not-found", reason: "FishBase does not know it" }, []],
  ];
  for (const [first, second, expected] of cases) {
    await inFolder(async (dir) => {
      const site: ImageSource = {
        ...source("fishbase", {}),
        // deno-lint-ignore require-yield
        async *candidates({ id }) {
          return await Promise.resolve(id === betta.id ? first : second);
        },
      };
      const plan = { species: [betta, danio], jobs: 1 };
      const { stops } = await run(dir, plan, [site], new Network());
      assertEquals(stops.map(({ stop: { why, message } }) => `${why}: ${message}`), expected);
      const logged = (await log(dir)).filter((line) =>
        line.event === "stopped" && line.species === undefined
      );
      assertEquals(logged.length, expected.length);
    });
  }
});

Deno.test("scrape() goes back to a species that loses its picture while others are still at work", async () => {
  await inFolder(async (dir) => {
    const done = Promise.withResolvers<void>();
    const again = Promise.withResolvers<void>();
    const network = new Network(
      { first: { text: "picture" }, same: { text: "picture" } },
      (path) => ({ same: done.promise, last: again.promise })[path] ?? Promise.resolve(),
    );
    const found = source("google", {
      [betta.id]: ["first", "another"],
      [danio.id]: ["same", "other"],
      [tetra.id]: ["last"],
    });
    const withdrawn: Species[] = [];
    const progress = {
      ...unseen,
      withdrawn: (species: Species) => withdrawn.push(species),
      decided: ({ url }: ImageEvent) => url.endsWith("another") && again.resolve(),
      finished: ({ species }: JobReport) => species === betta && done.resolve(),
    };
    const plan = { species: [betta, danio, tetra], wanted: 1, jobs: 2 };
    await run(dir, plan, [found], network, undefined, progress);
    assertEquals(withdrawn, [betta]);
    assertEquals(await decisions(dir), [
      "first kept",
      "first ambiguous",
      "same ambiguous",
      "other kept",
      "another kept",
      "last kept",
    ]);
  });
});

Deno.test("scrape() tries again at its end what waited for hosts that were set aside, if they are back", async () => {
  await inFolder(async (dir) => {
    const shut = source("google", { [betta.id]: ["slow", "away", "x"], [danio.id]: ["y"] });
    let isBack = false;
    const failed = (url: string) => ({
      ok: false as const,
      outcome: "timeout" as const,
      detail: "host set aside for 30 s: no robots.txt in 4 s",
      url,
    });
    class Resting extends Network {
      override async download(url: string, request: { signal: AbortSignal }) {
        // The last candidate of all: then the one host is back, the other is not.
        if (url.endsWith("/y")) isBack = true;
        if (url.endsWith("/away") || (url.endsWith("/slow") && !isBack)) return failed(url);
        return await super.download(url, request);
      }
      standing(url: string) {
        return url.endsWith("/away") ? "set aside" as const : "ready" as const;
      }
    }
    await run(dir, { species: [betta, danio], jobs: 1 }, [shut], new Resting());
    assertEquals(await decisions(dir), [
      "slow timeout",
      "away timeout",
      "x kept",
      "y kept",
      "slow kept",
    ]);
  });
});

Deno.test("scrape() writes down no login of an address, and no more of long texts than is of use", async () => {
  await inFolder(async (dir) => {
    const huge = "x".repeat(1_000_000);
    const page = "https://user:secret@google.test/page";
    const found: ImageSource = {
      ...source("google", {}),
      async *candidates() {
        const url = "https://user:secret@google.test/a";
        yield await Promise.resolve({ url, page, title: huge, author: huge, quality: huge });
        yield { url, page };
        yield { url: `https://google.test/${huge}`, page: `https://google.test/${huge}` };
        return { why: "not-found", reason: huge, detail: { validName: huge } };
      },
    };
    const network = new Network();
    await run(dir, { species: [betta] }, [found], network);
    const text = await Deno.readTextFile(`${dir}/log.jsonl`);
    assert(!text.includes("secret"), "a login is written down");
    assert(text.length < 60_000, `${text.length} letters`);
    const images = (await log(dir)).filter(({ event }) => event === "image");
    assertEquals(images.map((line) => "url" in line ? line.url.slice(0, 25) : ""), [
      "https://google.test/a",
      "https://google.test/xxxxx",
    ]);
  });
});

Deno.test("scrape() does a failed job again next time and leaves the others alone", async () => {
  await inFolder(async (dir) => {
    const table = { [betta.id]: ["a"], [danio.id]: ["b"] };
    const failing = source("google", table, { why: "failed", reason: "the tab crashed" });
    const result = await run(dir, { species: [betta, danio] }, [failing], new Network());
    assertEquals(result.reports.map(({ why }) => why), ["failed", "failed"]);
    const healed = source("google", table);
    await run(dir, { species: [betta, danio] }, [healed], new Network());
    assertEquals(healed.searched.sort(), [betta.id, danio.id]);
  });
});

Deno.test("scrape() lets what is under way end when it is interrupted, then says so", async () => {
  await inFolder(async (dir) => {
    const stop = new AbortController();
    const begun = Promise.withResolvers<void>();
    const network = new Network({}, async () => {
      begun.resolve();
      // Downloads end some turns after the interruption.
      while (!stop.signal.aborted) await new Promise((resolve) => setTimeout(resolve, 0));
    });
    const paths = Array.from({ length: 40 }, (_, n) => `p${n}`);
    const running = run(
      dir,
      { species: [betta], wanted: 40 },
      [source("google", { [betta.id]: paths })],
      network,
      { stopStarting: stop.signal, abort: new AbortController().signal },
    );
    await begun.promise;
    stop.abort(new Failure("Interrupted", 130));
    const failure = await assertRejects(() => running, Failure, "Interrupted");
    assertEquals(failure.status, 130);
    const decided = await decisions(dir);
    assertEquals(decided.length, network.asked.length);
    assert(decided.length >= 1 && decided.length <= 8, `${decided.length} were decided`);
    assertEquals((await log(dir)).at(-1)?.event, "stopped");
  });
});

Deno.test("scrape() ends at once when it is told to, and loses nothing logged", async () => {
  await inFolder(async (dir) => {
    const stop = new AbortController();
    const network = new Network({}, async (path, signal) => {
      if (path === "a") return;
      stop.abort(new Failure("Interrupted", 130));
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    });
    const now = new AbortController();
    stop.signal.addEventListener("abort", () => setTimeout(() => now.abort(stop.signal.reason), 0));
    await assertRejects(
      () =>
        run(
          dir,
          { species: [betta] },
          [source("google", { [betta.id]: ["a", "never"] })],
          network,
          { stopStarting: stop.signal, abort: now.signal },
        ),
      Failure,
    );
    assertEquals((await decisions(dir)).filter((line) => line.startsWith("never")), []);
  });
});

Deno.test("scrape() ends all jobs when the data folder gives out", async () => {
  await inFolder(async (dir) => {
    let inTheWay = Promise.resolve();
    const putInTheWay = async (): Promise<void> => {
      await Deno.remove(`${dir}/images`, { recursive: true });
      await Deno.writeTextFile(`${dir}/images`, "in the way");
    };
    const network = new Network({}, async (path) => {
      if (path === "b") await (inTheWay = putInTheWay());
    });
    await assertRejects(
      () =>
        run(
          dir,
          { species: [betta, danio], jobs: 1 },
          [source("google", { [betta.id]: ["a", "b", "c"], [danio.id]: ["d"] })],
          network,
        ),
      Failure,
    );
    assert(!network.asked.includes("d"));
    await inTheWay.catch(() => undefined);
  });
});

Deno.test("scrape() says of a fish it cannot search why, once", async () => {
  await inFolder(async (dir) => {
    const end = { why: "not-found", reason: "FishBase does not know it" } as const;
    const unknown = () => source("fishbase", {}, end);
    await run(dir, { species: [betta] }, [unknown()], new Network());
    const second = unknown();
    const result = await run(dir, { species: [betta] }, [second], new Network(), undefined, unseen);
    assertEquals(second.searched, []);
    assertEquals(result.reports.map(({ why }) => why), ["not-found"]);
    const done = (await log(dir)).filter(({ event }) => event === "done");
    assertEquals(done.length, 1);
  });
});

/** A source of candidates that are written down whole. */
function written(name: string, candidates: readonly Candidate[]): ImageSource {
  return {
    name,
    vouches: false,
    async *candidates() {
      for (const candidate of candidates) yield await Promise.resolve(candidate);
      return { why: "exhausted" };
    },
    found: () => ({ validName: `${name}'s name` }),
    close: () => Promise.resolve(),
  };
}

Deno.test("scrape() fetches a photo once that several sources list, in one run and over several", async () => {
  const open = "https://inaturalist-open-data.s3.amazonaws.com/photos";
  const upload = "https://upload.wikimedia.org/wikipedia/commons";
  const gone = { "photos/9/large.jpg": { outcome: "gone" } } as const;
  const inaturalist = written("inaturalist", [
    { url: `${open}/7/large.jpg`, page: "p" },
    { url: "https://static.inaturalist.org/photos/7/large.jpeg", page: "p" },
    { url: `${open}/9/large.jpg`, page: "p" },
  ]);
  const commons = written("commons", [
    {
      url: `${upload}/thumb/a/ab/F.jpg/1280px-F.jpg`,
      page: "https://commons.wikimedia.org/wiki/File:F.jpg",
      origin: "https://www.flickr.com/photos/ann/4930/",
    },
    { url: `${upload}/a/ab/I.jpg`, page: "p", origin: "https://www.inaturalist.org/photos/7" },
    { url: `${upload}/a/ab/J.jpg`, page: "p", origin: "https://www.inaturalist.org/photos/9" },
  ]);
  const openverse = written("openverse", [
    { url: "https://live.staticflickr.com/1/4930_abc_b.jpg", page: "p" },
    { url: "https://live.staticflickr.com/1/4931_abc_b.jpg", page: "p" },
  ]);
  const gbif = written("gbif", [{ url: `${upload}/a/ab/F.jpg`, page: "p" }]);
  await inFolder(async (dir) => {
    const network = new Network(gone);
    const plan = { species: [betta], wanted: 50 };
    await run(dir, plan, [inaturalist, commons], network);
    await run(dir, plan, [openverse, gbif], network);
    assertEquals(network.asked, [
      "photos/7/large.jpg",
      "photos/9/large.jpg",
      "wikipedia/commons/thumb/a/ab/F.jpg/1280px-F.jpg",
      // The photo that iNaturalist has no more may still be had from Commons.
      "wikipedia/commons/a/ab/J.jpg",
      "1/4931_abc_b.jpg",
    ]);
  });
});

Deno.test("scrape() logs the name that a source has found, and keeps it when it tries failures again", async () => {
  await inFolder(async (dir) => {
    const candidates = ["a", "b"].map((path) => ({ url: `https://x.test/${path}`, page: "p" }));
    const found = async () =>
      (await log(dir)).flatMap((line) => line.event === "done" ? [line.found] : []);
    const expected = { validName: "gbif's name" };
    await run(dir, { species: [betta], wanted: 1 }, [written("gbif", candidates)], new Network());
    assertEquals(await found(), [expected]);
    const failing = new Network({ b: { outcome: "timeout" } });
    await run(dir, { species: [betta], wanted: 9 }, [written("gbif", candidates)], failing);
    await run(dir, { species: [betta], wanted: 9 }, [written("gbif", candidates)], new Network());
    assertEquals(await found(), [expected, expected, expected]);
  });
});
