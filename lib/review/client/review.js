// @ts-check
/// <reference lib="dom" />
/**
 * The review's script: one page of pictures at a time, judged by keys or clicks. The server is the
 * truth: a tab shows what the server told it, and every tab hears of every verdict.
 */
import {
  describe,
  element,
  hostOf,
  link,
  picture,
  size,
  thumbnail,
} from "../../report/client/cell.js";

/**
 * @typedef {import("../board.ts").Verdict} Verdict
 * @typedef {import("../board.ts").Trait} Trait
 * @typedef {import("../board.ts").ReviewImage} Image
 * @typedef {import("../board.ts").Change} Change
 * @typedef {import("../board.ts").SpeciesCount} Count
 * @typedef {Count & Pick<import("../../report/gather.ts").SpeciesStanding, "name" | "isLatin" | "common" | "why">} Fish
 * @typedef {import("../board.ts").AuditCount} Audit
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
  done: part("done", HTMLElement),
  progress: part("progress", HTMLElement),
  undo: part("undo", HTMLButtonElement),
  audit: part("audit", HTMLButtonElement),
  report: part("report", HTMLAnchorElement),
  name: part("name", HTMLElement),
  about: part("about", HTMLElement),
  again: part("again", HTMLButtonElement),
  sheet: part("sheet", HTMLElement),
  page: part("page", HTMLElement),
  accept: part("accept", HTMLButtonElement),
  large: part("large", HTMLButtonElement),
  compare: part("compare", HTMLElement),
  facts: part("facts", HTMLElement),
  other: part("other", HTMLInputElement),
  guesses: part("guesses", HTMLElement),
  bulk: part("bulk", HTMLElement),
  message: part("message", HTMLElement),
  lens: part("lens", HTMLDialogElement),
  lensView: part("lens-view", HTMLElement),
  lensName: part("lens-name", HTMLElement),
  keys: part("keys", HTMLDialogElement),
};

/** What traits are called. @type {Record<Trait, string>} */
const TRAITS = { host: "from", query: "found by", author: "by" };

/** Where pictures are: a path that cannot be guessed. */
let pictures = "";
/** @type {Fish[]} */
let list = [];
/** @type {Map<string, Fish>} */
let byId = new Map();
/** The species that is shown; none in an audit. @type {Fish | undefined} */
let fish;
let auditing = false;
/** Those of the species or of the audit, in the order in which they are shown. @type {Image[]} */
let images = [];
/** Sure photos, by species. @type {Map<string, import("../../report/client/cell.js").SheetImage[]>} */
const sure = new Map();
/** Which picture the keys are about. */
let at = 0;
/** How many pictures a page has. */
let perPage = 12;
let columns = 4;
/** What this tab did, to be undone: the changes of each order. @type {Change[][]} */
const done = [];
/** Orders are sent one after the other, so that they arrive as they were given. */
let sending = Promise.resolve();
/** Which loading is the last one. */
let turn = 0;
/** The species that were shown, for going back. @type {string[]} */
const seen = [];
/** Species that others were relabelled to, the last first. @type {string[]} */
let recent = [];
/** What the numbered keys stand for. @type {Fish[]} */
let guesses = [];

// The token is in the address, behind #, which no browser sends. It need not stay where others may
// read it; a reload finds it in the tab's own storage, which belongs to this port alone.
const given = /^#token=([\w-]+)$/.exec(location.hash)?.[1];
if (given !== undefined) {
  sessionStorage.setItem("aquaset-token", given);
  history.replaceState(null, "", location.pathname);
}
const token = sessionStorage.getItem("aquaset-token") ?? "";

/** When a word about what was done disappears. @type {KeyframeAnimationOptions} */
const FADING = { duration: 5000, fill: "forwards" };

/**
 * @param {string} text
 * @param {boolean} [bad]
 */
function tell(text, bad = false) {
  parts.message.textContent = text;
  parts.message.classList.toggle("bad", bad);
  for (const animation of parts.message.getAnimations()) animation.cancel();
  // It goes out of the way of the pictures, but what went wrong stays.
  if (!bad) parts.message.animate({ opacity: [1, 0], easing: "step-end" }, FADING);
}

/**
 * @param {string} path
 * @param {object} [body] Sent by POST.
 */
async function ask(path, body) {
  const headers = { "x-aquaset-token": token, "content-type": "application/json" };
  const response = await fetch(
    `/api/${path}`,
    body === undefined ? { headers } : { headers, method: "POST", body: JSON.stringify(body) },
  );
  if (!response.ok) throw new Error(await response.text());
  return await response.json();
}

/** The number of the last news that this tab has taken in. */
let heard = 0;

