/**
 * The contact sheet of a species: what a page knows of each image.
 *
 * @module
 */

import { defined } from "../base/defined.ts";
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
 * Images with their lines of the log; one without its line is left out.
 *
 * @throws {Failure} When the log cannot be read.
 */
export function withLines(state: DatasetState, images: readonly KeptImage[]): KeptLine[] {
  const lines = state.lines(images);
  return images.flatMap((image, at) => {
    const line = lines[at];
    return line === undefined ? [] : [{ image, line }];
  });
}

export function sheetImage({ image, line }: KeptLine): SheetImage {
  return {
    file: image.file.slice("images/".length),
    source: brief(image.source, 40),
    width: image.width,
    height: image.height,
    bytes: image.bytes,
    ...(image.rejected && { rejected: true }),
    ...defined({
      page: safeLink(line.page),
      author: someText(line.author),
      license: line.license === "unknown" ? undefined : someText(line.license),
      title: someText(line.title),
    }),
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

function someText(text = ""): string | undefined {
  return brief(text) || undefined;
}
