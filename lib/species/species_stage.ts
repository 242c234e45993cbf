/**
 * The first stage: from the list article to the list in the data folder.
 *
 * @module
 */

import { delay } from "@std/async";
import { Failure } from "../base/failure.ts";
import { compareSpecies } from "./species_changes.ts";
import type { SpeciesChanges } from "./species_changes.ts";
import { readSpeciesList, writeSpeciesList } from "./species_file.ts";
import { draftSpecies, mergeSpecies, rowsOf } from "./species_list.ts";
import type { Species } from "./species.ts";
import type { Answer, Client, NotReceived, Received } from "../web/client.ts";
import { readRetryAfter } from "../web/retry_after.ts";
import { LOOKED_FOR } from "./wikipedia/columns.ts";
import { readListPage } from "./wikipedia/list_page.ts";
import type { ListPage } from "./wikipedia/list_page.ts";
import { CUT_OFF, pageMarkup } from "./wikipedia/page.ts";

/** The article that is read unless another is named. */
export const DEFAULT_LIST_URL =
  "https://en.wikipedia.org/wiki/List_of_freshwater_aquarium_fish_species";

/** A list as a page gives it. */
export interface FetchedList {
  /** The fish. */
  readonly species: readonly Species[];
  /** How many rows of the page they account for. */
  readonly rows: number;
  /** How many tables those rows stand in. */
  readonly tables: number;
}

/** How often a site that is behind (`maxlag`) is asked in all. */
const MOST_TRIES = 3;
/** How long is waited where it does not say, and at most, in milliseconds. */
const USUAL_WAIT = 5000;
const LONGEST_WAIT = 60_000;

/**
 * Fetches a list article and reads its fish.
 *
 * @param client The way out; it retries and waits by itself.
 * @param url The article, as a page, as Parsoid's HTML or as the API's JSON.
 * @param signal Ends it.
 * @param wait Waits so many milliseconds.
 * @returns The list; it has at least one fish with a Latin name.
 * @throws {Failure} Status 75 when the site cannot be reached now, 2 when the URL is none, 1 when
 * there is no such page or no table of fish on it.
 *
 * @example
 * ```ts
 * import { DEFAULT_LIST_URL, fetchSpeciesList } from "./species_stage.ts";
 * import { createClient } from "../web/create_client.ts";
 *
 * const client = createClient({ contact: "mailto:fish@example.org" });
 * const { species } = await fetchSpeciesList(client, DEFAULT_LIST_URL, AbortSignal.timeout(60_000));
 * ```
 */
export async function fetchSpeciesList(
  client: Client,
  url: string,
  signal: AbortSignal,
  wait: (milliseconds: number, signal: AbortSignal) => Promise<void> = waitFor,
): Promise<FetchedList> {
  const address = listAddress(url);
  for (let tries = 1;; tries++) {
    const answer: Answer = await client.page(address, {
      signal,
      headers: { "accept": "text/html,application/xhtml+xml,application/json;q=0.9,*/*;q=0.5" },
    });
    if (!answer.ok) throw notReceived(address, answer);
    const markup = pageMarkup(answer.bytes, answer.headers.get("content-type"));
    if (markup.ok) return listOf(readListPage(markup.html), articleAddress(address), answer);
    const busy = /^(?:maxlag|ratelimited|readonly|internal_api_error\w*)$/i.test(markup.code) ||
      markup.code === CUT_OFF;
    const says = markup.code === CUT_OFF
      ? `it came only in part (${brief(markup.info)})`
      : `it says “${brief(markup.info)}” (${brief(markup.code)})`;
    if (!busy) {
      throw new Failure(`Cannot read the species list ${address}: ${says}. ${WAYS_ON}`);
    }
    if (tries === MOST_TRIES) {
      throw new Failure(
        `Cannot read the species list ${address}: ${says}, ${tries} times. Run the same command ` +
          `again later.`,
        75,
      );
    }
    const asked = readRetryAfter(answer.headers.get("retry-after"), Date.now()) ?? USUAL_WAIT;
    await wait(Math.min(Math.max(asked, 1000), LONGEST_WAIT), signal);
  }
}

/**
 * Puts a new list into the data folder in the place of the one that is there. Images stay, also
 * those of fish that are gone from the list.
 *
 * @param dir The data folder; made where it is missing.
 * @param species The new list.
 * @returns What is different from the list that was there, or nothing where there was none.
 * @throws {Failure} When the old list cannot be read or the new one not be written; then the old
 * one is as it was.
 */
