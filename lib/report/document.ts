/**
 * The report as one HTML document: pictures first, then what is missing, then tables.
 *
 * @module
 */

import { format } from "@std/fmt/bytes";
import { describeAudit } from "../dataset/audit.ts";
import type { Outcome } from "../base/outcome.ts";
import cell from "./client/cell.js" with { type: "text" };
import page from "./client/page.css" with { type: "text" };
import report from "./client/report.js" with { type: "text" };
import { type HostStanding, type Overview, SIDES, type SpeciesStanding } from "./gather.ts";
import { inlineScript, inlineStyle, type Markup, markup, speciesName } from "./html.ts";
import { thumbnailPath } from "./thumbnails.ts";

export interface ReportParts {
  readonly name: string;
  readonly overview: Overview;
  readonly licenses: {
    readonly images: ReadonlyMap<string, number>;
    readonly known: ReadonlyMap<string, number>;
  };
  readonly made: Date;
}

/** The first rows of the mosaic, as many as a wide screen shows; the script adds the rest. */
const FIRST_TILES = 60;
/** More species that are short, hosts or licences than these are not listed. */
const MOST_MISSING = 8;
const MOST_HOSTS = 100;
const MOST_LICENSES = 40;

export async function reportDocument(parts: ReportParts): Promise<string> {
  const { name, overview, licenses, made } = parts;
  const style = await inlineStyle([page]);
  const script = await inlineScript([cell, report]);
  // A page from the disk has no origin: what its own script loads is trusted, and nothing else.
  const policy = `default-src 'none'; img-src 'self' file: data:; style-src ${style.hash}; ` +
    `script-src ${script.hash} 'strict-dynamic'; base-uri 'none'; form-action 'none'`;
  const last = overview.lastTime === undefined
    ? "its log is empty"
    : markup`its log ends on ${shortTime(overview.lastTime)}`;
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
  <body class="report">
    <a class="skip" href="#species">To the table of species</a>
    <header class="masthead">
      <div>
        <h1>${name}</h1>
        <p class="faint">${counted(overview.images, "image")} of ${
    counted(overview.species.filter(({ kept }) => kept > 0).length, "species", "species")
  }, ${format(overview.bytes)}. Made by Aquaset on ${shortTime(made.toISOString())}; ${last}.</p>
      </div>
      <nav aria-label="Parts of the report">
        <a href="#missing">Missing</a> <a href="#species">Species</a>
        <a href="#outcomes">Outcomes</a> <a href="#hosts">Hosts</a>
        <a href="#licences">Licences</a> <a href="#sheets">Pictures</a>
      </nav>
    </header>
    <main>
      ${mosaic(overview)}
      ${missing(overview)}
      ${speciesTable(overview, licenses.known)}
      ${outcomes(overview)}
      ${hosts(overview)}
      <div class="pair">${sizes(overview)}${licences(licenses.images, overview.images)}</div>
      <h2 id="sheets">Pictures</h2>
      <noscript><p>The pictures are shown by this page's script. Without it, look into the folder
      <a href="../images/">images</a>.</p></noscript>
      <div id="all-sheets"></div>
    </main>
    ${script.element}
  </body>
</html>
`.text;
}

function mosaic({ species }: Overview): Markup {
  const shown = species.filter(({ cover }) => cover !== undefined);
  if (shown.length === 0) return markup`<p>There are no images yet: run scrape.</p>`;
  const size = shown.length <= 16 ? "large" : shown.length <= 80 ? "middle" : "small";
  return markup`
    <div class="mosaic ${size}" id="mosaic">${shown.slice(0, FIRST_TILES).map(tile)}</div>
    <p class="more"><button id="more" type="button" hidden>Show all ${
    number(shown.length)
  } species</button></p>
  `;
}

function tile({ id, name, isLatin, cover = "" }: SpeciesStanding): Markup {
  return markup`<a href="#s-${id}"><img src="thumbs/${
    thumbnailPath(cover)
  }" alt="" loading="lazy" decoding="async"><span>${speciesName(name, isLatin)}</span></a>
