/**
 * The report as one HTML document.
 *
 * @module
 */

import type { DatasetState } from "../dataset/state.ts";
import { type Inline, pageStyle, reportScript } from "./client.ts";
import type { Overview, SpeciesStanding } from "./gather.ts";
import { Markup, markup } from "./html.ts";
import {
  hostTable,
  licenseTable,
  outcomeChart,
  sizeTable,
  speciesTable,
  stops,
  tiles,
} from "./overview_markup.ts";
import { keptLines, pack, sheetImage } from "./sheet.ts";

/** What a report is made of. */
export interface ReportParts {
  /** What the data folder is called. */
  readonly name: string;
  /** It at a glance. */
  readonly overview: Overview;
  /** What its log says. */
  readonly state: DatasetState;
  /** When the report is made. */
  readonly made: Date;
  /** Ends the making. */
  readonly signal: AbortSignal;
}

/** How many pictures a part of a contact sheet has that is drawn at a time. */
const DRAWN_AT_ONCE = 200;

/**
 * Makes the document.
 *
 * @param parts What it is made of.
 * @returns The document in pieces, to be written one after the other.
 * @throws {Failure} When the log cannot be read.
 */
export async function reportDocument(parts: ReportParts): Promise<string[]> {
  const { overview, state, signal } = parts;
  const [style, script] = [await pageStyle(), await reportScript()];
  const licenses = new Map<string, number>();
  const sheets: string[] = [];
  for (const species of overview.species) {
    signal.throwIfAborted();
    sheets.push((await sheet(species, state, licenses)).text);
  }
  return [
    head(parts, style, script).text,
    markup`
    <nav aria-label="Parts of the report">
      <p><a href="#species">Species</a> · <a href="#outcomes">Outcomes</a> ·
      <a href="#hosts">Hosts</a> · <a href="#sizes">Sizes</a> ·
      <a href="#licences">Licences</a> · <a href="#sheets">Pictures</a></p>
    </nav>
    <main id="main">
    ${tiles(overview)}${stops(overview)}
    ${speciesTable(overview)}
    ${outcomeChart(overview)}
    ${hostTable(overview)}
    ${sizeTable(overview)}
    ${licenseTable(licenses, overview.images)}
    <h2 id="sheets">Pictures</h2>
    <noscript><p>The pictures are shown by this page's script. Without it, look into the folder
    <a href="../images/">images</a>.</p></noscript>
`.text,
    ...sheets,
    markup`
    </main>
    ${script.element}
  </body>
</html>
`.text,
  ];
}

function head({ name, overview, made }: ReportParts, style: Inline, script: Inline): Markup {
  const policy = `default-src 'none'; img-src 'self' file: data:; style-src ${style.hash}; ` +
    `script-src ${script.hash}; base-uri 'none'; form-action 'none'`;
  const last = overview.lastTime === undefined
    ? "its log is empty"
    : `its log's last line is of ${shortTime(overview.lastTime)}`;
  return markup`<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="${policy}">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="referrer" content="no-referrer">
    <meta name="color-scheme" content="light dark">
    <title>${name}: Aquaset report</title>
    <link rel="icon" href="data:,">
    ${style.element}
  </head>
  <body>
    <a class="skip" href="#main">To the species</a>
    <header>
      <h1>${name}</h1>
      <p class="faint">A report of Aquaset, made ${shortTime(made.toISOString())}; ${last}.</p>
    </header>
`;
}

async function sheet(
  species: SpeciesStanding,
  state: DatasetState,
  licenses: Map<string, number>,
): Promise<Markup> {
  const { id, name, common, kept, rejected, why } = species;
  const images = keptLines(state, id).map(sheetImage);
  for (const { rejected, license = "unknown" } of images) {
    if (!rejected) licenses.set(license, (licenses.get(license) ?? 0) + 1);
  }
  // What a person has rejected stands at the end.
  images.sort((one, other) => Number(one.rejected ?? false) - Number(other.rejected ?? false));
  const grids: Markup[] = [];
  for (let at = 0; at < images.length; at += DRAWN_AT_ONCE) {
    const some = images.slice(at, at + DRAWN_AT_ONCE);
    grids.push(
      markup`
        <div class="grid" data-id="${id}" data-species="${name}" data-count="${some.length}">
          <script type="text/plain">${new Markup(await pack(some))}</script>
        </div>
      `,
    );
  }
  const counted = `${kept} images${rejected === 0 ? "" : `, ${rejected} rejected`}`;
  return markup`
    <section class="sheet" id="s-${id}"><h3>${name}</h3>
    <p class="faint">${common.map((each) => markup`<span>${each}</span> · `)}${counted}</p>${
    why.length === 0 ? "" : markup`<p class="why">${why.join("; ")}</p>`
  }${grids}</section>
  `;
}

/** A time to the minute, in UTC. */
function shortTime(time: string): string {
  return `${time.slice(0, 10)} ${time.slice(11, 16)} UTC`;
}
