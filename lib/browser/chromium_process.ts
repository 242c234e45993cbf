/**
 * Chromium as a process of ours: started with a pipe that only we hold, and never left behind. When
 * we end without a word, even by `kill -9`, the pipe closes and Chromium ends itself.
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";
import { Duplex } from "node:stream";
import { reason } from "../base/failure.ts";
import { fields, type MessagePipe, text } from "./driver.ts";

/** How a start ended that gave no browser. */
export type StartTrouble =
  /** There is nothing at that path. */
  | "not-there"
  /** Deno was not given the permission to run it. */
  | "not-permitted"
  /** Chromium will not run as root with its sandbox. */
  | "root-needs-no-sandbox"
  /** Chromium's sandbox cannot work on this machine, and we are not root. */
  | "no-sandbox-here"
  /** We may open no more files. */
  | "too-many-files"
  /** It ended, or did not answer in time. */
  | "did-not-start";

/** Thrown when a program could not be started as a browser. */
export class NotStarted extends Error {
  /** Always `"NotStarted"`. */
  override readonly name = "NotStarted";
  /** What it comes to. */
  readonly trouble: StartTrouble;

  /**
   * Makes one.
   *
   * @param trouble What it comes to.
   * @param message What the program or the system said.
   */
  constructor(trouble: StartTrouble, message: string) {
    super(message);
    this.trouble = trouble;
  }
}

/** What is started, and how. */
export interface Launch {
  /** The program. */
  readonly path: string;
  /** Its flags, without those for pipe and profile. */
  readonly flags: readonly string[];
  /** The profile folder, which exists. */
  readonly profile: string;
  /** The whole environment of the new process. */
  readonly environment: Readonly<Record<string, string>>;
  /** How long it may take until it answers, in milliseconds. */
  readonly within: number;
  /** Ends the attempt. */
  readonly signal: AbortSignal;
}

/** A Chromium that runs and has answered. */
export interface ChromiumProcess {
  /** The product and version it told, such as `Chrome/156.0.8078.79`. */
  readonly version: string;
  /** The pipe; free to be taken over by a driver. */
  readonly pipe: MessagePipe;
  /** Ends when the process has ended. Never rejects. */
  readonly ended: Promise<void>;
  /** Ends it: asks first, and kills it when it does not go within `patience` milliseconds. */
  stop(patience: number): Promise<void>;
}

/**
 * Starts a Chromium and waits until it answers.
 *
 * @throws {NotStarted} When it cannot be started or does not answer.
 * @throws The signal's reason when it fires; the process is gone by then.
 */
export async function launchChromium(launch: Launch): Promise<ChromiumProcess> {
  launch.signal.throwIfAborted();
  const child = spawn(launch.path, [
    ...launch.flags,
    "--remote-debugging-pipe",
    `--user-data-dir=${launch.profile}`,
  ], {
    env: { ...launch.environment },
    // In a group of its own, Ctrl-C on the terminal ends us and not the browser before us.
    detached: true,
    stdio: ["ignore", "ignore", "pipe", "pipe", "pipe"],
  });
  const end = Promise.withResolvers<void>();
  const failure = Promise.withResolvers<never>();
  failure.promise.catch(() => "after the start the end of the process is no failure any more");
  const said = lastWords(child, (words) => {
    if (!/too many open files/i.test(words)) return;
    // Chromium may hang then.
    failure.reject(new NotStarted("too-many-files", "too many open files"));
  });
  child.once("error", (error) => {
    failure.reject(new NotStarted(troubleOf(error), reason(error)));
    end.resolve();
  });
  child.once("exit", (code, signal) => {
    failure.reject(ending(said(), signal ?? `exit status ${code}`));
    end.resolve();
  });
  const pipe = streamPipe(child.stdio?.[3], child.stdio?.[4]);
  const stop = async (patience: number): Promise<void> => {
    pipe.send(JSON.stringify({ id: 2_000_000_000, method: "Browser.close" }));
    const timer = setTimeout(() => child.kill("SIGKILL"), patience);
    await end.promise;
    clearTimeout(timer);
    pipe.close();
  };
  const stopped = () => failure.reject(launch.signal.reason);
  launch.signal.addEventListener("abort", stopped);
  const timer = setTimeout(() => {
    failure.reject(withLastLine(`it did not answer within ${launch.within / 1000} s`, said()));
  }, launch.within);
  try {
    const version = await Promise.race([askVersion(pipe), failure.promise]);
    return { version, pipe, ended: end.promise, stop };
  } catch (error) {
    await stop(0);
    throw error;
  } finally {
    clearTimeout(timer);
    launch.signal.removeEventListener("abort", stopped);
    delete pipe.onmessage;
  }
}