`;
}

function missing(overview: Overview): Markup {
  const { species, wanted, rejected, stopped, audit } = overview;
  const having = (standing: string): number =>
    species.filter((each) => each.standing === standing).length;
  const [enough, short, none] = ["enough", "short", "none"].map(having);
  const lacking = species.filter(({ standing }) => standing !== "enough")
    .sort((one, other) => one.kept - other.kept);
  const rate = audit === undefined ? undefined : describeAudit(audit);
  const each = wanted === undefined ? "" : ` (${number(wanted)} each)`;
  const figure = (value: number, name: string, kind: string): Markup =>
    markup`<div><dt><span class="dot ${kind}"></span>${name}</dt><dd>${number(value)}</dd></div>`;
  return markup`
    <section class="panel" aria-labelledby="missing">
      <h2 id="missing">${
    lacking.length === 0
      ? "Nothing is missing"
      : `${number(lacking.length)} of ${number(species.length)} species are short of images`
  }</h2>
      ${bar([["good", enough ?? 0], ["warn", short ?? 0], ["bad", none ?? 0]], species.length)}
      <dl class="figures">
        ${figure(enough ?? 0, `species have enough${each}`, "good")}
        ${figure(short ?? 0, "have fewer", "warn")}
        ${figure(none ?? 0, "have none", "bad")}
        ${figure(rejected, "images rejected by a person", "off")}
      </dl>
      ${
    stopped.map(({ source, why, detail }) =>
      markup`<p class="bad">${source.slice(0, 80)} stopped before its end: ${why.slice(0, 80)}${
        detail === undefined ? "" : `, ${detail.slice(0, 300)}`
      }.</p>`
    )
  }
      <p class="audit">${
    rate ?? "Nobody has judged a random sample yet: start an audit in the review."
  }</p>
      <ul class="lacking">${
    lacking.slice(0, MOST_MISSING).map(({ id, name, isLatin, kept, why }) =>
      markup`<li><a href="#s-${id}">${speciesName(name, isLatin)}</a> <b>${number(kept)}</b>
        <span class="faint">${why.join("; ")}</span></li>`
    )
  }</ul>
      ${
    lacking.length > MOST_MISSING
      ? markup`<p class="more"><button id="lacking" type="button">Show all ${
        number(lacking.length)
      } in the table</button></p>`
      : ""
  }
    </section>
  `;
}

function speciesTable(overview: Overview, known: ReadonlyMap<string, number>): Markup {
  const sources = overview.sources.map(({ source }) => source);
  const most = Math.max(overview.wanted ?? 0, ...overview.species.map(({ kept }) => kept), 1);
  const head = (name: string, kind = ""): Markup =>
    markup`<th scope="col" class="${kind}"><button type="button">${name}</button></th>`;
  return markup`
    <h2 id="species">Species</h2>
    <div class="tools">
      <label>Find <input id="search" type="search" autocomplete="off" placeholder="a name"></label>
      <label>Show <select id="standing"><option value="all">all</option><option value="enough">enough</option>
      <option value="lacking">short or none</option><option value="short">short</option>
      <option value="none">none</option></select></label>
      <output id="shown" class="faint"></output>
    </div>
    ${legend(sources)}
    <div class="scroll">
      <table id="table">
        <thead>
          <tr>${head("Species")}${sources.map((source) => head(source, "n wide"))}${
    head("Kept", "n")
  }${head("Licensed", "n wide")}<th scope="col" class="wide chart">Images</th>${head("State")}</tr>
        </thead>
        <tbody>${
    overview.species.map((species) => speciesRow(species, most, known.get(species.id) ?? 0))
  }</tbody>
      </table>
    </div>
  `;
}

function speciesRow(species: SpeciesStanding, most: number, licensed: number): Markup {
  const { id, name, isLatin, common, kept, rejected, bySource, standing, why, cover } = species;
  return markup`<tr data-id="${id}" data-kept="${kept}" data-rejected="${rejected}" data-standing="${standing}"${
    cover === undefined ? "" : markup` data-cover="${cover}"`
  }><th scope="row"><a href="#s-${id}">${speciesName(name, isLatin)}</a> <span class="faint">${
    common.join(", ")
  }</span></th>${
    bySource.map((value) => markup`<td class="n wide">${number(value)}</td>`)
  }<td class="n">${number(kept)}</td><td class="n wide">${number(licensed)}</td><td class="wide">${
    bar(bySource.map((value, at) => [`k${at % 6}`, value]), most)
  }</td><td><span class="${standing}">${standing}</span>${
    why.length === 0 ? "" : markup` <span class="faint">${why.join("; ")}</span>`
  }</td></tr>
