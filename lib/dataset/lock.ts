/**
 * One process writes a data folder at a time.
 *
 * The lock is the operating system's, on the file `.lock` in the data folder: it ends with the
 * process, however that ends. The file stays, and what it says counts only while it is locked.
 *
 * @module
 */

import { join } from "@std/path";
import * as v from "valibot";
import { diskFailure, ifThere } from "../base/disk_failure.ts";
import { Failure } from "../base/failure.ts";
import { writeAll } from "../base/files.ts";
import { writableInside } from "../base/inside.ts";

const LOCK_NAME = ".lock";

const HOLDER = v.object({
  pid: v.number(),
  /** Where the process may know the machine's name. */
  host: v.exactOptional(v.string()),
  /** ISO 8601. */
  started: v.string(),
  script: v.string(),
});

/** Who holds a data folder, as `.lock` says it. */
export type LockHolder = Readonly<v.InferOutput<typeof HOLDER>>;

/**
 * Takes a data folder for this process, until what it returns is disposed of.
 *
 * @param script The script's name, for whoever comes second.
 * @throws {Failure} When another process holds it, saying who, or it cannot be written.
 */
export async function takeLock(dir: string, script: string): Promise<Disposable> {
  let file: Deno.FsFile | undefined;
  try {
    const path = await writableInside(dir, LOCK_NAME);
    file = await Deno.open(path, { read: true, write: true, create: true });
    if (!await file.tryLock(true)) throw heldByAnother(dir, await holderIn(path));
    const host = await hostName();
    const started = new Date().toISOString();
    const holder: LockHolder = { pid: Deno.pid, ...host && { host }, started, script };
    await file.truncate(0);
    await writeAll(file, new TextEncoder().encode(`${JSON.stringify(holder)}\n`));
    return file;
  } catch (error) {
    file?.close();
    throw diskFailure(`take the data folder ${dir} for this run`, error);
  }
}

/** Who writes a data folder at the moment; `undefined` where nobody does. */
export async function lockHolder(dir: string): Promise<LockHolder | undefined> {
  const path = join(dir, LOCK_NAME);
  try {
    using file = await ifThere(Deno.open(path, { read: true }));
    return file === undefined || await file.tryLock(false) ? undefined : await holderIn(path);
  } catch (error) {
    throw diskFailure(`read the lock of ${dir}`, error);
  }
}

/** This machine's name, where it may be asked for. */
export async function hostName(): Promise<string | undefined> {
  const { state } = await Deno.permissions.query({ name: "sys", kind: "hostname" });
  return state === "granted" ? Deno.hostname() : undefined;
}

/** What a held lock says; `undefined` where its holder has not yet written who it is. */
async function holderIn(path: string): Promise<LockHolder | undefined> {
  let text = "";
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    // On Windows a locked file cannot be read by others.
    if (Deno.build.os !== "windows") throw error;
  }
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), HOLDER), text);
  return parsed.success ? parsed.output : undefined;
}

function heldByAnother(dir: string, holder: LockHolder | undefined): Failure {
  const host = holder?.host === undefined ? "" : ` on ${holder.host}`;
  const who = holder === undefined
    ? "another process"
    : `${holder.script} (process ${holder.pid}${host}, since ${holder.started})`;
  return new Failure(
    `The data folder ${dir} is being written by ${who}. Wait until it ends or stop it, or choose another folder with --data.`,
  );
}