/** Asks again where the answer is older than the news that came before it. @param {string} path */
async function askNow(path) {
  for (;;) {
    const answer = await ask(path);
    if (answer.news >= heard) return answer;
  }
}

/** @param {unknown} error */
function fail(error) {
  const text = error instanceof Error ? error.message : String(error);
  tell(text.trim(), true);
}

/** @param {string} id */
function nameOf(id) {
  return byId.get(id)?.name ?? id;
}

/** What is not italic in a Latin name. */
const UPRIGHT = /("[^"]*"|'[^']*'|\([^)]*\)|\b(?:sp|spp|ssp|subsp|cf|aff|var)\.)/;

/**
 * A species' name, italic where it is Latin.
 *
 * @param {string} name
 * @param {boolean} isLatin
 * @returns {(Node | string)[]}
 */
function speciesName(name, isLatin) {
  if (!isLatin) return [name];
  return name.split(UPRIGHT).map((part, at) =>
    at % 2 === 1 || part.trim() === "" ? part : element("i", { lang: "la" }, [part])
  );
}

/** @param {string} id */
function styledName(id) {
  const one = byId.get(id);
  return speciesName(one?.name ?? id, one?.isLatin ?? false);
}

// The species and how far one has come.

/** @param {Fish} one */
function optionText(one) {
  const state = one.kept + one.rejected === 0 ? "none" : one.open === 0 ? "✓" : `${one.open} open`;
  return `${one.name} (${state})`;
}

/** When the last verdict was given, and how long the work took so far, in milliseconds. */
const pace = { last: 0, worked: 0, judged: 0 };
/** Whoever gives no verdict for so long is elsewhere, in milliseconds. */
const PAUSE = 60_000;

/** @param {number} judged */
function keepPace(judged) {
  const now = performance.now();
  if (pace.last > 0) {
    pace.worked += Math.min(PAUSE, now - pace.last);
    pace.judged += judged;
  }
  pace.last = now;
}

function tellProgress() {
  const withImages = list.filter((one) => one.kept + one.rejected > 0);
  const ready = withImages.filter((one) => one.open === 0).length;
  const open = withImages.reduce((sum, one) => sum + one.open, 0);
  let text = `${ready} of ${withImages.length} species`;
  if (pace.judged >= 20 && open > 0) {
    const minutes = Math.ceil(pace.worked / pace.judged * open / 60_000);
    const left = minutes < 90 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
    text += `, ${left} at your pace`;
  } else if (open > 0) text += `, ${open.toLocaleString("en")} pictures open`;
  parts.progress.textContent = text;
  const bar = parts.done.firstElementChild;
  if (bar instanceof HTMLElement) {
    bar.style.width = `${withImages.length === 0 ? 0 : 100 * ready / withImages.length}%`;
  }
}

/** Takes in how far species are. @param {Count[]} counts */
function takeCounts(counts) {
  for (const count of counts) {
    const one = byId.get(count.id);
    if (one === undefined) continue;
    Object.assign(one, count);
    const option = parts.species.options[list.indexOf(one) + 1];
    if (option !== undefined) option.textContent = optionText(one);
  }
  tellProgress();
  tellAbout();
}

/** The species to be looked at next: the worst of those with pictures that nobody has judged. */
function worst() {
  const open = list.filter((one) => one.open > 0 && one !== fish);
  const fresh = open.filter((one) => !seen.includes(one.id));
  return (fresh.length > 0 ? fresh : open)
    .reduce(
      (/** @type {Fish | undefined} */ best, one) =>
        best === undefined || one.score > best.score ? one : best,
      undefined,
    );
}

// Showing a species or the audit.

/**
 * @param {string} id
 * @param {boolean} [again] Whether it is shown already and only brought up to date.
 */
async function show(id, again = false) {
  const mine = ++turn;
  const file = again ? images[at]?.file : undefined;
  const answer = await askNow(`species/${id}`);
  // Another species was asked for meanwhile.
  if (mine !== turn) return;
  auditing = false;
  fish = byId.get(id);
  if (!again && seen.at(-1) !== id) seen.push(id);
  sure.set(id, answer.vouched);
  images = answer.images;
  images.sort((one, other) =>
    Number(one.verdict !== "undone") - Number(other.verdict !== "undone") ||
    other.score - one.score
  );
  takeCounts([answer.count]);
  parts.species.value = id;
  history.replaceState(null, "", `#s-${id}`);
  begin(images.findIndex((image) => image.file === file));
}

