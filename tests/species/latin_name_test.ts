import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { readLatinName } from "../../lib/species/latin_name.ts";
import { isSpeciesId, speciesId } from "../../lib/species/species.ts";
import type { Rank } from "../../lib/species/species.ts";

/** What stands in a cell, the name it must give, its rank, and the search where it is another. */
type Case = readonly [cell: string, latin: string, rank: Rank, search?: string];

const ODD_CELLS_OF_THE_LIST: readonly Case[] = [
  ["Dianema urostriatum", "Dianema urostriatum", "species"],
  ["Ancistrus sp.", "Ancistrus sp.", "genus", "Ancistrus"],
  ["Baryancistrus sp.", "Baryancistrus sp.", "genus", "Baryancistrus"],
  ["Rineloricaria sp.", "Rineloricaria sp.", "genus", "Rineloricaria"],
  ["Farlowella sp.", "Farlowella sp.", "genus", "Farlowella"],
  ["Panaque sp.", "Panaque sp.", "genus", "Panaque"],
  ["Pseudorinelepis sp.", "Pseudorinelepis sp.", "genus", "Pseudorinelepis"],
  ["Calophysus macropterus ", "Calophysus macropterus", "species"],
  ["Nannostomus unifasciatus ", "Nannostomus unifasciatus", "species"],
  ["Homaloptera orthogoniata ", "Homaloptera orthogoniata", "species"],
  ['Labidochromis sp. "Hongi"', 'Labidochromis sp. "Hongi"', "undescribed"],
  ['Labidochromis sp. "Mbamba Bay"', 'Labidochromis sp. "Mbamba Bay"', "undescribed"],
  ["Rhampsochromis cf. macrophthalmus", "Rhampsochromis cf. macrophthalmus", "undescribed"],
  ["Chalinochromis spp.", "Chalinochromis spp.", "genus", "Chalinochromis"],
  ['Astatotilapia sp. "Red Tail"', 'Astatotilapia sp. "Red Tail"', "undescribed"],
  ['Astatotilapia sp. "Spot Bar"', 'Astatotilapia sp. "Spot Bar"', "undescribed"],
  [
    'Ptyochromis sp. "Hippo Point Salmon"',
    'Ptyochromis sp. "Hippo Point Salmon"',
    "undescribed",
  ],
  [
    "(Amphilophus citrinellus × Vieja melanurus)",
    "Amphilophus citrinellus × Vieja melanurus",
    "hybrid",
  ],
  ["Cichlasoma sp.", "Cichlasoma sp.", "genus", "Cichlasoma"],
  ["Misgurnus anguillicaudatus[54]", "Misgurnus anguillicaudatus", "species"],
  ["Gastromyzon sp.", "Gastromyzon sp.", "genus", "Gastromyzon"],
  ["Melanotaenia splendida splendida", "Melanotaenia splendida splendida", "subspecies"],
  ["hybrid", "", "hybrid"],
];

const FOOTNOTES_SPACES_AND_MARKS: readonly Case[] = [
  ["Corydoras aeneus[a][citation needed]", "Corydoras aeneus", "species"],
  ["Corydoras aeneus [note 12]", "Corydoras aeneus", "species"],
  ["\u00a0Corydoras\u2009 aeneus\u202f", "Corydoras aeneus", "species"],
  ["Corydo\u00adras aen\u200beus\ufeff", "Corydoras aeneus", "species"],
  ["Corydoras\n  aeneus", "Corydoras aeneus", "species"],
  ["''Corydoras aeneus''", "Corydoras aeneus", "species"],
  ["†Xystichromis phytophagus", "Xystichromis phytophagus", "species"],
  ["Corydoras aeneus?", "Corydoras aeneus", "species"],
  ["Corydoras aeneus*", "Corydoras aeneus", "species"],
  ["\u202eCorydoras aeneus", "Corydoras aeneus", "species"],
  ["Corydoras \u0000\u001b\u0007aeneus", "Corydoras aeneus", "species"],
  ["CORYDORAS AENEUS", "Corydoras aeneus", "species"],
  ["corydoras aeneus", "Corydoras aeneus", "species"],
  ["Corydoras Aeneus", "Corydoras aeneus", "species"],
  ["Synodontis njassæ", "Synodontis njassæ", "species", "Synodontis njassae"],
  [
    "Gephyroglanis sclateri-güntheri",
    "Gephyroglanis sclateri-güntheri",
    "species",
    "Gephyroglanis sclateri-guntheri",
  ],
];