export async function updateSpeciesList(
  dir: string,
  species: readonly Species[],
): Promise<SpeciesChanges | undefined> {
  const before = await readSpeciesList(dir);
  await writeSpeciesList(dir, species);
  return before === undefined ? undefined : compareSpecies(before, species);
}

const WAYS_ON = "Name another list article with --list, or a list of your own with --species-file.";

async function waitFor(milliseconds: number, signal: AbortSignal): Promise<void> {
  await delay(milliseconds, { signal });
}

function listAddress(url: string): string {
  const parsed = URL.canParse(url.trim()) ? new URL(url.trim()) : undefined;
  if (parsed === undefined || !/^https?:$/.test(parsed.protocol) || parsed.hostname === "") {
    throw new Failure(
      `The flag --list takes the address of a list article, such as ${DEFAULT_LIST_URL}, not ` +
        `"${brief(url)}".`,
      2,
    );
  }
  parsed.hash = "";
  return parsed.href;
}

/** The article behind an interface's address: what people and `page` want to see. */
function articleAddress(address: string): string {
  const url = new URL(address);
  const rest = /^\/api\/rest_v1\/page\/html\/([^/]+)/.exec(url.pathname)?.[1] ??
    /^\/w\/rest\.php\/v1\/page\/([^/]+)/.exec(url.pathname)?.[1];
  const named = /^\/w\/api\.php$/.test(url.pathname) ? url.searchParams.get("page") : undefined;
  const title = rest ??
    (named === null || named === undefined || named === ""
      ? undefined
      : encodeURIComponent(named.replaceAll(" ", "_")));
  return title === undefined ? address : `${url.origin}/wiki/${title}`;
}

function listOf(page: ListPage, address: string, answer: Received): FetchedList {
  const drafts = page.rows.map((row) => draftSpecies({ ...row, page: address }));
  const searchable = drafts.filter(({ search }) => search !== undefined).length;
  if (searchable === 0) throw noFish(page, address, answer);
  const species = mergeSpecies(drafts);
  return { species, rows: rowsOf(species), tables: page.fishTables };
}

function noFish(page: ListPage, address: string, answer: Received): Failure {
  const title = page.title === "" ? "the page" : `“${brief(page.title)}”`;
  let found: string;
  if (page.rows.length > 0) {
    found = `not one of the ${page.rows.length} rows below such a header has a Latin name`;
  } else if (page.fishTables > 0) found = "below such a header there are no rows";
  else if (page.tables > 0) {
    const headers = page.otherHeaders.slice(0, 6).map((header) => `“${brief(header)}”`).join(", ");
    found =
      (page.tables === 1 ? "its one table has none" : `none of its ${page.tables} tables has one`) +
      (headers === "" ? "" : `; the headers there are ${headers}`);
  } else {
    const type = answer.headers.get("content-type") ?? "no content type";
    found = `it has no table at all (${answer.bytes.length} bytes, ${brief(type)})`;
  }
  return new Failure(
    `Cannot read the species list ${address}: ${title} was looked through for tables with a ` +
      `column headed ${LOOKED_FOR}, but ${found}. ${WAYS_ON}`,
  );
}

function notReceived(address: string, answer: NotReceived): Failure {
  const what = `Cannot fetch the species list ${address}: ${brief(answer.detail)}`;
  const away = answer.status === undefined && answer.outcome === "gone";
  switch (away ? "refused" : answer.outcome) {
    case "rate-limited":
    case "timeout":
    case "refused":
    case "tls-error":
    case "server-error":
    case "truncated": {
      const rest = answer.retryAfter === undefined
        ? "later"
        : `in ${Math.ceil(answer.retryAfter / 1000)} seconds`;
      return new Failure(
        `${what}. Check the connection and run the same command again ${rest}.`,
        75,
      );
    }
    case "forbidden":
      return new Failure(
        `${what}. Wikimedia turns away clients that do not say whom to write to: name yourself ` +
          `with --contact, or use a list of your own with --species-file.`,
      );
    default:
      if (/ no permission to reach /.test(answer.detail)) {
        return new Failure(
          `${what}. Allow ${new URL(address).host} with --allow-net, or use a list of your own ` +
            "with --species-file.",
        );
      }
      return new Failure(`${what}. ${WAYS_ON}`);
  }
}

function brief(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length <= 120 ? line : `${line.slice(0, 119)}…`;
}
