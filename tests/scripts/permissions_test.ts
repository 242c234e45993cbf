import { dirname, fromFileUrl, resolve } from "@std/path";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import config from "../../deno.json" with { type: "json" };
import { pooled } from "../../lib/base/pooled.ts";
import { inFolders, PERMISSION_SETS, permissionFlags } from "../../lib/cli/permissions.ts";
import { worldEnvironment } from "../../lib/demo/run.ts";
import { startWorld, type World } from "../../lib/demo/world.ts";
import { testRuntime, tinyModel } from "../embed/tiny_model.ts";
import { spare } from "./spare.ts";
import { zipOf } from "../browser/zip.ts";
import { hashOf, makeSynthetic, speciesId } from "../report/synthetic.ts";
import { withFolder } from "../folder.ts";
import { type Ended, isThere, QUICK, run, tree } from "./in_world.ts";

/** What each script is given beside its data folder, so that it needs all it may do. */
const RUNS: Readonly<Record<string, readonly string[]>> = {
  species: [],
  taxonomy: [],
  inaturalist: ["--images", "2"],
  gbif: ["--images", "5"],
  commons: ["--images", "6"],
  openverse: ["--images", "8"],
  fishbase: ["--images", "10", ...QUICK.slice(0, 2), "--render"],
  google: ["--images", "14", ...QUICK.slice(2)],
  status: [],
  report: [],
  export: ["--size", "32"],
  augment: ["--to", "16"],
  verify: ["--splits", "--repair"],
};

/** Each way to take one permission away: a whole flag, or one value of the paths in it. */
function losses(flags: readonly string[]): [what: string, without: string[]][] {
  return flags.flatMap((flag, index): [string, string[]][] => {
    const [kind = "", list = ""] = flag.split("=");
    if (kind.startsWith("--deny-")) return [];
    const values = list.split(",");
    const isPaths = kind === "--allow-read" || kind === "--allow-write";
    if (!isPaths || values.length < 2) return [[flag, flags.toSpliced(index, 1)]];
    return values.map((value) => [
      `${value} of ${kind}`,
      flags.with(index, `${kind}=${values.filter((one) => one !== value).join(",")}`),
    ]);
  });
}

/** How much a script made: images for the scrapers, for others what they say. */
async function madeIn(data: string, { stdout }: Ended): Promise<string> {
  const images = await tree(data).catch(() => []);
  return `${images.length} images; ${stdout.replaceAll(data, "data").slice(0, 60)}`;
}

/** The variables that only a desktop, another kind of proxy, a forced colour or the help make a script read. */
const READ_ELSEWHERE = [
  "FORCE_COLOR",
  "INIT_CWD",
  "DISPLAY",
  "WAYLAND_DISPLAY",
  "XAUTHORITY",
  "XDG_RUNTIME_DIR",
  "http_proxy",
  "https_proxy",
  "HTTP_PROXY",
];

/** Whether a loss is that of variables which nothing makes a script read here. */
function isReadElsewhere(what: string): boolean {
  const [kind, list = ""] = what.split("=");
  return kind === "--allow-env" && list.split(",").every((name) => READ_ELSEWHERE.includes(name));
}

/** Sees that a script reads each variable that its set has, as the audit of a run says. */
function checkVariables(name: string, audit: string): void {
  const variables = PERMISSION_SETS[name]?.env;
  assert(Array.isArray(variables));
  for (const variable of variables) {
    if (READ_ELSEWHERE.includes(variable)) continue;
    assertStringIncludes(audit, `"${variable}"`, `${name} does not read ${variable}`);
  }
}

/**
 * Sees that a script needs all that its set has.
 *
 * @param folders What stands in place of `data`.
 * @param work Runs the script with some flags and says what came of it; for each in a fresh place.
 * @param isElsewhere Which losses nothing shows here.
 */
