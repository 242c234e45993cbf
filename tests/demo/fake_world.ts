// A world without a network: what the check needs to know, and a data folder as it must be.

import { createCatalogue } from "../../lib/demo/catalogue.ts";
import type { CheckedWorld } from "../../lib/demo/check.ts";
import type { Photo } from "../../lib/demo/photo.ts";
import { Plan, type PlanOptions } from "../../lib/demo/plan.ts";
import { expectedOf } from "../../lib/demo/truth.ts";

export const PLAN: PlanOptions = {
  seed: "test",
  scale: 1,
  images: 20,
  results: 80,
  furtherResults: 40,
  faults: true,
  slow: true,
  similar: true,
};

export function createPlan(species = 12, options: Partial<PlanOptions> = {}): Plan {
  return new Plan(createCatalogue(species), { ...PLAN, ...options });
}

/** Stands for a picture's file: begins as a JPEG does. */
export function fileOf({ species, index, treatment, format }: Photo): Uint8Array<ArrayBuffer> {
  const name = new TextEncoder().encode(`${species}/${index}/${treatment}/${format}`);
  return new Uint8Array([0xff, 0xd8, 0xff, 0xe0, ...name]);
}

export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

export function fakeWorld(plan: Plan): CheckedWorld {
  return {
    catalogue: plan.catalogue,
    plan,
    images: plan.options.images,
    requests: [],
    crawlDelay: 200,
    photos: {
      make: (photo) => Promise.resolve(fileOf(photo)),
      sha256: (photo) => sha256(fileOf(photo)),
      sheet: () => Promise.resolve(new Uint8Array()),
      close: () => {},
    },
  };
}

/** Writes the data folder that a faultless run leaves. */
export async function writeDataset(plan: Plan, folder: string): Promise<void> {
  const log: Record<string, unknown>[] = [];
  const species: Record<string, unknown>[] = [{ id: "hybrid", latin: "", merged: [] }];
  for (const fish of plan.catalogue.fish) {
    const expected = expectedOf(plan, fish, plan.options.images);
    species.push({
      id: fish.key,
      latin: fish.latin,
      ...fish.index === 2 ? { merged: [{ common: "again", latin: fish.latin }] } : {},
    });
    let kept = 0;
    for (const image of expected.images) {
      if (image.outcome === "kept" && kept++ >= expected.most) break;
      const bytes = fileOf(image.photo);
      const hash = await sha256(bytes);
      const file = `images/${fish.key}/${hash.slice(0, 16)}.jpg`;
      log.push({
        event: "image",
        species: fish.key,
        source: image.source,
        url: image.url,
        outcome: image.outcome,
        license: image.license ?? "unknown",
        author: image.author,
        observation: image.observation,
        ...image.outcome === "kept" ? { file, sha256: hash } : { detail: image.kind },
      });
      if (image.outcome !== "kept") continue;
      await Deno.mkdir(`${folder}/images/${fish.key}`, { recursive: true });
      await Deno.writeFile(`${folder}/${file}`, bytes);
    }
    for (const [source, whys] of Object.entries(expected.done)) {
      log.push({ event: "done", species: fish.key, source, why: whys[0] });
    }
  }
  const lines = (list: readonly unknown[]): string =>
    list.map((one) => JSON.stringify(one) + "\n").join("");
  await Deno.writeTextFile(`${folder}/log.jsonl`, lines(log));
  await Deno.writeTextFile(`${folder}/species.jsonl`, lines(species));
}
