/**
 * The overview of a report as HTML: the numbers, the charts and the tables.
 *
 * @module
 */

import { format } from "@std/fmt/bytes";
import { bar, legend } from "./chart.ts";
import { type Overview, SIDES, type SpeciesStanding, type Standing } from "./gather.ts";
import { type Markup, markup } from "./html.ts";

/** More hosts than this are not listed. */
const MOST_HOSTS = 100;

/** What a standing is called. */
const STANDINGS: Readonly<Record<Standing, string>> = {
  enough: "enough",
  short: "short",
  none: "none",
};

/** The great numbers. */
export function tiles(overview: Overview): Markup {
  const { species, wanted, images, bytes, rejected } = overview;
  const having = (standing: Standing): number =>
    species.filter((one) => one.standing === standing).length;
  const tile = (name: string, value: string, more = ""): Markup =>
    markup`
      <div>
        <dt>${name}</dt>
        <dd>${value}${
      more === "" ? "" : markup`
          <small>${more}</small>
        `
    }</dd>
      </div>
    `;
  return markup`<dl class="tiles">${[
    tile("Images kept", count(images), format(bytes)),
    tile(
      "Species with enough",
      count(having("enough")),
      `of ${count(species.length)}${wanted === undefined ? "" : `, ${count(wanted)} wanted each`}`,
    ),
    tile("Species short", count(having("short"))),
    tile("Species with none", count(having("none"))),
    tile("Rejected by a person", count(rejected)),
  ]}</dl>`;
}

/** How the stages of the last run stopped, where they did. */
export function stops({ stopped }: Overview): Markup {
  return markup`${
    stopped.map(({ source, why, detail }) =>
      markup`<p class="short">${source} stopped before its end: ${why}${
        detail === undefined ? "" : `, ${detail}`
      }.</p>`
    )
  }`;
}

/** The table of species. */
export function speciesTable(overview: Overview): Markup {
  const sources = overview.sources.map(({ source }) => source);
  const most = Math.max(overview.wanted ?? 0, ...overview.species.map(({ kept }) => kept), 1);
  return markup`
    <h2 id="species">Species</h2>
    <div class="tools">
      <label>Find <input id="search" type="search" autocomplete="off"></label>
      <label>Show <select id="standing"><option value="all">all</option>${
    Object.entries(STANDINGS)
      .map(([standing, name]) => markup`<option value="${standing}">${name}</option>`)
  }</select></label>
      <output id="shown" class="faint"></output>
    </div>
    ${legend(sources)}
    <div class="scroll">
      <table>
        <thead>
          <tr><th scope="col">Species</th>${
    sources.map((source) => markup`<th scope="col" class="n wide">${source}</th>`)
  }<th scope="col" class="n">Kept</th><th scope="col" class="wide">Images</th><th scope="col">State</th></tr>
        </thead>
        <tbody>${overview.species.map((species) => speciesRow(species, most))}</tbody>
      </table>
    </div>
  `;
}

function speciesRow(species: SpeciesStanding, most: number): Markup {
  const { id, name, common, kept, rejected, bySource, standing, why } = species;
  const words = [name, ...common, id].join(" ").toLowerCase();
  return markup`
    <tr data-id="${id}" data-name="${words}" data-standing="${standing}">
    <th scope="row"><a href="#s-${id}">${name}</a>${
    common.length === 0 ? "" : markup`
      <span class="faint">${common.join(", ")}</span>
    `
  }</th>${
    bySource.map((number) => markup`<td class="n wide">${count(number)}</td>`)
  }<td class="n">${count(kept)}</td><td class="wide">${
    bar(
      bySource.map((value, colour) => ({ colour, value })),
      most,
    )
  }</td><td><span class="${standing}">${STANDINGS[standing]}</span>${
    why.length === 0 ? "" : markup`
        <span class="faint">${why.join("; ")}</span>
      `
  }${
    rejected === 0 ? "" : markup`
      <span class="faint">(${count(rejected)} rejected)</span>
    `
  }</td></tr>
  `;
}

