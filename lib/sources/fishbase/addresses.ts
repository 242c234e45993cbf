/**
 * Addresses of FishBase: its mirrors, and what picture a URL stands for.
 *
 * @module
 */

/**
 * The mirrors, in the order they are asked. `.us` is in a capture of 2019, `.se`, `.org`, `.de`,
 * `.in` and `.mnhn.fr` are told by programs of 2015 to 2026.
 */
export const FISHBASE_MIRRORS: readonly string[] = [
  "www.fishbase.se",
  "www.fishbase.org",
  "www.fishbase.de",
  "www.fishbase.us",
  "www.fishbase.in",
  "fishbase.mnhn.fr",
];

/** Mirrors of other years and lands, to which pages link: `fishbase.ca`, `.tw`, `.org.cn` (told). */
const MIRROR_NAME =
  /^(?:[a-z0-9-]+\.)?fishbase\.(?:[a-z]{2,4}|(?:ac|co|com|edu|net|org)\.[a-z]{2}|mnhn\.fr|sinica\.edu\.tw)$/;

/** The cache some mirrors' pages point to for their own pictures, under the same paths (told). */
const IMAGE_CACHE = "d1iraxgbwuhpbw.cloudfront.net";

/** The files a picture may be. */
const PICTURE_FILE = /\.(?:jpe?g|jpe|jfif|png|gif|webp|bmp|tiff?)$/i;

/** The drawing that stands for a family: `CALLICT0.gif`, `SPARIDT0.gif` (told). */
const FAMILY_PICTOGRAM = /^[A-Z]{4,8}\d\.gif$/;

/** What stands where there is no picture: `nophoto.gif`, but not `Nopic_u0.jpg`, a fish's. */
const PLACEHOLDER =
  /^(?![a-z]{4,6}_[a-z]\d)(?:(?:photo|image|pic(?:ture)?)[-_]?)?(?:no(?:t|ne)?[-_]?(?:photo|image|pic(?:ture)?|available|found)|blank|spacer|placeholder|dummy|unavailable|coming[-_]?soon)(?:[-_]\w*|s?\d*|available)\.\w+$/i;
/** The folders that thumbnails lie in, and what tells them in the file's name. */
const THUMBNAIL_FOLDER = /\/(?:thumbs?|thumbnails?|tn)(?=\/)/i;
const THUMBNAIL_NAME = /^tn_|[-_](?:thumb(?:nail)?|small)(?=\.\w+$)/i;
/** Scripts that shrink a picture, and the parameters that name it. */
const SHRINKING = /\/(?!\w*summary\.)\w*(?:thumb|resize|image|img)\w*\.php$/i;
const SHRUNK = ["s", "src", "img", "image", "file", "url", "pic", "path"];

/** What a folder under `/images/` holds besides photos. */
const FOLDER_KINDS: readonly (readonly [RegExp, string])[] = [
  [/^(?:larvae?|larvalbase)$/, "larva"],
  [/^eggs?$/, "egg"],
  [/^(?:stamps?|coins?)$/, "stamp"],
  [/^(?:drawings?|illustrations?)$/, "drawing"],
  [/^(?:x-?rays?|radiographs?)$/, "x-ray"],
  [/^(?:aquamaps?|maps?|pointmaps?)$/, "map"],
  [/^diseases?$/, "disease"],
  [/^(?:species|photos?|pictures?)$/, "photo"],
];

/** A picture, wherever it is named. */
export interface PictureAddress {
  /** The same for the same picture on all mirrors and in all sizes. */
  readonly key: string;
  /** Its path on a mirror, in its largest form. */
  readonly path: string;
  /** The file's name. */
  readonly file: string;
  /** Whether it was named in its largest form, not as a thumbnail. */
  readonly full: boolean;
  /** Whether a user uploaded it. */
  readonly upload: boolean;
  /** What the folder says it is: `photo`, `larva`, `stamp`, `map` … */
  readonly kind: string;
}

/**
 * The hosts that belong to a list of mirrors: each with and without its `www`.
 *
 * @param mirrors Host names.
 */
export function mirrorHosts(mirrors: readonly string[]): ReadonlySet<string> {
  return new Set(mirrors.flatMap((mirror) => {
    const bare = mirror.toLowerCase().replace(/^www\./, "");
    return [mirror.toLowerCase(), bare, `www.${bare}`];
  }));
}

/**
 * Reads a link of a page; nothing when it leads off the mirrors or is no page or file at all.
 *
 * Links to mirrors that are not asked count too: only their path is used, on the mirror in use.
 *
 * @param link What the page has: relative, protocol-relative or absolute, to whichever mirror.
 * @param base The page's own URL.
 * @param hosts The mirrors' hosts.
 */
export function readLink(
  link: string | null | undefined,
  base: string,
  hosts: ReadonlySet<string>,
): URL | undefined {
  // Some pages escape their ampersands twice.
  const text = link?.replace(/[\t\r\n]+/g, "").replace(/&amp;/gi, "&").trim();
  if (text === undefined || text === "" || text.startsWith("#") || !URL.canParse(text, base)) {
    return undefined;
  }
  const url = new URL(text, base);
  if (url.protocol !== "http:" && url.protocol !== "https:") return undefined;
  if (url.port !== "" || url.username !== "" || url.password !== "") return undefined;
  const host = url.hostname.toLowerCase();
  return hosts.has(host) || host === IMAGE_CACHE || MIRROR_NAME.test(host) ? url : undefined;
}

