/**
 * Chromium as a child process, connected by a pipe. When we end, even by `kill -9`, the pipe closes and
 * Chromium ends itself.
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";
import { Duplex } from "node:stream";
import { deadline } from "@std/async";
import { reason } from "../base/failure.ts";
import { fields, type MessagePipe } from "./driver.ts";

export type StartTrouble =
  | "not-there"
  /** Deno has no permission to run it. */
  | "not-permitted"
  | "root-needs-no-sandbox"
  | "too-many-files"
  /** It ended, or did not answer in time. */
  | "did-not-start";

/** A program could not be started as a browser; the message is what it or the system said. */
export class NotStarted extends Error {
  override readonly name = "NotStarted";
  readonly trouble: StartTrouble;

  constructor(trouble: StartTrouble, message: string) {
    super(message);
    this.trouble = trouble;
  }
}

export interface Launch {
  readonly path: string;
  readonly profile: string;
  readonly headed: boolean;
  /** As root it does not run with a sandbox. */
  readonly noSandbox: boolean;
  /** More flags. */
  readonly more: readonly string[];
  /** How long it may take to answer, in milliseconds. */
  readonly within: number;
  readonly signal: AbortSignal;
}

/** A Chromium that has answered. */
export interface ChromiumProcess {
  readonly pipe: MessagePipe;
  /** Never rejects. */
  readonly ended: Promise<void>;
  /** Asks the browser to end, and kills it after `patience` milliseconds. */
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
  const child = spawn(launch.path, flagsOf(launch), {
    env: environmentOf(launch),
    // In a process group of its own, so that Ctrl-C does not end the browser before us.
    detached: true,
    stdio: ["ignore", "ignore", "pipe", "pipe", "pipe"],
  });
  const end = Promise.withResolvers<void>();
  const failure = Promise.withResolvers<never>();
  // After the start nobody waits for it.
  failure.promise.catch(() => undefined);
  const said = lastWords(child, (words) => {
    if (!/too many open files|FD exhaustion/i.test(words)) return;
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
  const { signal, within } = launch;
  try {
    await deadline(Promise.race([firstAnswer(pipe), failure.promise]), within, { signal });
    return { pipe, ended: end.promise, stop };
  } catch (error) {
    await stop(0);
    signal.throwIfAborted();
    if (error instanceof NotStarted) throw error;
    throw withLastLine(`it did not answer within ${within / 1000} s`, said());
  } finally {
    delete pipe.onmessage;
  }
}

function firstAnswer(pipe: MessagePipe): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  pipe.onmessage = (message) => {
    if (fields(JSON.parse(message))["id"] === 1) resolve();
  };
  pipe.send(JSON.stringify({ id: 1, method: "Browser.getVersion" }));
  return promise;
}

/** Keeps the end of a process's standard error, and passes it on. */
function lastWords(child: ChildProcess, listener: (words: string) => void): () => string {
  let kept = "";
  child.stderr?.setEncoding("utf8");
  child.stderr?.on("data", (chunk: string) => {
    kept = (kept + chunk).slice(-4000);
    listener(kept);
  });
  return () => kept;
}

function troubleOf(error: Error): StartTrouble {
  if (error.name === "NotCapable") return "not-permitted";
  const code = "code" in error ? error.code : undefined;
  if (code === "EMFILE" || code === "ENFILE") return "too-many-files";
  return code === "ENOENT" ? "not-there" : "did-not-start";
}

function ending(said: string, how: string): NotStarted {
  if (said.includes("Running as root without --no-sandbox")) {
    return new NotStarted("root-needs-no-sandbox", "it does not run as root with its sandbox");
  }
  if (said.includes("No usable sandbox")) {
    return new NotStarted("did-not-start", "this system does not let it set up its sandbox");
  }
  return withLastLine(`it ended with ${how}`, said);
}

/** What every Chromium says without a desktop; it is never the cause. */
const CHATTER = /dbus|d-bus|connect to the bus/i;
/** `[123:456:1125/232824.355046:ERROR:dbus/bus.cc:405] `, as Chromium begins its lines. */
const LINE_START = /^\[[\d:/.]+:[A-Z]+:[^\]]*\]\s*/;

