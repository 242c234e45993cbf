/**
 * FishBase: summary pages as seen in 2019; thumbnails, pictures and uploads as several programs
 * describe them (2016 to 2026).
 *
 * @module
 */

import { type Catalogue, type Fish, fishbaseName } from "../catalogue.ts";
import { FISHBASE } from "../hosts.ts";
import { htmlPage, moved, plainText, type Reply, type Request } from "../http.ts";
import { contentType } from "../photo.ts";
import type { PhotoMaker } from "../photo_maker.ts";
import type { Finding, Plan } from "../plan.ts";

export interface FishbaseOptions {
  /** `Crawl-delay` of its robots.txt, in seconds; no such line where 0. */
  readonly crawlDelay: number;
  /** Before it answers again, so many requests of pages are met with "Too many connections". */
  readonly overload: number;
}

/** The site, under any of its mirrors' names. */
export function fishbase(
  catalogue: Catalogue,
  plan: Plan,
  photos: PhotoMaker,
  options: FishbaseOptions,
): (request: Request) => Promise<Reply> {
  let answered = 0;
  return async (request) => {
    const { url } = request;
    if (!url.hostname.startsWith("www.")) {
      return moved(`https://www.${url.hostname}${url.pathname}${url.search}`, 301);
    }
    const path = url.pathname.toLowerCase();
    if (path === "/robots.txt") return robots(options);
    if (path.startsWith("/images/") || path.includes("/uploads/") || path.includes("image")) {
      return await image(url, plan, photos);
    }
    answered++;
    if (answered > 3 && answered <= 3 + options.overload) return overloaded(answered);
    return pages(url, path, catalogue, plan);
  };
}

function pages(url: URL, path: string, catalogue: Catalogue, plan: Plan): Reply {
  const named = /^\/summary\/([a-z-]+?)(?:\.html)?$/.exec(path)?.[1];
  const numbered = /^\/summary\/(\d+)$/.exec(path)?.[1];
  if (numbered !== undefined) return summary(byCode(catalogue, numbered), plan);
  if (path === "/summary/speciessummary.php") {
    return summary(byCode(catalogue, parameter(url, "id")), plan);
  }
  if (named !== undefined) return summary(byName(catalogue, named.replace("-", " ")), plan);
  const asked = byCode(catalogue, parameter(url, "id")) ??
    byValidName(catalogue, `${parameter(url, "genus")} ${parameter(url, "species")}`);
  switch (path) {
    case "/photos/thumbnailssummary.php":
      return thumbnails(asked, plan, catalogue, url.hostname);
    case "/photos/picturessummary.php":
      return pictures(asked, plan, Number(parameter(url, "startrow") || "0"));
    default:
      return htmlPage("<html><body>Not Found</body></html>", 404);
  }
}

function robots({ crawlDelay }: FishbaseOptions): Reply {
  const delay = crawlDelay > 0 ? `Crawl-delay: ${crawlDelay}\n` : "";
  return plainText(`User-agent: *\n${delay}Disallow: /tools/private/\nDisallow: /manage/\n`);
}

/** The two forms of an overload page: by status, or with status 200 and a word from the database. */
function overloaded(count: number): Reply {
  return count % 2 === 0
    ? { status: 503, headers: { "Retry-After": "1" }, body: "Service Unavailable" }
    : htmlPage("<br /><b>Warning</b>: mysqli_connect(): Too many connections");
}

function parameter(url: URL, name: string): string {
  for (const [key, value] of url.searchParams) if (key.toLowerCase() === name) return value;
  return "";
}

function byCode(catalogue: Catalogue, code: string): Fish | undefined {
  return catalogue.fish.find((fish) =>
    String(fish.code) === code && fishbaseName(fish) !== undefined
  );
}

function byValidName(catalogue: Catalogue, name: string): Fish | undefined {
  return catalogue.fish.find((fish) => fishbaseName(fish)?.toLowerCase() === name.toLowerCase());
}

/** By the valid name or, where that leads on by itself, by a synonym. */
function byName(catalogue: Catalogue, name: string): Fish | undefined {
  return byValidName(catalogue, name) ??
    catalogue.fish.find((fish) =>
      fish.knowledge.kind === "synonym" && fish.latin.toLowerCase() === name
    );
}

