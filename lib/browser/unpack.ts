/**
 * Putting unpacked browsers in their places, whole or not at all.
 *
 * @module
 */

import { dirname, join, relative, resolve } from "@std/path";

/**
 * Fills a folder beside its place and then moves it there. What was there before is replaced.
 *
 * @param place The folder's place.
 * @param fill Puts the content into the folder it is given.
 */
export async function unpackInto(
  place: string,
  fill: (staging: string) => Promise<void>,
): Promise<void> {
  const staging = join(dirname(place), `unpacking-${crypto.randomUUID()}`);
  await Deno.mkdir(staging, { recursive: true });
  try {
    await fill(staging);
    await removeIfThere(place);
    await Deno.rename(staging, place);
  } catch (error) {
    await removeIfThere(staging);
    throw error;
  }
}

/**
 * Writes a script that starts a program, and puts it in place in one step.
 *
 * @param place The script's place.
 * @param lines The script, which finds its own folder in `$here`.
 */
export async function placeStarter(place: string, lines: readonly string[]): Promise<void> {
  const staging = join(dirname(place), `unpacking-${crypto.randomUUID()}`);
  const script = ["#!/bin/sh", 'here="${0%/*}"', ...lines, ""].join("\n");
  await Deno.writeTextFile(staging, script, { mode: 0o755 });
  await Deno.rename(staging, place);
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
