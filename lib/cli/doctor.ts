/**
 * Checks what a run needs, one thing a check, each with what to do where something is wrong.
 *
 * @module
 */

import { format } from "@std/fmt/bytes";
import { statfs } from "node:fs/promises";
import { join } from "@std/path";
import { defined } from "../base/defined.ts";
import { ifThere } from "../base/disk_failure.ts";
import { Failure, reason } from "../base/failure.ts";
import { isExempt, proxyFor } from "../base/proxy.ts";
import { PROJECT_URL, VERSION } from "../base/version.ts";
import { startBrowser } from "../browser/start.ts";
import { createExaminer } from "../image/create_examiner.ts";
import { GOOGLE_HOSTS } from "../sources/google/google.ts";
import { type ImageSource, StageStop } from "../sources/source.ts";
import type { Species } from "../species/species.ts";
import { DEFAULT_LIST_URL, fetchSpeciesList } from "../species/wikipedia/fetch.ts";
import type { Client } from "../web/client.ts";
import { isPublicAddress, systemLookup } from "../web/resolve.ts";
import { describeSettings, readSettings } from "./settings.ts";

export interface Finding {
  /** What was checked: `browser`, `clock`, a source's name … */
  readonly check: string;
  readonly ok: boolean;
  /** What there is, or what is wrong and what to do. */
  readonly text: string;
  /** Set where a site answered, but not as it is known here: the page that was saved, if one was. */
  readonly changed?: { readonly savedPage?: string };
}

/** Checks one thing and says how it is. What it throws is what is wrong. */
type Check = (signal: AbortSignal) => string | Promise<string>;

type Checks = Readonly<Record<string, Check>>;

const WIKIPEDIA = "en.wikipedia.org";
/** A run of the whole list takes about so much, in bytes. */
const ROOM = 20e9;
/** With less than this even a small run may fail. */
const LEAST_ROOM = 1e9;
/** Certificates and signed requests suffer from clocks that are further off, in milliseconds. */
const CLOCK_OFF = 5 * 60_000;
/** How long a check may take, in milliseconds: FishBase's tables are a large download. */
const WITHIN = 5 * 60_000;

/** The checks of this machine; the last ones make one request to Wikipedia. */
export function machineChecks(
  data: string,
  browser: string | undefined,
  client: Client,
): Checks {
  return {
    versions: checkVersions,
    permissions: checkPermissions,
    "data folder": () => checkFolder(data),
    settings: () => checkSettings(data),
    images: checkExaminer,
    browser: (signal) => checkBrowser(browser, signal),
    proxy: checkProxy,
    names: checkNames,
    clock: (signal) => checkClock(client, signal),
  };
}

/** Checks that ask Wikipedia for its list, and each source for one species. */
export function siteChecks(
  species: Species,
  sources: readonly ImageSource[],
  client: Client,
): Checks {
  const bySource = sources.map((source) =>
    [source.name, (signal: AbortSignal) => checkSource(source, species, signal)] as const
  );
  return { wikipedia: (signal) => checkList(client, signal), ...Object.fromEntries(bySource) };
}

/** A site answered in a way that is not known here. */
class Changed extends Error {
  readonly changed: Finding["changed"];

  constructor(message: string, savedPage?: string) {
    super(message);
    this.changed = defined({ savedPage });
  }
}

export async function* perform(
  checks: Checks,
  signal: AbortSignal,
): AsyncGenerator<Finding, void, void> {
  for (const [check, run] of Object.entries(checks)) {
    const deadline = AbortSignal.timeout(WITHIN);
    try {
      yield { check, ok: true, text: await run(AbortSignal.any([signal, deadline])) };
    } catch (thrown) {
      signal.throwIfAborted();
      const late = `no answer within ${WITHIN / 60_000} minutes`;
      const text = deadline.aborted ? late : reason(thrown);
      const { changed = undefined } = thrown instanceof Changed ? thrown : {};
      yield { check, ok: false, text, ...defined({ changed }) };
    }
  }
}

