/**
 * The driver of imports.jsr.json: Astral (0.5.6), which talks to the browser over a port on loopback.
 *
 * Chromium gets its pipe as well, so that it ends with us here too. What Astral's `Page` does not
 * report (a document's status, responses, failures) comes from its raw bindings.
 *
 * @module
 */

import { connect, type Page } from "@astral/astral";
import { delay } from "@std/async";
import { join } from "@std/path";
import { Failure, reason } from "../base/failure.ts";
import { readIfThere } from "../base/files.ts";
import {
  type Driver,
  type DriverPage,
  type Endpoint,
  type Fields,
  fields,
  type PageEvents,
  type RequestKind,
  type Session,
  text,
} from "./driver.ts";
import { tame } from "./page_scripts.ts";

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
    async open(events) {
      const page = await browser.newPage(undefined, { userAgent });
      const own = sessionOf(page.unsafelyGetCelestialBindings());
      const target = text(
        fields((await own.send("Target.getTargetInfo"))["targetInfo"]),
        "targetId",
      );
      const state = listen(page, own, target, events);
      session.on("Target.targetDestroyed", (event) => {
        if (text(event, "targetId") === target) events.gone("the tab was closed");
      });
      session.on("Target.targetCrashed", (event) => {
        if (text(event, "targetId") === target) events.gone("the tab crashed");
      });
      await Promise.all([
        own.send("Page.addScriptToEvaluateOnNewDocument", { source: tame }),
        own.send("Network.setBypassServiceWorker", { bypass: true }),
        // A page without focus draws nothing and loads no more when scrolled.
        own.send("Emulation.setFocusEmulationEnabled", { enabled: true }),
      ]);
      return driverPage(page, own, state, async () => {
        await session.send("Target.closeTarget", { targetId: target });
        await page.unsafelyGetCelestialBindings().close();
      });
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

interface PageState {
  url: string;
  /** The statuses of the latest documents, by loader. */
  readonly statuses: Map<string, number>;
}

function driverPage(
  page: Page,
  session: Session,
  state: PageState,
  close: () => Promise<void>,
): DriverPage {
  return {
    get url() {
      return state.url;
    },
    async goto(url) {
      // Astral's own goto() gives neither error nor status.
      const answer = await session.send("Page.navigate", { url });
      const failed = text(answer, "errorText");
      if (failed !== "" && failed !== "net::ERR_HTTP_RESPONSE_CODE_FAILURE") {
        throw new Error(failed);
      }
      return state.statuses.get(text(answer, "loaderId")) ?? 0;
    },
    async evaluate(expression) {
      try {
        return await page.evaluate(expression);
      } catch (thrown) {
        // Astral destructures an answer that it did not get, and throws plain objects.
        if (thrown instanceof TypeError) throw new Error("the evaluation gave no result");
        if (thrown instanceof Error) throw thrown;
        const exception = fields(fields(thrown)["exception"]);
        throw new Error(text(exception, "description") || reason(thrown));
      }
    },
    click: (x, y) => page.mouse.click(x, y),
    crash: async () => void await session.send("Page.crash"),
    close,
  };
}

const KINDS: Readonly<Record<string, RequestKind>> = {
  Document: "document",
  Script: "script",
  Stylesheet: "script",
  XHR: "data",
  Fetch: "data",
};

function listen(page: Page, session: Session, mainFrame: string, events: PageEvents): PageState {
  const state: PageState = { url: "about:blank", statuses: new Map() };
  const responses = new Map<string, { url: string; status: number; type: string }>();
  const isDocument = (event: Fields) =>
    text(event, "frameId") === mainFrame && text(event, "requestId") === text(event, "loaderId");
  session.on("Network.requestWillBeSent", (event) => {
    const kind = KINDS[text(event, "type")] ?? "other";
    const url = text(fields(event["request"]), "url");
    events.sent(text(event, "requestId"), url, kind, isDocument(event));
  });
  session.on("Network.responseReceived", (event) => {
    const id = text(event, "requestId");
    const response = fields(event["response"]);
    const status = Number(response["status"]);
    const type = text(response, "mimeType").toLowerCase();
    responses.set(id, { url: text(response, "url"), status, type });
    if (isDocument(event)) state.statuses.set(id, status);
    events.answered(id, status);
  });
  session.on("Network.loadingFinished", (event) => {
    const id = text(event, "requestId");
    const response = responses.get(id);
    responses.delete(id);
    const read = async () =>
      bodyText(await session.send("Network.getResponseBody", { requestId: id }));
    events.ended(id, response && { ...response, text: read });
  });
  session.on("Network.loadingFailed", (event) => {
    responses.delete(text(event, "requestId"));
    events.ended(text(event, "requestId"), text(event, "errorText") || "the connection ended");
  });
  session.on("Page.frameNavigated", (event) => {
    const frame = fields(event["frame"]);
    if (text(frame, "id") !== mainFrame) return;
    state.url = text(frame, "url") + text(frame, "urlFragment");
    for (const loader of state.statuses.keys()) {
      if (loader !== text(frame, "loaderId")) state.statuses.delete(loader);
    }
    events.moved();
  });
  session.on("Page.navigatedWithinDocument", (event) => {
    if (text(event, "frameId") === mainFrame) state.url = text(event, "url");
  });
  page.addEventListener("dialog", ({ detail }) => {
    void (detail.type === "beforeunload" ? detail.accept() : detail.dismiss());
  });
  return state;
}

function bodyText(answer: Fields): string {
  const body = text(answer, "body");
  if (answer["base64Encoded"] !== true) return body;
  return new TextDecoder().decode(Uint8Array.from(atob(body), (char) => char.charCodeAt(0)));
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
