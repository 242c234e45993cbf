/**
 * One process writes a data folder at a time.
 *
 * The lock is the operating system's, on the file `.lock` in the data folder: it ends with the
 * process, however that ends, so a crash cannot leave it behind. What the file says is for people.
 *
 * @module
 */

import { join } from "@std/path";
import * as v from "valibot";
import { diskFailure, isMissing } from "../base/disk_failure.ts";
import { Failure } from "../base/failure.ts";
import { lstatIfThere, writeAll } from "../base/files.ts";

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

/** A data folder that is ours to write. */
export interface Lock {
  /** Gives the folder back. Safe to call twice. */
  release(): Promise<void>;
}

const ATTEMPTS = 20;

/**
 * Takes a data folder for this process.
 *
 * @param script The script's name, for whoever comes second.
 * @throws {Failure} When another process holds it, saying who, or it cannot be written.
 */
export async function takeLock(dir: string, script: string): Promise<Lock> {
  const path = join(dir, ".lock");
  try {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const file = await tryTake(dir, path);
      if (file === undefined) continue;
      const lock = lockOn(file, path);
      try {
        await describe(file, script);
      } catch (error) {
        await lock.release();
        throw error;
      }
      return lock;
    }
  } catch (error) {
    throw diskFailure(`take the data folder ${dir} for this run`, error);
  }
  throw new Failure(
    `Cannot take the data folder ${dir}: its lock changes hands all the time. Run again when the other runs have ended.`,
  );
}

/** Who writes a data folder at the moment; `undefined` where nobody does. */
export async function lockHolder(dir: string): Promise<LockHolder | undefined> {
  const path = join(dir, ".lock");
  try {
    const text = await Deno.readTextFile(path);
    using file = await Deno.open(path, { read: true });
    // The file may be left over: only a lock that is held counts.
    return await file.tryLock(false) ? undefined : readHolder(text);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw diskFailure(`read the lock of ${dir}`, error);
  }
}

/** The open and locked file; `undefined` when it was removed between opening and locking. */
async function tryTake(dir: string, path: string): Promise<Deno.FsFile | undefined> {
  await refuseLink(path);
  const file = await Deno.open(path, { read: true, write: true, create: true });
  let ours = false;
  try {
    if (!await file.tryLock(true)) throw heldByAnother(dir, await holderText(path));
    // The holder before us deletes the file at its end: then we hold a file that nobody sees.
    ours = await isSameFile(file, path);
    return ours ? file : undefined;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  } finally {
    if (!ours) file.close();
  }
}

/** What a held lock says; on Windows a locked file cannot be read by others. */
async function holderText(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (Deno.build.os === "windows") return "";
    throw error;
  }
}

async function refuseLink(path: string): Promise<void> {
  if ((await lstatIfThere(path))?.isFile !== false) return;
  throw new Failure(`Cannot use ${path}: it is not a plain file. Remove it and run again.`);
}

async function isSameFile(file: Deno.FsFile, path: string): Promise<boolean> {
  const [opened, named] = [await file.stat(), await Deno.stat(path)];
  return opened.ino === named.ino && opened.dev === named.dev;
}

/** This machine's name, where it may be asked for. */
export async function hostName(): Promise<string | undefined> {
  const { state } = await Deno.permissions.query({ name: "sys", kind: "hostname" });
  return state === "granted" ? Deno.hostname() : undefined;
}

async function describe(file: Deno.FsFile, script: string): Promise<void> {
  const host = await hostName();
  const holder: LockHolder = {
    pid: Deno.pid,
    ...(host === undefined ? {} : { host }),
    started: new Date().toISOString(),
    script,
  };
  await file.truncate(0);
  await writeAll(file, new TextEncoder().encode(`${JSON.stringify(holder)}\n`));
}

function lockOn(file: Deno.FsFile, path: string): Lock {
  let released: Promise<void> | undefined;
  const release = async (): Promise<void> => {
    try {
      if (await isSameFile(file, path)) await Deno.remove(path);
    } catch (error) {
      // A lock file that stays is harmless: the lock itself ends when the file is closed.
      if (!isMissing(error) && !(error instanceof Deno.errors.PermissionDenied)) {
        throw diskFailure(`remove the lock ${path}`, error);
      }
    } finally {
      file.close();
    }
  };
  return { release: () => released ??= release() };
}

function heldByAnother(dir: string, text: string): Failure {
  const holder = readHolder(text);
  const host = holder?.host === undefined ? "" : ` on ${holder.host}`;
  const who = holder === undefined
    ? "another process"
    : `${holder.script} (process ${holder.pid}${host}, since ${holder.started})`;
  return new Failure(
    `The data folder ${dir} is being written by ${who}. Wait until it ends or stop it, or choose another folder with --data.`,
  );
}

/** `undefined` where the holder has not yet written who it is. */
function readHolder(text: string): LockHolder | undefined {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), HOLDER), text);
  return parsed.success ? parsed.output : undefined;
}