async function needsAll(
  name: string,
  folders: readonly string[],
  work: (flags: readonly string[]) => Promise<Came>,
  isElsewhere: (what: string) => boolean = () => false,
): Promise<void> {
  const flags = permissionFlags(inFolders(PERMISSION_SETS[name] ?? {}, folders))
    .map((flag) => flag.replace("127.0.0.0/8,", ""));
  const audit = await Deno.makeTempFile();
  Deno.env.set("DENO_AUDIT_PERMISSIONS", audit);
  const whole = await work(flags).finally(() => Deno.env.delete("DENO_AUDIT_PERMISSIONS"));
  assert(whole.done, `${name}: ${whole.said}`);
  checkVariables(name, await Deno.readTextFile(audit));
  await Deno.remove(audit);
  const each = pooled(3, losses(flags), async ([what, without]) => {
    if (isReadElsewhere(what) || isElsewhere(what)) return;
    const { done, said } = await work(without);
    assert(!done, `${name} does all its work without ${what}`);
    assert(!/^\s+at /m.test(said), said);
  });
  for await (const _ of each);
}

/** What came of a script: whether it did its work, and its words. */
interface Came {
  readonly done: boolean;
  readonly said: string;
}

/** Runs a script with permissions of one's own choice. */
async function runWith(
  flags: readonly string[],
  script: string,
  args: readonly string[],
  options: Pick<Deno.CommandOptions, "cwd" | "env"> = {},
): Promise<Ended> {
  const path = fromFileUrl(new URL(`../../scripts/${script}.ts`, import.meta.url));
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "--no-prompt", "--cached-only", ...flags, path, ...args],
    ...options,
    env: { NO_COLOR: "1", ...options.env },
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trimEnd();
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

Deno.test("no script can do its work with one permission less than its set has", async () => {
  const world = await startWorld({
    species: 1,
    images: 6,
    faults: false,
    results: 8,
    furtherResults: 0,
  });
  try {
    await withFolder(async (dir) => {
      const full = `${dir}/full`;
      for (const [name, flags] of Object.entries(RUNS)) {
        const before = `${dir}/${name}`;
        await copyFolder(full, before);
        Deno.env.set("DENO_AUDIT_PERMISSIONS", `${dir}/audit.jsonl`);
        const whole = await run(world, name, full, flags);
        Deno.env.delete("DENO_AUDIT_PERMISSIONS");
        assertEquals(whole.code, 0, `${name}: ${whole.stderr}`);
        const made = await madeIn(full, whole);
        const audit = await Deno.readTextFile(`${dir}/audit.jsonl`);
        await Deno.remove(`${dir}/audit.jsonl`);
        checkVariables(name, audit);
        const each = pooled(
          3,
          losses(permissionFlags(PERMISSION_SETS[name] ?? {})),
          async (loss) => {
            const [what, without] = loss;
            if (isReadElsewhere(what)) return;
            const data = `${before}-without-${crypto.randomUUID()}`;
            await copyFolder(before, data);
            const change = (command: string[]) => {
              const own = command.filter((word) => !/^--(allow|deny)-/.test(word));
              const certificate = "run" in (PERMISSION_SETS[name] ?? {})
                ? `,${world.certificate}`
                : "";
              const given = without.map((word) =>
                word.replace(/([=,])data\b/, `$1${data}`).replace("127.0.0.0/8,", "")
                  .replace(/^--allow-read=.*/, (read) => read + certificate)
              );
              return [...own, ...given];
            };
            const ended = await run(world, name, data, flags, change);
            const lost = ended.code !== 0 || await madeIn(data, ended) !== made;
            assert(lost, `${name} does all its work without ${what}`);
            assert(!/^\s+at /m.test(ended.stderr), ended.stderr);
          },
        );
        for await (const _ of each);
      }
      await fetchNeedsAll(world, full, dir);
      await mergeNeedsAll(full, await Deno.realPath(dir));
      await forgetNeedsAll(full, await Deno.realPath(dir));
    });
  } finally {
    await world.close();
  }
});

