/**
 * FishBase: summary pages (as seen in 2019), and what several programs tell of its thumbnails,
 * pictures, name lists and photo service.
 *
 * @module
 */

import { type Catalogue, type Fish, fishbaseName } from "../catalogue.ts";
import type { Reply, Request } from "../http.ts";
import { contentType } from "../photo.ts";
import type { PhotoMaker } from "../photo_maker.ts";
import type { Plan } from "../plan.ts";
import {
  frame,
  HTML,
  photoService,
  pictures,
  split,
  stamps,
  thumbnailOf,
  thumbnails,
  UNKNOWN_NAME,
} from "./fishbase_pictures.ts";

/** How the site behaves. */
export interface FishbaseOptions {
  /** `Crawl-delay` of its robots.txt, in seconds; no such line where 0. */
  readonly crawlDelay: number;
  /** Before it answers again, so many requests of pages are met with "Too many connections". */
  readonly overload: number;
}

/**
 * The site, under any of its mirrors' names.
 *
 * @param catalogue Its fish.
 * @param plan Their pictures.
 * @param photos Makes them.
 * @param options How it behaves.
 * @returns What answers.
 */
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
      return moved(`https://www.${url.hostname}${url.pathname}${url.search}`);
    }
    const path = url.pathname.toLowerCase();
    if (path === "/robots.txt") return robots(options);
    if (path.startsWith("/images/") || path.includes("/uploads/") || path.includes("imagethumb")) {
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
  const asked = byCode(catalogue, parameter(url, "id") || parameter(url, "speccode")) ??
    byValidName(catalogue, `${parameter(url, "genus")} ${parameter(url, "species")}`);
  switch (path) {
    case "/photos/thumbnailssummary.php":
      return thumbnails(asked, plan, catalogue, url.hostname);
    case "/photos/picturessummary.php":
      return pictures(asked, plan, Number(parameter(url, "startrow") || "0"));
    case "/photos/speciesstampslist.php":
      return stamps(asked, plan);
    case "/webservice/photos/fishpicslist.php":
      return photoService(asked, plan, parameter(url, "type"), url.hostname);
    case "/nomenclature/scientificnamesearchlist.php":
      return nameList(catalogue, parameter(url, "genus"));
    default:
      return { status: 404, headers: HTML, body: "<html><body>Not Found</body></html>" };
  }
}

function moved(url: string): Reply {
  return { status: 301, headers: { Location: url } };
}

function robots({ crawlDelay }: FishbaseOptions): Reply {
  const delay = crawlDelay > 0 ? `Crawl-delay: ${crawlDelay}\n` : "";
  return {
    headers: { "Content-Type": "text/plain" },
    body: `User-agent: *\n${delay}Disallow: /tools/private/\nDisallow: /manage/\n`,
  };
}

/** An overload as it is told of: by status, or with status 200 and a word from the database. */
function overloaded(count: number): Reply {
  return count % 2 === 0
    ? { status: 503, headers: { ...HTML, "Retry-After": "1" }, body: "Service Unavailable" }
    : { headers: HTML, body: "<br /><b>Warning</b>: mysqli_connect(): Too many connections" };
}

/** A parameter, whatever the case of its name. */
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

/** The names of a genus, valid ones and those that were. */
function nameList(catalogue: Catalogue, genus: string): Reply {
  const wanted = genus.toLowerCase();
  const rows = catalogue.fish.flatMap((fish) => {
    const valid = fishbaseName(fish);
    if (valid === undefined) return [];
    const names = fish.knowledge.kind === "renamed" || fish.knowledge.kind === "synonym"
      ? [valid, fish.latin]
      : [valid];
    return names.filter((name) => name.split(" ")[0]?.toLowerCase() === wanted).map((name) => {
      const [first = "", second = ""] = name.split(" ");
      const status = name === valid ? "accepted" : "synonym";
      return `<tr><td><a href='../summary/SpeciesSummary.php?ID=${fish.code}&genusname=${first}&speciesname=${second}'><i>${name}</i></a></td><td>${status}</td><td><i>${valid}</i></td><td>Linnaeus, 1758</td></tr>`;
    });
  });
  const body = rows.length === 0
    ? "<p>No species found."
    : `<table id='dataTable'><thead><tr><th>Scientific Name</th><th>Status</th><th>Valid Name</th><th>Author</th></tr></thead><tbody>${
      rows.join("\n")
    }</tbody></table>`;
  return frame("Scientific Names", `<h1>List of names where genus = ${genus}</h1>${body}`);
}

async function image(url: URL, plan: Plan, photos: PhotoMaker): Promise<Reply> {
  const code = pictureCode(url.pathname);
  const fish = plan.catalogue.fish.find((one) => one.code === code);
  const found = fish === undefined
    ? undefined
    : plan.of(fish).fishbase.find((finding) =>
      new URL(finding.url).pathname.toLowerCase() ===
        url.pathname.replace(/thumbnails\/\w+\/tn_/, "species/").toLowerCase()
    );
  if (found === undefined || fish === undefined) {
    return { status: 404, headers: HTML, body: "<html><body>Not Found</body></html>" };
  }
  if (typeof found.kind.service === "object") {
    return { status: found.kind.service.status, headers: HTML, body: "<h1>Not Found</h1>" };
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
