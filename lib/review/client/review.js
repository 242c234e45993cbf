// @ts-check
/// <reference lib="dom" />
/**
 * The review's script: one species at a time, judged by keys or clicks. The server is the truth:
 * whatever a tab shows is what the server told it, and every tab hears of every verdict.
 */
import { caption, describe, element, picture } from "../../report/client/cell.js";

/**
 * @typedef {"rejected" | "accepted" | "undone"} Verdict
 * @typedef {import("../../report/client/cell.js").SheetImage & { host: string, verdict: Verdict, score: number, reasons: string[] }} Image
 * @typedef {{ species: string, name: string, verdict: Verdict, before: Verdict }} Change
 * @typedef {{ id: string, name: string, common: string[], why: string[], kept: number, rejected: number }} Fish
 */

/**
 * @template {HTMLElement} Kind
 * @param {string} id
 * @param {new () => Kind} kind
 * @returns {Kind}
 */
function part(id, kind) {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`The page has no ${id}`);
  return found;
}

const parts = {
  species: part("species", HTMLSelectElement),
  before: part("before", HTMLButtonElement),
  next: part("next", HTMLButtonElement),
  order: part("order", HTMLSelectElement),
  undo: part("undo", HTMLButtonElement),
  host: part("host", HTMLButtonElement),
  told: part("told", HTMLElement),
  name: part("name", HTMLElement),
  about: part("about", HTMLElement),
  sheet: part("sheet", HTMLElement),
};
const token = JSON.parse(part("token", HTMLElement).textContent ?? '""');
const places = { images: "images/", thumbs: "report/thumbs/" };

/** @type {Fish[]} */
let list = [];
/** @type {Fish | undefined} */
let fish;
/** @type {Image[]} */
let images = [];
/** Which picture the keys are about. */
let at = 0;
/** What this tab did, to be undone: the changes of each order. @type {Change[][]} */
const done = [];
/** Orders are sent one after the other, so that they arrive as they were given. */
let sending = Promise.resolve();
/** Which loading of a species is the last one. */
let turn = 0;

// The token has done its work: it need not stay where others may read it.
history.replaceState(null, "", `${location.pathname}${location.hash}`);

/**
 * @param {string} text
 * @param {boolean} [bad]
 */
function tell(text, bad = false) {
  parts.told.textContent = text;
  parts.told.classList.toggle("bad", bad);
}

/** @param {string} path */
async function ask(path) {
  const response = await fetch(path, { headers: { "x-aquaset-token": token } });
  if (!response.ok) throw new Error(await response.text());
  return await response.json();
}

/** @param {Fish} one */
function optionText(one) {
  return `${one.name} (${one.kept}${one.rejected === 0 ? "" : `, ${one.rejected} wrong`})`;
}

async function loadList() {
  list = await ask("species");
  parts.species.replaceChildren(
    ...list.map((one) => element("option", { value: one.id }, [optionText(one)])),
  );
  if (fish !== undefined) parts.species.value = fish.id;
}

/**
 * Shows a species. The picture the keys are about stays the same one where it can.
 *
 * @param {string} id
 * @param {boolean} [again] Whether it is shown already and only brought up to date.
 */
async function show(id, again = false) {
  const mine = ++turn;
  const name = again ? images[at]?.name : undefined;
  const answer = await ask(`species/${id}`);
  // Another species was asked for meanwhile.
  if (mine !== turn) return;
  const held = parts.sheet.contains(document.activeElement) || !again;
  fish = list.find((one) => one.id === id);
  images = answer;
  sort();
  at = Math.max(0, images.findIndex((image) => image.name === name));
  parts.species.value = id;
  history.replaceState(null, "", `#s-${id}`);
  draw();
  if (!again) scrollTo(0, 0);
  if (held) go(at);
}

function sort() {
  if (parts.order.value === "doubt") images.sort((one, other) => other.score - one.score);
}

function draw() {
  parts.name.textContent = fish?.name ?? "";
  tellCounts();
  parts.sheet.replaceChildren(...images.map(cell));
}

function tellCounts() {
  if (fish === undefined) return;
  const { common, why, kept, rejected } = fish;
  const doubtful = images.filter((image) => image.reasons.length > 0).length;
  parts.about.textContent = [
    ...common,
    `${kept} kept`,
    `${rejected} wrong`,
    `${doubtful} doubtful`,
    ...why,
  ].join(" · ");
}