/** @param {boolean} [anew] Whether to draw a new sample. */
async function showAudit(anew = false) {
  const mine = ++turn;
  let answer = anew ? await ask("audit", {}) : await askNow("audit");
  if (answer.audit.of === 0) answer = await ask("audit", {});
  if (mine !== turn) return;
  auditing = true;
  fish = undefined;
  parts.species.value = "";
  images = answer.images;
  for (const [id, photos] of Object.entries(answer.vouched)) sure.set(id, photos);
  takeAudit(answer.audit);
  history.replaceState(null, "", "#audit");
  begin(images.findIndex(({ verdict }) => verdict === "undone"));
}

/** @type {Audit} */
let audit = { judged: 0, of: 0, found: "" };

/** @param {Audit} now */
function takeAudit(now) {
  audit = now;
  tellAbout();
}

/** @param {number} start Which picture to begin with. */
function begin(start) {
  parts.audit.setAttribute("aria-pressed", String(auditing));
  parts.again.hidden = !auditing;
  parts.name.replaceChildren(...(fish === undefined ? ["Audit"] : styledName(fish.id)));
  tellAbout();
  fit();
  at = Math.max(0, start);
  draw();
  go(at);
  scrollTo(0, 0);
}

function tellAbout() {
  if (auditing) {
    parts.about.textContent = `${audit.judged} of ${audit.of} judged. ${
      audit.found ||
      "Are these pictures of the species below them? 100 random ones say how many of all are wrong."
    }`;
  } else if (fish !== undefined) {
    const { common, why, kept, rejected, open } = fish;
    parts.about.textContent = [
      ...common,
      `${kept} kept`,
      ...(rejected > 0 ? [`${rejected} wrong`] : []),
      `${open} open`,
      ...why,
    ].join(" · ");
  }
}

// The grid: as many pictures as fill the screen.

function fit() {
  const box = parts.sheet.getBoundingClientRect();
  const isNarrow = innerWidth < 900;
  const gap = isNarrow ? 6 : 10;
  columns = Math.max(isNarrow ? 3 : 2, Math.min(8, Math.round(box.width / (isNarrow ? 130 : 240))));
  const width = (box.width - gap * (columns - 1)) / columns;
  let rows = 6;
  parts.sheet.style.gridAutoRows = `${Math.round(width)}px`;
  if (!isNarrow) {
    const room = Math.max(320, innerHeight - box.top - scrollY - 76);
    rows = Math.max(2, Math.round((room + gap) / (width * 0.78 + gap)));
    parts.sheet.style.gridAutoRows = `${Math.floor((room - gap * (rows - 1)) / rows)}px`;
  }
  parts.sheet.style.gap = `${gap}px`;
  parts.sheet.style.gridTemplateColumns = `repeat(${columns}, minmax(0, 1fr))`;
  perPage = columns * rows;
}

function pageStart() {
  return Math.floor(at / perPage) * perPage;
}

function draw() {
  const start = pageStart();
  const some = images.slice(start, start + perPage);
  parts.sheet.replaceChildren(...some.map(cell));
  if (some.length === 0) {
    parts.sheet.append(
      element("p", { role: "option" }, [
        `There are no pictures${auditing ? "" : " of this species"}.`,
      ]),
    );
  }
  const pages = Math.max(1, Math.ceil(images.length / perPage));
  parts.page.textContent = `Page ${Math.floor(start / perPage) + 1} of ${pages}`;
  tellOpen();
  clearTimeout(preloading);
  preloading = setTimeout(preload, 400);
}

/** @type {ReturnType<typeof setTimeout> | undefined} */
let preloading;

/** Has the next page's thumbnails made and loaded, once this one's are. */
function preload() {
  const next = pageStart() + perPage;
  for (const { file } of images.slice(next, next + perPage)) {
    const ahead = new Image();
    ahead.fetchPriority = "low";
    ahead.src = `${pictures}report/thumbs/${thumbnail(file)}`;
  }
}

function openHere() {
  return images.slice(pageStart(), pageStart() + perPage)
    .filter(({ verdict }) => verdict === "undone");
}

function tellOpen() {
  const open = openHere().length;
  const text = open === 0 ? "Go on " : `Accept ${open === 1 ? "the last one" : `all ${open}`} `;
  parts.accept.firstChild?.replaceWith(text);
}

/** @param {Image} image */
function cell(image) {
  const shown = picture(`${pictures}report/thumbs/${thumbnail(image.file)}`, "");
  const made = element("figure", { role: "option", tabindex: "-1", "data-file": image.file }, [
    shown,
    element("span", { class: "mark", "aria-hidden": "true" }),
    element("span", { class: "doubts", "aria-hidden": "true" }, [image.reasons.join(", ")]),
  ]);
  if (auditing) {
    made.append(
      element("span", { class: "label", "aria-hidden": "true" }, styledName(image.species)),
    );
  }
  made.addEventListener("click", () => go(indexOf(image.file)));
  made.addEventListener("dblclick", openLens);
  mark(made, image);
  return made;
}

