/**
 * The first stage: from the list article to the list in the data folder.
 *
 * @module
 */

import { Failure } from "../../base/failure.ts";
import type { Answer, Client, NotReceived, Received } from "../../web/client.ts";
import { decodeHtml } from "../../web/html.ts";
import { countRows, draftSpecies, mergeSpecies } from "../list.ts";
import { excerpt } from "../name_text.ts";
import type { Species } from "../species.ts";
import { LATIN_HEADERS } from "./columns.ts";
import { type ListPage, readListPage } from "./list_page.ts";

/** The article that is read unless another is named. */
export const DEFAULT_LIST_URL =
  "https://en.wikipedia.org/wiki/List_of_freshwater_aquarium_fish_species";

/** A list as a page gives it. */
export interface FetchedList {
  /** What the page lists. */
  readonly species: readonly Species[];
  /** How many rows and items of the page they account for. */
  readonly rows: number;
  /** How many tables those rows stand in. */
  readonly tables: number;
  /** How many bullet lists those rows stand in. */
  readonly lists: number;
}

/**
 * Fetches a list article and reads its species.
 *
 * @returns The list; it has at least one species with a Latin name.
 * @throws {Failure} Status 75 if the site cannot be reached now, 2 if the URL is not one, 1 if
 * there is no such page or no species on it.
 *
 * @example
 * ```ts
 * import { DEFAULT_LIST_URL, fetchSpeciesList } from "./fetch.ts";
 * import { createClient } from "../../web/create_client.ts";
 *
 * const client = createClient({ contact: "mailto:fish@example.org" });
 * const { species } = await fetchSpeciesList(client, DEFAULT_LIST_URL, AbortSignal.timeout(60_000));
 * ```
 */
export async function fetchSpeciesList(
  client: Client,
  url: string,
  signal: AbortSignal,
): Promise<FetchedList> {
  const address = pageAddress(url);
  const answer: Answer = await client.page(address, { signal });
  if (!answer.ok) throw notReceived(address, answer);
  const html = decodeHtml(answer.bytes, answer.headers.get("content-type"));
  if (isCutOff(html)) {
    throw new Failure(
      `Cannot read the species list ${address}: the page ends before its </html>. Run the same ` +
        `command again later.`,
      75,
    );
  }
  const excess = excessOf(html);
  if (excess === undefined) return toList(readListPage(html), address, answer);
  throw new Failure(
    `Cannot read the species list ${address}: page not recognised, it has ${excess}. ${OTHER_LISTS}`,
  );
}

/** More rows and items than any list article has, and deeper nesting: such pages take minutes. */
const [MOST_ROWS, DEEPEST] = [8_000, 60];

/** What a page has too much of, before it is parsed. */
function excessOf(html: string): string | undefined {
  let [rows, depth, deepest] = [0, 0, 0];
  for (const [tag] of html.matchAll(/<(?:li|tr|\/?(?:table|[uo]l))\b/gi)) {
    if (/^<(?:li|tr)$/i.test(tag)) rows++;
    else deepest = Math.max(deepest, depth = Math.max(0, depth + (tag[1] === "/" ? -1 : 1)));
  }
  if (rows > MOST_ROWS) return `more than ${MOST_ROWS} rows and list items`;
  return deepest > DEEPEST ? `tables or lists nested more than ${DEEPEST} deep` : undefined;
}

const OTHER_LISTS =
  "Name another list article with --list, or a list of your own with --species-file.";

function pageAddress(url: string): string {
  const parsed = URL.parse(url.trim());
  if (parsed === null || !/^https?:$/.test(parsed.protocol) || parsed.hostname === "") {
    throw new Failure(
      `The flag --list takes the address of a list article, such as ${DEFAULT_LIST_URL}, not ` +
        `"${excerpt(url, 120)}".`,
      2,
    );
  }
  parsed.hash = "";
  return parsed.href;
}

/** MediaWiki ends every page with `</html>` (seen 2024); half a page would be half a list. */
function isCutOff(html: string): boolean {
  return /<html[\s>]/i.test(html) && !/<\/html\s*>/i.test(html) &&
    /mw-parser-output|data-mw-section-id|<meta name="generator" content="MediaWiki/.test(html);
}

function toList(page: ListPage, address: string, answer: Received): FetchedList {
  const drafts = page.rows.map((row) => draftSpecies({ ...row, page: address }));
  if (drafts.every(({ search }) => search === undefined)) throw noSpecies(page, address, answer);
  const species = mergeSpecies(drafts);
  return { species, rows: countRows(species), tables: page.speciesTables, lists: page.bulletLists };
}

function noSpecies(page: ListPage, address: string, answer: Received): Failure {
  const title = page.title === "" ? "the page" : `“${excerpt(page.title, 120)}”`;
  const headers = page.otherHeaders.slice(0, 6).map((header) => `“${header}”`).join(", ");
  const type = answer.headers.get("content-type") ?? "no content type";
  const found = page.rows.length > 0
    ? `not one of the ${page.rows.length} rows below such a header has a Latin name`
    : page.speciesTables > 0
    ? "below such a header there are no rows"
    : page.tables > 0
    ? `no table has one${headers && `; the headers there are ${headers}`}`
    : `it has no table at all (${answer.bytes.length} bytes, ${type})`;
  return new Failure(
    `Cannot read the species list ${address}: ${title} was searched for bullet lists with Latin ` +
      `names in italics and for tables with a column headed ${LATIN_HEADERS}, but ${found}. ` +
      `${OTHER_LISTS}`,
  );
}

function notReceived(address: string, answer: NotReceived): Failure {
  const what = `Cannot fetch the species list ${address}: ${excerpt(answer.detail, 120)}`;
  // Without a status, `gone` means that there is no such host: perhaps no connection.
  const offline = answer.status === undefined && answer.outcome === "gone";
  switch (offline ? "refused" : answer.outcome) {
    case "rate-limited":
    case "timeout":
    case "refused":
    case "tls-error":
    case "server-error":
    case "truncated": {
      const when = answer.retryAfter === undefined
        ? "later"
        : `in ${Math.ceil(answer.retryAfter / 1000)} seconds`;
      return new Failure(
        `${what}. Check the connection and run the same command again ${when}.`,
        75,
      );
    }
    case "forbidden":
      return new Failure(
        `${what}. Wikimedia refuses clients that name nobody to write to: name yourself with ` +
          `--contact, or use a list of your own with --species-file.`,
      );
    default: {
      const host = new URL(address).host;
      return new Failure(
        / no permission to reach /.test(answer.detail)
          ? `${what}. Run it again with ${host} added to --allow-net, or use a list of your own ` +
            `with --species-file.`
          : `${what}. ${OTHER_LISTS}`,
      );
    }
  }
}