/** @param {Image} image */
function cell(image) {
  const shown = picture(image, fish?.name ?? "", places);
  // The button says what there is to be seen, and whether it is right.
  shown.alt = "";
  const button = element("button", { type: "button", tabindex: "-1" }, [shown]);
  button.addEventListener("click", () => {
    go(images.indexOf(image));
    judge(image.verdict === "rejected" ? "undone" : "rejected", [image]);
  });
  button.addEventListener("focus", () => {
    at = images.indexOf(image);
    parts.host.disabled = false;
    parts.host.textContent = `All of ${image.host} are wrong`;
  });
  const figure = element("figure", {}, [button, caption(image, fish?.id ?? "", places)]);
  for (const anchor of figure.querySelectorAll("a")) anchor.tabIndex = -1;
  figure.querySelector("figcaption")?.append(
    element("div", { class: "doubts" }, [image.reasons.join(", ")]),
  );
  figure.append(element("span", { class: "mark" }));
  if (image.title !== undefined) shown.title = image.title;
  mark(figure, image);
  return figure;
}

/**
 * Shows what stands on a picture.
 *
 * @param {HTMLElement} figure
 * @param {Image} image
 */
function mark(figure, image) {
  const wrong = image.verdict === "rejected";
  figure.classList.toggle("wrong", wrong);
  figure.classList.toggle("right", image.verdict === "accepted");
  const sign = figure.querySelector(".mark");
  if (sign instanceof HTMLElement) {
    sign.textContent = wrong ? "wrong" : image.verdict === "accepted" ? "right" : "";
    sign.hidden = image.verdict === "undone";
  }
  const doubts = image.reasons.length === 0 ? "" : `, doubtful: ${image.reasons.join(", ")}`;
  const button = figure.querySelector("button");
  button?.setAttribute(
    "aria-label",
    `${describe({ ...image, rejected: false }, fish?.name ?? "")}${doubts}`,
  );
  button?.setAttribute("aria-pressed", String(wrong));
}

/**
 * Makes a picture the one that the keys are about.
 *
 * @param {number} to
 */
function go(to) {
  const buttons = parts.sheet.querySelectorAll("button");
  if (buttons.length === 0) return;
  buttons[at]?.setAttribute("tabindex", "-1");
  at = Math.max(0, Math.min(buttons.length - 1, to));
  buttons[at]?.setAttribute("tabindex", "0");
  buttons[at]?.focus({ preventScroll: true });
  buttons[at]?.closest("figure")?.scrollIntoView({ block: "nearest" });
}

/**
 * Sends an order to the server and takes in what it changed.
 *
 * @param {object} order
 * @returns {Promise<Change[]>}
 */
async function send(order) {
  const response = await fetch("verdicts", {
    method: "POST",
    headers: { "content-type": "application/json", "x-aquaset-token": token },
    body: JSON.stringify(order),
  });
  if (!response.ok) throw new Error(await response.text());
  const { changes, counts } = await response.json();
  take(changes, counts);
  return changes;
}

/**
 * Gives an order after those before it.
 *
 * @param {() => Promise<void>} work
 */
function queue(work) {
  sending = sending.then(work).catch(fail);
  return sending;
}

/** @param {unknown} error */
function fail(error) {
  const text = error instanceof Error ? error.message : String(error);
  tell(`Not saved: ${text.trim()}`, true);
}

/**
 * @param {Verdict} verdict
 * @param {Image[]} judged
 */
function judge(verdict, judged) {
  const species = fish?.id ?? "";
  const named = judged.map(({ name }) => ({ species, name }));
  return order({ verdict, reason: "by eye", images: named });
}

/** @param {{ verdict: Verdict, reason: string, images?: unknown, host?: string, species?: string }} wish */
function order(wish) {
  return queue(async () => {
    const changes = await send(wish);
    if (changes.length === 0) {
      tell("That stands already.");
      return;
    }
    done.push(changes);
    parts.undo.disabled = false;
    const said = { rejected: "wrong", accepted: "right", undone: "not judged" }[wish.verdict];
    const what = changes.length === 1 ? "1 picture" : `${changes.length} pictures`;
    tell(`${what}${wish.host === undefined ? "" : ` of ${wish.host}`}: ${said}. u undoes it.`);
  });
}

function undo() {
  const stood = at;
  return queue(async () => {
    const last = done.pop();
    if (last === undefined) {
      tell("There is nothing to undo.");
      return;
    }
    for (const before of /** @type {Verdict[]} */ (["rejected", "accepted", "undone"])) {
      const named = last.filter((change) => change.before === before)
        .map(({ species, name }) => ({ species, name }));
      // A body holds some thousand names.
      for (let from = 0; from < named.length; from += 2000) {
        await send({ verdict: before, reason: "undone", images: named.slice(from, from + 2000) });
      }
    }
    parts.undo.disabled = done.length === 0;
    tell(last.length === 1 ? "Undone." : `Undone: ${last.length} pictures.`);
    const first = images.findIndex(({ name }) => name === last[0]?.name);
    // Whoever has gone on meanwhile is not taken back.
    if (at === stood && first >= 0 && last[0]?.species === fish?.id) go(first);
  });
}

