/**
 * The driver for whoever prefers JSR: Astral, which talks to the browser over a port on loopback. It
 * was written against Astral's published source, version 0.5.6.
 *
 * Chromium gets its pipe besides, so that it ends with us here too.
 *
 * @module
 */

import { connect } from "@astral/astral";
import { delay } from "@std/async";
import { join } from "@std/path";
import { Failure } from "../base/failure.ts";
import {
  type Driver,
  type DriverTab,
  type Endpoint,
  fields,
  type Session,
  text,
} from "./protocol.ts";

/** The flags Chromium needs for this driver: a port of its own choice. */
export const driverFlags: readonly string[] = ["--remote-debugging-port=0"];

/** How long Chromium may take to write down its port, in milliseconds. */
const portWithin = 10_000;

/**
 * Connects to a browser.
 *
 * @param endpoint Where it listens.
 * @returns The connected driver.
 * @throws {Failure} When Deno may not connect to loopback.
 * @throws {Error} When the browser does not answer.
 */
export async function connectDriver(endpoint: Endpoint): Promise<Driver> {
  const place = `127.0.0.1:${await portOf(endpoint.profile)}`;
  // The scripts' own flags deny loopback; Astral would only say that it tried five times.
  if (Deno.permissions.querySync({ name: "net", host: place }).state !== "granted") {
    throw new Failure(
      "Cannot use the Astral driver: it talks to the browser over 127.0.0.1, where Deno may not connect. Let it with --allow-net=127.0.0.1 and take 127.0.0.0/8 off --deny-net.",
    );
  }
  const browser = await connect({ endpoint: place });
  // Unless it is told the browser's own name, Astral takes "Headless" out of it.
  const userAgent = await browser.userAgent();
  return {
    session: sessionOf(browser.unsafelyGetCelestialBindings()),
    async open(): Promise<DriverTab> {
      const page = await browser.newPage(undefined, { userAgent });
      const session = sessionOf(page.unsafelyGetCelestialBindings());
      const info = fields((await session.send("Target.getTargetInfo", {}))["targetInfo"]);
      return { target: text(info, "targetId"), session };
    },
    disconnect: () => browser.disconnect(),
  };
}

/** The port: the first line of a file that Chromium writes into its profile. */
async function portOf(profile: string): Promise<number> {
  const place = join(profile, "DevToolsActivePort");
  const until = performance.now() + portWithin;
  for (;;) {
    const [line = "", path = ""] = (await readIfThere(place)).split("\n");
    // The second line is written last.
    if (/^\d+$/.test(line) && path.startsWith("/")) return Number(line);
    if (performance.now() > until) throw new Error("the browser did not open a port for Astral");
    await delay(20);
  }
}

async function readIfThere(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}

/** What we use of Astral's raw bindings. */
interface Bindings {
  addEventListener(type: string, listener: (event: CustomEvent) => void): void;
}

/**
 * A session over Astral's bindings: `Page.navigate` is their `Page` object's method `navigate`. They
 * give `undefined` for an error.
 */
function sessionOf(bindings: Bindings): Session {
  return {
    async send(method, params) {
      const [domain = "", name = ""] = method.split(".");
      const command: unknown = Reflect.get(fields(Reflect.get(bindings, domain)), name);
      if (typeof command !== "function") throw new Error(`Astral does not know ${method}`);
      const result: unknown = await command(params ?? {});
      if (result === undefined) throw new Error(`the browser gave no result for ${method}`);
      return fields(result);
    },
    on(event, heard) {
      bindings.addEventListener(event, ({ detail }) => heard(fields(detail)));
    },
  };
}