/** Rebuilds, of the list of one data folder, another. */
async function fetchNeedsAll(world: World, full: string, dir: string): Promise<void> {
  const listed = await run(world, "export", full, ["--format", "list"]);
  assertEquals(listed.code, 0, listed.stderr);
  const list = await Deno.readTextFile(`${full}/export/list/train.jsonl`);
  const images = list.trim().split("\n").length;
  const data = `${dir}/fetched`;
  const kept = await Deno.realPath(dir);
  let runs = 0;
  await needsAll("fetch", [data], async (flags) => {
    const place = `${kept}/fetched-${runs++}`;
    await Deno.mkdir(place);
    await Deno.writeTextFile(`${place}/train.jsonl`, list);
    const placed = flags.map((flag) => flag.replaceAll(data, place));
    const args = ["--data", place, `${place}/train.jsonl`];
    const ended = await runWith(placed, "fetch", args, { env: worldEnvironment(world) });
    const found = `${images} of ${images} listed image`;
    return { done: ended.code === 0 && ended.stdout.includes(found), said: ended.stderr };
  });
}

/** Merges a data folder into a new one. */
async function mergeNeedsAll(full: string, dir: string): Promise<void> {
  const images = await tree(full);
  let runs = 0;
  await needsAll("merge", ["INTO", full], async (flags) => {
    const into = `${dir}/into-${runs++}`;
    const placed = flags.map((flag) => flag.replace("INTO", into));
    const { code, stdout, stderr } = await runWith(placed, "merge", ["--into", into, full]);
    const merged = await tree(into).catch(() => []);
    // Without leave to write the folder that is read, images are copied, at the cost of their space.
    const isLinked = stdout.includes(`${images.length} linked, 0 copied`);
    const done = code === 0 && merged.length === images.length && isLinked;
    return { done, said: `${stdout}\n${stderr}` };
  });
}

/** Forgets a host's images, and makes the exports again. */
async function forgetNeedsAll(full: string, dir: string): Promise<void> {
  let runs = 0;
  await needsAll("forget", ["DATA"], async (flags) => {
    const data = `${dir}/forgetful-${runs++}`;
    await copyFolder(full, data);
    const placed = flags.map((flag) => flag.replace("DATA", data));
    const args = ["--host", "upload.wikimedia.org", "--yes", "--data", data];
    const { code, stdout, stderr } = await runWith(placed, "forget", args);
    const done = code === 0 && /^[1-9]\d* images? .* forgotten/.test(stdout);
    return { done, said: `${stdout}\n${stderr}` };
  });
}

Deno.test("init cannot do its work with one permission less than its set has", () =>
  withFolder(async (folder) => {
    const dir = await Deno.realPath(folder);
    let runs = 0;
    await needsAll("init", ["DATA"], async (flags) => {
      const data = `${dir}/${runs++}`;
      const placed = flags.map((flag) => flag.replace("DATA", data));
      const { code, stderr } = await runWith(placed, "init", ["--data", data]);
      return { done: code === 0, said: stderr };
    });
  }));

/** A data folder with some images, and copies of it. */
async function withImages(test: (copy: () => Promise<string>) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    // Without the links that a temporary folder's path may have, for the permissions.
    const dir = await Deno.realPath(folder);
    await makeSynthetic(`${dir}/data`, { species: 1, images: 3, files: "images" });
    await Deno.remove(`${dir}/data/report`, { recursive: true });
    let copies = 0;
    await test(async () => {
      const copy = `${dir}/${copies++}`;
      await copyFolder(`${dir}/data`, copy);
      return copy;
    });
  });
}

Deno.test("review cannot do its work with one permission less than its set has", () =>
  withImages((copy) =>
    needsAll("review", ["DATA"], async (flags) => {
      const data = await copy();
      const placed = flags.map((flag) => flag.replace("DATA", data));
      await using child = new Deno.Command(Deno.execPath(), {
        args: [
          ...["run", "-q", "--no-prompt", "--cached-only", ...placed],
          ...["scripts/review.ts", "--data", data],
        ],
        env: { NO_COLOR: "1" },
        stdin: "null",
        stdout: "piped",
        stderr: "piped",
      }).spawn();
      const errors = new Response(child.stderr).text();
      const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
      const { value: first = "" } = await reader.read();
      const address = /http:\S+/.exec(first)?.[0];
      const done = address !== undefined && await reviewOne(address);
      if (address !== undefined) child.kill("SIGINT");
      await child.status;
      await reader.cancel();
      return { done, said: await errors };
    })
  ));

