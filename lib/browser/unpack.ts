/**
 * Putting unpacked browsers in their places, whole or not at all.
 *
 * @module
 */

import { dirname, join, relative, resolve } from "@std/path";

/** The file that says of a fetched browser that it cannot show a window. */
export const HEADLESS_ONLY = "headless-only";

/**
 * Fills a folder beside its place and then moves it there. What was there before is replaced.
 *
 * Only the folder is moved: Deno lets nobody write the very file that `--allow-run` names.
 *
 * @param place The folder's place.
 * @param fill Puts the content into the folder it is given.
 */
export async function unpackInto(
  place: string,
  fill: (staging: string) => Promise<void>,
): Promise<void> {
  const beside = () => join(dirname(place), `unpacking-${crypto.randomUUID()}`);
  const staging = beside();
  const old = beside();
  await Deno.mkdir(staging, { recursive: true });
  try {
    await fill(staging);
    await moveIfThere(place, old);
    await Deno.rename(staging, place);
  } finally {
    await removeIfThere(staging);
    await removeIfThere(old);
  }
}

/**
 * Writes a script that starts a program beside it.
 *
 * @param place The script's place.
 * @param lines The script, which finds its own folder in `$here`.
 */
export async function writeStarter(place: string, lines: readonly string[]): Promise<void> {
  const script = ["#!/bin/sh", 'here="${0%/*}"', ...lines, ""].join("\n");
  await Deno.writeTextFile(place, script, { mode: 0o755 });
}

async function moveIfThere(from: string, to: string): Promise<void> {
  try {
    await Deno.rename(from, to);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/**
 * The place of an archive's entry below a folder.
 *
 * @throws {Error} When the entry's name leads out of the folder.
 */
export function placeWithin(folder: string, name: string): string {
  const place = resolve(folder, name);
  const way = relative(folder, place);
  if (way === ".." || /^\.\.[/\\]/.test(way) || resolve(way) === way) {
    throw new Error(`the archive holds ${name}, which leads out of it`);
  }
  return place;
}

/** Removes a file or folder if it is there. */
export async function removeIfThere(path: string): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
