/**
 * FishBase's addresses: its hosts, the paths of its pages, and which picture a URL stands for.
 *
 * @module
 */

/** The mirrors, in the order they are asked. */
export const FISHBASE_MIRRORS: readonly string[] = [
  "www.fishbase.se",
  "www.fishbase.org",
  "www.fishbase.de",
  "www.fishbase.us",
  "www.fishbase.in",
  "fishbase.mnhn.fr",
];

/** Further hosts that pages link to: older mirrors, and a cache of the pictures. Never asked. */
const LINKED_HOSTS = [
  "www.fishbase.ca",
  "www.fishbase.tw",
  "www.fishbase.org.cn",
  "fishbase.sinica.edu.tw",
  "d1iraxgbwuhpbw.cloudfront.net",
];

const PICTURE_FILE = /^[\w(][\w.()', -]{0,150}\.(?:jpe?g|png|gif|webp|bmp|tiff?)$/i;

/** A picture, wherever it is named. */
export interface PictureAddress {
  /** The same for the same picture on all mirrors and in all sizes. */
  readonly key: string;
  readonly file: string;
  /** Its path on a mirror, in its largest form. */
  readonly path: string;
  /** Where else the same file may be: one of the two addresses of an upload may answer 404. */
  readonly alternatives: readonly string[];
  /** Whether a user uploaded it. */
  readonly upload: boolean;
}

/** Host names, each with and without its `www`. */
export function mirrorHosts(mirrors: readonly string[]): ReadonlySet<string> {
  return new Set(mirrors.flatMap((mirror) => {
    const bare = mirror.toLowerCase().replace(/^www\./, "");
    return [mirror.toLowerCase(), bare, `www.${bare}`];
  }));
}

/** The hosts whose links are followed, on the mirror in use. Links to all others are ignored. */
const KNOWN_HOSTS = mirrorHosts([...FISHBASE_MIRRORS, ...LINKED_HOSTS]);

/** Reads a link of a page; only its path is meant, for the mirror in use. */
export function readLink(link: string | null | undefined, base: string): URL | undefined {
  const url = URL.parse(link?.replace(/&amp;/gi, "&").trim() ?? "", base);
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) return undefined;
  if (url.port !== "" || url.username !== "" || url.password !== "") return undefined;
  return KNOWN_HOSTS.has(url.hostname.toLowerCase()) ? url : undefined;
}

/** A URL on a mirror. */
export function onMirror(mirror: string, path: string): string {
  return new URL(path, `https://${mirror}/`).href;
}

/** Path and query of a URL, which mean the same on every mirror. */
export function pathOf(url: URL): string {
  return url.pathname.replace(/\/{2,}/g, "/") + url.search;
}

/** A parameter of a URL, whatever the case of its name. */
export function parameter(url: URL, name: string): string | undefined {
  for (const [key, value] of url.searchParams) {
    if (key.toLowerCase() === name.toLowerCase() && value.trim() !== "") return value.trim();
  }
  return undefined;
}

/** FishBase's number of a species in a URL's parameter. */
export function codeIn(url: URL, name: string): number | undefined {
  const code = parameter(url, name);
  return code !== undefined && /^\d{1,7}$/.test(code) ? Number(code) : undefined;
}

/**
 * Which picture a link stands for: a registered photo or a user's upload, full or as a thumbnail.
 * Logos, maps, stamps and files on other hosts are not.
 */
export function pictureAt(
  link: string | null | undefined,
  base: string,
): PictureAddress | undefined {
  const url = readLink(link, base);
  if (url === undefined) return undefined;
  if (/\/workimagethumb\.php$/i.test(url.pathname)) {
    const shown = readLink(parameter(url, "s"), new URL("/", url).href);
    return shown === undefined ? undefined : pictureFile(shown.pathname);
  }
  if (/\/display_image\.php$/i.test(url.pathname)) {
    return upload(parameter(url, "imgName")?.split(/[/\\]/).at(-1) ?? "");
  }
  return pictureFile(url.pathname);
}

function pictureFile(path: string): PictureAddress | undefined {
  const names = path.replace(/\/{2,}/g, "/").split("/");
  const file = names.at(-1)?.replaceAll("%20", " ") ?? "";
  const folder = names.slice(1, -1).join("/").toLowerCase();
  if (folder === "tools/uploadphoto/uploads") return upload(file);
  if (folder === "images/species") return registered(file);
  if (/^images\/thumbnails\/(?:jpg|gif)$/.test(folder)) {
    return registered(file.replace(/^tn_/i, ""));
  }
  return undefined;
}

/** The address of a registered picture. */
export function registered(file: string): PictureAddress | undefined {
  if (!PICTURE_FILE.test(file)) return undefined;
  const path = `/images/species/${file}`;
  return { key: `species/${file.toLowerCase()}`, file, path, alternatives: [], upload: false };
}

function upload(file: string): PictureAddress | undefined {
  if (!PICTURE_FILE.test(file)) return undefined;
  return {
    key: `upload/${file.toLowerCase()}`,
    file,
    path: `/tools/UploadPhoto/uploads/${file}`,
    alternatives: [`/tools/display_image.php?fw=n&imgName=${encodeURIComponent(file)}`],
    upload: true,
  };
}

/** The summary page of a name. */
export function summaryPath(words: readonly string[]): string {
  return `/summary/${words.map(encodeURIComponent).join("-")}.html`;
}

/** The page with a species' thumbnails, by its number or else by its name. */
export function thumbnailsPath(code: number | undefined, words: readonly string[]): string {
  if (code !== undefined) return `/photos/ThumbnailsSummary.php?ID=${code}`;
  const [genus = "", ...rest] = words;
  return `/photos/ThumbnailsSummary.php?Genus=${encodeURIComponent(genus)}&Species=${
    encodeURIComponent(rest.join(" "))
  }`;
}
