/**
 * FishBase's pages of pictures, as several programs tell of them (2016 to 2026).
 *
 * @module
 */

import { type Catalogue, type Fish, fishbaseName } from "../catalogue.ts";
import { FISHBASE } from "../hosts.ts";
import type { Reply } from "../http.ts";
import type { Finding, Plan } from "../plan.ts";

/** The headers of a page. */
export const HTML = { "Content-Type": "text/html; charset=UTF-8" } as const;

/** Licences that users give their uploads, as the page words them. */
const LICENCES: Readonly<Record<string, string>> = {
  "CC-BY-NC-3.0": "<a href='http://creativecommons.org/licenses/by-nc/3.0/'>CC-BY-NC</a>",
  "CC-BY-3.0":
    "<a href='http://creativecommons.org/licenses/by/3.0/'><img src='/images/gifs/cc-by.gif'></a>",
};
const PHOTOGRAPHERS = ["Randall, J.E.", "Jensen, J.", "Hippocampus-Bildarchiv", "CSIRO"] as const;

/** What the site says of a name that it does not know. */
export const UNKNOWN_NAME = "Species name is not in the public version of FishBase";

/**
 * A page with what stands around everything.
 *
 * @param title The title.
 * @param body What is within.
 */
export function frame(title: string, body: string): Reply {
  return {
    headers: HTML,
    body: `\t


<!DOCTYPE html>
<html xmlns="https://www.w3.org/1999/xhtml" xml:lang="en" lang="en">
<head>
\t<meta charset="utf-8">
\t<meta property="og:site_name" content="FishBase" />
\t<title>${title}</title>
\t<link rel="stylesheet" href="/fishbase.css" type="text/css">
</head>
<body>
<div id="ss-container"><div id="ss-topbar"><a href='/search.php'>FishBase</a> <img src='/images/gifs/FBLogo_s.gif' alt='Back to search' border='0' /></div>
${body}
<div id="ss-bottom"><p><img src='/images/sponsorlogos/Sponsor.gif'><br>FishBase mirrors: <a href='https://www.fishbase.de/'>de</a> <a href='https://www.fishbase.org/'>org</a></div>
</div></body></html>`,
  };
}

/**
 * A fish's name on FishBase: genus, species, both.
 *
 * @param fish The fish.
 */
export function split(fish: Fish): readonly [genus: string, species: string, name: string] {
  const name = fishbaseName(fish) ?? fish.latin;
  const [genus = "", ...rest] = name.split(" ");
  return [genus, rest.join(" "), name];
}

/** `/images/thumbnails/jpg/tn_X.jpg` for `/images/species/X.jpg`. */
/**
 * The thumbnail of a picture: `/images/thumbnails/jpg/tn_X.jpg` for `/images/species/X.jpg`.
 *
 * @param finding The picture.
 */
export function thumbnailOf({ url }: Finding): string {
  const file = url.slice(url.lastIndexOf("/") + 1);
  return `/images/thumbnails/${file.slice(file.lastIndexOf(".") + 1)}/tn_${file}`;
}

/**
 * The page of a fish's thumbnails.
 *
 * @param fish The fish; nothing where it is not known.
 * @param plan Its pictures.
 * @param catalogue Its neighbours.
 * @param mirror The host that is asked.
 */
export function thumbnails(
  fish: Fish | undefined,
  plan: Plan,
  catalogue: Catalogue,
  mirror: string,
): Reply {
  if (fish === undefined) return frame("FishBase", `<p>${UNKNOWN_NAME}.</p>`);
  const [, , name] = split(fish);
  const { fishbase } = plan.of(fish);
  const registered = fishbase.filter(({ url }) => url.includes("/images/species/"));
  const cells = fishbase.map((finding) => {
    const place = registered.indexOf(finding);
    return place < 0
      ? uploadCell(finding, mirror)
      : photoCell(finding, fish, place, registered.length);
  });
  const neighbour = catalogue.fish[(fish.index + 1) % catalogue.fish.length];
  const body = cells.length === 0
    ? "<p>No photo available.</p>"
    : `<table border=0 cellpadding='4'><tr>${cells.join("\n")}</tr></table>`;
  return frame(
    `Thumbnails - ${name}`,
    `<h1>Pictures available for <i><a href='../summary/SpeciesSummary.php?id=${fish.code}'>${name}</a></i></h1>
${body}
<p>See also <a href='https://www.fishbase.se/summary/${neighbour?.code ?? 0}'>the next species</a>`,
  );
}

