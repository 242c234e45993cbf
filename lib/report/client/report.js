// @ts-check
/// <reference lib="dom" />
/**
 * The report's script: contact sheets are drawn when they come near the screen and taken down when
 * they are far from it, so that a hundred thousand pictures cost no more than those in sight.
 */
import { caption, element, link, picture } from "./cell.js";

/** @type {import("./cell.js").Places} */
const places = { images: "../images/", thumbs: "thumbs/" };

/** The sheets as they are packed into the page, by species' id. */
const grids = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".grid"));

/** @param {string} packed */
async function unpack(packed) {
  const bytes = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return await new Response(stream).json();
}

/** Gives every sheet the room its pictures will take, so that the page does not jump. */
function makeRoom() {
  const first = [...grids].find((grid) => grid.offsetParent !== null);
  if (first === undefined) return;
  const style = getComputedStyle(first);
  const gap = parseFloat(style.rowGap);
  const row = parseFloat(style.gridAutoRows);
  const columns = style.gridTemplateColumns.split(" ").length;
  for (const grid of grids) {
    const rows = Math.ceil(Number(grid.dataset.count) / columns);
    grid.style.height = `${Math.max(0, rows * (row + gap) - gap)}px`;
  }
}

/**
 * @param {import("./cell.js").SheetImage} image
 * @param {HTMLElement} grid
 */
function cell(image, grid) {
  const { id = "", species = "" } = grid.dataset;
  const shown = picture(image, species, places);
  const to = image.page ?? `${places.images}${id}/${image.name}`;
  const figure = element("figure", {}, [link(to, [shown]), caption(image, id, places)]);
  if (image.title !== undefined) shown.title = image.title;
  if (image.rejected) {
    figure.classList.add("wrong");
    figure.append(element("span", { class: "mark" }, ["rejected"]));
  }
  return figure;
}

/** The grids that are drawn or being drawn, and which attempt it is. */
const drawn = new Map();

/** @param {HTMLElement} grid */
async function draw(grid) {
  const packed = grid.querySelector("script")?.textContent ?? "";
  if (drawn.has(grid) || packed === "") return;
  const attempt = {};
  drawn.set(grid, attempt);
  const images = await unpack(packed);
  // Scrolled away and back meanwhile: another attempt draws it.
  if (drawn.get(grid) !== attempt) return;
  const fragment = document.createDocumentFragment();
  for (const image of images) fragment.append(cell(image, grid));
  grid.append(fragment);
}

/** @param {HTMLElement} grid */
function takeDown(grid) {
  if (!drawn.has(grid) || grid.contains(document.activeElement)) return;
  drawn.delete(grid);
  for (const figure of grid.querySelectorAll("figure")) figure.remove();
}

const watch = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (!(target instanceof HTMLElement)) continue;
    if (isIntersecting) draw(target);
    else takeDown(target);
  }
}, { rootMargin: "120% 0px" });

makeRoom();
addEventListener("resize", makeRoom);
for (const grid of grids) watch.observe(grid);
// The sheets have their room only now: what the address points at has moved.
if (location.hash !== "") document.getElementById(location.hash.slice(1))?.scrollIntoView();

const search = /** @type {HTMLInputElement | null} */ (document.querySelector("#search"));
const choice = /** @type {HTMLSelectElement | null} */ (document.querySelector("#standing"));
const shown = document.querySelector("#shown");

/** Shows the species that were asked for, in the table and below. */
function filter() {
  const words = (search?.value ?? "").toLowerCase().split(/\s+/).filter((word) => word !== "");
  const standing = choice?.value ?? "all";
  let count = 0;
  const rows = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("tr[data-id]"));
  for (const row of rows) {
    const { id = "", name = "", standing: its } = row.dataset;
    const wanted = (standing === "all" || standing === its) &&
      words.every((word) => name.includes(word));
    row.hidden = !wanted;
    if (wanted) count++;
    const sheet = document.getElementById(`s-${id}`);
    if (sheet !== null) sheet.hidden = !wanted;
  }
  if (shown !== null) shown.textContent = `${count} of ${rows.length} species`;
  makeRoom();
}

search?.addEventListener("input", filter);
choice?.addEventListener("change", filter);
// A browser may bring back what was typed before the page was left.
if (search !== null && choice !== null && (search.value !== "" || choice.value !== "all")) filter();