const AUTHORS: readonly Case[] = [
  ["Corydoras paleatus (Jenyns, 1842)", "Corydoras paleatus", "species"],
  ["Corydoras paleatus\n(Jenyns, 1842)", "Corydoras paleatus", "species"],
  ["Betta splendens Regan, 1910", "Betta splendens", "species"],
  ["Betta splendens REGAN 1910", "Betta splendens", "species"],
  ["Carassius auratus L.", "Carassius auratus", "species"],
  ["Carassius auratus (L.)", "Carassius auratus", "species"],
  ["Carassius auratus auratus (Linnaeus, 1758)", "Carassius auratus auratus", "subspecies"],
  ["Apistogramma cacatuoides von Ihering, 1907", "Apistogramma cacatuoides", "species"],
  ["Labeo bicolor H.M. Smith, 1931", "Labeo bicolor", "species"],
  ["Oryzias latipes (Temminck & Schlegel, 1846)", "Oryzias latipes", "species"],
  ["Corydoras axelrodi Someone Nobody-Knows et al., 2011", "Corydoras axelrodi", "species"],
  ["Gastromyzon Günther, 1874", "Gastromyzon", "genus"],
];

const OPEN_NAMES: readonly Case[] = [
  ["Gastromyzon", "Gastromyzon", "genus"],
  ["Ancistrus sp", "Ancistrus sp.", "genus", "Ancistrus"],
  ["Poecilia species", "Poecilia spp.", "genus", "Poecilia"],
  ["Corydoras ?", "Corydoras", "genus"],
  ["Gambusia (several species)", "Gambusia", "genus"],
  ["Labidochromis sp. “Hongi”", 'Labidochromis sp. "Hongi"', "undescribed"],
  ["Labidochromis sp. ‘Hongi’", 'Labidochromis sp. "Hongi"', "undescribed"],
  ["Labidochromis sp. Hongi", "Labidochromis sp. Hongi", "undescribed"],
  ['Labidochromis "Hongi"', 'Labidochromis "Hongi"', "undescribed"],
  ["Apistogramma sp. 1", "Apistogramma sp. 1", "undescribed"],
  ["Corydoras aff. aeneus", "Corydoras aff. aeneus", "undescribed"],
  ["Corydoras sp. aff. aeneus", "Corydoras sp. aff. aeneus", "undescribed"],
  [
    "Carassius auratus var. gibelio",
    "Carassius auratus var. gibelio",
    "subspecies",
    "Carassius auratus gibelio",
  ],
  [
    "Carassius auratus ssp. gibelio",
    "Carassius auratus subsp. gibelio",
    "subspecies",
    "Carassius auratus gibelio",
  ],
  ['Betta splendens "Crowntail"', 'Betta splendens "Crowntail"', "species"],
  ["Symphysodon discus Turquoise", "Symphysodon discus Turquoise", "species"],
  ["'Cichlasoma' urophthalmus", "Cichlasoma urophthalmus", "species"],
  ["Loricariidae", "Loricariidae", "unknown"],
];