function photoCell(finding: Finding, fish: Fish, row: number, total: number): string {
  const file = finding.url.slice(finding.url.lastIndexOf("/") + 1);
  const by = PHOTOGRAPHERS[finding.index % PHOTOGRAPHERS.length] ?? "";
  return `<td align='center' valign='bottom'><a class='tooltip' href="PicturesSummary.php?StartRow=${row}&ID=${fish.code}&what=species&TotRec=${total}"><img src='..${
    thumbnailOf(finding)
  }' border=0><span><img src='../images/species/${file}'> Photo by ${by}</span></a><br><a href='../Collaborators/CollaboratorSummary.php?ID=${
    100 + finding.index
  }'>${by}</a></td>`;
}

function uploadCell(finding: Finding, mirror: string): string {
  const target = encodeURIComponent(finding.url.replace(FISHBASE[0], mirror));
  const licence = LICENCES[finding.license ?? ""] ?? "";
  return `<td align='center'><a href='#'><img src='workimagethumb.php?s=${target}&w=300' border=0></a><br>Photo by Kumar Roul, S.<br>${licence}</td>`;
}

/**
 * The page of one picture.
 *
 * @param fish The fish; nothing where it is not known.
 * @param plan Its pictures.
 * @param row Which picture, from 0.
 */
export function pictures(fish: Fish | undefined, plan: Plan, row: number): Reply {
  if (fish === undefined) return frame("FishBase", `<p>${UNKNOWN_NAME}.</p>`);
  const [, , name] = split(fish);
  const registered = plan.of(fish).fishbase.filter(({ url }) => url.includes("/images/species/"));
  const finding = registered[row];
  if (finding === undefined) return frame(`Pictures - ${name}`, "<p>");
  const file = finding.url.slice(finding.url.lastIndexOf("/") + 1);
  const by = PHOTOGRAPHERS[finding.index % PHOTOGRAPHERS.length] ?? "";
  const male = /_m\d/.test(file);
  return frame(
    `Pictures - ${name}`,
    `<p>${row + 1} of ${registered.length}</p><img src='../images/species/${file}' border=0><br>
<b><i>${name}</i></b><br>Picture by <a href='../Collaborators/CollaboratorSummary.php?ID=${
      100 + finding.index
    }'>${by}</a><br>
Sex/Stage: ${male ? "male" : "unsexed"}<br>Country: Brazil<br>Size (cm): 7.5<br>
${finding.license === "CC-BY-NC-3.0" ? "This picture is licensed under CC-BY-NC 3.0" : ""}`,
  );
}

/**
 * The page of stamps.
 *
 * @param fish The fish; nothing where it is not known.
 * @param plan Its pictures.
 */
export function stamps(fish: Fish | undefined, plan: Plan): Reply {
  const list = fish === undefined ? [] : plan.of(fish).stamps;
  return frame(
    "Stamps, Coins, Misc.",
    `<table><tr>${
      list.map((url) => `<td><img src='${new URL(url).pathname}'> Stamp, 1971</td>`).join("")
    }</tr></table>`,
  );
}

/**
 * The photo service's answer.
 *
 * @param fish The fish; nothing where it is not known.
 * @param plan Its pictures.
 * @param type Which sort of picture; all where empty.
 * @param mirror The host that is asked.
 */
export function photoService(
  fish: Fish | undefined,
  plan: Plan,
  type: string,
  mirror: string,
): Reply {
  const found = fish === undefined || (type !== "" && type !== "adult")
    ? []
    : plan.of(fish).fishbase;
  const records = found.filter(({ url }) => url.includes("/images/species/")).map((finding) => {
    const file = finding.url.slice(finding.url.lastIndexOf("/") + 1);
    const by = PHOTOGRAPHERS[finding.index % PHOTOGRAPHERS.length] ?? "";
    return `<pictures type='adult'><picname>${file}</picname><actual>${
      finding.url.replace(FISHBASE[0], mirror)
    }</actual><thumbnail>https://${mirror}${
      thumbnailOf(finding)
    }</thumbnail><author>${by}</author></pictures>`;
  });
  return {
    headers: { "Content-Type": "text/xml; charset=utf-8" },
    body: `<?xml version="1.0" encoding="utf-8"?>\n<fishbase>${records.join("\n")}</fishbase>`,
  };
}
