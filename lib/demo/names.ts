/**
 * The fish of the demo world: real names, written out here from general knowledge, then plausible
 * made-up ones where a greater world is wanted.
 *
 * @module
 */

import { random } from "./random.ts";

/** A Latin name with its common names and the heading it stands under. */
export interface FishName {
  /** Genus and species. */
  readonly latin: string;
  /** Common names, some with commas and slashes inside the cell. */
  readonly common: readonly string[];
  /** The heading. */
  readonly group: string;
}

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
  "Iriatherina werneri|Threadfin rainbowfish|Rainbowfish",
  "Pangio kuhlii|Kuhli loach|Loaches",
  "Neolamprologus brichardi|Princess cichlid|Cichlids",
  "Aphyosemion australe|Lyretail panchax|Killifish",
  "Fundulopanchax gardneri|Blue lyretail|Killifish",
  "Tetraodon mbu||Pufferfish",
  "Carinotetraodon travancoricus|Dwarf pufferfish, pea puffer|Pufferfish",
  "Gnathonemus petersii|Peters's elephantnose fish|Other fish",
  "Pantodon buchholzi|Freshwater butterflyfish|Other fish",
  "Notopterus notopterus|Bronze featherback|Other fish",
  "Corydoras panda|Panda corydoras|Catfish",
  "Kryptopterus vitreolus|Glass catfish|Catfish",
  "Rasbora borapetensis|Blackline rasbora|Cyprinids",
  "Barbus fasciatus||Cyprinids",
  "Thayeria boehlkei|Blackline penguinfish|Characins",
  "Nematobrycon palmeri|Emperor tetra|Characins",
  "Pseudotropheus saulosi|Saulosi cichlid|Cichlids",
  "Labidochromis caeruleus|Blue streak hap, electric yellow|Cichlids",
  "Rocio octofasciata|Jack Dempsey|Cichlids",
  "Thorichthys meeki|Firemouth cichlid|Cichlids",
  "Gasteropelecus sternicla|River hatchetfish|Characins",
  "Boraras brigittae|Chili rasbora|Cyprinids",
  "Poecilia sphenops|Molly|Livebearers",
  "Badis badis|Badis|Other fish",
];

const STEMS = [
  "Aqua",
  "Brevi",
  "Calli",
  "Denti",
  "Eury",
  "Flavi",
  "Glauco",
  "Hemi",
  "Iso",
  "Lepto",
  "Macro",
  "Nano",
  "Oligo",
  "Platy",
  "Rhino",
  "Steno",
  "Tricho",
  "Xeno",
] as const;
const ENDS = [
  "barbus",
  "bagrus",
  "charax",
  "chromis",
  "cottus",
  "danio",
  "glanis",
  "lebias",
] as const;
const EPITHETS = [
  "albus",
  "borealis",
  "caudatus",
  "dorsalis",
  "elegans",
  "fasciatus",
  "gracilis",
  "humilis",
  "insignis",
  "lineatus",
  "maculatus",
  "nobilis",
  "ornatus",
  "pictus",
  "robustus",
  "striatus",
  "taeniatus",
  "unicolor",
  "vittatus",
  "zonatus",
] as const;
const GROUPS = ["Catfish", "Characins", "Cichlids", "Cyprinids", "Killifish", "Loaches"] as const;
const COLOURS = ["Red", "Blue", "Golden", "Silver", "Banded", "Spotted", "Dwarf", "Giant"] as const;
const KINDS = ["barb", "catfish", "tetra", "cichlid", "danio", "loach"] as const;

/**
 * So many fish, always the same ones in the same order.
 *
 * @param count How many.
 * @returns Different Latin names.
 */
export function fishNames(count: number): FishName[] {
  const names = WRITTEN.slice(0, count).map((line): FishName => {
    const [latin = "", common = "", group = ""] = line.split("|");
    return { latin, common: common === "" ? [] : [common], group };
  });
  const taken = new Set(names.map(({ latin }) => latin));
  for (let turn = 0; names.length < count; turn++) {
    const chance = random(`fish/${turn}`);
    const latin = `${chance.pick(STEMS)}${chance.pick(ENDS)} ${chance.pick(EPITHETS)}`;
    if (taken.has(latin)) continue;
    taken.add(latin);
    const common = `${chance.pick(COLOURS)} ${latin.split(" ")[1] ?? ""} ${chance.pick(KINDS)}`;
    names.push({
      latin,
      common: turn % 9 === 0 ? [] : [common],
      group: chance.pick(GROUPS),
    });
  }
  return names;
}