function summary(fish: Fish | undefined, plan: Plan): Reply {
  if (fish === undefined) return frame("FishBase", `<p>${UNKNOWN_NAME}.</p>`);
  const [genus, species, name] = split(fish);
  const found = plan.of(fish).fishbase;
  const preferred = found.find(({ url }) => url.includes("/images/species/"));
  const photo = found.length === 0
    ? `<div id="ss-photo"><span style='color:gray'>No image available for this species</span></div>`
    : `<div id="ss-photo">
\t\t\t\t<a href='../photos/thumbnailssummary.php?Genus=${genus}&Species=${species}'>Pictures</a> | <span style='color:gray'>Sounds</span>
\t\t\t\t | <a href='../photos/SpeciesStampsList.php?speccode=${fish.code}'>Stamps, Coins Misc.</a><div><a style='text-decoration:none;' href='/photos/ThumbnailsSummary.php?Genus=${genus}&Species=${species}'>${
      preferred === undefined ? "" : `<img name='prefimage' src='${thumbnailOf(preferred)}'>`
    }</a></div></div>`;
  return frame(
    `${name}, ${fish.common}`,
    `<div id="ss-sciname"><p><h1>
\t<span class='sciname'><b><a href='http://researcharchive.calacademy.org/fishcatget.asp?genid=1' target='_blank'>${genus}</a></b></span> <span class='sciname'><b><a href='http://researcharchive.calacademy.org/fishcatget.asp?spid=2'>${species}</a></b></span> <span class="sauthor">Linnaeus, 1758</span>
</h1></p><span class='sheader2'>${fish.common}</span></div>
<div id="ss-photomap-container"><div id="ss-map"><img id='pix' src='/images/aquamaps/native/pic_Fis-${fish.code}.jpg'></div>${photo}</div>
<span class='slabel1'><a href='../Nomenclature/SynonymsList.php?ID=${fish.code}&SynCode=1&GenusName=${genus}&SpeciesName=${species}'>Synonyms</a></span>
<a href='/summary/SpeciesSummary.php?id=${fish.code}'>Summary page</a> <a href='../webservice/photos/FishPicsList.php?Genus=${genus}&Species=${species}&type='>Photos</a>
<a href='/tools/UploadPhoto/start.php?speccode=${fish.code}'>Upload photo</a>`,
  );
}

async function image(url: URL, plan: Plan, photos: PhotoMaker): Promise<Reply> {
  const script = /\/display_image\.php$/i.test(url.pathname);
  const path = script ? `/tools/UploadPhoto/uploads/${parameter(url, "imgname")}` : url.pathname;
  const code = pictureCode(path);
  const fish = plan.catalogue.fish.find((one) => one.code === code);
  const found = fish === undefined
    ? undefined
    : plan.of(fish).fishbase.find((finding) =>
      new URL(finding.url).pathname.toLowerCase() ===
        path.replace(/thumbnails\/\w+\/tn_/, "species/").toLowerCase()
    );
  // Of the two addresses of an upload, one may answer that it is gone.
  if (found === undefined || script !== (found.byScript === true)) {
    return htmlPage("<html><body>Not Found</body></html>", 404);
  }
  if (typeof found.kind.service === "object") {
    return htmlPage("<h1>Not Found</h1>", found.kind.service.status);
  }
  const small = url.pathname.includes("/tn_");
  return {
    headers: { "Content-Type": small ? "image/jpeg" : contentType(found.photo.format) },
    body: await photos.make(
      small ? { ...found.photo, treatment: "tiny", format: "jpeg" } : found.photo,
    ),
  };
}

/** The number of the fish in a picture's name; uploads have it in their time. */
function pictureCode(path: string): number {
  const upload = /\/uploads\/(\d+)_/i.exec(path)?.[1];
  if (upload !== undefined) return Math.floor((Number(upload) - 1_400_000_000) / 100);
  return Math.floor(Number(/_[a-z](\d+)\.\w+$/i.exec(path)?.[1] ?? "0") / 10);
}

/** Licences that users give their uploads, as the page words them. */
const LICENCES: Readonly<Record<string, string>> = {
  "CC-BY-NC-3.0": "<a href='http://creativecommons.org/licenses/by-nc/3.0/'>CC-BY-NC</a>",
  "CC-BY-3.0":
    "<a href='http://creativecommons.org/licenses/by/3.0/'><img src='/images/gifs/cc-by.gif'></a>",
};
const PHOTOGRAPHERS = ["Randall, J.E.", "Jensen, J.", "Hippocampus-Bildarchiv", "CSIRO"] as const;

/** What the site says of a name that it does not know. */
const UNKNOWN_NAME = "Species name is not in the public version of FishBase";

/** A page with what stands around everything. */
function frame(title: string, body: string): Reply {
  return htmlPage(
    `\t


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
  );
}

/** A fish's name on FishBase: genus, species, both. */
function split(fish: Fish): readonly [genus: string, species: string, name: string] {
  const name = fishbaseName(fish) ?? fish.latin;
  const [genus = "", ...rest] = name.split(" ");
  return [genus, rest.join(" "), name];
}

/** The thumbnail of a picture: `/images/thumbnails/jpg/tn_X.jpg` for `/images/species/X.jpg`. */
function thumbnailOf(finding: Finding): string {
  const file = fileOf(finding);
  return `/images/thumbnails/${file.slice(file.lastIndexOf(".") + 1)}/tn_${file}`;
}

export function fileOf({ url }: Finding): string {
  return url.slice(url.lastIndexOf("/") + 1);
}

export function photographer({ index }: Finding): string {
  return PHOTOGRAPHERS[index % PHOTOGRAPHERS.length] ?? "";
}

function thumbnails(
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
  const file = fileOf(finding);
  const by = photographer(finding);
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

/** The page of one picture: asked for where the tables do not have it yet. */
function pictures(fish: Fish | undefined, plan: Plan, row: number): Reply {
  if (fish === undefined) return frame("FishBase", `<p>${UNKNOWN_NAME}.</p>`);
  const [, , name] = split(fish);
  const registered = plan.of(fish).fishbase.filter(({ url }) => url.includes("/images/species/"));
  const finding = registered[row];
  if (finding === undefined) return frame(`Pictures - ${name}`, "<p>");
  const file = fileOf(finding);
  const by = photographer(finding);
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
