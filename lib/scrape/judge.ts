/**
 * What becomes of an image that looks right: kept, the same as one that is there, or a picture that
 * several species claim.
 *
 * @module
 */

import { defined } from "../base/defined.ts";
import type { Dataset } from "../dataset/dataset.ts";
import type { ImageEvent, LogLine } from "../dataset/event.ts";
import type { DatasetState, KeptImage } from "../dataset/state.ts";
import { NearIndex } from "../image/near_index.ts";
import { licenseId } from "../sources/license.ts";
import { worthOf } from "./better.ts";
import type { FetchedImage } from "./fetch_candidate.ts";

/**
 * What a picture counts as: `kept`; `rejected`, kept but wrong as a person says; `ambiguous` and
 * `placeholder`, left out because other species have it too.
 */
export type PictureStatus = "kept" | "rejected" | "ambiguous" | "placeholder";

/** An image event before it is known what became of the image. */
export type EventBase = Omit<ImageEvent, "outcome">;

/** A picture that later ones are held against. */
export interface Picture {
  readonly species: string;
  /** What it is worth among others of the same picture. Ask after `settled`. */
  readonly worth: number;
  /** Whether its source, or a person, is sure of the species. */
  readonly vouched: boolean;
  /** What it counts as now. */
  status: PictureStatus;
  /** Its log line, without what became of it. Call it after `settled`. */
  line: () => EventBase;
  /** Ends when its file and its line are there. */
  settled: Promise<unknown>;
}

/** What is there already. */
const SETTLED: Promise<void> = Promise.resolve();

/** A picture under this many species' names shows none of them: "image not available". */
const PLACEHOLDER_SPECIES = 3;

/** Pictures by what they show. */
export interface PictureIndex extends Pick<NearIndex<Picture>, "add" | "remove"> {
  /**
   * The pictures that show the same as this one, straight or mirrored, the nearest first; of its own
   * species also those of which one is a large part of the other.
   */
  find(
    fingerprint: string,
    mirrored: string,
    species: string,
  ): readonly { readonly item: Picture }[];
}

/** What is decided about an image, before anything is done about it. */
export interface Decision {
  readonly outcome: "kept" | "near-duplicate" | "ambiguous" | "placeholder";
  /** Why it is not kept. */
  readonly detail?: string;
  /** The kept image of the same picture that it takes the place of. */
  readonly replaced?: Picture;
  readonly withdrawn: readonly Withdrawal[];
}

/** A picture that is another thing than was thought: not to be kept any more, or a placeholder. */
interface Withdrawal {
  readonly picture: Picture;
  readonly outcome: "ambiguous" | "placeholder";
}

/**
 * Decides about images, places those that are kept, and logs each.
 *
 * Within a species the better of two images of the same picture is kept. A picture that two species
 * claim is kept where a source vouches for it, else left out of both; one that three species claim
 * is a placeholder.
 */
export class Judge {
  readonly #dataset: Dataset;
  readonly #pictures: PictureIndex | Promise<PictureIndex>;
  readonly #onWithdrawn: (species: string) => void;

  /**
   * Nothing is decided before the pictures are there. Hears of each species that loses an image
   * because others claim it.
   */
  constructor(
    dataset: Dataset,
    pictures: PictureIndex | Promise<PictureIndex>,
    onWithdrawn: (species: string) => void = () => {},
  ) {
    this.#dataset = dataset;
    this.#pictures = pictures;
    this.#onWithdrawn = onWithdrawn;
  }

