/**
 * Wikipedia: the list article in the shape seen in April 2024, and with the headings seen since
 * 2025.
 *
 * @module
 */

import type { Catalogue, ExtraRow } from "../catalogue.ts";
import { plainText, type Reply, type Request } from "../http.ts";

export interface WikipediaOptions {
  /** Headings as `span.mw-headline` within (2024), or as `div.mw-heading` around (since 2025). */
  readonly headings: "2024" | "2025";
  /** What the second column is called; it was `Taxonomy` until 2022. */
  readonly column: "Scientific name" | "Taxonomy";
}

const ARTICLE = "/wiki/List_of_freshwater_aquarium_fish_species";

/** A row's common-name cell and Latin-name cell, HTML. */
type Row = Pick<ExtraRow, "commonCell" | "cell">;

export function wikipedia(
  catalogue: Catalogue,
  options: Partial<WikipediaOptions> = {},
): (request: Request) => Reply {
  const article = listPage(catalogue, {
    headings: "2025",
    column: "Scientific name",
    ...options,
  });
  return ({ url, headers }) => {
    if (url.pathname === "/robots.txt") return plainText("User-agent: *\nDisallow: /w/\n");
    const refusal = refuseWithoutContact({ headers });
    if (refusal !== undefined) return refusal;
    if (decodeURIComponent(url.pathname) === ARTICLE) {
      return { headers: { "Content-Type": "text/html; charset=UTF-8" }, body: article };
    }
    return { status: 404, headers: { "Content-Type": "text/html" }, body: "<h1>Not found</h1>" };
  };
}

/** Wikimedia's policy: who does not say how to be reached is turned away. */
export function refuseWithoutContact({ headers }: Pick<Request, "headers">): Reply | undefined {
  return /https?:\/\/|\S@\S+\.\S/.test(headers.get("user-agent") ?? "") ? undefined : plainText(
    "Please set a user-agent and respect our robot policy " +
      "https://w.wiki/4wJS. See also https://phabricator.wikimedia.org/T400119.\n",
    403,
  );
}

function listPage(catalogue: Catalogue, options: WikipediaOptions): string {
  const groups = Map.groupBy<string, Row & Pick<ExtraRow, "group">>(
    [...catalogue.fish, ...catalogue.extra],
    ({ group }) => group,
  );
  const sections = [...groups].map(([group, rows], index) =>
    heading(group, options, index + 1) + section(group, rows, options, index)
  );
  return `<!DOCTYPE html>
<html class="client-nojs" lang="en" dir="ltr">
<head><meta charset="UTF-8"><title>List of freshwater aquarium fish species - Wikipedia</title></head>
<body class="skin-vector ns-0">
<div id="siteNotice"><table class="infobox"><tbody><tr><td>Please donate</td></tr></tbody></table></div>
<h1 id="firstHeading">List of freshwater aquarium fish species</h1>
<div id="mw-content-text" class="mw-body-content"><div class="mw-content-ltr mw-parser-output" lang="en" dir="ltr"><p>A list of fish that are kept in <a href="/wiki/Aquarium">aquariums</a>.
</p>
<meta property="mw:PageProp/toc" />
${sections.join("\n")}
${heading("References", options, groups.size + 1)}
<ol class="references"><li id="cite_note-1"><span class="reference-text">A book about <i>Corydoras</i></span></li></ol>
<div class="navbox"><table class="nowraplinks navbox-inner"><tbody><tr><th scope="col" class="navbox-title">Lists of fish</th></tr><tr><td><a href="/wiki/List_of_marine_aquarium_fish_species">Marine</a></td></tr></tbody></table></div>
</div></div></body></html>`;
}

function heading(text: string, { headings }: WikipediaOptions, number: number): string {
  const id = text.replaceAll(" ", "_");
  const edit =
    `<span class="mw-editsection"><span class="mw-editsection-bracket">[</span><a href="/w/index.php?action=edit&amp;section=${number}"><span>edit</span></a><span class="mw-editsection-bracket">]</span></span>`;
  return headings === "2024"
    ? `<h2><span class="mw-headline" id="${id}">${text}</span>${edit}</h2>\n`
    : `<div class="mw-heading mw-heading2"><h2 id="${id}">${text}</h2>${edit}</div>\n`;
}

function section(
  group: string,
  rows: readonly Row[],
  options: WikipediaOptions,
  index: number,
): string {
  const banner = index % 2 === 0
    ? `<table cellspacing="4" width="100%" style="border:1px solid #C0C0C0; background:silver">
<tbody><tr>
<td height="25px" style="font-size:120%"><b>${group}</b>
</td></tr></tbody></table>\n`
    : index % 4 === 1
    ? `<table class="sortable collapsible"><tbody><tr><td>${group}</td></tr></tbody></table>\n`
    : "";
  const name = index % 3 === 2
    ? options.column
    : `<a href="/wiki/Binomial_nomenclature" title="Binomial nomenclature">${options.column}</a>`;
  const twice = index % 5 === 3;
  return `${banner}<table class="${
    index % 3 === 1 ? "sortable collapsible" : "wikitable sortable"
  }">

<tbody><tr>
<th width="15%">Common name
</th>
<th width="15%">${name}
</th>
<th width="1%">Image
</th>
<th width="5%">Size
</th>
<th width="1%">Remarks
</th>
<th width="1%">Tank size
</th>${twice ? "\n<th>Tank size\n</th>" : ""}
<th class="unsortable">Temperature range
</th>
<th class="unsortable">pH range
</th></tr>
${rows.map((row, place) => tableRow(row, place, twice)).join("\n")}
</tbody></table>\n`;
}

function tableRow({ commonCell, cell }: Row, place: number, twice: boolean): string {
  const image = place % 2 === 0
    ? '<span typeof="mw:File"><a href="/wiki/File:Fish.jpg" class="mw-file-description">' +
      '<img src="//upload.wikimedia.org/wikipedia/commons/thumb/a/ab/Fish.jpg/175px-Fish.jpg" width="175" height="131" /></a></span>'
    : "";
  const extra = twice && place % 2 === 0 ? "\n<td>80 L</td>" : "";
  const last = place % 7 === 5 ? "" : "\n<td>6.0-7.2\n</td>";
  return `<tr>
<td>${commonCell}</td>
<td>${cell}</td>
<td align="center">${image}</td>
<td align="center">${3 + place}&#160;cm (${1 + place}&#160;in)
</td>
<td>
</td>
<td>30 Gallons</td>${extra}
<td>22–25&#160;°C (72–77&#160;°F)</td>${last}</tr>`;
}
