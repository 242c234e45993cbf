/**
 * Which fish the demo world knows, and how each of its sites names them. The names are real ones,
 * then made-up ones where a greater world is wanted.
 *
 * @module
 */

import { hash, Seeded } from "../base/seeded.ts";

/** What FishBase knows of a fish under the name that the list gives. */
export type Knowledge =
  | { readonly kind: "valid" }
  /** The name is a synonym, newer than the tables; its summary page shows the valid one. */
  | { readonly kind: "synonym"; readonly valid: string }
  /** The table of synonyms leads to the valid name; no page does. */
  | { readonly kind: "renamed"; readonly valid: string }
  /** The list misspells the name; the table of species has it right. */
  | { readonly kind: "misspelt"; readonly valid: string }
  /** The fish is not there; the table of synonyms has its name as a misapplied one. */
  | { readonly kind: "unknown" };

export interface Fish {
  /** `genus_species`: in all URLs of its photos, and the species' id where the name is plain. */
  readonly key: string;
  readonly index: number;
  readonly latin: string;
  readonly cell: string;
  /** The common-name cell of the list, HTML. */
  readonly commonCell: string;
  /** The common-name cell's text, for finding what a search means. */
  readonly common: string;
  readonly group: string;
  /** Whether a plain two-word name: then its id is sure to be `key`. */
  readonly plain: boolean;
  readonly knowledge: Knowledge;
  readonly code: number;
}

/** A row of the list that adds no fish to search for. */
export interface ExtraRow extends Pick<Fish, "cell" | "commonCell" | "group"> {
  /** Whether it names a fish that is on the list already. */
  readonly repeats: boolean;
}

export interface Catalogue {
  /** The fish that can be searched for, in the list's order. */
  readonly fish: readonly Fish[];
  readonly extra: readonly ExtraRow[];
  byKey(key: string): Fish | undefined;
  /** The fish that a search's words mean: the one with the most of its words among them. */
  bySearch(query: string): Fish | undefined;
}

/** Names that are not two plain words: the cell, then the name it means. */
const ODD: readonly (readonly [cell: string, latin: string])[] = [
  ['<i>Labidochromis</i> sp. "Hongi"', 'Labidochromis sp. "Hongi"'],
  [
    '<i><a href="/wiki/Rhamphochromis" title="Rhamphochromis">Rhamphochromis</a></i> cf. macrophthalmus',
    "Rhamphochromis cf. macrophthalmus",
  ],
  ["<i>Ptyochromis</i> sp. &quot;Hippo Point Salmon&quot;", 'Ptyochromis sp. "Hippo Point Salmon"'],
  [
    "(<i>Amphilophus citrinellus</i> × <i>Vieja melanurus</i>)",
    "Amphilophus citrinellus × Vieja melanurus",
  ],
];

export function createCatalogue(count: number): Catalogue {
  const fish = fishNames(count).map((name, index): Fish => {
    const odd = index % 12 === 7 ? ODD[Math.floor(index / 12)] : undefined;
    const latin = odd?.[1] ?? name.latin;
    const common = odd === undefined ? name.common : "";
    return {
      key: keyOf(latin),
      index,
      latin,
      cell: odd?.[0] ?? latinCell(latin, index),
      commonCell: commonCell(common, index),
      common,
      group: name.group,
      plain: odd === undefined,
      knowledge: odd === undefined ? knowledge(latin, index) : { kind: "unknown" },
      code: 1000 + index * 7,
    };
  });
  const keys = new Map(fish.map((one) => [one.key, one]));
  const words = fish.map((one) => ({ one, words: wordsOf(one.latin) }));
  return {
    fish,
    extra: extraRows(fish),
    byKey: (key) => keys.get(key),
    bySearch(query) {
      const asked = new Set(wordsOf(query));
      const exact = words.filter((entry) => entry.words.every((word) => asked.has(word)));
      if (exact.length > 0) {
        return exact.toSorted((a, b) => b.words.length - a.words.length)[0]?.one;
      }
      const [genus] = wordsOf(query);
      const kin = words.filter((entry) => !entry.one.plain && entry.words[0] === genus);
      return kin.length === 1 ? kin[0]?.one : undefined;
    },
  };
}