  /**
   * Decides about one image, places it if it is kept, and logs it. What it displaces is logged
   * before, so that a run that is killed in between decides the same again.
   *
   * @returns The event as it was logged.
   */
  async settle(base: EventBase, image: FetchedImage, vouched: boolean): Promise<ImageEvent> {
    const read = withImage(base, image);
    const { species } = read;
    const pictures = await this.#pictures;
    if (this.#dataset.state.image(species, image.sha256) !== undefined) {
      const verdict = this.#dataset.state.verdict(species, image.sha256);
      const isRejected = verdict?.event === "rejected";
      return this.#leaveOut(read, {
        outcome: "duplicate",
        detail: isRejected ? "the same bytes as an image that a person rejected" : "the same bytes",
      });
    }
    const same = pictures.find(image.fingerprint, image.mirrored, species)
      .map(({ item }) => item);
    const worth = worthOf(read);
    const decision = decide(same, { species, worth, vouched });
    const { outcome, replaced, withdrawn } = decision;
    for (const { picture, outcome } of withdrawn) picture.status = outcome;
    if (outcome === "near-duplicate") return this.#leaveOut(read, decision);
    const placing = Promise.withResolvers<void>();
    const picture: Picture = {
      species,
      worth,
      vouched: vouched || replaced?.vouched === true,
      status: outcome,
      line: () => read,
      settled: placing.promise,
    };
    // At once, so that those who decide meanwhile see it.
    if (replaced !== undefined) pictures.remove(replaced);
    pictures.add(image.fingerprint, picture);
    try {
      for (const { picture, outcome } of withdrawn) {
        await picture.settled;
        const detail = `the same picture as ${read.url} of ${species}`;
        const hadFile = await withdraw(this.#dataset, picture, outcome, detail);
        if (hadFile) this.#onWithdrawn(picture.species);
      }
      const event = outcome === "kept"
        ? await this.#keep(read, image, replaced)
        : this.#leaveOut(read, decision);
      this.#settled(picture, event);
      return event;
    } catch (thrown) {
      // The run ends with this error; whoever waits for the picture must not wait for ever.
      pictures.remove(picture);
      throw thrown;
    } finally {
      placing.resolve();
    }
  }

  /** Its line is in the log now, and need not stay in memory: a run decides about many. */
  #settled(picture: Picture, event: ImageEvent): void {
    const { outcome, species, sha256 = "", ...base } = event;
    picture.settled = SETTLED;
    picture.line = outcome === "kept"
      ? () => lineInLog(this.#dataset.state, species, sha256)
      : () => ({ ...base, species, sha256 });
  }

  #leaveOut(
    read: EventBase,
    { outcome, detail }: { readonly outcome: ImageEvent["outcome"]; readonly detail?: string },
  ): ImageEvent {
    const details = [detail, read.detail].filter((each) => each !== undefined);
    return this.#log({ ...read, outcome, detail: details.join("; ") });
  }

  async #keep(
    read: EventBase,
    image: FetchedImage,
    replaced: Picture | undefined,
  ): Promise<ImageEvent> {
    const file = await this.#dataset.place(read.species, image);
    if (replaced === undefined) return this.#log({ ...read, outcome: "kept", file });
    await replaced.settled;
    const before = replaced.line();
    const event = this.#log({ ...read, outcome: "kept", file, replaces: before.url });
    if (before.file !== undefined) await this.#dataset.removeFile(before.file);
    return event;
  }

  #log(event: ImageEvent): ImageEvent {
    this.#dataset.append(event);
    return event;
  }
}

/**
 * Logs that a picture is not kept, and removes its file.
 *
 * @returns Whether it had one.
 */
export async function withdraw(
  dataset: Dataset,
  picture: Pick<Picture, "line">,
  outcome: Exclude<Decision["outcome"], "kept">,
  detail: string,
): Promise<boolean> {
  const { file, replaces: _replaces, detail: _detail, ...line } = picture.line();
  dataset.append({ ...line, outcome, detail });
  picture.line = () => line;
  if (file !== undefined) await dataset.removeFile(file);
  return file !== undefined;
}

/** Decides about an image, among the pictures that show the same. */
export function decide(
  same: readonly Picture[],
  image: Pick<Picture, "species" | "worth" | "vouched">,
): Decision {
  const { species } = image;
  const own = same.filter((picture) => picture.species === species);
  const known = own.find(({ status }) => status === "kept" || status === "rejected");
  if (known !== undefined) return withinSpecies(known, image);
  return acrossSpecies(species, same, image.vouched);
}

function withinSpecies(known: Picture, image: Pick<Picture, "worth">): Decision {
  if (known.status === "rejected") {
    const detail = "the same picture as one that a person rejected";
    return { outcome: "near-duplicate", detail, withdrawn: [] };
  }
  if (image.worth > known.worth) {
    return { outcome: "kept", replaced: known, withdrawn: [] };
  }
  const detail = "the same picture as one that is kept and no worse";
  return { outcome: "near-duplicate", detail, withdrawn: [] };
}

