/**
 * One browser, over any driver: its tabs, its session, its end, and the inner part of the fence, which
 * sees each request of pages, popups and workers. The outer part, in `network_route.ts`, allows
 * connections to the hosts only.
 *
 * @module
 */

import type { Browser, Cookie, Deadline, Tab } from "./browser.ts";
import { BrowserFault } from "./browser.ts";
import type { ChromiumProcess } from "./chromium_process.ts";
import { type Driver, type Fields, fields, type Session, text } from "./driver.ts";
import type { Profile } from "./profile.ts";
import { bounded, DrivenTab } from "./tab.ts";

export interface FenceRules {
  readonly hosts: readonly string[];
  /** Whether images, fonts and media may be loaded. */
  readonly pictures: boolean;
  /** For the proxy. */
  readonly login?: { readonly username: string; readonly password: string } | undefined;
}

/** How long the browser may take to end before it is killed, in milliseconds. */
const END_WITHIN = 700;

export class FencedBrowser implements Browser {
  readonly #driver: Driver;
  readonly #process: ChromiumProcess;
  readonly #profile: Profile;
  readonly #death = new AbortController();
  readonly #tabs = new Set<DrivenTab>();
  #opening = 0;
  #retired = false;
  #closing: Promise<void> | undefined;

  private constructor(driver: Driver, process: ChromiumProcess, profile: Profile) {
    this.#driver = driver;
    this.#process = process;
    this.#profile = profile;
    process.ended.then(() => this.close());
  }

  /** Puts a fence around a started browser, and denies downloads and popups. */
  static async prepare(
    driver: Driver,
    process: ChromiumProcess,
    profile: Profile,
    rules: FenceRules,
  ): Promise<FencedBrowser> {
    const browser = new FencedBrowser(driver, process, profile);
    const { session } = driver;
    session.on("Target.targetCreated", (event) => {
      const info = fields(event["targetInfo"]);
      if (text(info, "type") === "page" && text(info, "openerId") !== "") {
        send(session, "Target.closeTarget", { targetId: text(info, "targetId") });
      }
    });
    const gone = { targetDestroyed: "the tab was closed", targetCrashed: "the tab crashed" };
    for (const [event, why] of Object.entries(gone)) {
      session.on(`Target.${event}`, (params) => {
        for (const tab of browser.#tabs) if (tab.id === text(params, "targetId")) tab.die(why);
      });
    }
    await intercept(session, rules);
    await session.send("Browser.setDownloadBehavior", { behavior: "deny" });
    await session.send("Target.setDiscoverTargets", { discover: true });
    return browser;
  }

  get dead(): boolean {
    return this.#death.signal.aborted;
  }

  open(deadline: Deadline): Promise<Tab> {
    const work = (ended: AbortSignal) => this.#open(ended);
    return bounded(work, deadline, this.#death.signal, "opening a tab");
  }

  async #open(ended: AbortSignal): Promise<Tab> {
    this.#opening += 1;
    try {
      const tab: DrivenTab = await DrivenTab.open(this.#driver, () => {
        this.#tabs.delete(tab);
        this.#closeWhenIdle();
      });
      this.#tabs.add(tab);
      if (ended.aborted) await tab.close();
      return tab;
    } finally {
      this.#opening -= 1;
      this.#closeWhenIdle();
    }
  }

  async cookies(): Promise<readonly Cookie[]> {
    const answer = await this.#ask("Storage.getCookies", {}, "reading the cookies");
    const list = answer["cookies"];
    return Array.isArray(list) ? list.map(fields) : [];
  }

  async takeCookies(cookies: readonly Cookie[]): Promise<void> {
    // A browser gives more fields than it accepts.
    const settable = cookies.map((cookie) => {
      const { name, value, domain, path, secure, httpOnly, sameSite, expires } = cookie;
      const lasts = typeof expires === "number" && expires > 0 ? { expires } : {};
      return { name, value, domain, path, secure, httpOnly, sameSite, ...lasts };
    });
    await this.#ask("Storage.setCookies", { cookies: settable }, "setting cookies");
  }

  #ask(method: string, params: Fields, doing: string): Promise<Fields> {
    const deadline = { within: 5000, signal: this.#death.signal };
    const work = () => this.#driver.session.send(method, params);
    return bounded(work, deadline, this.#death.signal, doing);
  }

  retire(): void {
    this.#retired = true;
    this.#closeWhenIdle();
  }

  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  async #close(): Promise<void> {
    this.#death.abort(new BrowserFault("browser-dead", "the browser is gone"));
    for (const tab of this.#tabs) tab.die("the browser is gone", "browser-dead");
    await this.#process.stop(END_WITHIN);
    await this.#driver.disconnect();
    await this.#profile.remove();
  }

  #closeWhenIdle(): void {
    if (this.#retired && this.#tabs.size === 0 && this.#opening === 0) void this.close();
  }
}

const PICTURES: ReadonlySet<string> = new Set(["Image", "Font", "Media"]);
const NEVER: ReadonlySet<string> = new Set(["Ping", "CSPViolationReport", "WebSocket"]);

async function intercept(session: Session, rules: FenceRules): Promise<void> {
  session.on("Fetch.requestPaused", (event) => {
    const requestId = text(event, "requestId");
    const url = text(fields(event["request"]), "url");
    if (mayPass(url, text(event, "resourceType"), rules)) {
      send(session, "Fetch.continueRequest", { requestId });
    } else {
      send(session, "Fetch.failRequest", { requestId, errorReason: "BlockedByClient" });
    }
  });
  session.on("Fetch.authRequired", (event) => {
    const byProxy = text(fields(event["authChallenge"]), "source") === "Proxy";
    // Only the proxy gets the login, no site.
    const authChallengeResponse = byProxy && rules.login !== undefined
      ? { response: "ProvideCredentials", ...rules.login }
      : { response: "CancelAuth" };
    const requestId = text(event, "requestId");
    send(session, "Fetch.continueWithAuth", { requestId, authChallengeResponse });
  });
  await session.send("Fetch.enable", {
    patterns: [{ urlPattern: "*" }],
    handleAuthRequests: true,
  });
}

export function mayPass(address: string, kind: string, rules: FenceRules): boolean {
  const url = URL.parse(address);
  if (url === null || NEVER.has(kind)) return false;
  if (PICTURES.has(kind) && !rules.pictures) return false;
  // These reach no network.
  if (["data:", "blob:", "about:"].includes(url.protocol)) return true;
  return ["http:", "https:"].includes(url.protocol) && rules.hosts.includes(url.hostname);
}

/** Sends without waiting for the result: its request or its tab may be gone by now. */
function send(session: Session, method: string, params: Fields): void {
  session.send(method, params).catch((error: unknown) => {
    if (!(error instanceof Error)) throw error;
  });
}