/** @param {string} file */
function indexOf(file) {
  return images.findIndex((image) => image.file === file);
}

/** @param {Image} image */
function isElsewhere(image) {
  const shown = auditing ? image.file.split("/")[0] : fish?.id;
  return image.species !== shown;
}

/**
 * What stands on a picture, in a word.
 *
 * @param {Image} image
 */
function verdictOf(image) {
  if (isElsewhere(image)) return `→ ${nameOf(image.species)}`;
  return { rejected: "wrong", accepted: "✓", undone: "" }[image.verdict];
}

/**
 * Shows what stands on a picture.
 *
 * @param {HTMLElement} made
 * @param {Image} image
 */
function mark(made, image) {
  const elsewhere = isElsewhere(image);
  const text = verdictOf(image);
  made.classList.toggle("wrong", image.verdict === "rejected" || elsewhere);
  made.classList.toggle("right", image.verdict === "accepted" && !elsewhere);
  const sign = made.querySelector(".mark");
  if (sign instanceof HTMLElement) {
    sign.textContent = text;
    sign.hidden = text === "";
  }
  const doubts = image.reasons.length === 0 ? "" : `, doubtful: ${image.reasons.join(", ")}`;
  const verdict = elsewhere
    ? `, relabelled ${nameOf(image.species)}`
    : { rejected: ", wrong", accepted: ", correct", undone: "" }[image.verdict];
  const { rejected: _said, ...rest } = image;
  made.setAttribute("aria-label", `${describe(rest, nameOf(image.species))}${verdict}${doubts}`);
}

/**
 * Makes a picture the one that the keys are about.
 *
 * @param {number} to
 * @param {boolean} [focus]
 */
function go(to, focus = true) {
  if (images.length === 0) {
    showSelected();
    return;
  }
  const start = pageStart();
  at = Math.max(0, Math.min(images.length - 1, to));
  if (pageStart() !== start) draw();
  for (const other of parts.sheet.children) {
    const isIt = other === parts.sheet.children[at - pageStart()];
    other.setAttribute("tabindex", isIt ? "0" : "-1");
    other.setAttribute("aria-selected", String(isIt));
  }
  const made = parts.sheet.children[at - pageStart()];
  if (made instanceof HTMLElement) {
    if (focus && !parts.lens.open) made.focus({ preventScroll: true });
    made.scrollIntoView({ block: "nearest" });
  }
  showSelected();
}

// The selected picture, beside the grid.

let selecting = 0;

function showSelected() {
  const image = images[at];
  const mine = ++selecting;
  parts.large.disabled = image === undefined;
  if (image === undefined) {
    for (const each of [parts.large, parts.compare, parts.facts, parts.bulk]) {
      each.replaceChildren();
    }
    return;
  }
  const small = picture(`${pictures}report/thumbs/${thumbnail(image.file)}`, "");
  small.loading = "eager";
  parts.large.replaceChildren(small);
  // The original comes when one stays: whoever runs through with the arrow keys loads none.
  setTimeout(() => {
    if (mine !== selecting) return;
    const original = new Image();
    original.src = `${pictures}images/${image.file}`;
    original.alt = "";
    original.decode().then(() => {
      if (mine === selecting) parts.large.replaceChildren(original);
    }, () => {/* The thumbnail stays. */});
  }, 120);
  parts.large.setAttribute("aria-label", `Enlarge: ${describe(image, nameOf(image.species))}`);
  showSure(image.species);
  showFacts(image);
  showBulk(image);
  showGuesses();
  if (parts.lens.open) fillLens();
}

/** @param {string} id */
function showSure(id) {
  const photos = sure.get(id);
  if (photos === undefined) {
    sure.set(id, []);
    ask(`species/${id}`).then((answer) => {
      sure.set(id, answer.vouched);
      if (images[at]?.species === id) showSure(id);
    }).catch(fail);
  }
  const name = styledName(id);
  // A picture is not compared with itself.
  const others = (photos ?? []).filter(({ file }) => file !== images[at]?.file).slice(0, 2);
  const shown = others.map((photo) => {
    const alt = describe(photo, nameOf(id));
    const image = picture(`${pictures}report/thumbs/${thumbnail(photo.file)}`, alt);
    const open = link(`${pictures}images/${photo.file}`, [image]);
    return element("figure", {}, [open, element("figcaption", {}, [photo.source])]);
  });
  parts.compare.replaceChildren(
    element("h2", {}, [shown.length === 0 ? "No sure photo of " : "For sure ", ...name]),
    ...shown,
  );
}