const CODES_BRACKETS_AND_CROSSES: readonly Case[] = [
  ["Panaqolus sp. LDA01", "Panaqolus sp. LDA01", "undescribed"],
  ["Corydoras sp. CW010", "Corydoras sp. CW010", "undescribed"],
  ["Corydoras sp. C120", "Corydoras sp. C120", "undescribed"],
  ["Corydoras (Hoplisoma) paleatus", "Corydoras paleatus", "species"],
  ["Corydoras paleatus (albino)", "Corydoras paleatus", "species"],
  ["Corydoras paleatus (Jenyns", "Corydoras paleatus", "species"],
  ["Xiphophorus hellerii x X. maculatus", "Xiphophorus hellerii × Xiphophorus maculatus", "hybrid"],
  ["Xiphophorus hellerii X maculatus", "Xiphophorus hellerii × maculatus", "hybrid"],
  ["[Poecilia latipinna × Poecilia mexicana]", "Poecilia latipinna × Poecilia mexicana", "hybrid"],
  ["Poecilia ×hybrida", "Poecilia × hybrida", "hybrid"],
  ["Xiphophorus maculatus (hybrid)", "Xiphophorus maculatus hybrid", "hybrid"],
  ["Corydoras aeneus / Corydoras venezuelanus", "Corydoras aeneus", "species"],
  ["Cichlidae: Astronotus ocellatus", "Astronotus ocellatus", "species"],
  ["Family Cichlidae\nAstronotus ocellatus", "Astronotus ocellatus", "species"],
];

const FURTHER_SHAPES: readonly Case[] = [
  ['Aphyosemion sp. "Lobe" BBS 99/29', 'Aphyosemion sp. "Lobe" BBS 99/29', "undescribed"],
  ["Neon tetra (Paracheirodon innesi)", "Paracheirodon innesi", "species"],
  ["Copadichromis borleyi 'Kadango'", 'Copadichromis borleyi "Kadango"', "species"],
  ["Astronotus ocellatus, A. crassipinnis", "Astronotus ocellatus", "species"],
];

const MORE_SHAPES: readonly Case[] = [
  ["Corydoras aeneus\u00b9", "Corydoras aeneus", "species"],
  ["Corydoras aeneus12", "Corydoras aeneus", "species"],
  ["Corydoras aeneus.", "Corydoras aeneus", "species"],
  ["Labidochromis sp. \u02bbHongi\u02bc", 'Labidochromis sp. "Hongi"', "undescribed"],
  ["Betta splendens \u2013 Regan, 1910", "Betta splendens", "species"],
  ["Betta splendens \u2013 Siamese fighting fish", "Betta splendens", "species"],
  ["Zebra danio \u2013 Danio rerio", "Danio rerio", "species"],
  ["Betta splendens is a cool fish", "Betta splendens", "species"],
  [
    "Cyprinus carpio var. koi",
    "Cyprinus carpio var. koi",
    "species",
    "Cyprinus carpio koi",
  ],
  ["Corydoras aeneus albino", "Corydoras aeneus albino", "species"],
  ["x Amphilophus hybrida", "× Amphilophus hybrida", "hybrid", "Amphilophus hybrida"],
  [
    "(Amphilophus citrinellus × Vieja\nmelanurus)",
    "Amphilophus citrinellus × Vieja melanurus",
    "hybrid",
  ],
];

const NO_NAMES: readonly Case[] = [
  ["", "", "unknown"],
  ["—", "", "unknown"],
  ["N/A", "", "unknown"],
  ["Unknown", "", "unknown"],
  ["various species", "", "unknown"],
  ["See text", "", "unknown"],
  ["Same as above", "", "unknown"],
  ["incertae sedis", "", "unknown"],
  ["Cichlid hybrid", "", "hybrid"],
  ["L046", "", "unknown"],
  ["C. paleatus", "C. paleatus", "unknown"],
  ["Hybrids", "", "hybrid"],
  ["man-made hybrid", "", "hybrid"],
  ["[54]", "", "unknown"],
  ["Zebra danio", "", "unknown"],
  ["Clown Loach", "", "unknown"],
  ["Siamese Fighting Fish", "", "unknown"],
  ["Flower horn fish", "", "unknown"],
  ["Intergeneric hybrid", "", "hybrid"],
  ['Script error: No such module "Taxobox".', "", "unknown"],
  ["null", "", "unknown"],
];

