/**
 * What is pictured: a fish, or something of it that is no photo of a fish.
 *
 * @module
 */

/** The kinds that are kept unless told otherwise. */
export const DEFAULT_KINDS: ReadonlySet<string> = new Set(["photo"]);
/** The kinds that are no pictures of a fish and never kept. */
export const NEVER_KINDS: ReadonlySet<string> = new Set(["map", "logo", "pictogram", "disease"]);

/** Kind, sex and stage, as far as a text or a file's name tells. */
export interface Pictured {
  /** `photo`, `stamp`, `drawing`, `larva`, `egg`, `x-ray`, `map`, `disease`. */
  readonly kind?: string;
  /** The fish's sex. */
  readonly sex?: "male" | "female";
  /** The fish's life stage. */
  readonly stage?: string;
}

/** What follows a word that says what a picture is: the X-ray tetra and the map puffer are fishes. */
const ENDS =
  "(?=$|\\s*[.,;:()/]|\\s+(?:of|by|from|after|based|made|and|&|stages?|photos?|pictures?|images?|in)\\b)";

const KIND_PATTERNS: readonly (readonly [string, RegExp, RegExp])[] = ([
  [
    "larva",
    "(?:(?:yolk[- ]sac|newly[- ]hatched|early|late|preserved|live|free-swimming) )?larva(?:e|l)?|(?:pre|post)-?larvae?",
  ],
  [
    "egg",
    "(?:(?:fertili[sz]ed|ripe|live|preserved|developing) )?(?:eggs?|embryos?)(?: mass(?:es)?)?",
  ],
  ["stamp", "(?:(?:postage|postal) )?stamps?|coins?|philatel\\w*|banknotes?"],
  [
    "drawing",
    "(?:(?:line|pencil|ink|FAO|black and white|scientific) )?(?:drawings?|drawn)|illustrat(?:ions?|ed)|paint(?:ings?|ed)|sketch(?:es)?|lithographs?|line art|art ?work|(?:water|aqua)colou?rs?|engravings?|etchings?",
  ],
  ["x-ray", "x-?\\s?rays?|radiographs?|röntgen\\w*"],
  ["map", "(?:distribution |point )?maps?|aquamaps?"],
  ["disease", "diseases?|parasites?"],
] as const).map(([kind, words]) => [
  kind,
  new RegExp(`^(?:an? |the |colou?r(?:ed)? |b/w )?(?:${words})${ENDS}`, "iu"),
  new RegExp(`(?<![\\p{L}-])(?:${words})\\s+(?:by|courtesy)\\b`, "iu"),
]);

/**
 * What a short text says a picture is, when it begins with that: `Drawing by FAO`, `X-ray of …`,
 * `Larvae`. A caption that only mentions a word (`Male guarding eggs`) says nothing.
 */
export function kindOfText(text: string): string | undefined {
  const line = text.trim();
  for (const [kind, begins, credits] of KIND_PATTERNS) {
    if (begins.test(line) || credits.test(line)) return kind;
  }
  return undefined;
}

/** What a heading over pictures says they are: as {@linkcode kindOfText}, and `photo` for photos. */
export function kindOfHeading(text: string): string | undefined {
  const line = text.trim();
  if (line.length > 60) return undefined;
  return kindOfText(line) ??
    (/\b(?:photos?|pictures?|images?|uploads?|adults?|juveniles?)\b/i.test(line)
      ? "photo"
      : undefined);
}

/** What a parameter says: `what=larvae`, `type=stamps`, `adult`. */
export function picturedByType(type: string): Pictured {
  const text = type.trim();
  if (/^juv/i.test(text)) return { stage: "juvenile" };
  if (/^adult/i.test(text)) return { stage: "adult" };
  const kind = kindOfText(text);
  return kind === undefined ? {} : { kind };
}

/** Sex, stage and kind from what stands behind `Sex/Stage:`. */
export function picturedByStage(text: string): Pictured {
  const male = /\bmales?\b|♂/i.test(text);
  const female = /\bfemales?\b|♀/i.test(text);
  const stage = /\bjuv(?:enile|\.)?s?\b|\bfry\b/i.test(text)
    ? "juvenile"
    : /\badults?\b|\bmature\b/i.test(text)
    ? "adult"
    : undefined;
  const kind = /\blarv(?:a|ae|al)\b/i.test(text)
    ? "larva"
    : /\beggs?\b|\bembryos?\b/i.test(text)
    ? "egg"
    : undefined;
  return {
    ...(male !== female && { sex: male ? "male" as const : "female" as const }),
    ...(stage !== undefined && { stage }),
    ...(kind !== undefined && { kind }),
  };
}

/**
 * Sex and stage from a registered picture's file name: `{Ge}{spe}_{u|m|f|j}{n}` (told). The first
 * letters say nothing sure of the species: other species share them.
 */
export function picturedByFile(file: string): Pictured {
  switch (/^[A-Za-z]{4,6}_([mfj])[0-9a-z]{1,2}\.[a-z]+$/.exec(file)?.[1]) {
    case "m":
      return { sex: "male" };
    case "f":
      return { sex: "female" };
    case "j":
      return { stage: "juvenile" };
    default:
      return {};
  }
}
