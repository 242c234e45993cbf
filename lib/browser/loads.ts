/**
 * What a tab loads: its documents as they come, their status, and when they are parsed.
 *
 * @module
 */

import { type Arrival, BrowserFault } from "./browser.ts";
import { type DriverTab, type Fields, fields, number, type Session, text } from "./protocol.ts";

/**
 * How long a document that is here may wait for a script or a style that does not come, in
 * milliseconds: then it is looked at as it stands.
 */
const STUCK_AFTER = 5_000;
/** What keeps a document from being parsed on. */
const HOLDS_UP: ReadonlySet<string> = new Set(["Script", "Stylesheet"]);

/** One document of the main frame, known by its loader. */
interface Loaded {
  /** The status, 0 as long as none is known. */
  status: number;
  /** Its place in the order in which documents took over the tab, 0 before it did. */
  turn: number;
  /** Whether its markup was read to the end. */
  parsed: boolean;
  /** What broke it off on its way, if anything did. */
  broken: string;
  /** When its last byte came. */
  receivedAt: number;
}

/** Follows the documents of one tab's main frame. */
export class Loads {
  readonly #session: Session;
  readonly #mainFrame: string;
  readonly #documents = new Map<string, Loaded>();
  /** Since when scripts and styles are waited for. */
  readonly #waitedFor = new Map<string, number>();
  #turns = 0;
  #current = "";
  #url = "about:blank";
  #changed = Promise.withResolvers<void>();

  /** Starts to follow a tab. */
  constructor({ session, target }: DriverTab) {
    this.#session = session;
    this.#mainFrame = target;
    session.on("Network.responseReceived", (event) => this.#onResponse(event));
    session.on("Network.requestWillBeSent", (event) => {
      if (!HOLDS_UP.has(text(event, "type"))) return;
      this.#waitedFor.set(text(event, "requestId"), performance.now());
    });
    session.on("Network.loadingFinished", (event) => this.#onReceived(text(event, "requestId")));
    session.on("Network.loadingFailed", (event) => this.#onFailure(event));
    session.on("Page.lifecycleEvent", (event) => this.#onLifecycle(event));
    session.on("Page.frameNavigated", (event) => this.#onNavigated(fields(event["frame"])));
    session.on("Page.navigatedWithinDocument", (event) => {
      if (text(event, "frameId") === this.#mainFrame) this.#url = text(event, "url");
    });
  }

  /** Where the tab is. */
  get url(): string {
    return this.#url;
  }

  /** Ends at the next change: a response, a document that takes over or is parsed. */
  next(): Promise<void> {
    return this.#changed.promise;
  }

  /**
   * Goes to a URL and waits until the document there, or one that it gives way to, is parsed, or
   * is here and held up for too long by what it refers to.
   *
   * @param url Where to go.
   * @param ended Fires when nobody waits any longer.
   * @throws {BrowserFault} Of the kind `navigation` when nothing was loaded.
   */
  async navigate(url: string, ended: AbortSignal): Promise<Arrival> {
    const answer = await this.#session.send("Page.navigate", { url });
    const loader = text(answer, "loaderId");
    const failed = text(answer, "errorText");
    // An error status without a body counts as an error and yet is an answer.
    if (failed === "net::ERR_HTTP_RESPONSE_CODE_FAILURE") {
      return { url, status: this.#documents.get(loader)?.status ?? 0 };
    }
    if (failed !== "") {
      throw new BrowserFault("navigation", `${url} could not be loaded: ${failed}`);
    }
    // Without a loader it was a jump within the document, which is parsed already.
    if (loader === "") return this.#arrival(this.#current);
    for (;;) {
      const arrived = this.#parsedSince(loader);
      if (arrived !== undefined) return this.#arrival(arrived);
      const broken = this.#documents.get(loader)?.broken ?? "";
      if (broken !== "") {
        throw new BrowserFault("navigation", `${url} broke off on its way: ${broken}`);
      }
      const stuckIn = this.#stuckIn(loader);
      if (stuckIn <= 0) return this.#arrival(loader);
      const changed = this.next();
      const timer = setTimeout(() => this.#change(), Math.min(stuckIn, STUCK_AFTER));
      await changed;
      clearTimeout(timer);
      ended.throwIfAborted();
    }
  }

  /** The loader itself, or the one that came after it, once it is parsed. */
  #parsedSince(loader: string): string | undefined {
    const asked = this.#documents.get(loader);
    if (asked?.parsed) return loader;
    const now = this.#documents.get(this.#current);
    if (asked === undefined || now === undefined || asked.turn === 0) return undefined;
    return now.turn > asked.turn && now.parsed ? this.#current : undefined;
  }

  /** In how many milliseconds a document counts as held up for too long, as far as is known now. */
  #stuckIn(loader: string): number {
    const asked = this.#documents.get(loader);
    const [since] = this.#waitedFor.values();
    if (asked === undefined || asked.turn === 0 || loader !== this.#current) return Infinity;
    return Math.max(asked.receivedAt, since ?? Infinity) + STUCK_AFTER - performance.now();
  }

  #arrival(loader: string): Arrival {
    return { url: this.#url, status: this.#documents.get(loader)?.status ?? 0 };
  }

  #document(loader: string): Loaded {
    const known = this.#documents.get(loader);
    if (known !== undefined) return known;
    const fresh: Loaded = { status: 0, turn: 0, parsed: false, broken: "", receivedAt: Infinity };
    this.#documents.set(loader, fresh);
    const [oldest] = this.#documents.keys();
    if (this.#documents.size > 50 && oldest !== undefined) this.#documents.delete(oldest);
    return fresh;
  }

  #onResponse(event: Fields): void {
    const loader = text(event, "loaderId");
    if (text(event, "frameId") !== this.#mainFrame || text(event, "requestId") !== loader) return;
    this.#document(loader).status = number(fields(event["response"]), "status");
    this.#change();
  }

  #onReceived(requestId: string): void {
    this.#waitedFor.delete(requestId);
    const received = this.#documents.get(requestId);
    if (received === undefined) return;
    received.receivedAt = performance.now();
    this.#change();
  }

  /** A document that breaks off is never parsed to its end, and nothing else says so. */
  #onFailure(event: Fields): void {
    this.#waitedFor.delete(text(event, "requestId"));
    const broken = this.#documents.get(text(event, "requestId"));
    // One that is given up for another is not broken.
    if (broken === undefined || event["canceled"] === true) return;
    broken.broken = text(event, "errorText") || "the connection ended";
    this.#change();
  }

  #onLifecycle(event: Fields): void {
    if (text(event, "frameId") !== this.#mainFrame) return;
    if (text(event, "name") !== "DOMContentLoaded") return;
    this.#document(text(event, "loaderId")).parsed = true;
    this.#change();
  }

  #onNavigated(frame: Fields): void {
    if (text(frame, "id") !== this.#mainFrame) return;
    this.#current = text(frame, "loaderId");
    this.#url = text(frame, "url") + text(frame, "urlFragment");
    this.#turns += 1;
    this.#waitedFor.clear();
    this.#document(this.#current).turn = this.#turns;
    this.#change();
  }

  #change(): void {
    const { resolve } = this.#changed;
    this.#changed = Promise.withResolvers<void>();
    resolve();
  }
}
