// @ts-check
/// <reference lib="dom" />
/**
 * The report's script. Contact sheets are loaded and drawn when they come near the screen and taken
 * down when they are far from it, so that a hundred thousand pictures cost no more than those in
 * sight.
 */
import { describe, element, hostOf, link, picture, size, thumbnail } from "./cell.js";

const rows = /** @type {HTMLTableRowElement[]} */ ([...document.querySelectorAll("tr[data-id]")]);
const table = document.querySelector("#table");
const body = table?.querySelector("tbody");
const search = /** @type {HTMLInputElement | null} */ (document.querySelector("#search"));
const choice = /** @type {HTMLSelectElement | null} */ (document.querySelector("#standing"));
const shown = document.querySelector("#shown");
const sheets = document.querySelector("#all-sheets");

/** @param {HTMLTableRowElement} row */
function nameOf(row) {
  return row.querySelector("a")?.textContent ?? "";
}

/** A copy of the name, italic as it stands in the table. @param {HTMLTableRowElement} row */
function styledName(row) {
  return [...row.querySelector("a")?.cloneNode(true).childNodes ?? []];
}

/** What can be searched, by row. */
const words = new Map(
  rows.map((row) => [row, `${row.cells[0]?.textContent} ${row.dataset.id}`.toLowerCase()]),
);

// Sheets: their room first, their pictures when they are near.

/** Who waits for the sheet of a species. @type {Map<string, (packed: string) => void>} */
const waiting = new Map();

Object.assign(globalThis, {
  /** @param {string} id @param {string} packed */
  aquasetSheet(id, packed) {
    waiting.get(id)?.(packed);
  },
});

/**
 * Loads the images of a species. A page opened from the disk may load scripts, but not fetch.
 *
 * @param {string} id
 * @returns {Promise<import("./cell.js").SheetImage[]>}
 */
async function load(id) {
  const script = element("script", { src: `sheets/${id}.js` });
  /** @type {Promise<string>} */
  const arrived = new Promise((resolve, reject) => {
    waiting.set(id, resolve);
    script.addEventListener("error", () => reject(new Error(`The sheet of ${id} is missing`)));
  });
  document.head.append(script);
  try {
    const packed = await arrived;
    const bytes = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
    return await new Response(stream).json();
  } finally {
    waiting.delete(id);
    script.remove();
  }
}

/** @param {HTMLTableRowElement} row */
function section(row) {
  const { id = "", kept = "0", rejected = "0" } = row.dataset;
  const common = row.cells[0]?.querySelector(".faint")?.textContent ?? "";
  const why = row.cells[row.cells.length - 1]?.querySelector(".faint")?.textContent ?? "";
  const counted = `${kept} images${rejected === "0" ? "" : `, ${rejected} rejected`}`;
  const count = Number(kept) + Number(rejected);
  const made = element("section", { class: "sheet", id: `s-${id}` }, [
    element("h3", {}, styledName(row)),
    element("p", { class: "faint" }, [
      ...(common === "" ? [] : [element("span", {}, [common]), " · "]),
      counted,
      ...(why === "" ? [] : [" · ", element("span", {}, [why])]),
    ]),
  ]);
  if (count > 0) made.append(element("div", { class: "grid", "data-count": String(count) }));
  return made;
}

/** @type {Map<HTMLTableRowElement, HTMLElement>} */
const sections = new Map();
/** @type {HTMLElement[]} */
let grids = [];

/** Gives every sheet the room its pictures will take, so that the page does not jump. */
function makeRoom() {
  const first = grids.find((grid) => grid.offsetParent !== null);
  if (first === undefined) return;
  const style = getComputedStyle(first);
  const gap = parseFloat(style.rowGap);
  const row = parseFloat(style.gridAutoRows);
  const columns = style.gridTemplateColumns.split(" ").length;
  for (const grid of grids) {
    const count = Math.ceil(Number(grid.dataset.count) / columns);
    grid.style.height = `${Math.max(0, count * (row + gap) - gap)}px`;
  }
}

/**
 * @param {import("./cell.js").SheetImage} image
 * @param {string} species
 */
function cell(image, species) {
  const file = `../images/${image.file}`;
  const shown = picture(`thumbs/${thumbnail(image.file)}`, describe(image, species));
  if (image.title !== undefined) shown.title = image.title;
  const source = image.page === undefined
    ? element("span", {}, [image.source])
    : link(image.page, [hostOf(image.page)]);
  const figure = element("figure", {}, [
    link(file, [shown]),
    element("figcaption", { title: `${size(image.bytes)}, from ${image.source}` }, [
      element("div", {}, [
        source,
        element("span", { class: "faint" }, [`${image.width}×${image.height}`]),
      ]),
      element("div", {}, [image.author ?? "photographer unknown"]),
      element("div", { class: "faint" }, [image.license ?? "licence unknown"]),
    ]),
  ]);
  if (image.rejected) {
    figure.classList.add("wrong");
    figure.append(element("span", { class: "mark" }, ["rejected"]));
  }
  return figure;
}

/** How many pictures are drawn without a pause. */
const AT_ONCE = 12;

/** The grids that are drawn or being drawn, and which attempt it is. */
const drawn = new Map();

/** @param {HTMLElement} grid */
async function draw(grid) {
  const sheet = grid.closest("section");
  if (drawn.has(grid) || sheet === null) return;
  const attempt = {};
  drawn.set(grid, attempt);
  const images = await load(sheet.id.slice(2));
  // Scrolled away and back meanwhile: another attempt draws it.
  if (drawn.get(grid) !== attempt) return;
  const species = sheet.querySelector("h3")?.textContent ?? "";
  for (let start = 0; start < images.length; start += AT_ONCE) {
    grid.append(...images.slice(start, start + AT_ONCE).map((image) => cell(image, species)));
    // Whoever scrolls must not wait for two hundred pictures.
    await new Promise((resolve) => setTimeout(resolve));
    if (drawn.get(grid) !== attempt) return;
  }
}

