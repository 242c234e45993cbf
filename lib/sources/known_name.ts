/**
 * The names under which sources know a species: resolved once, kept in the log's `done` events and in
 * `species.jsonl`.
 *
 * @module
 */

import * as v from "valibot";
import { defined } from "../base/defined.ts";
import type { KnownName } from "../species/species.ts";

/** After so many milliseconds a name is asked for again: taxa are split and merged. */
const LIFETIME = 90 * 24 * 60 * 60_000;

const TEXT = v.optional(v.string());
const FOUND = v.object({
  asked: TEXT,
  on: TEXT,
  validName: v.string(),
  taxon: v.optional(v.number()),
  specCode: v.optional(v.number()),
  resolved: v.optional(v.object({ from: v.string(), how: TEXT })),
});

/** A known name as the fields of a `done` event's `found`. */
export function foundOf({ asked, how, name, on, taxon }: KnownName): Record<string, unknown> {
  return {
    validName: name,
    ...defined({ taxon }),
    asked,
    ...defined({ on, resolved: how && { from: asked, to: name, how } }),
  };
}

/** The known name that a `done` event's `found` holds, if any. */
export function knownNameOf(found: unknown): KnownName | undefined {
  const parsed = v.safeParse(FOUND, found);
  if (!parsed.success) return undefined;
  const { asked, on, resolved, specCode, taxon = specCode, validName } = parsed.output;
  return {
    asked: asked ?? resolved?.from ?? validName,
    name: validName,
    ...defined({ taxon, how: resolved?.how, on }),
  };
}

/** Whether a known name needs not be asked for again. */
export function isFresh({ on }: KnownName, today: number): boolean {
  const age = today - Date.parse(on ?? "");
  return age > -LIFETIME && age < LIFETIME;
}
