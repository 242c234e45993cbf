/**
 * The driver of imports.jsr.json: Astral (0.5.6), which talks to the browser over a port on loopback.
 *
 * Chromium gets its pipe as well, so that it ends with us here too.
 *
 * @module
 */

import { connect, type Page } from "@astral/astral";
import { delay } from "@std/async";
import { join } from "@std/path";
import { Failure, reason } from "../base/failure.ts";
import { readIfThere } from "../base/files.ts";
import { type Driver, type Endpoint, fields, type Session, text } from "./driver.ts";

export const driverFlags: readonly string[] = ["--remote-debugging-port=0"];

const PORT_WITHIN = 10_000;

/**
 * Connects to a browser.
 *
 * @throws {Failure} When Deno may not connect to loopback.
 */
export async function connectDriver(endpoint: Endpoint): Promise<Driver> {
  const { port, path } = await readPort(endpoint.profile);
  const place = `127.0.0.1:${port}`;
  // The scripts' own permissions deny loopback; Astral would only say that it tried five times.
  if (Deno.permissions.querySync({ name: "net", host: place }).state !== "granted") {
    throw new Failure(
      "Cannot use the Astral driver: it talks to the browser over 127.0.0.1, where Deno may not connect. Let it with --allow-net=127.0.0.1 and take 127.0.0.0/8 off --deny-net.",
    );
  }
  // Deno would use the proxy for loopback too.
  const noProxy = (Deno.env.get("NO_PROXY") || Deno.env.get("no_proxy") || "").split(",");
  if (!noProxy.includes("127.0.0.1")) {
    Deno.env.set("NO_PROXY", [...noProxy, "127.0.0.1"].filter(Boolean).join());
  }
  const browser = await connect({ endpoint: `ws://${place}${path}` });
  const session = sessionOf(browser.unsafelyGetCelestialBindings());
  // Unless given the browser's own User-Agent, Astral removes "Headless" from it.
  const userAgent = await browser.userAgent();
  return {
    session,
    async open() {
      const page = await browser.newPage(undefined, { userAgent });
      const own = sessionOf(page.unsafelyGetCelestialBindings());
      const { targetId } = fields((await own.send("Target.getTargetInfo"))["targetInfo"]);
      return {
        session: own,
        evaluate: (expression) => evaluate(page, expression),
        click: (x, y) => page.mouse.click(x, y),
        async close() {
          await session.send("Target.closeTarget", { targetId });
          await page.unsafelyGetCelestialBindings().close();
        },
      };
    },
    disconnect: () => browser.disconnect(),
  };
}

/** Chromium writes its port and path as two lines into a file of its profile. */
async function readPort(profile: string): Promise<{ port: string; path: string }> {
  const place = join(profile, "DevToolsActivePort");
  const until = performance.now() + PORT_WITHIN;
  for (;;) {
    const written = new TextDecoder().decode(await readIfThere(place));
    const [port = "", path = ""] = written.split("\n");
    // The second line is written last.
    if (/^\d+$/.test(port) && path.startsWith("/")) return { port, path };
    if (performance.now() > until) throw new Error("the browser did not open a port for Astral");
    await delay(20);
  }
}

async function evaluate(page: Page, expression: string): Promise<unknown> {
  try {
    return await page.evaluate(expression);
  } catch (thrown) {
    // Astral destructures an answer that it did not get, and throws plain objects.
    if (thrown instanceof TypeError) throw new Error("the evaluation gave no result");
    if (thrown instanceof Error) throw thrown;
    const exception = fields(fields(thrown)["exception"]);
    throw new Error(text(exception, "description") || reason(thrown));
  }
}

/** A session over Astral's bindings, which have an object for each domain and give no errors. */
function sessionOf(bindings: ReturnType<Page["unsafelyGetCelestialBindings"]>): Session {
  return {
    async send(method, params) {
      const [domain = "", name = ""] = method.split(".");
      const command: unknown = Reflect.get(fields(Reflect.get(bindings, domain)), name);
      if (typeof command !== "function") throw new Error(`Astral does not know ${method}`);
      const result: unknown = await command(params ?? {});
      if (result === undefined) throw new Error(`${method} gave no result`);
      return fields(result);
    },
    on(event, listener) {
      // Its own types know the events of one version of the protocol.
      EventTarget.prototype.addEventListener.call(bindings, event, (happening) => {
        if (happening instanceof CustomEvent) listener(fields(happening.detail));
      });
    },
  };
}
