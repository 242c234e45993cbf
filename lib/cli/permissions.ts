/**
 * The permission sets of `deno.json`, and the command that works where one of them is too narrow.
 *
 * @module
 */

import { fromFileUrl, relative, resolve } from "@std/path";
import { isWithin } from "../base/inside.ts";
import config from "../../deno.json" with { type: "json" };

type Values = boolean | readonly string[];

const KINDS = ["net", "read", "write", "run", "env", "sys"] as const;
type Kind = typeof KINDS[number];

export type PermissionSet = Readonly<
  Partial<Record<Kind, Values | { readonly allow?: Values; readonly deny?: Values }>>
>;

/** The sets by name: each script has one of its own name. */
export const PERMISSION_SETS: Readonly<Record<string, PermissionSet>> = config.permissions;

/** The folder of `deno.json`, which the paths in a set are relative to. */
const ROOT = import.meta.url.startsWith("file:")
  ? fromFileUrl(new URL("../..", import.meta.url))
  : ".";

/** What a set allows and denies of one kind. */
function ruleOf(set: PermissionSet, kind: Kind): { readonly allow: Values; readonly deny: Values } {
  const rule = set[kind] ?? false;
  if (typeof rule === "boolean" || "length" in rule) return { allow: rule, deny: false };
  return { allow: rule.allow ?? false, deny: rule.deny ?? false };
}

/** One kind of a set as plain flags: `--allow-net --deny-net=10.0.0.0/8`. */
function kindFlags(set: PermissionSet, kind: Kind): string[] {
  return Object.entries(ruleOf(set, kind)).flatMap(([verb, values]) => {
    if (values === true) return [`--${verb}-${kind}`];
    return values === false || values.length === 0 ? [] : [`--${verb}-${kind}=${values.join(",")}`];
  });
}

/** A permission set as plain flags, for whoever prefers them to `-P=NAME`. */
export function permissionFlags(set: PermissionSet): string[] {
  return KINDS.flatMap((kind) => kindFlags(set, kind));
}

/** The set with other folders in place of `data`, wherever that is in it. */
export function inFolders(set: PermissionSet, folders: readonly string[]): PermissionSet {
  const change = (kind: Kind): PermissionSet => {
    const { allow, deny } = ruleOf(set, kind);
    if (typeof allow === "boolean") return {};
    const changed = allow.flatMap((path) => path === "data" ? folders : [path]);
    return { [kind]: { allow: changed, deny } };
  };
  return { ...set, ...change("read"), ...change("write") };
}

export function widen(set: PermissionSet, kind: Kind, values: readonly string[]): PermissionSet {
  const { allow, deny } = ruleOf(set, kind);
  if (allow === true || values.length === 0) return set;
  return { ...set, [kind]: { allow: [...allow === false ? [] : allow, ...values], deny } };
}

export interface NamedPaths {
  /** Folders that are read and written: the data folder and others. */
  readonly folders: readonly string[];
  readonly files: readonly string[];
}

/**
 * The command that runs a script with what it lacked: `deno run -q -P=scrape --allow-read=… …`.
 *
 * A flag takes the place of all that the set says of its kind, so it repeats the rest of it.
 */
export function commandFor(
  name: string,
  args: readonly string[],
  { folders, files }: NamedPaths,
  lacked: { readonly kind: string; readonly value: string },
): string {
  const set = PERMISSION_SETS[name] ?? {};
  const kind = KINDS.find((one) => one === lacked.kind) ?? "read";
  const value = kind === "net" ? lacked.value.replace(/:(443|80)$/, "") : lacked.value;
  const named = [...folders, ...files].some((path) => isWithin(value, path));
  const places = folders.map((folder) => isWithin(folder, resolve(ROOT, "data")) ? "data" : folder);
  const distinct = places.length === 0 ? ["data"] : [...new Set(places)];
  const inPlace = inFolders(set, distinct);
  const { allow } = ruleOf(inPlace, "read");
  // A set that reads nothing, or everything, needs no folder.
  const may = typeof allow === "boolean" ? distinct : allow;
  const reads = [...distinct, ...files].filter((path) => !may.some((had) => isWithin(path, had)));
  const placed = widen(inPlace, "read", reads);
  const wider = named
    ? placed
    : kind === "run"
    ? { ...placed, run: [value] }
    : widen(placed, kind, [value]);
  const flags = KINDS.map((one) => kindFlags(wider, one))
    .filter((given, at) => String(given) !== String(kindFlags(set, KINDS[at] ?? "net"))).flat();
  const script = relative(Deno.cwd(), resolve(ROOT, "scripts", `${name}.ts`));
  return ["deno run -q", `-P=${name}`, ...flags.map(quote), script, ...args.map(quote)].join(" ");
}

/** A word as a shell takes it. */
export function quote(word: string): string {
  return /^[\w./:@%+=,-]+$/.test(word) ? word : `"${word.replace(/(["\\$`])/g, "\\$1")}"`;
}