/** @param {Image} image */
function showFacts(image) {
  const file = link(`${pictures}images/${image.file}`, [`${image.width}×${image.height}`]);
  const page = image.page === undefined ? [] : [" · ", link(image.page, [hostOf(image.page)])];
  parts.facts.replaceChildren(
    element("p", {}, [
      element("b", {}, [image.source]),
      " · ",
      file,
      ` ${size(image.bytes)}`,
      ...page,
    ]),
    element("p", { class: "faint one-line", title: image.title ?? "" }, [
      image.author ?? "photographer unknown",
      ` · ${image.license ?? "licence unknown"}`,
      ...(image.title === undefined ? [] : [` · ${image.title}`]),
    ]),
    ...(image.reasons.length === 0
      ? []
      : [element("p", { class: "bad" }, [`Doubtful: ${image.reasons.join(", ")}`])]),
  );
}

/** @param {Image} image */
function showBulk(image) {
  const rows = /** @type {[Trait, string][]} */ (Object.entries(image.traits)).map(
    ([trait, value]) => {
      const count = images.filter((other) => other.traits[trait] === value).length;
      const here = element("button", { type: "button", "data-trait": trait }, [`${count} here`]);
      const everywhere = element("button", { type: "button", "data-trait": trait }, ["everywhere"]);
      here.disabled = auditing;
      here.addEventListener("click", () => judgeAll(trait, false));
      everywhere.addEventListener("click", () => judgeAll(trait, true));
      const key = element("kbd", {}, [KEY_OF[trait]]);
      const text = describeTrait(trait, value, image.species);
      return element("div", {}, [
        key,
        element("span", { title: text }, [text]),
        here,
        everywhere,
      ]);
    },
  );
  parts.bulk.replaceChildren(element("h2", {}, ["All of these are wrong"]), ...rows);
}

/**
 * @param {Trait} trait
 * @param {string} value
 * @param {string} id
 */
function describeTrait(trait, value, id) {
  const text = value.replaceAll("{latin}", nameOf(id));
  return `${TRAITS[trait]} ${trait === "query" ? `“${text}”` : text}`;
}

/** @type {Record<Trait, string>} */
const KEY_OF = { host: "h", query: "q", author: "y" };

/** The species that this one may be: what was typed, else the last ones and its relatives. */
function showGuesses() {
  const id = images[at]?.species;
  const typed = parts.other.value.toLowerCase().split(/\s+/).filter((word) => word !== "");
  const genus = nameOf(id ?? "").split(" ")[0];
  const found = typed.length > 0
    ? list.filter((one) => {
      const text = `${one.name} ${one.common.join(" ")}`.toLowerCase();
      return typed.every((word) => text.includes(word));
    })
    : [
      ...recent.flatMap((one) => byId.get(one) ?? []),
      ...list.filter((one) => one.name.split(" ")[0] === genus),
      ...list.slice(Math.max(0, list.findIndex((one) => one.id === id) - 4)),
      ...list,
    ];
  guesses = [...new Set(found)].filter((one) => one.id !== id).slice(0, 9);
  parts.guesses.replaceChildren(...guesses.map((one, number) => {
    const button = element("button", { type: "button" }, [
      element("kbd", {}, [String(number + 1)]),
      " ",
      ...speciesName(one.name, one.isLatin),
    ]);
    button.addEventListener("click", () => relabel(one));
    return element("li", {}, [button]);
  }));
  if (guesses.length === 0 && typed.length > 0) {
    parts.guesses.append(element("li", { class: "faint" }, ["No species is called so."]));
  }
}

// Verdicts.

/**
 * Gives an order after those before it. What it changes comes with the news, as it does to every
 * tab: these are in order, while its answer may come after later news.
 *
 * @param {{ verdict: Verdict, to?: string, reason?: string, images?: string[], all?: { trait: Trait, value: string }, species?: string }} wish
 * @param {string} what What was done, in words.
 */
function order(wish, what) {
  const reason = auditing ? "audit" : "by eye";
  sending = sending.then(async () => {
    const { changes } = await ask("verdicts", { reason, ...wish });
    if (changes.length === 0) {
      tell("That stands already.");
      return;
    }
    keepPace(changes.length);
    done.push(changes);
    parts.undo.disabled = false;
    tell(
      `${changes.length === 1 ? "1 picture" : `${changes.length} pictures`} ${what}. u undoes it.`,
    );
  }).catch(tellNotSaved);
  return sending;
}

/** @param {Error} error */
function tellNotSaved(error) {
  const why = error instanceof TypeError ? "the review does not answer." : error.message;
  fail(new Error(`Not saved: ${why}`));
}

