import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import config from "../../deno.json" with { type: "json" };
import { pooled } from "../../lib/base/pooled.ts";
import { PERMISSION_SETS, permissionFlags } from "../../lib/cli/permissions.ts";
import { startWorld } from "../../lib/demo/world.ts";
import { type Ended, inFolder, QUICK, run, tree } from "./in_world.ts";

/** What each script is given beside its data folder, so that it needs all it may do. */
const RUNS: Readonly<Record<string, readonly string[]>> = {
  species: [],
  inaturalist: ["--images", "2"],
  gbif: ["--images", "5"],
  commons: ["--images", "6"],
  openverse: ["--images", "8"],
  fishbase: ["--images", "10", ...QUICK.slice(0, 2), "--render"],
  google: ["--images", "14", ...QUICK.slice(2)],
  status: [],
  verify: ["--repair"],
  report: [],
  export: ["--size", "32"],
  augment: ["--to", "16"],
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

Deno.test("no script can do its work with one permission less than its set has", async () => {
  const world = await startWorld({
    species: 1,
    images: 6,
    faults: false,
    results: 8,
    furtherResults: 0,
  });
  try {
    await inFolder(async (dir) => {
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
        const variables = PERMISSION_SETS[name]?.env;
        assert(Array.isArray(variables));
        for (const variable of variables) {
          if (READ_ELSEWHERE.includes(variable)) continue;
          assertStringIncludes(audit, `"${variable}"`, `${name} does not read ${variable}`);
        }
        const each = pooled(
          3,
          losses(permissionFlags(PERMISSION_SETS[name] ?? {})),
          async (loss) => {
            const [what, without] = loss;
            // Nothing forces colours here, or asks for help.
            if (what === "--allow-env=FORCE_COLOR,INIT_CWD") return;
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
    });
  } finally {
    await world.close();
  }
});

async function copyFolder(from: string, to: string): Promise<void> {
  const { code } = await new Deno.Command("cp", { args: ["-r", from, to], stderr: "null" })
    .output();
  // There is nothing yet before the first script has run.
  if (code !== 0) await Deno.mkdir(to, { recursive: true });
}

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