/** The words by which a name is recognised, in lower case. */
function wordsOf(text: string): string[] {
  return (text.toLowerCase().match(/\p{L}+/gu) ?? []).filter((word) =>
    word.length > 2 && !["spp", "aff", "var"].includes(word)
  );
}

function keyOf(latin: string): string {
  return latin.toLowerCase().replaceAll("×", "x").replace(/[^a-z0-9]+/g, "_").replace(/^_|_$/g, "");
}

function latinCell(latin: string, index: number): string {
  const href = `/wiki/${latin.replace(" ", "_")}`;
  const [genus = "", epithet = ""] = latin.split(" ");
  switch (index % 10) {
    case 1:
      return `<i><a href="${href}" title="${latin}">${latin}</a></i>${footnote(index)}`;
    case 3:
      return `<i><a href="/w/index.php?title=${
        latin.replace(" ", "_")
      }&amp;action=edit&amp;redlink=1" class="new" title="${latin} (page does not exist)">${latin}</a></i>`;
    case 4:
      return `<i>${genus}</i> <i>${epithet}</i>`;
    case 6:
      return `<i><a href="/wiki/${genus}" title="${genus}">${latin} </a></i>`;
    case 8:
      return `<i><a href="${href}" class="mw-redirect" title="${latin}">${genus}&#160;${epithet}</a></i>`;
    default:
      return `<i><a href="${href}" title="${latin}">${latin}</a></i>`;
  }
}

function commonCell(common: string, index: number): string {
  return index % 5 === 2 && common !== "" ? `${common}${footnote(index + 40)}` : common;
}

function footnote(number: number): string {
  return `<sup id="cite_ref-${number}" class="reference"><a href="#cite_note-${number}">&#91;${number}&#93;</a></sup>`;
}

function knowledge(latin: string, index: number): Knowledge {
  const [genus = "", epithet = ""] = latin.split(" ");
  switch (index % 12) {
    case 4:
      return { kind: "synonym", valid: `Neo${genus.toLowerCase()} ${epithet}` };
    case 8:
      return { kind: "renamed", valid: `${genus.slice(0, -2)}ella ${epithet}` };
    case 9:
      return { kind: "misspelt", valid: `${genus} ${slip(epithet)}` };
    case 10:
      return { kind: "unknown" };
    default:
      return { kind: "valid" };
  }
}

/** Doubles a letter in the middle. */
function slip(word: string): string {
  const at = Math.floor(word.length / 2);
  return word.slice(0, at) + (word[at] ?? "") + word.slice(at);
}

function extraRows(fish: readonly Fish[]): ExtraRow[] {
  const again = fish[2];
  return [
    { cell: "hybrid", commonCell: "Blood parrot", group: "Cichlids", repeats: false },
    ...again === undefined ? [] : [{
      cell: `<i>${again.latin}</i>`,
      commonCell: `${again.common.split(",")[0] ?? ""} (again)`,
      group: "Other fish",
      repeats: true,
    }],
  ];
}

/** The name under which FishBase knows a fish, where it does. */
export function fishbaseName(fish: Fish): string | undefined {
  switch (fish.knowledge.kind) {
    case "valid":
      return fish.latin;
    case "unknown":
      return undefined;
    default:
      return fish.knowledge.valid;
  }
}

export type PictureSort = "photo" | "upload";

/** A fish's pictures on FishBase, in the page's order; none where it is unknown. */
export function fishbasePictures(seed: string, fish: Fish): readonly PictureSort[] {
  if (fishbaseName(fish) === undefined || fish.index % 12 === 11) return [];
  const chance = new Seeded(`fishbase/${seed}/${fish.key}`);
  const photos = fish.index % 12 === 5 ? 0 : 2 + hash(fish.key) % 4;
  const place = fish.index % 12;
  const uploads = place === 5 ? 3 : place === 4 ? 2 : chance.whole(0, 2);
  return [
    ...Array.from({ length: photos }, (): PictureSort => "photo"),
    ...Array.from({ length: uploads }, (): PictureSort => "upload"),
  ];
}