Deno.test("embed cannot do its work with one permission less than its set has", async () => {
  await testRuntime();
  const model = await tinyModel();
  await withImages((copy) =>
    needsAll("embed", ["DATA"], async (flags) => {
      const data = await copy();
      const cwd = `${data}-place`;
      await Deno.mkdir(`${cwd}/.cache`, { recursive: true });
      await copyFolder(".cache/test-model", `${cwd}/.cache/model`);
      await Deno.writeFile(`${cwd}/.cache/model/tiny.onnx`, model.bytes);
      await Deno.writeTextFile(`${cwd}/.cache/model/tiny.onnx.json`, JSON.stringify(model.info));
      const placed = flags.map((flag) =>
        flag.replace("DATA", data)
          .replaceAll(/lib\/embed|lib\/image|node_modules/g, (folder) => resolve(folder))
      );
      const args = ["--data", data, "--model", ".cache/model/tiny.onnx"];
      const { code, stdout, stderr } = await runWith(placed, "embed", args, { cwd });
      return { done: code === 0 && stdout.startsWith("3 images embedded"), said: stderr };
    })
  );
});

/** Whether a review shows a picture, small, and takes a verdict on it. */
async function reviewOne(address: string): Promise<boolean> {
  const { origin, hash } = new URL(address);
  const token = hash.replace("#token=", "");
  const headers = { origin, "x-aquaset-token": token, "content-type": "application/json" };
  const { pictures } = await (await fetch(`${origin}/api/start`, { headers })).json();
  const name = `${hashOf(0, 0).slice(0, 16)}.jpg`;
  // Made anew: the folder has none of it.
  const thumb = await fetch(`${origin}${pictures}report/thumbs/${name.slice(0, 2)}/${name}`);
  const isThumb = thumb.headers.get("content-type") === "image/jpeg";
  await thumb.body?.cancel();
  const images = [`${speciesId(0)}/${name}`];
  const body = JSON.stringify({ verdict: "rejected", images });
  const verdict = await fetch(`${origin}/api/verdicts`, { method: "POST", headers, body });
  await verdict.body?.cancel();
  return isThumb && verdict.ok;
}

Deno.test({
  name: "browser cannot fetch one with one permission less than its set has",
  ignore: Deno.build.os !== "linux" || Deno.build.arch !== "x86_64",
  async fn() {
    const program = { text: "#!/bin/sh\nexit 0\n", mode: 0o100755 };
    const zip = zipOf({ "chrome-linux64/chrome": program });
    const serve = () => ({ body: zip });
    const host = "storage.googleapis.com";
    const world = await startWorld({ species: 1, images: 1, others: { [host]: serve } });
    const without = await startWorld({ species: 1, images: 1 });
    try {
      await withFolder(async (dir) => {
        // In place of the one that would fetch another browser from npm.
        const path = `${dir}/path`;
        await Deno.mkdir(path);
        const fake = '#!/bin/sh\necho >> "$CALLED"\nexit 1\n';
        await Deno.writeTextFile(`${path}/deno`, fake, { mode: 0o755 });
        let runs = 0;
        const fetchIn = async (flags: readonly string[], internet: World) => {
          const cwd = `${dir}/${runs++}`;
          await Deno.mkdir(cwd);
          const CALLED = `${cwd}-called`;
          const env = { ...worldEnvironment(internet), PATH: `${path}:/usr/bin:/bin`, CALLED };
          const { code, stderr } = await runWith(flags, "browser", ["--fetch", "--yes"], {
            cwd,
            env,
          });
          return { code, stderr, isCalled: await isThere(CALLED) };
        };
        await needsAll("browser", [], async (flags) => {
          const [chrome, other] = [await fetchIn(flags, world), await fetchIn(flags, without)];
          const done = chrome.code === 0 && !chrome.isCalled && other.isCalled;
          return { done, said: `${chrome.stderr}\n${other.stderr}` };
        }, (what) => /^(?:\/|C:).* of --allow-read$/.test(what));
      });
    } finally {
      await Promise.all([world.close(), without.close()]);
    }
  },
});