/**
 * Takes in what the server says has changed, by this tab or another.
 *
 * @param {Change[]} changes
 * @param {Pick<Fish, "id" | "kept" | "rejected">[]} counts
 */
function take(changes, counts) {
  for (const { species, name, verdict } of changes) {
    if (species !== fish?.id) continue;
    const number = images.findIndex((image) => image.name === name);
    const image = images[number];
    const figure = parts.sheet.children[number];
    if (image === undefined || !(figure instanceof HTMLElement)) continue;
    image.verdict = verdict;
    mark(figure, image);
  }
  for (const count of counts) {
    const number = list.findIndex((one) => one.id === count.id);
    const one = list[number];
    if (one === undefined) continue;
    Object.assign(one, count);
    const option = parts.species.options[number];
    if (option !== undefined) option.textContent = optionText(one);
  }
  tellCounts();
}

/** @param {number} step */
function turnTo(step) {
  const now = list.findIndex((one) => one.id === fish?.id);
  const to = list[now + step];
  if (to === undefined) {
    tell(step > 0 ? "This was the last species." : "This is the first species.");
    return;
  }
  tell("");
  show(to.id).catch(fail);
}

function columns() {
  return getComputedStyle(parts.sheet).gridTemplateColumns.split(" ").length;
}

/** @param {boolean} everywhere */
function judgeHost(everywhere) {
  const host = images[at]?.host;
  if (host === undefined || fish === undefined) return;
  const reason = `all of ${host} are wrong`;
  order({ verdict: "rejected", reason, host, ...(everywhere ? {} : { species: fish.id }) });
}

/** What the keys do. @type {Record<string, () => void>} */
const keys = {
  ArrowLeft: () => go(at - 1),
  ArrowRight: () => go(at + 1),
  ArrowUp: () => go(at - columns() < 0 ? at : at - columns()),
  ArrowDown: () => go(at + columns() >= images.length ? at : at + columns()),
  Home: () => go(0),
  End: () => go(images.length - 1),
  x: () => judgeAt("rejected"),
  a: () => judgeAt("accepted"),
  u: () => void undo(),
  h: () => judgeHost(false),
  H: () => judgeHost(true),
  o: () => open(images[at]?.page),
  f: () => open(images[at] && `${places.images}${fish?.id}/${images[at]?.name}`),
};

/** @param {Verdict} verdict */
function judgeAt(verdict) {
  const image = images[at];
  if (image === undefined) return;
  judge(verdict, [image]);
  go(at + 1);
}

/** @param {string | undefined} address */
function open(address) {
  if (address !== undefined) globalThis.open(address, "_blank", "noopener,noreferrer");
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const within = event.target instanceof Element ? event.target : document.body;
  // Lists and links keep the keys they have; a picture's button gives its own up to us.
  const busy = within.closest("select, summary, a, .tools button") !== null;
  if (event.key === " " && !busy) {
    event.preventDefault();
    if (!event.repeat) turnTo(event.shiftKey ? -1 : 1);
    return;
  }
  if (within.closest("select") !== null) return;
  const act = keys[event.key] ?? (event.shiftKey ? undefined : keys[event.key.toLowerCase()]);
  if (act === undefined) return;
  event.preventDefault();
  act();
});
document.addEventListener("keyup", (event) => {
  // Firefox clicks a button when the space key is let go of.
  const target = event.target instanceof Element ? event.target : document.body;
  if (event.key === " " && parts.sheet.contains(target)) event.preventDefault();
});

parts.species.addEventListener("change", () => show(parts.species.value).catch(fail));
parts.before.addEventListener("click", () => turnTo(-1));
parts.next.addEventListener("click", () => turnTo(1));
parts.undo.addEventListener("click", () => undo());
parts.host.addEventListener("click", () => judgeHost(false));
parts.order.addEventListener("change", () => {
  if (fish !== undefined) show(fish.id, true).catch(fail);
});

/** Brings everything up to date. */
async function refresh() {
  await loadList();
  const named = location.hash.replace(/^#s-/, "");
  const wanted = fish?.id ?? list.find((one) => one.id === named)?.id ??
    list.find((one) => one.kept > 0)?.id ?? list[0]?.id;
  if (wanted === undefined) tell("There are no species in this data folder yet.");
  else await show(wanted, fish !== undefined);
}

const events = new EventSource("events");
let lost = false;
events.addEventListener("message", ({ data }) => {
  const { changes, counts } = JSON.parse(data);
  take(changes, counts);
});
events.addEventListener("open", () => {
  if (!lost) return;
  lost = false;
  tell("");
  // What others did meanwhile was not heard.
  refresh().catch(fail);
});
events.addEventListener("error", () => {
  lost = true;
  tell("The review has ended: start it again, and open the address that it prints.", true);
});
refresh().catch((error) => tell(error instanceof Error ? error.message : String(error), true));
