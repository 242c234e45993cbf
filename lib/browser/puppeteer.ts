/**
 * The default driver: puppeteer-core over the browser's pipe, so that no network permission is needed
 * and nobody else can reach the browser.
 *
 * @module
 */

import { type CDPSession, connect, type HTTPRequest, type Page } from "puppeteer-core";
import {
  type Driver,
  type DriverPage,
  type Endpoint,
  fields,
  type PageEvents,
  type RequestKind,
  type Session,
} from "./driver.ts";
import { tame } from "./page_scripts.ts";

export const driverFlags: readonly string[] = [];

export async function connectDriver(endpoint: Endpoint): Promise<Driver> {
  const browser = await connect({
    transport: endpoint.pipe,
    defaultViewport: null,
    issuesEnabled: false,
    // Deadlines are set by tab.ts.
    protocolTimeout: 0,
  });
  return {
    session: sessionOf(await browser.target().createCDPSession()),
    async open(events) {
      const page = await browser.newPage();
      listen(page, events);
      const [session] = await Promise.all([
        // Created now, because a page that hangs accepts no new session.
        page.createCDPSession(),
        page.evaluateOnNewDocument(tame),
        page.setBypassServiceWorker(true),
        // A page without focus draws nothing and loads no more when scrolled.
        page.emulateFocusedPage(true),
      ]);
      return driverPage(page, session);
    },
    disconnect: () => browser.disconnect(),
  };
}

function driverPage(page: Page, session: CDPSession): DriverPage {
  return {
    get url() {
      return page.url();
    },
    async goto(url) {
      // Waits for no lifecycle event: tab.ts looks at the document itself.
      const response = await page.goto(url, { waitUntil: [], timeout: 0 });
      return response?.status() ?? 0;
    },
    evaluate: (expression) => page.evaluate(expression),
    click: (x, y) => page.mouse.click(x, y),
    crash: () => session.send("Page.crash"),
    close: () => page.close(),
  };
}

function listen(page: Page, events: PageEvents): void {
  const isDocument = (request: HTTPRequest) =>
    request.isNavigationRequest() && request.frame() === page.mainFrame();
  page.on(
    "request",
    (request) => events.sent(request.id, request.url(), kindOf(request), isDocument(request)),
  );
  page.on("response", (response) => events.answered(response.request().id, response.status()));
  page.on(
    "requestfailed",
    (request) => events.ended(request.id, request.failure()?.errorText ?? "failed"),
  );
  page.on("requestfinished", (request) => {
    const response = request.response();
    events.ended(
      request.id,
      response === null ? undefined : {
        url: response.url(),
        status: response.status(),
        type: (response.headers()["content-type"] ?? "").replace(/;.*/, "").trim().toLowerCase(),
        text: () => response.text(),
      },
    );
  });
  page.on("framenavigated", (frame) => {
    if (frame === page.mainFrame()) events.moved();
  });
  page.on("dialog", (dialog) => {
    const answer = dialog.type() === "beforeunload" ? dialog.accept() : dialog.dismiss();
    answer.catch((error: unknown) => {
      // Unless the dialog has gone with its page, the tab would hang.
      if (!String(error).includes("No dialog is showing")) {
        events.gone("a dialog could not be closed");
      }
    });
  });
  page.on("error", () => events.gone("the tab crashed"));
  page.on("close", () => events.gone("the tab was closed"));
}

function kindOf(request: HTTPRequest): RequestKind {
  const kind = request.resourceType();
  if (kind === "document") return "document";
  if (kind === "script" || kind === "stylesheet") return "script";
  return kind === "xhr" || kind === "fetch" ? "data" : "other";
}

type Command = Parameters<CDPSession["send"]>[0];
type Happening = Parameters<CDPSession["on"]>[0];

/** A session of the library, with names and parameters that only the browser checks. */
function sessionOf(session: CDPSession): Session {
  return {
    send: async (method, params) => fields(await session.send(method as Command, { ...params })),
    on: (event, listener) =>
      void session.on(event as Happening, (params: unknown) => listener(fields(params))),
  };
}