`;
}

function outcomes({ sources }: Overview): Markup {
  const sums = new Map<string, number[]>();
  sources.forEach(({ outcomes }, at) => {
    for (const [outcome, value] of Object.entries(outcomes)) {
      const sum = sums.get(outcome) ?? sources.map(() => 0);
      sum[at] = value;
      sums.set(outcome, sum);
    }
  });
  const total = (values: readonly number[]): number => values.reduce((sum, each) => sum + each, 0);
  const rows = [...sums].sort(([, one], [, other]) => total(other) - total(one));
  const most = Math.max(1, ...rows.map(([, values]) => total(values)));
  return markup`
    <h2 id="outcomes">What became of the candidates</h2>
    ${legend(sources.map(({ source }) => source))}
    <div class="scroll" tabindex="0" role="region" aria-label="What became of the candidates">
      <table>
        <thead>
          <tr><th scope="col">Outcome</th>${
    sources.map(({ source }) => markup`<th scope="col" class="n wide">${source}</th>`)
  }<th scope="col" class="n">All</th><th scope="col" class="chart">Candidates</th></tr>
        </thead>
        <tbody>${
    rows.map(([outcome, values]) =>
      markup`<tr><th scope="row">${outcome}</th>${
        values.map((value) => markup`<td class="n wide">${number(value)}</td>`)
      }<td class="n">${number(total(values))}</td><td>${
        bar(values.map((value, at) => [`k${at % 6}`, value]), most)
      }</td></tr>`
    )
  }</tbody>
      </table>
    </div>
  `;
}

function hosts({ hosts }: Overview): Markup {
  const heading = markup`<h2 id="hosts">Hosts that failed</h2>`;
  if (hosts.length === 0) return markup`${heading}<p>Every host gave what it was asked for.</p>`;
  const rest = hosts.length - MOST_HOSTS;
  return markup`${heading}
    <div class="scroll tall" tabindex="0" role="region" aria-label="Hosts that failed">
      <table>
        <thead><tr><th scope="col">Host</th><th scope="col" class="n">Tried</th>
        <th scope="col" class="n">Kept</th><th scope="col" class="n">Failed</th>
        <th scope="col">What came</th></tr></thead>
        <tbody>${hosts.slice(0, MOST_HOSTS).map(hostRow)}</tbody>
      </table>
    </div>${rest > 0 ? markup`<p class="faint">… and ${number(rest)} more.</p>` : ""}
  `;
}

function hostRow({ host, tried, kept, failed, outcomes }: HostStanding): Markup {
  const describe = ([outcome, count]: readonly [Outcome, number]): string =>
    `${outcome} ${number(count)}`;
  return markup`<tr><th scope="row">${host}</th><td class="n">${number(tried)}</td>
    <td class="n">${number(kept)}</td><td class="n">${number(failed)}</td>
    <td>${outcomes.filter(([outcome]) => outcome !== "kept").map(describe).join(", ")}</td></tr>`;
}

function sizes({ sides, images }: Overview): Markup {
  const name = (at: number): string => {
    if (at === 0) return `below ${SIDES[0]}`;
    if (at === SIDES.length) return `${SIDES[at - 1]} and more`;
    return `${SIDES[at - 1]} to ${(SIDES[at] ?? 0) - 1}`;
  };
  return shares(
    "sizes",
    "Sizes",
    "Short side",
    sides.map((value, at) => [name(at), value]),
    images,
  );
}

function licences(licenses: ReadonlyMap<string, number>, images: number): Markup {
  const rows = [...licenses].sort(([, one], [, other]) => other - one).slice(0, MOST_LICENSES);
  return shares("licences", "Licences", "Licence", rows, images);
}

function shares(
  id: string,
  title: string,
  head: string,
  rows: readonly (readonly [string, number])[],
  all: number,
): Markup {
  const most = Math.max(1, ...rows.map(([, value]) => value));
  return markup`
    <section><h2 id="${id}">${title}</h2>
      <table>
        <thead><tr><th scope="col">${head}</th><th scope="col" class="n">Images</th>
        <th scope="col" class="n">Share</th><th scope="col" class="chart">Of all</th></tr></thead>
        <tbody>${
    rows.map(([name, value]) =>
      markup`<tr><th scope="row">${name}</th><td class="n">${number(value)}</td>
        <td class="n">${all === 0 ? "0" : (value / all * 100).toFixed(1)} %</td>
        <td>${bar([["k0", value]], most)}</td></tr>`
    )
  }</tbody>
      </table>
    </section>
  `;
}

/** The length of a bar that is full, in the units of the drawing. */
const FULL = 1000;

/** A bar of coloured parts. The numbers beside it say the same, so screen readers pass it over. */
function bar(parts: readonly (readonly [kind: string, value: number])[], full: number): Markup {
  let x = 0;
  const drawn = parts.filter(([, value]) => value > 0).map(([kind, value]) => {
    const width = Math.min(FULL - x, Math.max(4, Math.round(value / Math.max(full, 1) * FULL)));
    const part = markup`<rect class="${kind}" x="${x}" width="${width}" height="9"/>`;
    x += width;
    return part;
  });
  return markup`<svg class="bar" viewBox="0 0 1000 9" preserveAspectRatio="none" aria-hidden="true">${drawn}</svg>`;
}

function legend(names: readonly string[]): Markup {
  return markup`<p class="legend">${
    names.map((name, at) => markup`<span><span class="dot k${at % 6}"></span>${name}</span> `)
  }</p>`;
}

function number(value: number): string {
  return value.toLocaleString("en");
}

function counted(value: number, one: string, many = `${one}s`): string {
  return `${number(value)} ${value === 1 ? one : many}`;
}

/** A time to the minute, in UTC. */
function shortTime(time: string): Markup {
  return markup`<time>${time.slice(0, 10)} ${time.slice(11, 16)} UTC</time>`;
}
