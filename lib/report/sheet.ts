/**
 * The contact sheet of a species: what a page knows of each image.
 *
 * @module
 */

import type { ImageEvent } from "../dataset/event.ts";
import type { DatasetState, KeptImage } from "../dataset/state.ts";
import { brief, safeLink } from "./html.ts";

/** One image as a page has it. All texts are strangers' and not yet escaped. */
export interface SheetImage {
  /** Its path within the data folder's `images`: `betta_splendens/a844a091c5646a12.jpg`. */
  readonly file: string;
  readonly source: string;
  /** In pixels; 0 where it is not known. */
  readonly width: number;
  /** In pixels; 0 where it is not known. */
  readonly height: number;
  readonly bytes: number;
  /** Present where a person has rejected it. */
  readonly rejected?: true;
  /** The page it stands on, where that is one to link to. */
  readonly page?: string;
  readonly author?: string;
  /** The licence's id, where it is known. */
  readonly license?: string;
  readonly title?: string;
}

export interface KeptLine {
  /** What is in memory. */
  readonly image: KeptImage;
  readonly line: ImageEvent;
}

/**
 * The kept images of a species with their lines, rejected ones included, in the log's order.
 *
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

export function sheetImage({ image, line }: KeptLine): SheetImage {
  const page = safeLink(line.page);
  return {
    file: image.file.slice("images/".length),
    source: brief(image.source, 40),
    width: image.width,
    height: image.height,
    bytes: image.bytes,
    ...(image.rejected ? { rejected: true } : {}),
    ...(page === undefined ? {} : { page }),
    ...someText("author", line.author),
    ...someText("license", line.license === "unknown" ? undefined : line.license),
    ...someText("title", line.title),
  };
}

/** The name of an image's file within its folder. */
export function fileName(image: Pick<KeptImage, "file">): string {
  return image.file.slice(image.file.lastIndexOf("/") + 1);
}

/**
 * A contact sheet as a script of its own, which hands it to the report's script. A page opened from
 * the disk may load scripts, but may not fetch. Packed (JSON, raw deflate, Base64), it takes a
 * quarter of the room.
 */
export async function sheetScript(species: string, images: readonly SheetImage[]): Promise<string> {
  const stream = new Blob([JSON.stringify(images)]).stream()
    .pipeThrough(new CompressionStream("deflate-raw"));
  const packed = (await new Response(stream).bytes()).toBase64();
  return `aquasetSheet(${JSON.stringify(species)},"${packed}");\n`;
}

function someText<Name extends string>(
  name: Name,
  text: string | undefined,
): { readonly [_ in Name]?: string } {
  const short = brief(text ?? "");
  return short === "" ? {} : { [name]: short } as { [_ in Name]: string };
}
