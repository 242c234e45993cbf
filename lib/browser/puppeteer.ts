/**
 * The driver that is used unless an import map says otherwise: puppeteer-core over the browser's pipe.
 *
 * @module
 */

import { type CDPSession, connect } from "puppeteer-core";
import { type Driver, type DriverTab, type Endpoint, fields, type Session } from "./protocol.ts";

/** The name of the command-line switch that this driver needs besides the pipe: none. */
export const driverFlags: readonly string[] = [];

/**
 * Connects to a browser.
 *
 * @param endpoint Where it listens.
 * @returns The connected driver.
 * @throws {Error} When the browser does not answer.
 */
export async function connectDriver(endpoint: Endpoint): Promise<Driver> {
  const browser = await connect({
    transport: endpoint.pipe,
    defaultViewport: null,
    networkEnabled: false,
    issuesEnabled: false,
    protocolTimeout: 0,
  });
  const session = await browser.target().createCDPSession();
  return {
    session: sessionOf(session),
    async open(): Promise<DriverTab> {
      // Not by the library's own pages: they set up much that nobody uses here.
      const { targetId } = await session.send("Target.createTarget", { url: "about:blank" });
      const { sessionId } = await session.send("Target.attachToTarget", {
        targetId,
        flatten: true,
      });
      const tabSession = session.connection()?.session(sessionId);
      if (tabSession === undefined || tabSession === null) throw new Error("the new tab is gone");
      return { target: targetId, session: sessionOf(tabSession) };
    },
    disconnect: () => browser.disconnect(),
  };
}

type Command = Parameters<CDPSession["send"]>[0];
type Happening = Parameters<CDPSession["on"]>[0];

function sessionOf(session: CDPSession): Session {
  return {
    async send(method, params) {
      // The library types the commands of one version of the protocol; here they are plain names,
      // and a browser that does not know one says so.
      return fields(await session.send(method as Command, { ...params }));
    },
    on(event, heard) {
      session.on(event as Happening, (params: unknown) => heard(fields(params)));
    },
  };
}