/** @param {HTMLElement} grid */
function takeDown(grid) {
  if (!drawn.has(grid) || grid.contains(document.activeElement)) return;
  drawn.delete(grid);
  grid.replaceChildren();
}

const watch = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (!(target instanceof HTMLElement)) continue;
    if (!isIntersecting) takeDown(target);
    else {
      draw(target).catch((error) => {
        drawn.delete(target);
        target.replaceChildren(element("p", {}, [`${error.message}: make the report anew.`]));
      });
    }
  }
}, { rootMargin: "120% 0px" });

// The mosaic: whole rows, then all of it on demand.

const mosaic = /** @type {HTMLElement | null} */ (document.querySelector("#mosaic"));
const more = /** @type {HTMLButtonElement | null} */ (document.querySelector("#more"));
const covered = rows.filter((row) => row.dataset.cover !== undefined);
let wholeMosaic = false;

function fitMosaic() {
  if (mosaic === null || more === null) return;
  const tiles = /** @type {HTMLElement[]} */ ([...mosaic.children]);
  // The large one's rows are flexible: few species, all of them shown.
  const columns = mosaic.classList.contains("large")
    ? tiles.length
    : getComputedStyle(mosaic).gridTemplateColumns.split(" ").length;
  const lines = Math.max(2, Math.min(4, Math.floor(tiles.length / columns)));
  const most = wholeMosaic || covered.length <= columns * 3 ? covered.length : columns * lines;
  tiles.forEach((tile, at) => tile.hidden = at >= most);
  more.hidden = wholeMosaic || most >= covered.length;
}

more?.addEventListener("click", () => {
  wholeMosaic = true;
  const first = mosaic?.querySelector("a[hidden]");
  const there = mosaic?.children.length ?? 0;
  mosaic?.append(
    ...covered.slice(there).map((row) => {
      const { id, cover = "" } = row.dataset;
      const shown = picture(`thumbs/${thumbnail(cover)}`, "");
      return element("a", { href: `#s-${id}` }, [shown, element("span", {}, styledName(row))]);
    }),
  );
  fitMosaic();
  const next = first ?? mosaic?.children[there];
  if (next instanceof HTMLElement) next.focus();
  makeRoom();
});

// The table: found, filtered, sorted.

/** Shows the species that were asked for, in the table and below. */
function filter() {
  const wanted = (search?.value ?? "").toLowerCase().split(/\s+/).filter((word) => word !== "");
  const standing = choice?.value ?? "all";
  let count = 0;
  for (const row of rows) {
    const its = row.dataset.standing;
    const isShown = (standing === "all" || standing === its ||
      (standing === "lacking" && its !== "enough")) &&
      wanted.every((word) => words.get(row)?.includes(word));
    row.hidden = !isShown;
    if (isShown) count++;
    const sheet = sections.get(row);
    if (sheet !== undefined) sheet.hidden = !isShown;
  }
  if (shown !== null) shown.textContent = `${count} of ${rows.length} species`;
  makeRoom();
}

const STANDINGS = ["none", "short", "enough"];

/**
 * What a row is sorted by in a column.
 *
 * @param {HTMLTableRowElement} row
 * @param {number} column
 */
function sortKey(row, column) {
  const text = row.cells[column]?.textContent ?? "";
  if (column === 0) return nameOf(row);
  if (column === row.cells.length - 1) return STANDINGS.indexOf(row.dataset.standing ?? "");
  return Number(text.replaceAll(",", ""));
}

/** @param {HTMLElement} head */
function sort(head) {
  const column = [...head.parentElement?.children ?? []].indexOf(head);
  const isNumber = head.classList.contains("n");
  const now = head.getAttribute("aria-sort");
  const falling = now === null ? isNumber : now === "ascending";
  for (const other of head.parentElement?.children ?? []) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", falling ? "descending" : "ascending");
  const keyed = rows.map((row) => ({ row, key: sortKey(row, column) }));
  keyed.sort(({ key: one }, { key: other }) => {
    const order = typeof one === "string" ? one.localeCompare(String(other)) : one - Number(other);
    return falling ? -order : order;
  });
  body?.append(...keyed.map(({ row }) => row));
}

for (const head of table?.querySelectorAll("thead th") ?? []) {
  const button = head.querySelector("button");
  if (head instanceof HTMLElement) button?.addEventListener("click", () => sort(head));
}
search?.addEventListener("input", filter);
choice?.addEventListener("change", filter);
document.querySelector("#lacking")?.addEventListener("click", () => {
  if (choice === null) return;
  choice.value = "lacking";
  filter();
  document.querySelector("#species")?.scrollIntoView();
  choice.focus();
});

addEventListener("resize", () => {
  fitMosaic();
  makeRoom();
});
/** Makes the sheets, once the first pictures are on the screen. */
function begin() {
  for (const row of rows) sections.set(row, section(row));
  sheets?.append(...sections.values());
  grids = [...document.querySelectorAll(".grid")].filter((grid) => grid instanceof HTMLElement);
  makeRoom();
  // A browser may bring back what was typed before the page was left.
  if ((search?.value ?? "") !== "" || (choice?.value ?? "all") !== "all") filter();
  for (const grid of grids) watch.observe(grid);
  // What the address points at is there only now.
  if (location.hash !== "") document.getElementById(location.hash.slice(1))?.scrollIntoView();
}

fitMosaic();
setTimeout(begin, 50);