/** @param {"rejected" | "accepted"} verdict */
function judge(verdict) {
  const image = images[at];
  if (image === undefined) return;
  // In an audit, and where it was relabelled, it is judged as what it counts for now.
  order({ verdict, images: [image.file] }, verdict === "rejected" ? "is wrong" : "is correct");
  go(at + 1);
}

/** @param {Fish} to */
function relabel(to) {
  const image = images[at];
  if (image === undefined) return;
  recent = [to.id, ...recent.filter((id) => id !== to.id)].slice(0, 4);
  parts.other.value = "";
  order({ verdict: "accepted", to: to.id, images: [image.file] }, `is ${to.name}`);
  go(at + 1);
}

/**
 * @param {Trait} trait
 * @param {boolean} everywhere
 */
function judgeAll(trait, everywhere) {
  const image = images[at];
  const value = image?.traits[trait];
  if (image === undefined || value === undefined || (auditing && !everywhere)) return;
  const described = describeTrait(trait, value, image.species);
  const reason = `all ${described} are wrong`;
  const species = everywhere ? {} : { species: image.species };
  if (everywhere) tell("Looking through all species…");
  order({ verdict: "rejected", reason, all: { trait, value }, ...species }, `${described}: wrong`);
}

/** Accepts what is open on this page, and goes on. */
function acceptRest() {
  const open = openHere().map(({ file }) => file);
  if (open.length > 0) order({ verdict: "accepted", images: open }, "accepted");
  turnPage(1);
}

/** @param {number} step */
function turnPage(step) {
  const to = pageStart() + step * perPage;
  if (to >= 0 && to < images.length) go(to);
  else if (!auditing) turnSpecies(step);
  else {
    // The last verdicts are on their way.
    sending.then(() => tell(audit.found || "This is the end of the audit."));
  }
}

/** @param {number} step */
function turnSpecies(step) {
  const to = step > 0 ? worst() : before();
  if (to === undefined) {
    tell(step > 0 ? "Every species was judged." : "This is the first one.");
    return;
  }
  tell("");
  show(to.id).catch(fail);
}

function before() {
  if (fish !== undefined && seen.at(-1) === fish.id) seen.pop();
  return byId.get(seen.pop() ?? "");
}

function undo() {
  sending = sending.then(async () => {
    const last = done.at(-1);
    if (last === undefined) {
      tell("There is nothing to undo.");
      return;
    }
    /** @type {Map<string, Change[]>} */
    const groups = new Map();
    for (const change of last) {
      const key = `${change.before.verdict} ${change.before.species}`;
      groups.set(key, [...groups.get(key) ?? [], change]);
    }
    for (const group of groups.values()) {
      // A body holds some thousand names.
      for (let from = 0; from < group.length; from += 2000) {
        const some = group.slice(from, from + 2000);
        const { verdict, species } = some[0]?.before ?? { verdict: "undone", species: "" };
        const files = some.map(({ file }) => file);
        await ask("verdicts", { verdict, to: species, reason: "undone", images: files });
      }
    }
    done.pop();
    parts.undo.disabled = done.length === 0;
    tell(last.length === 1 ? "Undone." : `Undone: ${last.length} pictures.`);
    const first = indexOf(last[0]?.file ?? "");
    if (first >= 0) go(first);
  }).catch(tellNotSaved);
}

/**
 * Takes in what the server says has changed, by this tab or another.
 *
 * @param {Change[]} changes
 * @param {Count[]} counts
 * @param {Audit} [audit]
 */
function take(changes, counts, audit) {
  for (const { file, now } of changes) {
    const image = images[indexOf(file)];
    if (image === undefined) continue;
    Object.assign(image, now);
    const made = parts.sheet.children[indexOf(file) - pageStart()];
    if (made instanceof HTMLElement) mark(made, image);
  }
  const selected = images[at];
  if (selected !== undefined) tellLens(selected);
  if (audit !== undefined) takeAudit(audit);
  takeCounts(counts);
  tellOpen();
}

// The lens: the original, as large as one likes.

/** How many screen pixels a picture's pixel takes; 0 where it fits the screen. */
let scale = 0;

function openLens() {
  if (images[at] === undefined) return;
  if (!parts.lens.open) parts.lens.showModal();
  // Else it would be behind it.
  parts.lens.append(parts.message);
  scale = 0;
  fillLens();
  parts.lensView.focus();
}

function fillLens() {
  const image = images[at];
  if (image === undefined) return;
  const shown = element("img", {
    src: `${pictures}images/${image.file}`,
    alt: describe(image, nameOf(image.species)),
  });
  parts.lensView.replaceChildren(shown);
  tellLens(image);
  zoom(scale);
}

