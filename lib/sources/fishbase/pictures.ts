/**
 * All pictures of one species, from every place that knows some.
 *
 * Costs two pages for the lists (thumbnails, photo service) and one for each registered picture,
 * asked for only when the picture is: its own page alone says under which licence it stands.
 *
 * @module
 */

import { parseHtml } from "../../web/html.ts";
import { parameter } from "./addresses.ts";
import { picturePath, servicePath, stampsPath, thumbnailsPath } from "./page_paths.ts";
import { mergeAll, mergePictures } from "./merge.ts";
import type { Mirrors } from "./mirrors.ts";
import type { PageAnswer } from "./page_answer.ts";
import { contextOf } from "./page_context.ts";
import { readPhotoService } from "./photo_service.ts";
import type { FoundPicture, PictureLink } from "./picture.ts";
import type { OnStrange, PicturesOf, PlaceShape } from "./pictures_of.ts";
import { type PicturesPage, readPicturesPage } from "./pictures_page.ts";
import { readThumbnailsPage } from "./thumbnails_page.ts";
import { isSame, type Wanted } from "./whose.ts";

/** How many pages of one list, and how many single pictures, are followed at most. */
const MOST_LIST_PAGES = 20;
const MOST_ROWS = 500;
/** How many rows in a row may show pictures that are known until nothing new is expected. */
const MOST_REPEATED = 3;
/** How many FishWatcher records of a species are opened at most. */
const MOST_RECORDS = 20;

/** The pictures of one species. */
export class Pictures {
  readonly #mirrors: Mirrors;
  readonly #of: PicturesOf;
  readonly #kinds: ReadonlySet<string>;
  readonly #onStrange: OnStrange;
  readonly #signal: AbortSignal;
  /** What the pictures' own pages said, by the picture. */
  readonly #details = new Map<string, FoundPicture>();
  readonly #rows = new Set<number>();
  /** The rows that the lists link to. */
  readonly #linked = new Set<number>();
  readonly #asked = new Set<string>();
  #total: number | undefined;
  #specCode: string | undefined;
  #style: "StartRow" | "resultPage" = "StartRow";
  /** How each place came out. */
  readonly places: Record<string, PlaceShape> = {};
  /** Pictures of other species that stood on the pages. */
  foreign = 0;
  /** Why places failed. */
  readonly failures: string[] = [];

  /**
   * Asks for nothing yet.
   *
   * @param mirrors Whom to ask.
   * @param of The species.
   * @param kinds The kinds that are wanted.
   * @param onStrange Told of pages that are not recognised.
   * @param signal Ends it.
   */
  constructor(
    mirrors: Mirrors,
    of: PicturesOf,
    kinds: ReadonlySet<string>,
    onStrange: OnStrange,
    signal: AbortSignal,
  ) {
    this.#mirrors = mirrors;
    this.#of = of;
    this.#kinds = kinds;
    this.#onStrange = onStrange;
    this.#signal = signal;
    this.#specCode = of.specCode;
  }

  /** The species' number, where a page told it. */
  get specCode(): string | undefined {
    return this.#specCode;
  }

  get #wanted(): Wanted {
    return { specCode: this.#specCode, words: this.#of.words };
  }