/** A URL on the mirror in use. */
export function onMirror(mirror: string, path: string): string {
  return new URL(path, `https://${mirror}/`).href;
}

/** Path and query of a URL, which mean the same on every mirror. */
export function pathOf(url: URL): string {
  return url.pathname.replace(/\/{2,}/g, "/") + url.search;
}

/** A parameter of a URL, whatever the case of its name. */
export function parameter(url: URL, name: string): string | undefined {
  const wanted = name.toLowerCase();
  for (const [key, value] of url.searchParams) {
    if (key.trim().toLowerCase() === wanted && value.trim() !== "") return value.trim();
  }
  return undefined;
}

/**
 * Which picture a URL stands for.
 *
 * A thumbnail stands for the picture it is made of, and so does a script that shrinks or frames
 * one. Logos, buttons, sponsors' pictures and what lies on other hosts stand for none.
 *
 * @param link As the page has it.
 * @param base The page's own URL.
 * @param hosts The mirrors' hosts.
 */
export function pictureAt(
  link: string | null | undefined,
  base: string,
  hosts: ReadonlySet<string>,
): PictureAddress | undefined {
  return pictureIn(link, base, hosts, 3);
}

function pictureIn(
  link: string | null | undefined,
  base: string,
  hosts: ReadonlySet<string>,
  depth: number,
): PictureAddress | undefined {
  const url = readLink(link, base, hosts);
  if (url === undefined || depth === 0) return undefined;
  const path = url.pathname.replace(/\/{2,}/g, "/").replace(/;[^/]*$/, "");
  if (/\/display_image\.php$/i.test(path)) {
    const name = fileName(decoded(parameter(url, "imgName")) ?? "");
    return name === undefined
      ? undefined
      : uploaded(`/tools/UploadPhoto/uploads/${name}`, name, true);
  }
  if (SHRINKING.test(path)) {
    const within = SHRUNK.map((name) => parameter(url, name)).find((one) => one !== undefined);
    // Paths in parameters are from the root of the site.
    const root = new URL("/", url).href;
    const shown = pictureIn(decoded(within), root, hosts, depth - 1);
    return shown === undefined ? undefined : { ...shown, full: false };
  }
  const file = fileName(path);
  return file === undefined ? undefined : pictureFile(path, file);
}

function pictureFile(path: string, file: string): PictureAddress | undefined {
  const folders = path.toLowerCase().split("/").slice(1, -1);
  if (folders.includes("uploads") || /\/tools\/uploadphoto\//i.test(path)) {
    const name = file.replace(THUMBNAIL_NAME, "");
    const folder = path.slice(0, -file.length).replace(THUMBNAIL_FOLDER, "");
    return uploaded(folder + name, name, folder + name === path);
  }
  if (folders[0] === "fishwatcher") return uploaded(path, file, true);
  if (folders[0] !== "images") return undefined;
  if (folders[1] === "thumbnails") {
    const name = file.replace(/^tn_/i, "");
    const folder = kindOfFolder(folders.slice(2)) === undefined ? "species" : folders[2];
    return { ...pictureOf(`/images/${folder}/${name}`, name), full: false };
  }
  if (kindOfFolder(folders.slice(1)) === undefined) return undefined;
  const name = file.replace(THUMBNAIL_NAME, "");
  const folder = path.slice(0, -file.length).replace(THUMBNAIL_FOLDER, "");
  return { ...pictureOf(folder + name, name), full: folder + name === path };
}

function pictureOf(path: string, file: string): PictureAddress {
  const folders = path.toLowerCase().split("/").slice(2, -1);
  const pictogram = FAMILY_PICTOGRAM.test(file) || PLACEHOLDER.test(file);
  const kind = pictogram ? "pictogram" : kindOfFolder(folders) ?? "photo";
  return { key: `${kind}/${file.toLowerCase()}`, path, file, full: true, upload: false, kind };
}

function uploaded(path: string, file: string, full: boolean): PictureAddress {
  return { key: `upload/${file.toLowerCase()}`, path, file, full, upload: true, kind: "photo" };
}

function kindOfFolder(folders: readonly string[]): string | undefined {
  for (const folder of folders) {
    const found = FOLDER_KINDS.find(([pattern]) => pattern.test(folder));
    if (found !== undefined) return found[1];
  }
  return undefined;
}

/** The last part of a path, if it is the name of a picture's file. */
function fileName(path: string): string | undefined {
  const name = path.split(/[/\\]/).at(-1) ?? "";
  return PICTURE_FILE.test(name) && !/%2f|%5c|^\.+/i.test(name) ? name : undefined;
}

/** Undoes percent escapes that were put on twice. */
function decoded(text: string | undefined): string | undefined {
  if (text === undefined || !/%[0-9a-f]{2}/i.test(text)) return text;
  try {
    return decodeURIComponent(text);
  } catch (thrown) {
    // A stray percent sign: the text is as it should be.
    if (thrown instanceof URIError) return text;
    throw thrown;
  }
}