/** @param {Image} image */
function tellLens(image) {
  const verdict = verdictOf(image);
  parts.lensName.replaceChildren(
    ...styledName(image.species),
    ` · ${image.width}×${image.height}${verdict === "" ? "" : ` · ${verdict}`}`,
  );
}

/** @param {number} to */
function zoom(to) {
  scale = to === 0 ? 0 : Math.max(0.1, Math.min(8, to));
  const shown = parts.lensView.querySelector("img");
  if (shown === null) return;
  shown.style.width = scale === 0 ? "" : `${shown.naturalWidth * scale}px`;
  parts.lensView.classList.toggle("zoomed", scale !== 0);
}

/** @param {number} by */
function zoomBy(by) {
  const shown = parts.lensView.querySelector("img");
  if (shown === null || shown.naturalWidth === 0) return;
  // From the size that it has when it fits.
  const now = scale || Math.min(
    parts.lensView.clientWidth / shown.naturalWidth,
    parts.lensView.clientHeight / shown.naturalHeight,
  );
  const view = parts.lensView;
  const centre = [
    (view.scrollLeft + view.clientWidth / 2) / now,
    (view.scrollTop + view.clientHeight / 2) / now,
  ];
  zoom(now * by);
  view.scrollLeft = (centre[0] ?? 0) * scale - view.clientWidth / 2;
  view.scrollTop = (centre[1] ?? 0) * scale - view.clientHeight / 2;
}

parts.lensView.addEventListener("wheel", (event) => {
  event.preventDefault();
  zoomBy(event.deltaY < 0 ? 1.25 : 0.8);
}, { passive: false });
parts.lensView.addEventListener("pointerdown", (event) => {
  if (scale === 0) {
    zoomBy(2);
    return;
  }
  const start = { x: event.clientX, y: event.clientY };
  const from = { x: parts.lensView.scrollLeft, y: parts.lensView.scrollTop };
  /** @param {PointerEvent} moved */
  const move = (moved) => {
    parts.lensView.scrollLeft = from.x - (moved.clientX - start.x);
    parts.lensView.scrollTop = from.y - (moved.clientY - start.y);
  };
  const end = () => removeEventListener("pointermove", move);
  addEventListener("pointermove", move);
  addEventListener("pointerup", end, { once: true });
  addEventListener("pointercancel", end, { once: true });
});
parts.lens.addEventListener("close", () => {
  document.body.append(parts.message);
  go(at);
});

// Keys and buttons.

/** @param {string | undefined} address */
function open(address) {
  if (address !== undefined) globalThis.open(address, "_blank", "noopener,noreferrer");
}

/** What the keys do. @type {Record<string, () => void>} */
const keys = {
  ArrowLeft: () => go(at - 1),
  ArrowRight: () => go(at + 1),
  ArrowUp: () => go(at - columns < 0 ? at : at - columns),
  ArrowDown: () => go(at + columns >= images.length ? at : at + columns),
  Home: () => go(pageStart()),
  End: () => go(pageStart() + perPage - 1),
  PageDown: () => turnPage(1),
  PageUp: () => turnPage(-1),
  Enter: openLens,
  z: openLens,
  x: () => judge("rejected"),
  c: () => judge("accepted"),
  a: acceptRest,
  u: undo,
  n: () => turnSpecies(1),
  N: () => turnSpecies(-1),
  h: () => judgeAll("host", false),
  H: () => judgeAll("host", true),
  q: () => judgeAll("query", false),
  Q: () => judgeAll("query", true),
  y: () => judgeAll("author", false),
  Y: () => judgeAll("author", true),
  o: () => open(images[at]?.page),
  f: () => open(images[at] && `${pictures}images/${images[at]?.file}`),
  s: () => parts.species.focus(),
  "/": () => parts.other.focus(),
  "?": () => parts.keys.showModal(),
};
for (let number = 1; number <= 9; number++) {
  keys[String(number)] = () => {
    const guess = guesses[number - 1];
    if (guess !== undefined) relabel(guess);
  };
}

/** What they do while a picture is enlarged; the others do what they do else. @type {Record<string, () => void>} */
const lensKeys = {
  "+": () => zoomBy(1.5),
  "=": () => zoomBy(1.5),
  "-": () => zoomBy(1 / 1.5),
  0: () => zoom(0),
  z: () => parts.lens.close(),
  ArrowLeft: () => pan(-1, 0) || go(at - 1),
  ArrowRight: () => pan(1, 0) || go(at + 1),
  ArrowUp: () => void pan(0, -1),
  ArrowDown: () => void pan(0, 1),
};

