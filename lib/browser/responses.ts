/**
 * The responses a tab receives, told of once they are complete.
 *
 * @module
 */

import { bounded } from "./bounded.ts";
import type { TabResponse } from "./browser.ts";
import { type Fields, fields, number, type Session, text } from "./protocol.ts";

const kindsWorthReading: ReadonlySet<string> = new Set(["Document", "XHR", "Fetch"]);

/** How long reading a body may take that the browser already holds, in milliseconds. */
const bodyWithin = 20_000;

/**
 * Calls `heard` for every finished response to the loading of a document or a script's request.
 *
 * @param session The tab's session, with its network events switched on.
 * @param death Fires when the tab is gone.
 * @param heard Is called once for each.
 */
export function hearResponses(
  session: Session,
  death: AbortSignal,
  heard: (response: TabResponse) => void,
): void {
  const underWay = new Map<string, Omit<TabResponse, "text">>();
  session.on("Network.responseReceived", (event) => {
    if (!kindsWorthReading.has(text(event, "type"))) return;
    const response = fields(event["response"]);
    underWay.set(text(event, "requestId"), {
      url: text(response, "url"),
      status: number(response, "status"),
      type: text(response, "mimeType").toLowerCase(),
    });
  });
  session.on("Network.loadingFailed", (event) => void underWay.delete(text(event, "requestId")));
  session.on("Network.loadingFinished", (event) => {
    const requestId = text(event, "requestId");
    const response = underWay.get(requestId);
    if (response === undefined || death.aborted) return;
    underWay.delete(requestId);
    heard({
      ...response,
      text: () =>
        bounded(
          async () => bodyText(await session.send("Network.getResponseBody", { requestId })),
          { within: bodyWithin, signal: death },
          death,
          `reading the answer of ${response.url}`,
        ),
    });
  });
}

/** Counts the requests of a tab's document and scripts that are not answered yet. */
export class RequestsUnderWay {
  readonly #ids = new Set<string>();

  /** Starts to count, with the session's network events switched on. */
  constructor(session: Session) {
    session.on("Network.requestWillBeSent", (event) => {
      if (kindsWorthReading.has(text(event, "type"))) this.#ids.add(text(event, "requestId"));
    });
    for (const end of ["Network.loadingFinished", "Network.loadingFailed"]) {
      session.on(end, (event) => void this.#ids.delete(text(event, "requestId")));
    }
    // What an earlier document waited for is not told of any more.
    session.on("Page.frameNavigated", (event) => {
      if (text(fields(event["frame"]), "parentId") === "") this.#ids.clear();
    });
  }

  /** How many there are. */
  get count(): number {
    return this.#ids.size;
  }
}

function bodyText(answer: Fields): string {
  const body = text(answer, "body");
  if (answer["base64Encoded"] !== true) return body;
  return new TextDecoder().decode(Uint8Array.from(atob(body), (char) => char.charCodeAt(0)));
}
