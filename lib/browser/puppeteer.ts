/**
 * The default driver: puppeteer-core over the browser's pipe, so that no network permission is needed
 * and nobody else can reach the browser.
 *
 * @module
 */

import { type CDPSession, connect } from "puppeteer-core";
import { type Driver, type Endpoint, fields, type Session } from "./driver.ts";

export const driverFlags: readonly string[] = [];

export async function connectDriver(endpoint: Endpoint): Promise<Driver> {
  const browser = await connect({
    transport: endpoint.pipe,
    defaultViewport: null,
    issuesEnabled: false,
    // The session of our own listens: two would report every event twice.
    networkEnabled: false,
    // Deadlines are set by tab.ts.
    protocolTimeout: 0,
  });
  return {
    session: sessionOf(await browser.target().createCDPSession()),
    async open() {
      const page = await browser.newPage();
      return {
        // Created now, because a page that hangs accepts no new session.
        session: sessionOf(await page.createCDPSession()),
        evaluate: (expression) => page.evaluate(expression),
        click: (x, y) => page.mouse.click(x, y),
        close: () => page.close(),
      };
    },
    disconnect: () => browser.disconnect(),
  };
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
