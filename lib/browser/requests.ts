/**
 * What a page loads: its documents, how many requests are under way, and what they brought.
 *
 * @module
 */

import type { TabResponse } from "./browser.ts";
import { type Fields, fields, type Session, text } from "./driver.ts";

type Kind = "document" | "script" | "data" | "other";

const KINDS: Readonly<Record<string, Kind>> = {
  Document: "document",
  Script: "script",
  Stylesheet: "script",
  XHR: "data",
  Fetch: "data",
};

interface Request {
  readonly kind: Kind;
  url: string;
  /** 0 until its response headers have arrived. */
  status: number;
  type: string;
}

export class Requests {
  readonly #session: Session;
  readonly #mainFrame: string;
  readonly #underWay = new Map<string, Request>();
  readonly #listeners: ((response: TabResponse) => void)[] = [];
  /** The request for the main frame's latest document. */
  #document = "";
  /** Where the main frame is. */
  url = "about:blank";
  /** The status of its latest document, 0 where it has none. */
  status = 0;
  /** How many documents it has had. */
  moves = 0;
  /** Resolves with the error when its latest document breaks off. */
  broken = Promise.withResolvers<string>();

  constructor(session: Session, mainFrame: string) {
    this.#session = session;
    this.#mainFrame = mainFrame;
  }

  /** Begins to listen. Dialogs are answered too: a page waits for them. */
  async watch(): Promise<void> {
    const { on, send } = this.#session;
    on("Network.requestWillBeSent", (event) => this.#sent(event));
    on("Network.responseReceived", (event) => this.#answered(event));
    on("Network.loadingFinished", (event) => this.#ended(text(event, "requestId")));
    on("Network.loadingFailed", (event) => {
      this.#broke(text(event, "requestId"), text(event, "errorText"));
    });
    on("Page.frameNavigated", (event) => this.#moved(fields(event["frame"])));
    on("Page.navigatedWithinDocument", (event) => {
      if (text(event, "frameId") === this.#mainFrame) this.url = text(event, "url");
    });
    on("Page.javascriptDialogOpening", ({ type }) => {
      // Ignore the error: the dialog has gone with its page.
      send("Page.handleJavaScriptDialog", { accept: type === "beforeunload" }).catch(() => {});
    });
    await Promise.all([
      send("Page.enable"),
      send("Network.enable"),
      send("Network.setBypassServiceWorker", { bypass: true }),
    ]);
  }

  get loading(): number {
    return [...this.#underWay.values()].filter(({ kind }) => kind !== "other").length;
  }

  /** Whether the main frame's next document is requested and not answered yet. */
  get documentOnItsWay(): boolean {
    return this.#underWay.get(this.#document)?.status === 0;
  }

  onResponse(listener: (response: TabResponse) => void): void {
    this.#listeners.push(listener);
  }

  #sent(event: Fields): void {
    const id = text(event, "requestId");
    const kind = KINDS[text(event, "type")] ?? "other";
    const url = text(fields(event["request"]), "url");
    this.#underWay.set(id, { kind, url, status: 0, type: "" });
    if (text(event, "frameId") !== this.#mainFrame || id !== text(event, "loaderId")) return;
    this.#document = id;
    this.status = 0;
    this.broken = Promise.withResolvers();
  }

  #answered(event: Fields): void {
    const request = this.#underWay.get(text(event, "requestId"));
    if (request === undefined) return;
    const response = fields(event["response"]);
    request.url = text(response, "url");
    request.status = Number(response["status"]);
    request.type = text(response, "mimeType").toLowerCase();
    if (text(event, "requestId") === this.#document) this.status = request.status;
  }

  #ended(id: string): void {
    const request = this.#underWay.get(id);
    this.#underWay.delete(id);
    if (request === undefined) return;
    this.#report(request, async () => {
      const answer = await this.#session.send("Network.getResponseBody", { requestId: id });
      const body = text(answer, "body");
      if (answer["base64Encoded"] !== true) return body;
      return new TextDecoder().decode(Uint8Array.from(atob(body), (char) => char.charCodeAt(0)));
    });
  }

  #broke(id: string, error: string): void {
    const request = this.#underWay.get(id);
    this.#underWay.delete(id);
    // Replaced by another document, or an error status without a body: not broken off.
    if (id === this.#document && !/ERR_ABORTED|RESPONSE_CODE_FAILURE/.test(error)) {
      this.broken.resolve(error || "the connection ended");
    }
    if (request?.kind !== "data") return;
    // Most pages do not read the body of an error.
    const isError = request.status >= 400;
    // The page gave it up itself, or the fence stands before it: not broken off either.
    if (!isError && /ERR_ABORTED|BLOCKED_BY/.test(error)) return;
    const status = isError ? request.status : 0;
    this.#report({ ...request, status, type: "" }, () => Promise.resolve(""));
  }

  #report({ kind, url, status, type }: Request, text: TabResponse["text"]): void {
    if (kind !== "document" && kind !== "data") return;
    for (const listener of this.#listeners) listener({ url, status, type, text });
  }

  #moved(frame: Fields): void {
    if (text(frame, "id") !== this.#mainFrame) return;
    this.url = text(frame, "url") + text(frame, "urlFragment");
    this.moves += 1;
    // The requests of the earlier document report no end.
    for (const id of this.#underWay.keys()) if (id !== this.#document) this.#underWay.delete(id);
  }
}
