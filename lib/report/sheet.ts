/**
 * The contact sheet of a species: what its page is told of each image.
 *
 * @module
 */

import type { ImageEvent } from "../dataset/event.ts";
import type { KeptImage } from "../dataset/state.ts";
import type { DatasetState } from "../dataset/state.ts";
import { webAddress } from "./html.ts";

/** One image as the page is told of it. All texts are strangers' and not yet escaped. */
export interface SheetImage {
  /** The file's name within the species' folder. */
  readonly name: string;
  /** The source. */
  readonly source: string;
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** The size on disk. */
  readonly bytes: number;
  /** Present where a person has rejected it. */
  readonly rejected?: true;
  /** The page it stands on, where that is a web address. */
  readonly page?: string;
  /** Who took it. */
  readonly author?: string;
  /** The licence's id, where it is known. */
  readonly license?: string;
  /** Caption or page title. */
  readonly title?: string;
}

/** An image that is kept, with its line of the log. */
export interface KeptLine {
  /** What is in memory. */
  readonly image: KeptImage;
  /** What the log says. */
  readonly line: ImageEvent;
}

/** More of a text than this is not shown. */
const LONGEST = 300;

/**
 * The kept images of a species with their lines, rejected ones included, in the log's order.
 *
 * @param state What the log says.
 * @param species The species' id.
 * @throws {Failure} When the log cannot be read.
 */
export function keptLines(state: DatasetState, species: string): KeptLine[] {
  const images = [...state.keptImages(species)];
  const lines = state.lines(images);
  return images.flatMap((image, at) => {
    const line = lines[at];
    return line === undefined ? [] : [{ image, line }];
  });
}

/** What the page is told of an image. */
export function sheetImage({ image, line }: KeptLine): SheetImage {
  const page = webAddress(line.page);
  return {
    name: fileName(image),
    source: image.source,
    width: image.width,
    height: image.height,
    bytes: image.bytes,
    ...(image.rejected ? { rejected: true } : {}),
    ...(page === undefined ? {} : { page }),
    ...some("author", line.author),
    ...some("license", line.license === "unknown" ? undefined : line.license),
    ...some("title", line.title),
  };
}

/** The name of an image's file within its species' folder. */
export function fileName(image: Pick<KeptImage, "file">): string {
  return image.file.slice(image.file.lastIndexOf("/") + 1);
}

/**
 * Packs a value so that it takes little room in a page: JSON, raw deflate, Base64.
 *
 * @param value The value.
 */
export async function pack(value: unknown): Promise<string> {
  const stream = new Blob([JSON.stringify(value)]).stream()
    .pipeThrough(new CompressionStream("deflate-raw"));
  return (await new Response(stream).bytes()).toBase64();
}

function some<Name extends string>(
  name: Name,
  text: string | undefined,
): { readonly [_ in Name]?: string } {
  const short = (text ?? "").replace(/\s+/g, " ").trim().toWellFormed().slice(0, LONGEST);
  return short === "" ? {} : { [name]: short } as { [_ in Name]: string };
}
