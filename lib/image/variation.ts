/**
 * What can be done to a picture to make another one of it.
 *
 * @module
 */

/** One operation. Positions and sizes are shares of the picture's, from 0 to 1. */
export type Variation =
  | { readonly do: "mirror" }
  /** Turned clockwise; what comes in at the corners is the mirror image of what is there. */
  | { readonly do: "turn"; readonly degrees: number }
  /** A part of it: `share` of each side, from `left` and `top`, brought to the size that it was. */
  | { readonly do: "crop"; readonly left: number; readonly top: number; readonly share: number }
  /** Colours turned by `hue` degrees and made `saturation` times as strong. */
  | { readonly do: "colour"; readonly hue: number; readonly saturation: number }
  /** Times `contrast` around the middle, and times `brightness`. */
  | { readonly do: "light"; readonly brightness: number; readonly contrast: number }
  /** Blurred: the radius in thousandths of the long side. */
  | { readonly do: "blur"; readonly radius: number }
  /** Noise on each colour of each pixel: its standard deviation, of 255. */
  | { readonly do: "noise"; readonly strength: number; readonly seed: number }
  | {
    readonly do: "cover";
    readonly left: number;
    readonly top: number;
    readonly width: number;
    readonly height: number;
    readonly grey: number;
  }
  /** Compressed as JPEG. */
  | { readonly do: "recompress"; readonly quality: number };

/** How an image is brought to a size: cut, padded, or with its longer side at it. */
export type Fit = "crop" | "pad" | "keep-ratio";

export type RenderTask =
  | { readonly kind: "fit"; readonly size: number; readonly fit: Fit }
  /** Varied copies of one picture whose long side is at most `size`. */
  | {
    readonly kind: "copies";
    readonly size: number;
    readonly copies: readonly (readonly Variation[])[];
  }
  /** One sheet of all pictures, in rows of `columns` cells of `size` pixels a side. */
  | { readonly kind: "sheet"; readonly size: number; readonly columns: number }
  /** Plain pixels, three bytes each, `size` a side whatever the picture's shape, for networks. */
  | { readonly kind: "square"; readonly size: number }
  /** A small copy of each picture, its sides at most `size`, for people to look at. */
  | { readonly kind: "thumbnail"; readonly size: number };

export interface Rendered {
  /** A JPEG; for squares, pixels. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly width: number;
  readonly height: number;
}

export type Rendering =
  | { readonly ok: true; readonly pictures: readonly Rendered[] }
  /** A file does not decode, or took too much time or memory. */
  | { readonly ok: false; readonly why: string };