Deno.test("demo cannot do its work with one permission less than its set has", () =>
  withFolder(async (folder) => {
    const dir = await Deno.realPath(folder);
    let runs = 0;
    const PATH = `${dirname(Deno.execPath())}:/usr/bin:/bin`;
    await needsAll("demo", ["DATA"], async (flags) => {
      const data = `${dir}/${runs++}`;
      // In `data`, it could read what it writes.
      const placed = flags.map((flag) =>
        flag.replace("DATA", data).replace("-read=.", `-read=.,${data}`)
      );
      const args = ["--species", "1", "--images", "1", "--data", data];
      const { code, stderr } = await runWith(placed, "demo", args, { env: { PATH } });
      return { done: code === 0, said: stderr };
    });
  }));

async function copyFolder(from: string, to: string): Promise<void> {
  const { code } = await new Deno.Command("cp", { args: ["-r", from, to], stderr: "null" })
    .output();
  // There is nothing yet before the first script has run.
  if (code !== 0) await Deno.mkdir(to, { recursive: true });
}

Deno.test("the set of doctor has nothing that a run does not ask for", async () => {
  const world = await startWorld({ species: 1, images: 4, faults: false });
  try {
    await withFolder(async (folder) => {
      const dir = await Deno.realPath(folder);
      await Deno.mkdir(`${dir}/data`);
      Deno.env.set("DENO_AUDIT_PERMISSIONS", `${dir}/audit.jsonl`);
      const ended = await run(world, "doctor", `${dir}/data`, ["--live"])
        .finally(() => Deno.env.delete("DENO_AUDIT_PERMISSIONS"));
      const audit = await Deno.readTextFile(`${dir}/audit.jsonl`);
      assertEquals(spare("doctor", `${dir}/data`, audit), [], ended.stdout);
    });
  } finally {
    await world.close();
  }
});

Deno.test("scrape may do what google may, and fishbase reaches FishBase alone", () => {
  assertEquals(PERMISSION_SETS.scrape, PERMISSION_SETS.google);
  const { net: _scrape, ...rest } = PERMISSION_SETS.scrape ?? {};
  const { net: _fishbase, ...others } = PERMISSION_SETS.fishbase ?? {};
  assertEquals(others, rest);
});

Deno.test("each script has a permission set, which its task and its first line use", async () => {
  const tasks: Readonly<Record<string, { description?: string; command?: string }>> = config.tasks;
  for await (const { name } of Deno.readDir("scripts")) {
    if (!name.endsWith(".ts")) continue;
    const script = name.replace(/\.ts$/, "");
    const text = await Deno.readTextFile(`scripts/${name}`);
    assert(script in PERMISSION_SETS, script);
    if (script === "aquaset") continue;
    const [first = ""] = text.split("\n");
    assertEquals(first, `#!/usr/bin/env -S deno run -q --no-prompt -P=${script}`);
    assertStringIncludes(tasks[script]?.command ?? "", `deno run -q --no-prompt -P=${script} `);
  }
  for (const [name, { description }] of Object.entries(tasks)) {
    if (!name.includes(":")) {
      assert(description !== undefined, `the task ${name} says nothing of itself`);
    }
  }
});

Deno.test("no set may do everything, and whatever reaches the network is kept off private networks", () => {
  for (const [name, set] of Object.entries(PERMISSION_SETS)) {
    const flags = permissionFlags(set);
    assert(!flags.includes("--allow-run") && !flags.includes("--allow-env"), name);
    assert(!/\*/.test(flags.join(" ")), `${name} has a pattern`);
    if (name === "aquaset") continue;
    assert(!flags.includes("--allow-read") && !flags.includes("--allow-write"), name);
    const net = flags.find((flag) => flag.startsWith("--allow-net"));
    if (net === undefined || net === "--allow-net=127.0.0.1") continue;
    // Queue and store of many machines stand in private networks.
    const isOfEngine = ["keeper", "worker", "pull", "queue"].includes(name);
    const ranges = isOfEngine
      ? ["0.0.0.0/8", "169.254.0.0/16"]
      : ["0.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "10.0.0.0/8"];
    for (const range of ranges) {
      assertStringIncludes(flags.find((flag) => flag.startsWith("--deny-net=")) ?? "", range, name);
    }
  }
});