function checkVersions(): string {
  const { deno } = Deno.version;
  const [major = 0, minor = 0] = deno.split(".").map(Number);
  const here = `Aquaset ${VERSION}, Deno ${deno}, ${Deno.build.target}`;
  if (major === 2 && minor >= 9) return here;
  throw new Failure(`${here}: it was made for Deno 2.9. Run: deno upgrade 2.9.6`);
}

/** What the permission set allows is there, and what it denies is denied. */
function checkPermissions(): string {
  const isOpen = (host: string) =>
    Deno.permissions.querySync({ name: "net", host }).state === "granted";
  const open = ["10.0.0.1", "192.168.0.1", "169.254.169.254"].filter(isOpen);
  if (open.length > 0) {
    throw new Failure(
      `this process may reach private networks (${open.join(", ")}). Run it as a task, or with -P`,
    );
  }
  if (isOpen("example.org")) return "the internet is open to it, private networks are closed";
  throw new Failure("this process may not reach the internet. Run it as a task");
}

async function checkFolder(data: string): Promise<string> {
  const probe = join(data, `.doctor-${crypto.randomUUID()}`);
  const isNew = await ifThere(Deno.stat(data)) === undefined;
  let free: number;
  try {
    await Deno.mkdir(data, { recursive: true });
    await Deno.writeTextFile(probe, "Aquaset was here.", { createNew: true });
    await Deno.remove(probe);
    const { bavail, bsize } = await statfs(data);
    free = bavail * bsize;
  } catch (thrown) {
    throw new Failure(
      `Cannot write in ${data}: ${reason(thrown)}. Name another folder with --data`,
    );
  } finally {
    if (isNew) await Deno.remove(data).catch(() => undefined);
  }
  const room = `${format(free)} are free`;
  if (free < LEAST_ROOM) {
    throw new Failure(`Only ${room} for ${data}. Make room, or name another disk with --data`);
  }
  const short = `; the whole list with 200 images a species takes about ${format(ROOM)}`;
  return `${data} can be written, ${room}${free < ROOM ? short : ""}`;
}

async function checkSettings(data: string): Promise<string> {
  const settings = describeSettings(await readSettings(data));
  return settings === "" ? "none in the data folder (deno task init writes them)" : settings;
}

/** A picture of one pixel: enough to see that the codec starts. */
const PIXEL =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

async function checkExaminer(signal: AbortSignal): Promise<string> {
  const examiner = createExaminer();
  try {
    const examined = await examiner.examine(Uint8Array.fromBase64(PIXEL), signal);
    if (!examined.ok && examined.outcome === "too-small") return "can be decoded";
    throw new Failure("the decoder gave a wrong answer. Run: deno task setup");
  } finally {
    examiner.close();
  }
}

async function checkBrowser(path: string | undefined, signal: AbortSignal): Promise<string> {
  const notices: string[] = [];
  const browser = await startBrowser({
    ...(path === undefined ? {} : { browser: path }),
    hosts: GOOGLE_HOSTS,
    notice: (text) => notices.push(text),
    signal,
  });
  try {
    const tab = await browser.open({ within: 30_000, signal });
    await tab.close();
  } finally {
    await browser.close();
  }
  return ["one starts and opens a tab", ...notices].join("; ");
}

const readVariable = (name: string): string | undefined => Deno.env.get(name);

function checkProxy(): string {
  const proxy = proxyFor("https", readVariable);
  if (proxy === undefined) return "none is set";
  const { address, variable } = proxy;
  const url = URL.parse(address) ?? URL.parse(`http://${address}`);
  if (url === null) throw new Failure(`${variable} is not an address: http://host:port`);
  const certificate = readVariable("DENO_CERT");
  return `${variable} is ${url.protocol}//${url.host}` +
    (certificate === undefined ? "" : `, its certificate authority is ${certificate}`);
}

async function checkNames(): Promise<string> {
  if (proxyFor("https", readVariable) !== undefined && !isExempt(WIKIPEDIA, readVariable)) {
    return "the proxy looks names up";
  }
  let addresses: readonly string[];
  try {
    addresses = await systemLookup(WIKIPEDIA);
  } catch (thrown) {
    throw new Failure(
      `Cannot look up ${WIKIPEDIA}: ${reason(thrown)}. Check the network and its DNS server, or ` +
        "set HTTPS_PROXY where only a proxy reaches the internet",
    );
  }
  const wrong = addresses.filter((address) => !isPublicAddress(address));
  if (wrong.length === 0) return `${WIKIPEDIA} is ${addresses.join(", ")}`;
  throw new Failure(
    `${WIKIPEDIA} is ${wrong.join(", ")} here, which is no public address: a filter or a login ` +
      "page of the network answers in its place",
  );
}