/**
 * @param {number} x
 * @param {number} y
 */
function pan(x, y) {
  if (scale === 0) return false;
  parts.lensView.scrollBy(x * 80, y * 80);
  return true;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || parts.keys.open) return;
  const within = event.target instanceof Element ? event.target : document.body;
  // What takes keys itself keeps them.
  if (within.closest("select, input") !== null) return;
  const isButton = within.closest("a, button") !== null;
  if (isButton && (event.key === " " || event.key === "Enter")) return;
  if (event.key === " ") {
    event.preventDefault();
    if (!event.repeat) turnPage(event.shiftKey ? -1 : 1);
    return;
  }
  const own = parts.lens.open ? { ...keys, ...lensKeys } : keys;
  const act = own[event.key] ?? (event.shiftKey ? undefined : own[event.key.toLowerCase()]);
  if (act === undefined) return;
  event.preventDefault();
  act();
});

parts.other.addEventListener("input", showGuesses);
parts.other.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && guesses[0] !== undefined && parts.other.value !== "") {
    event.preventDefault();
    relabel(guesses[0]);
  }
  if (event.key === "Escape") {
    parts.other.value = "";
    showGuesses();
    go(at);
  }
});
parts.species.addEventListener("change", () => show(parts.species.value).catch(fail));

/**
 * @param {string} id
 * @param {() => void} act
 */
function onClick(id, act) {
  part(id, HTMLElement).addEventListener("click", act);
}
onClick("undo", undo);
onClick("audit", () => (auditing ? refresh() : showAudit()).catch(fail));
onClick("again", () => showAudit(true).catch(fail));
onClick("back", () => turnPage(-1));
onClick("on", () => turnPage(1));
onClick("accept", acceptRest);
onClick("reject", () => judge("rejected"));
onClick("correct", () => judge("accepted"));
onClick("large", openLens);
onClick("help", () => parts.keys.showModal());
onClick("keys-close", () => parts.keys.close());
onClick("close", () => parts.lens.close());
onClick("in", () => zoomBy(1.5));
onClick("out", () => zoomBy(1 / 1.5));
onClick("fit", () => zoom(0));

let resizing = 0;
addEventListener("resize", () => {
  cancelAnimationFrame(resizing);
  resizing = requestAnimationFrame(() => {
    const before = perPage;
    fit();
    if (perPage !== before) draw();
    go(at, false);
  });
});

// The connection.

/** Brings everything up to date. */
async function refresh() {
  const start = await ask("start");
  pictures = start.pictures;
  list = start.species;
  byId = new Map(list.map((one) => [one.id, one]));
  audit = start.audit;
  document.title = `${start.name}: Aquaset review`;
  parts.report.href = `${pictures}report/index.html`;
  parts.species.replaceChildren(
    element("option", { value: "", hidden: "" }, ["Choose a species"]),
    ...list.map((one) => element("option", { value: one.id }, [optionText(one)])),
  );
  tellProgress();
  if (location.hash === "#audit" && !auditing) return await showAudit();
  const named = byId.get(location.hash.replace(/^#s-/, ""));
  const wanted = fish ?? named ?? worst() ?? list.find((one) => one.kept > 0) ?? list[0];
  if (wanted === undefined) {
    parts.about.textContent = "There are no species in this data folder yet.";
  } else await show(wanted.id, fish !== undefined);
}

/** Begins to hear of every verdict. */
async function listen() {
  const response = await fetch("/api/events", { headers: { "x-aquaset-token": token } });
  if (!response.ok || response.body === null) throw new Error(await response.text());
  return response.body.pipeThrough(new TextDecoderStream()).getReader();
}

/** Takes in the news until the review ends. @param {ReadableStreamDefaultReader<string>} reader */
async function takeNews(reader) {
  let rest = "";
  for (;;) {
    const { value, done: ended } = await reader.read();
    if (ended) return;
    const lines = (rest + value).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line === "") continue;
      const { changes, counts, audit, news } = JSON.parse(line);
      heard = news;
      take(changes, counts, audit);
    }
  }
}

/** Listens, and tries again where the connection is lost. */
async function stayConnected() {
  for (let lost = false;; lost = true) {
    try {
      // First of all, so that nothing happens unheard between it and what stands now.
      const reader = await listen();
      heard = 0;
      await refresh();
      if (lost) tell("");
      await takeNews(reader);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
    }
    tell("The review has ended: start it again, and open the address that it prints.", true);
    await new Promise((resolve) => setTimeout(resolve, 2000));
  }
}

if (token === "") tell("Open the address that the review has printed.", true);
else stayConnected().catch(fail);