/** Latin name, common names, heading; written from general knowledge. */
const WRITTEN: readonly string[] = [
  "Betta splendens|Siamese fighting fish, betta|Labyrinth fish",
  "Corydoras adolfoi|Adolfo's catfish|Catfish",
  "Paracheirodon innesi|Neon tetra|Characins",
  "Pterophyllum scalare|Freshwater angelfish|Cichlids",
  "Danio rerio|Zebrafish, zebra danio|Cyprinids",
  "Poecilia reticulata|Guppy, millionfish|Livebearers",
  "Chromobotia macracanthus|Clown loach|Loaches",
  "Melanotaenia boesemani|Boeseman's rainbowfish|Rainbowfish",
  "Trichogaster lalius|Dwarf gourami|Labyrinth fish",
  "Hypancistrus zebra|Zebra pleco, L-046|Catfish",
  "Symphysodon discus|Red discus, Heckel discus|Cichlids",
  "Puntigrus tetrazona|Sumatra barb, tiger barb|Cyprinids",
  "Xiphophorus hellerii|Green swordtail|Livebearers",
  "Carnegiella strigata|Marbled hatchetfish|Characins",
  "Apistogramma cacatuoides|Cockatoo cichlid|Cichlids",
  "Otocinclus vittatus||Catfish",
  "Botia almorhae|Yoyo loach/Pakistan loach|Loaches",
  "Hyphessobrycon amandae|Ember tetra|Characins",
  "Mikrogeophagus ramirezi|Ram cichlid|Cichlids",
  "Trigonostigma heteromorpha|Harlequin rasbora|Cyprinids",
  "Synodontis nigriventris|Upside-down catfish|Catfish",
  "Astronotus ocellatus|Oscar|Cichlids",
  "Gymnocorymbus ternetzi|Black tetra, black skirt tetra|Characins",
  "Macropodus opercularis|Paradise fish|Labyrinth fish",
];

const STEMS =
  "Aqua Brevi Calli Denti Eury Flavi Glauco Hemi Iso Lepto Macro Nano Oligo Platy Rhino Steno Tricho Xeno"
    .split(" ");
const ENDS = "barbus bagrus charax chromis cottus danio glanis lebias".split(" ");
const EPITHETS =
  "albus borealis caudatus dorsalis elegans fasciatus gracilis humilis insignis lineatus maculatus nobilis ornatus pictus robustus striatus taeniatus unicolor vittatus zonatus"
    .split(" ");
const GROUPS = "Catfish Characins Cichlids Cyprinids Killifish Loaches".split(" ");
const COLOURS = "Red Blue Golden Silver Banded Spotted Dwarf Giant".split(" ");
const KINDS = "barb catfish tetra cichlid danio loach".split(" ");

/** Always the same fish in the same order. */
function fishNames(count: number): { latin: string; common: string; group: string }[] {
  const names = WRITTEN.slice(0, count).map((line) => {
    const [latin = "", common = "", group = ""] = line.split("|");
    return { latin, common, group };
  });
  const taken = new Set(names.map(({ latin }) => latin));
  for (let turn = 0; names.length < count; turn++) {
    const chance = new Seeded(`fish/${turn}`);
    const latin = `${chance.pick(STEMS)}${chance.pick(ENDS)} ${chance.pick(EPITHETS)}`;
    if (taken.has(latin)) continue;
    taken.add(latin);
    const common = `${chance.pick(COLOURS)} ${latin.split(" ")[1] ?? ""} ${chance.pick(KINDS)}`;
    names.push({ latin, common: turn % 9 === 0 ? "" : common, group: chance.pick(GROUPS) });
  }
  return names;
}