function acrossSpecies(species: string, same: readonly Picture[], vouched: boolean): Decision {
  const others = same.filter((picture) => picture.species !== species);
  if (others.length === 0 && same.length === 0) return { outcome: "kept", withdrawn: [] };
  const claims = new Set([species, ...others.map((picture) => picture.species)]);
  const sure = new Set(
    others.filter((picture) => picture.vouched).map((picture) => picture.species),
  );
  if (vouched) sure.add(species);
  const isPlaceholder = claims.size >= PLACEHOLDER_SPECIES &&
    (sure.size === 0 || sure.size >= PLACEHOLDER_SPECIES);
  const outcome = isPlaceholder ? "placeholder" : "ambiguous";
  const withdrawn = others
    .filter(({ status, vouched }) =>
      // What was a doubt between two is a placeholder once a third species has it.
      isPlaceholder ? status === "kept" || status === "ambiguous" : status === "kept" && !vouched
    )
    .map((picture): Withdrawal => ({ picture, outcome }));
  if (vouched && !isPlaceholder) return { outcome: "kept", withdrawn };
  const detail = others.length === 0
    ? "the same picture as one that other species have too"
    : `the same picture as of ${[...claims].filter((id) => id !== species).join(", ")}`;
  return { outcome, detail, withdrawn };
}

function withImage(base: EventBase, image: FetchedImage): EventBase {
  return {
    ...base,
    ...creditOf(base, image),
    sha256: image.sha256,
    dhash: image.fingerprint,
    bytes: image.bytes.length,
    width: image.width,
    height: image.height,
    type: image.type,
    ...defined({ inner: image.inner, flagged: image.flags, original: image.original }),
  };
}

/** What the file says of its author and licence, where the page said nothing. */
function creditOf(base: EventBase, { credit }: FetchedImage): Partial<EventBase> {
  if (credit === undefined) return {};
  const { author, license: text, synthetic } = credit;
  const isSilent = base.license === undefined && base.licenseText === undefined;
  const license = text === undefined ? undefined : licenseId(text);
  return defined({
    author: base.author === undefined ? author : undefined,
    licenseText: isSilent ? text : undefined,
    license: isSilent ? license : undefined,
    kind: synthetic === undefined ? undefined : "synthetic",
  });
}

/** How many pictures are loaded before other work goes on: some milliseconds. */
const AT_ONCE = 256;

/**
 * The pictures of a dataset: its doubtful ones, and all kept images unless others are given. Of a
 * large one this takes seconds, in which other work goes on.
 */
export async function loadPictures(
  state: DatasetState,
  vouches: (source: string) => boolean,
  images: Iterable<KeptImage> = state.keptImages(),
): Promise<PictureIndex> {
  const pictures = new NearIndex<Picture>(({ species }) => species);
  let count = 0;
  for (const image of images) {
    if (++count % AT_ONCE === 0) await new Promise((resume) => setTimeout(resume, 0));
    pictures.add(image.fingerprint, new KeptPicture(state, vouches, image));
  }
  for (const line of state.doubtful()) {
    pictures.add(line.dhash ?? "", {
      species: line.species,
      worth: worthOf(line),
      vouched: vouches(line.source),
      status: line.outcome === "placeholder" ? "placeholder" : "ambiguous",
      line: () => lineOf(line),
      settled: SETTLED,
    });
  }
  return pictures;
}

/**
 * The picture of a kept image. Most of it is asked for when another has the picture, which few have:
 * in memory, what the log says of all would take more than everything else.
 */
export class KeptPicture implements Picture {
  readonly species: string;
  readonly #source: string;
  readonly #sha256: string;
  readonly #state: DatasetState;
  readonly #vouches: (source: string) => boolean;
  status: PictureStatus;
  settled = SETTLED;

  constructor(
    state: DatasetState,
    vouches: (source: string) => boolean,
    { species, source, sha256, rejected }: KeptImage,
  ) {
    this.species = species;
    this.#source = source;
    this.#sha256 = sha256;
    this.#state = state;
    this.#vouches = vouches;
    this.status = rejected ? "rejected" : "kept";
  }

  get worth(): number {
    return worthOf(this.line());
  }

  get vouched(): boolean {
    if (this.#vouches(this.#source)) return true;
    const image = this.#state.image(this.species, this.#sha256);
    return image !== undefined && this.#state.isAccepted(image);
  }

  line(): EventBase {
    return lineInLog(this.#state, this.species, this.#sha256);
  }
}

function lineInLog(state: DatasetState, species: string, sha256: string): EventBase {
  const image = state.image(species, sha256);
  return lineOf(image === undefined ? undefined : state.lines([image])[0]);
}

function lineOf(line: (LogLine & ImageEvent) | undefined): EventBase {
  if (line === undefined) throw new TypeError("A kept image has no line in the log");
  const { v: _version, time: _time, outcome: _outcome, detail: _detail, ...base } = line;
  return base;
}