for (
  const [title, cases] of [
    ["the odd cells of the 2024 list", ODD_CELLS_OF_THE_LIST],
    ["footnotes, spaces and marks", FOOTNOTES_SPACES_AND_MARKS],
    ["authors and years", AUTHORS],
    ["names that leave something open", OPEN_NAMES],
    ["trade numbers, brackets and crosses", CODES_BRACKETS_AND_CROSSES],
    ["further shapes", FURTHER_SHAPES],
    ["English words, koi and crosses", MORE_SHAPES],
  ] as const
) {
  Deno.test(`readLatinName() cleans and ranks ${title}`, () => {
    for (const [cell, latin, rank, search] of cases) {
      const name = readLatinName(cell);
      assertEquals([name.latin, name.rank], [latin, rank], cell);
      if (latin !== "") assertEquals(name.search, search ?? latin, cell);
      assertEquals(name.search === undefined, name.reason !== undefined, cell);
    }
  });
}

Deno.test("readLatinName() gives a reason where there is nothing to search by", () => {
  for (const [cell, latin, rank] of NO_NAMES) {
    const name = readLatinName(cell);
    assertEquals([name.latin, name.rank, name.search], [latin, rank, undefined], cell);
    assert((name.reason ?? "").length > 10, cell);
  }
  assertStringIncludes(readLatinName("various species").reason ?? "", "various species");
  assertStringIncludes(readLatinName("L046").reason ?? "", "L046");
});

Deno.test("readLatinName() cleans a cleaned name no further, and each gives a safe id", () => {
  const all = [
    ...ODD_CELLS_OF_THE_LIST,
    ...FOOTNOTES_SPACES_AND_MARKS,
    ...AUTHORS,
    ...OPEN_NAMES,
    ...CODES_BRACKETS_AND_CROSSES,
    ...FURTHER_SHAPES,
    ...MORE_SHAPES,
  ].filter(([, latin]) => latin !== "");
  assert(all.length >= 60);
  for (const [, latin, rank] of all) {
    const again = readLatinName(latin);
    assertEquals([again.latin, again.rank], [latin, rank]);
    assert(isSpeciesId(speciesId(latin)), latin);
  }
});

Deno.test("readLatinName() gives synonyms and alternatives beside the name", () => {
  const also = (cell: string) => readLatinName(cell).also;
  assertEquals(also("Mikrogeophagus ramirezi (syn. Papiliochromis ramirezi)"), [
    "Papiliochromis ramirezi",
  ]);
  assertEquals(also("Astyanax mexicanus (formerly A. fasciatus mexicanus)"), [
    "Astyanax fasciatus mexicanus",
  ]);
  assertEquals(also("Pterophyllum scalare/altum"), ["Pterophyllum altum"]);
  assertEquals(also("Corydoras aeneus, C. venezuelanus"), ["Corydoras venezuelanus"]);
  assertEquals(also("Corydoras paleatus (Jenyns, 1842)"), []);
  assertEquals(also("Corydoras (Hoplisoma) paleatus"), []);
});

Deno.test("readLatinName() takes English behind a name for no further name", () => {
  const also = (cell: string) => readLatinName(cell).also;
  assertEquals(also("Betta splendens: Siamese fighter"), []);
  assertEquals(also("Danio rerio (Hamilton, 1822) – zebrafish"), []);
  assertEquals(also("Rasbora rasbora / Symphysodon discus"), ["Symphysodon discus"]);
});

Deno.test("readLatinName() neither throws nor hangs on hostile cells", () => {
  for (
    const cell of [
      "(".repeat(5000),
      "A ".repeat(5000),
      "Aa Bb, ".repeat(2000),
      '"'.repeat(999),
      "× ".repeat(999),
      "([{}])\u0000".repeat(300),
      "Corydoras ".repeat(500),
      "(a(b(c(d)))".repeat(50),
      "constructor prototype",
      "__proto__",
      "Toxotes toString",
      "<".repeat(600),
      "<i ".repeat(200),
      "{{a|".repeat(150),
      "[[a|".repeat(150),
      "&".repeat(600),
      "&#1114112;&#xd800;&#0;&constructor;",
    ]
  ) readLatinName(cell);
  // An expression that backtracks without end would never come here.
});