/** What became of the candidates: the chart. */
export function outcomeChart({ sources }: Overview): Markup {
  const sums = new Map<string, number[]>();
  sources.forEach(({ outcomes }, at) => {
    for (const [outcome, number] of Object.entries(outcomes)) {
      const sum = sums.get(outcome) ?? sources.map(() => 0);
      sum[at] = number;
      sums.set(outcome, sum);
    }
  });
  const rows = [...sums].map(([outcome, numbers]) => ({ outcome, numbers, total: add(numbers) }))
    .sort((one, other) => other.total - one.total);
  const most = Math.max(1, ...rows.map(({ total }) => total));
  return markup`
    <h2 id="outcomes">What became of the candidates</h2>
    ${legend(sources.map(({ source }) => source))}
    <div class="scroll">
      <table>
        <thead>
          <tr><th scope="col">Outcome</th>${
    sources.map(({ source }) => markup`<th scope="col" class="n">${source}</th>`)
  }<th scope="col">Candidates</th></tr>
        </thead>
        <tbody>${
    rows.map(({ outcome, numbers }) =>
      markup`
            <tr><th scope="row">${outcome}</th>${
        numbers.map((number) => markup`<td class="n">${count(number)}</td>`)
      }<td>${bar(numbers.map((value, colour) => ({ colour, value })), most)}</td></tr>
          `
    )
  }</tbody>
      </table>
    </div>
  `;
}

/** The hosts that failed. */
export function hostTable({ hosts }: Overview): Markup {
  const told = hosts.slice(0, MOST_HOSTS);
  const rest = hosts.length - told.length;
  if (told.length === 0) {
    return markup`
      <h2 id="hosts">Hosts that failed</h2>
      <p>None: every host gave what it was asked for.</p>
    `;
  }
  return markup`
    <h2 id="hosts">Hosts that failed</h2>
    <div class="scroll" tabindex="0" role="region" aria-label="Hosts that failed">
      <table>
        <thead>
          <tr>
            <th scope="col">Host</th>
            <th scope="col" class="n">Tried</th>
            <th scope="col" class="n">Kept</th>
            <th scope="col" class="n">Failed</th>
            <th scope="col">What came</th>
          </tr>
        </thead>
        <tbody>${
    told.map(({ host, tried, kept, failed, outcomes }) =>
      markup`
            <tr>
              <th scope="row">${host}</th>
              <td class="n">${count(tried)}</td>
              <td class="n">${count(kept)}</td>
              <td class="n">${count(failed)}</td>
              <td>${
        outcomes.filter(([outcome]) => outcome !== "kept")
          .map(([outcome, number]) => `${outcome} ${count(number)}`).join(", ")
      }</td>
            </tr>
          `
    )
  }</tbody>
      </table>
    </div>${rest > 0 ? markup`<p class="faint">… and ${count(rest)} more.</p>` : ""}
  `;
}

/** How large the pictures are. */
export function sizeTable({ sides, images }: Overview): Markup {
  const name = (at: number): string => {
    if (at === 0) return `below ${SIDES[0]}`;
    if (at === SIDES.length) return `${SIDES[at - 1]} and more`;
    return `${SIDES[at - 1]} to ${(SIDES[at] ?? 0) - 1}`;
  };
  return markup`<h2 id="sizes">Sizes</h2>${
    shareTable("Short side in pixels", sides.map((number, at) => [name(at), number]), images)
  }`;
}

/** Under which licences they are. */
export function licenseTable(licenses: ReadonlyMap<string, number>, images: number): Markup {
  const rows = [...licenses].sort(([, one], [, other]) => other - one);
  return markup`<h2 id="licences">Licences</h2>${shareTable("Licence", rows, images)}`;
}

function shareTable(
  head: string,
  rows: readonly (readonly [string, number])[],
  all: number,
): Markup {
  const most = Math.max(1, ...rows.map(([, number]) => number));
  return markup`
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">${head}</th>
            <th scope="col" class="n">Images</th>
            <th scope="col" class="n">Share</th>
            <th scope="col">Of all</th>
          </tr>
        </thead>
        <tbody>${
    rows.map(([name, number]) =>
      markup`
            <tr>
              <th scope="row">${name}</th>
              <td class="n">${count(number)}</td>
              <td class="n">${all === 0 ? "0" : (number / all * 100).toFixed(1)} %</td>
              <td>${bar([{ colour: 0, value: number }], most)}</td>
            </tr>
          `
    )
  }</tbody>
      </table>
    </div>
  `;
}

function add(numbers: readonly number[]): number {
  return numbers.reduce((sum, each) => sum + each, 0);
}

/** A whole number with its thousands apart. */
function count(number: number): string {
  return number.toLocaleString("en");
}