  /** Where the thumbnails are. */
  get listPath(): string {
    const { thumbnails, words } = this.#of;
    return thumbnails ?? thumbnailsPath({ specCode: this.#of.specCode, words });
  }

  /** All pictures that the lists know, in their order: thumbnails, service, stamps, summary. */
  async list(): Promise<readonly FoundPicture[]> {
    const pictures = [...await this.#thumbnails()];
    const none = this.#of.saysNone && this.places["thumbnails"] === "empty";
    // Where two pages agree that there is nothing, the third is not asked.
    if (!none) pictures.push(...await this.#service());
    if (this.#kinds.has("stamp") && this.#specCode !== undefined) {
      pictures.push(...await this.#stamps(this.#specCode));
    }
    if (this.#of.preferred !== undefined) pictures.push(this.#of.preferred);
    const merged = mergeAll(pictures);
    for (const { link } of merged) {
      this.#learn(link);
      if (link?.row !== undefined) this.#linked.add(link.row);
    }
    return merged;
  }

  /**
   * A picture with what its own page says of it.
   *
   * @param picture The picture as the lists know it.
   */
  async withDetails(picture: FoundPicture): Promise<FoundPicture> {
    const { key } = picture.address;
    if (!this.#details.has(key) && picture.link !== undefined) await this.#open(picture.link);
    if (!this.#details.has(key) && picture.link?.path !== undefined) await this.#openUnlinked(key);
    const details = this.#details.get(key);
    if (details === undefined) return picture;
    // Its page may have been found by another way: it stands where the lists found it.
    return { ...mergePictures(details, picture), road: picture.road };
  }

  /** Opens the rows that no list links to: the preferred picture's link names no row (told). */
  async #openUnlinked(key: string): Promise<void> {
    const total = Math.min(this.#total ?? 0, MOST_ROWS);
    let opened = 0;
    for (let row = 0; row < total && opened < 2 && !this.#details.has(key); row++) {
      if (this.#rows.has(row) || this.#linked.has(row)) continue;
      opened++;
      await this.#row(row);
    }
  }

  /** Pictures that none of the lists named and that have a page of their own. */
  async *unlisted(listed: readonly FoundPicture[]): AsyncGenerator<FoundPicture, void, void> {
    const known = new Set(listed.map(({ address }) => address.key));
    for (const [key, picture] of this.#details) {
      if (!known.has(key) && known.add(key)) yield picture;
    }
    if (!this.#mayHaveMore(listed)) return;
    let misses = 0;
    let repeated = 0;
    for (let row = 0; row < Math.min(this.#total ?? MOST_ROWS, MOST_ROWS); row++) {
      if (this.#rows.has(row) || this.#linked.has(row)) continue;
      const page = await this.#row(row);
      if (page?.picture === undefined) {
        // A row may be missing in the middle; two in a row, or one of unknown many, is the end.
        if (this.#total === undefined || ++misses === 2) return;
        continue;
      }
      misses = 0;
      const { key } = page.picture.address;
      const isNew = !known.has(key);
      known.add(key);
      repeated = isNew ? 0 : repeated + 1;
      if (isNew) yield this.#details.get(key) ?? page.picture;
      // Some sites answer a row beyond the last with the last, and counts are wrong (told).
      else if (this.#total !== undefined && repeated === MOST_REPEATED) return;
      else if (this.#total === undefined && this.#isRepeating(page)) return;
    }
  }

  /** Whether rows lead nowhere new: the site ignores the number in the address. */
  #isRepeating({ picture }: PicturesPage): boolean {
    if (this.#style === "StartRow" && this.#rows.size > 1 && this.#details.size === 1) {
      this.#style = "resultPage";
      this.#rows.clear();
      return false;
    }
    return picture === undefined || this.#rows.size > this.#details.size + 5;
  }

  #mayHaveMore(listed: readonly FoundPicture[]): boolean {
    if (this.#specCode === undefined) return false;
    const registered = new Set(
      listed.filter(({ address, road }) => !address.upload && road !== "stamps")
        .map(({ address }) => address.key),
    );
    for (const [key, { address }] of this.#details) if (!address.upload) registered.add(key);
    if (this.#total !== undefined) return registered.size < this.#total;
    // A list that was understood is believed; where it was not, the pages are all there is.
    const { thumbnails, service } = this.places;
    const understood = thumbnails === "known" || thumbnails === "empty";
    return !understood && service !== "known";
  }

  async #row(row: number): Promise<PicturesPage | undefined> {
    const path = picturePath(this.#specCode ?? "", row, this.#total ?? 0, this.#style);
    return await this.#open({ path, row, style: this.#style });
  }

  /** Opens a picture's page, once. */
  async #open(link: PictureLink): Promise<PicturesPage | undefined> {
    this.#learn(link);
    if (this.#asked.has(link.path)) return undefined;
    this.#asked.add(link.path);
    if (link.row !== undefined) this.#rows.add(link.row);
    if (!/picturessummary\.php/i.test(link.path)) return undefined;
    const answer = await this.#mirrors.ask(link.path, this.#signal);
    if (!answer.ok) {
      await this.#note("pictures", "failed", answer);
      return undefined;
    }
    const page = readPicturesPage(
      parseHtml(answer.text),
      contextOf(answer, this.#mirrors),
      this.#wanted,
    );
    await this.#note("pictures", page.shape, answer);
    if (page.foreign) this.foreign++;
    if (page.total !== undefined) this.#total = Math.max(this.#total ?? 0, page.total);
    if (page.picture !== undefined) {
      const { picture } = page;
      const before = this.#details.get(picture.address.key);
      const own = { ...picture, link };
      this.#details.set(
        picture.address.key,
        before === undefined ? own : mergePictures(before, own),
      );
    }
    return page;
  }

  #learn(link: PictureLink | undefined): void {
    if (link?.total !== undefined && link.total > 0) {
      this.#total = Math.max(this.#total ?? 0, link.total);
    }
    if (link?.style !== undefined) this.#style = link.style;
    if (link !== undefined && this.#specCode === undefined) {
      const url = new URL(link.path, "https://mirror/");
      const id = parameter(url, "ID");
      if (/picturessummary/i.test(url.pathname) && id !== undefined && /^\d+$/.test(id)) {
        this.#specCode = id;
      }
    }
  }

  async #thumbnails(): Promise<readonly FoundPicture[]> {
    const pictures: FoundPicture[] = [];
    const paths = [this.listPath];
    const seen = new Set(paths.map((path) => path.toLowerCase()));
    const records: string[] = [];
    for (let index = 0; index < Math.min(paths.length, MOST_LIST_PAGES); index++) {
      const answer = await this.#mirrors.ask(paths[index] ?? "", this.#signal);
      if (!answer.ok) {
        await this.#note("thumbnails", answer.gone ? "missing" : "failed", answer);
        // The link of the summary page is out of date: the number of the species is not.
        const { specCode, words } = this.#of;
        const other = thumbnailsPath({ specCode, words });
        if (index === 0 && answer.gone && !seen.has(other.toLowerCase())) paths.push(other);
        continue;
      }
      const page = readThumbnailsPage(
        parseHtml(answer.text),
        contextOf(answer, this.#mirrors),
        this.#wanted,
      );
      await this.#note("thumbnails", page.shape, answer);
      const before = mergeAll(pictures).length;
      pictures.push(...page.pictures);
      records.push(...page.records);
      this.foreign += page.foreign;
      // A page on which nothing is new leads to no more: some sites have a next one without end.
      if (index > 0 && mergeAll(pictures).length === before) continue;
      for (const path of page.more) {
        if (!seen.has(path.toLowerCase()) && seen.add(path.toLowerCase())) paths.push(path);
      }
    }
    for (const path of new Set(records.slice(0, MOST_RECORDS))) {
      pictures.push(...await this.#record(path));
    }
    return pictures;
  }

  /** A FishWatcher record, which may show a picture. */
  async #record(path: string): Promise<readonly FoundPicture[]> {
    const answer = await this.#mirrors.ask(path, this.#signal);
    if (!answer.ok) return [];
    const page = readThumbnailsPage(parseHtml(answer.text), contextOf(answer, this.#mirrors), {
      ...this.#wanted,
      road: "fishwatcher",
    });
    return page.pictures.filter(({ address }) => address.upload)
      .map((picture) => ({ ...picture, link: { path } }));
  }

  async #service(): Promise<readonly FoundPicture[]> {
    const answer = await this.#mirrors.ask(servicePath(this.#of.words), this.#signal, true);
    if (!answer.ok) {
      await this.#note("service", answer.gone ? "missing" : "failed", answer);
      return [];
    }
    const { pictures, shape, specCode, words } = readPhotoService(
      answer.text,
      contextOf(answer, this.#mirrors),
    );
    const another = specCode !== undefined && this.#specCode !== undefined
      ? specCode !== this.#specCode
      : words !== undefined && !isSame(words, this.#of.words);
    if (another) {
      this.foreign += pictures.length;
      this.places["service"] = "empty";
      return [];
    }
    this.#specCode ??= specCode;
    await this.#note("service", shape, answer);
    return pictures;
  }

  async #stamps(specCode: string): Promise<readonly FoundPicture[]> {
    const answer = await this.#mirrors.ask(stampsPath(specCode), this.#signal);
    if (!answer.ok) {
      await this.#note("stamps", answer.gone ? "missing" : "failed", answer);
      return [];
    }
    const of = { kind: "stamp", road: "stamps", specCode } as const;
    const page = readThumbnailsPage(parseHtml(answer.text), contextOf(answer, this.#mirrors), of);
    await this.#note("stamps", page.shape, answer);
    return page.pictures.map((picture) => ({ ...picture, kind: "stamp" }));
  }

  /** Notes how a place came out; the best of several of its pages counts, the worst is told of. */
  async #note(place: string, shape: PlaceShape, answer: PageAnswer): Promise<void> {
    if (!answer.ok) this.failures.push(answer.reason);
    const before = this.places[place];
    if (
      before === undefined || shape === "unknown" || (shape === "known" && before !== "unknown")
    ) {
      this.places[place] = shape;
    }
    if (shape === "unknown" && answer.ok) await this.#onStrange(place, answer);
  }
}
