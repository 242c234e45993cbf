/** Imports point down only: what each folder stands on, and that no files import each other in a circle. */

import { assert, assertEquals } from "@std/assert";
import { dirname, fromFileUrl, join, relative } from "@std/path";
import { walk } from "@std/fs";

const ROOT = fromFileUrl(new URL("..", import.meta.url));

/** From the top down. A file may import from its own folder and from folders below it. */
const LAYERS = [
  "scripts",
  "lib/cli",
  "lib/review",
  "lib/report",
  "lib/export",
  "lib/augment",
  "lib/split",
  "lib/engine",
  "lib/scrape",
  "lib/sources",
  "lib/embed",
  "lib/dataset",
  "lib/species",
  "lib/image",
  "lib/web",
  "lib/browser",
  "lib/base",
];

function layerOf(file: string): number {
  return LAYERS.findIndex((layer) => file.startsWith(`${layer}/`));
}

async function importsOf(file: string, which: "all" | "static"): Promise<string[]> {
  const text = (await Deno.readTextFile(join(ROOT, file))).replaceAll(/\/\*\*?\n[\s\S]*?\*\//g, "");
  const found = text.matchAll(
    /^(?:import|export|\})[^;"]*from "(\.[^"]+)"|\bimport\("(\.[^"]+)"\)/gm,
  );
  return [...found].filter(([text, one]) =>
    which === "all" || (one !== undefined && !/^(?:import|export) type /.test(text))
  ).map(([, one, other]) => join(dirname(file), one ?? other ?? ""));
}

async function readGraph(which: "all" | "static" = "all"): Promise<Map<string, string[]>> {
  const graph = new Map<string, string[]>();
  for (const folder of ["lib", "scripts"]) {
    for await (const { path } of walk(join(ROOT, folder), { exts: [".ts"] })) {
      const file = relative(ROOT, path);
      graph.set(file, await importsOf(file, which));
    }
  }
  return graph;
}

Deno.test("imports point down: no folder imports from one above it", async () => {
  const up: string[] = [];
  for (const [file, targets] of await readGraph()) {
    if (file.startsWith("lib/demo/")) continue;
    for (const target of targets) {
      const fromDemo = target.startsWith("lib/demo/") && file !== "scripts/demo.ts";
      const upward = layerOf(target) >= 0 && layerOf(target) < layerOf(file);
      if (fromDemo || upward) up.push(`${file} -> ${target}`);
    }
  }
  assertEquals(up, []);
});

Deno.test("no files import each other in a circle", async () => {
  const graph = await readGraph();
  const inCircle: string[] = [];
  for (const start of graph.keys()) {
    const seen = new Set<string>();
    const stack = [...graph.get(start) ?? []];
    for (let file = stack.pop(); file !== undefined; file = stack.pop()) {
      if (seen.has(file)) continue;
      seen.add(file);
      stack.push(...graph.get(file) ?? []);
    }
    if (seen.has(start)) inCircle.push(start);
  }
  assertEquals(inCircle, []);
});

/** All that a script loads by itself, without what it imports when it needs it. */
function loadedBy(script: string, graph: ReadonlyMap<string, readonly string[]>): Set<string> {
  const loaded = new Set([script]);
  for (const file of loaded) graph.get(file)?.forEach((target) => loaded.add(target));
  return loaded;
}

Deno.test("one machine loads nothing of lib/engine", async () => {
  const graph = await readGraph("static");
  for (const script of ["scrape", "google", "fishbase", "status", "merge", "verify"]) {
    const loaded = [...loadedBy(`scripts/${script}.ts`, graph)];
    assertEquals(loaded.filter((file) => file.startsWith("lib/engine/")), [], script);
  }
  assert(loadedBy("scripts/worker.ts", graph).has("lib/engine/worker.ts"));
});