/** Asks for the version: the first thing a Chromium answers once it is up. */
function askVersion(pipe: MessagePipe): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  pipe.onmessage = (message) => {
    const answer = fields(JSON.parse(message));
    if (answer["id"] === 1) resolve(text(fields(answer["result"]), "product"));
  };
  pipe.send(JSON.stringify({ id: 1, method: "Browser.getVersion" }));
  return promise;
}

/** Keeps the last of what a process says on its standard error, and hands it on. */
function lastWords(child: ChildProcess, heard: (words: string) => void): () => string {
  let kept = "";
  child.stderr?.setEncoding("utf8");
  child.stderr?.on("data", (chunk: string) => {
    kept = (kept + chunk).slice(-4000);
    heard(kept);
  });
  return () => kept;
}

function troubleOf(error: Error): StartTrouble {
  if (error.name === "NotCapable") return "not-permitted";
  const code = "code" in error ? error.code : undefined;
  if (code === "EMFILE" || code === "ENFILE") return "too-many-files";
  return code === "ENOENT" ? "not-there" : "did-not-start";
}

/** What a process meant that ended instead of answering. */
function ending(said: string, how: string): NotStarted {
  if (said.includes("Running as root without --no-sandbox")) {
    return new NotStarted("root-needs-no-sandbox", "it does not run as root with its sandbox");
  }
  if (said.includes("No usable sandbox")) {
    return new NotStarted("no-sandbox-here", "this system does not let it set up its sandbox");
  }
  return withLastLine(`it ended with ${how}`, said);
}

/** What every Chromium says where there is no desktop; it never is the trouble. */
const CHATTER = /dbus|d-bus|connect to the bus/i;
/** `[123:456:1125/232824.355046:ERROR:dbus/bus.cc:405] `, as Chromium begins its lines. */
const LINE_START = /^\[[\d:/.]+:[A-Z]+:[^\]]*\]\s*/;

/** The trouble with the last line that says something about it. */
function withLastLine(trouble: string, said: string): NotStarted {
  const line = said.split("\n")
    .filter((words) => !CHATTER.test(words))
    .map((words) => words.replace(LINE_START, "").trim().replace(/\.+$/, ""))
    .findLast((words) => words !== "");
  const told = line === undefined ? trouble : `${trouble}: ${line.slice(0, 300)}`;
  return new NotStarted("did-not-start", told);
}

/** The longest message that is taken, in characters: far more than the largest page. */
const LONGEST_MESSAGE = 256 * 1024 * 1024;

/**
 * A pipe of JSON texts, each ended by a zero byte, over two streams of a child process. Streams that
 * are not there, as of a program that could not be started, give a pipe that is closed.
 */
function streamPipe(output: unknown, input: unknown): MessagePipe {
  let open = true;
  const pipe: MessagePipe = {
    send(message) {
      if (open && output instanceof Duplex && output.writable) output.write(message + "\0");
    },
    close() {
      if (!open) return;
      open = false;
      if (output instanceof Duplex) output.destroy();
      if (input instanceof Duplex) input.destroy();
      pipe.onclose?.();
    },
  };
  if (!(output instanceof Duplex) || !(input instanceof Duplex)) {
    pipe.close();
    return pipe;
  }
  // A broken pipe says that the browser is gone, which its end says too.
  for (const stream of [output, input]) {
    stream.on("error", () => pipe.close());
    stream.on("close", () => pipe.close());
  }
  readMessages(input, (message) => pipe.onmessage?.(message), () => pipe.close());
  return pipe;
}

function readMessages(input: Duplex, heard: (message: string) => void, tooLong: () => void): void {
  const decoder = new TextDecoder();
  let parts: string[] = [];
  let length = 0;
  input.on("data", (chunk: Uint8Array) => {
    let from = 0;
    for (let at = chunk.indexOf(0); at >= 0; at = chunk.indexOf(0, from)) {
      parts.push(decoder.decode(chunk.subarray(from, at)));
      const message = parts.join("");
      parts = [];
      length = 0;
      from = at + 1;
      heard(message);
    }
    const rest = decoder.decode(chunk.subarray(from), { stream: true });
    parts.push(rest);
    length += rest.length;
    if (length > LONGEST_MESSAGE) tooLong();
  });
}