async function checkClock(client: Client, signal: AbortSignal): Promise<string> {
  const url = `https://${WIKIPEDIA}/robots.txt`;
  const answer = await client.page(url, { signal, tries: 1 });
  if (!answer.ok) {
    const advice: Readonly<Record<string, string>> = {
      "tls-error": "Check the clock; behind a proxy that reads TLS, set DENO_CERT to its authority",
      gone: "Check the network and its DNS server",
    };
    throw new Failure(
      `Cannot fetch ${url}: ${answer.detail}. ${
        advice[answer.outcome] ?? "Check the network, HTTPS_PROXY and the firewall"
      }`,
    );
  }
  const date = Date.parse(answer.headers.get("date") ?? "");
  if (Number.isNaN(date)) return `${WIKIPEDIA} answers, and does not say what time it is`;
  const off = Math.round((Date.now() - date) / 1000);
  if (Math.abs(off) * 1000 <= CLOCK_OFF) return `${WIKIPEDIA} answers, the clock agrees with its`;
  throw new Failure(
    `the clock is ${Math.abs(off)} s ${off > 0 ? "fast" : "slow"}. Set it, or let NTP do so`,
  );
}

async function checkList(client: Client, signal: AbortSignal): Promise<string> {
  try {
    const { rows, species } = await fetchSpeciesList(client, DEFAULT_LIST_URL, signal);
    return `the list has ${rows} rows with ${species.length} names`;
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.status === 1) throw new Changed(thrown.message);
    throw thrown;
  }
}

/** Whether a source still finds one picture of a species that it is sure to have. */
async function checkSource(
  source: ImageSource,
  species: Species,
  signal: AbortSignal,
): Promise<string> {
  const demand = { missing: 1, successRate: 1, known: () => false };
  try {
    const found = source.candidates(species, demand, signal);
    const { done, value } = await found.next();
    if (!done) {
      await found.return({ why: "exhausted" });
      const road = value.road === undefined ? "" : ` (${value.road})`;
      return `finds ${species.latin}${road}: ${value.url}`;
    }
    if (value.why === "failed") throw new Failure(`${value.reason}. Try again later`);
    if (value.why === "not-recognised") throw new Changed(value.reason, value.savedPage);
    throw new Changed(
      value.why === "exhausted"
        ? `it answers, but has no picture of ${species.latin}`
        : value.reason,
    );
  } catch (thrown) {
    if (thrown instanceof StageStop) throw new Failure(thrown.message);
    throw thrown;
  } finally {
    await source.close();
  }
}

const FORM_NAMES: Readonly<Record<string, string>> = {
  wikipedia: "Wikipedia list",
  fishbase: "FishBase",
  google: "Google Images",
  inaturalist: "iNaturalist",
  gbif: "GBIF",
  commons: "Wikimedia Commons",
  openverse: "Openverse",
};

/** The issue form for a site that has changed, filled in; nothing where it has not. */
export function issueForm({ changed, check, text }: Finding, data: string): string | undefined {
  if (changed === undefined) return undefined;
  const fields = {
    source: FORM_NAMES[check] ?? "another",
    said: `${check}: ${text}`,
    version: VERSION,
  };
  const title = `${fields.source}: page not recognised`;
  const form = new URL(`${PROJECT_URL}/issues/new`);
  form.search = String(
    new URLSearchParams({ template: "page-not-recognised.yml", title, ...fields }),
  );
  const page = changed.savedPage === undefined ? "none was saved" : join(data, changed.savedPage);
  return [
    `Please report it: ${form}`,
    `  Which site?            ${fields.source}`,
    `  What did Aquaset say?  ${fields.said}`,
    `  The saved page         ${page}`,
    `  Version                ${fields.version}`,
  ].join("\n");
}
