/**
 * Who described a species, and when: what may follow a Latin name and is no part of it.
 *
 * @module
 */

import { fold } from "./name_text.ts";

/**
 * Authors who described many aquarium fish. With a year any name is known for an author; without
 * one only these are, so that `Symphysodon discus Turquoise` keeps its strain.
 */
const AUTHORS: ReadonlySet<string> = new Set(
  `agassiz ahl alleyne allen amieth arnold arratia axelrod bailey baird basilewsky bean beaufort
  bennett berg berkenkamp bertoni bleeker bloch blyth bohlke boehlke bonaparte boulenger brauning
  brind brittan britz buchanan burgess burton bussing cantor carvalho castelnau castro chaudhuri
  cope cuvier dambeck day deraniyagala dumeril duncker duméril eigenmann ellis fang fernandez-yepez
  fink forsskal fowler fraser-brunner freyhof fryer fuller garman geoffroy gery gill gilbert girard
  glaser gmelin gosse gosline gray greenwood griffith gronow gunther guenther haldeman hallowell
  hamilton hasselt haseman heckel hensel herre hilgendorf hildebrand holly hora hubbs ihering
  isbrucker ishikawa jardine jenyns johnson jonklaas jordan kailola kaup kner knaack kottelat
  kullander kuhl kuntz kner ladiges lacepede lachner laporte lay leiby lesueur lesson linnaeus linne
  linnæus linn loiselle lundberg lutken macleay matsubara matthes mayland mcclelland meek meinken
  merrem merritt meyer miller mivart mohr muller munro myers myersi natterer nichols nijssen norman
  ogilby oshima pallas parenti pellegrin pereira perugia peters pfaff pfeffer poey poll popta pyle
  rachow rafinesque reed regan reinhardt rendahl rendall ribeiro richardson ritter roberts roloff
  roman rosen roth ruppell sabaj sands sauvage scheel schlegel schneider schomburgk schultz
  seegers shaw shiller sidthimunka skelton smith snyder spix staeck stawikowski steindachner sterba
  stewart storer suvatti swainson sykes temminck tirant topfer trewavas trewavas troschel turner
  ulrey vaillant val valenciennes vari vierke vinciguerra visser wailes walbaum weber weitzman
  weyenbergh whitley wiegmann woolman zarske zuiew cuv lac gthr blkr stdr eig cv`
    .split(/\s+/),
);

const PARTICLE = String.raw`(?:von|van|der|den|de|du|da|dos|la|le|del|di|zu|ten|ter)`;
const WORD = String.raw`(?:(?:\p{Lu}\.)+-?\p{Lu}?\.?|(?:d'|O'|Mc)?\p{Lu}[\p{L}'-]*\.?)`;
const ONE = String.raw`(?:${PARTICLE} )*${WORD}(?: ${WORD})*(?: (?:Jr|Sr)\.?)?`;
const JOIN = String.raw`(?: ?, ?(?:& |and )?| ?& ?| and | et | in | ex )`;
const MANY = String.raw`${ONE}(?:${JOIN}${ONE})*(?:,? et al\.?)?`;
const YEAR = String.raw`[(\[]?1[789]\d\d[a-z]?[)\]]?|[(\[]?20[0-4]\d[a-z]?[)\]]?`;

const DATED = new RegExp(
  String.raw`(?<=[\p{Ll}".)] ?),? ?(?<![\p{L}])${MANY},? ?(?:${YEAR})`,
  "gu",
);
const LONE_YEAR = new RegExp(String.raw`,? ?(?<![\p{L}\p{N}])(?:${YEAR})(?![\p{L}\p{N}])`, "gu");
const TRAILING = new RegExp(String.raw`(?<=\p{Ll}{2,}),? (${MANY})$`, "u");

/** Whether what stands in brackets is an author: `Linnaeus, 1758`, `Linnaeus`, `L.`. */
export function isAuthorship(text: string): boolean {
  const trimmed = text.trim();
  if (new RegExp(`^(?:${MANY})?,? ?(?:${YEAR})$`, "u").test(trimmed)) return true;
  return new RegExp(`^${MANY}$`, "u").test(trimmed) && onlyAuthors(trimmed);
}

/**
 * A Latin name without the author and year behind it.
 *
 * @param name One name, without brackets; a line or a part of a hybrid.
 *
 * @example
 * ```ts
 * import { dropAuthorship } from "./authorship.ts";
 *
 * console.log(dropAuthorship("Betta splendens Regan, 1910")); // Betta splendens
 * ```
 */
export function dropAuthorship(name: string): string {
  let text = name.replace(DATED, " ").replace(LONE_YEAR, " ");
  const trailing = TRAILING.exec(text.trim());
  if (trailing?.[1] !== undefined && onlyAuthors(trailing[1])) {
    text = text.trim().slice(0, trailing.index);
  }
  return text.replace(/ +/g, " ").replace(/[ ,]+$/, "").trim();
}

function onlyAuthors(text: string): boolean {
  const words = text.split(/[\s,&]+/).filter((word) =>
    word !== "" && !new RegExp(`^(?:${PARTICLE}|and|et|al\\.?|in|ex|Jr\\.?|Sr\\.?)$`).test(word)
  );
  const isAuthor = (word: string) => AUTHORS.has(fold(word).replace(/\.$/, ""));
  const known = words.map((word) => isAuthor(word) || word.split("-").every(isAuthor));
  return words.length > 0 &&
    words.every((word, index) => known[index] === true || /^\p{Lu}\.$/u.test(word)) &&
    (known.includes(true) || /^(?:L|C\. & V|C\. ?V)\.$/.test(text.trim()));
}