function withLastLine(trouble: string, said: string): NotStarted {
  const line = said.split("\n")
    .filter((words) => !CHATTER.test(words))
    .map((words) => words.replace(LINE_START, "").trim().replace(/\.+$/, ""))
    .findLast((words) => words !== "");
  const detail = line === undefined ? "" : `: ${line.slice(0, 300)}`;
  return new NotStarted("did-not-start", trouble + detail);
}

/**
 * A pipe of JSON texts, each ended by a zero byte, over two streams of a child process. A program that
 * could not be started has no streams; then the pipe is closed.
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
  // A broken pipe means that the browser is gone; its exit is reported as well.
  for (const stream of [output, input]) {
    stream.on("error", () => pipe.close());
    stream.on("close", () => pipe.close());
  }
  const parts: string[] = [];
  input.setEncoding("utf8");
  input.on("data", (chunk: string) => {
    const [end = "", ...starts] = chunk.split("\0");
    parts.push(end);
    for (const start of starts) {
      const message = parts.join("");
      parts.splice(0, Infinity, start);
      pipe.onmessage?.(message);
    }
  });
  return pipe;
}

/** No traffic and no windows of its own. */
const ALWAYS: readonly string[] = [
  "--no-first-run",
  "--no-default-browser-check",
  "--no-service-autorun",
  "--no-pings",
  "--disable-background-networking",
  "--disable-breakpad",
  "--disable-client-side-phishing-detection",
  "--disable-component-extensions-with-background-pages",
  "--disable-component-update",
  "--disable-crash-reporter",
  "--disable-default-apps",
  "--disable-dev-shm-usage",
  "--disable-domain-reliability",
  "--disable-extensions",
  "--disable-quic",
  "--disable-search-engine-choice-screen",
  "--disable-sync",
  "--disable-features=Translate,OptimizationHints,MediaRouter,DialMediaRouteProvider,AutofillServerCommunication,InterestFeedContentSuggestions,Prerender2,GlobalMediaControls",
  // Tabs work side by side: none may be throttled because another one covers it.
  "--disable-background-timer-throttling",
  "--disable-backgrounding-occluded-windows",
  "--disable-renderer-backgrounding",
  "--disable-hang-monitor",
  "--disable-popup-blocking",
  "--deny-permission-prompts",
  "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
  "--mute-audio",
  "--password-store=basic",
  "--use-mock-keychain",
  "--metrics-recording-only",
  "--lang=en-US",
  "--accept-lang=en-US,en",
  "--window-size=1600,1000",
];

function flagsOf({ headed, noSandbox, more, profile }: Launch): readonly string[] {
  return [
    ...ALWAYS,
    ...(headed ? [] : ["--headless=new", "--disable-gpu", "--hide-scrollbars"]),
    ...(noSandbox ? ["--no-sandbox"] : []),
    ...more,
    "--remote-debugging-pipe",
    `--user-data-dir=${profile}`,
    "about:blank",
  ];
}

const DESKTOP = ["DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "XDG_RUNTIME_DIR"];

/** The whole environment of a browser, with its profile as home, so that it leaves nothing elsewhere. */
function environmentOf({ path, profile, headed }: Launch): Record<string, string> {
  if (Deno.build.os === "windows") {
    return { SystemRoot: "C:\\Windows", TEMP: profile, TMP: profile, LOCALAPPDATA: profile };
  }
  const environment: Record<string, string> = {
    PATH: "/usr/local/bin:/usr/bin:/bin",
    LANG: "en_US.UTF-8",
  };
  // macOS finds the home by itself, and a snap needs the real one.
  if (Deno.build.os !== "linux") return environment;
  if (!path.startsWith("/snap/")) {
    environment["HOME"] = profile;
    if (hasRoomForSocket(profile)) environment["TMPDIR"] = profile;
  }
  for (const name of headed ? DESKTOP : []) {
    const value = Deno.env.get(name);
    if (value !== undefined) environment[name] = value;
  }
  return environment;
}

/** Chromium 156 aborts when the path of its socket is longer than the system's 107 bytes (2026-11). */
function hasRoomForSocket(folder: string): boolean {
  const path = `${folder}/org.chromium.Chromium.XXXXXX/SingletonSocket`;
  return new TextEncoder().encode(path).length <= 107;
}
