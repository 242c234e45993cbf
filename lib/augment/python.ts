/**
 * A recipe as Python code, for those who vary images while they load them.
 *
 * @module
 */

import type { Range, Recipe } from "./recipe.ts";

/** The side of training images in the snippets, in pixels. */
const SIDE = 224;

/**
 * A recipe as a transform of Albumentations 2.
 *
 * @returns Lines of Python that define `augment`.
 */
export function formatAlbumentations(recipe: Recipe): string[] {
  const { mirror, turn, crop, colour, light, blur, noise, cover, recompress } = recipe;
  const steps = [
    mirror && `A.HorizontalFlip(p=${mirror.chance})`,
    turn &&
    `A.Rotate(limit=${pair(turn.degrees)}, border_mode=cv2.BORDER_REFLECT_101, p=${turn.chance})`,
    `A.RandomResizedCrop(size=(${SIDE}, ${SIDE}), scale=${pair(areaOf(crop))}, ratio=(0.8, 1.25))`,
    cover &&
    `A.CoarseDropout(num_holes_range=(1, 1), hole_height_range=${
      pair(cover.side)
    }, hole_width_range=${pair(cover.side)}, fill=128, p=${cover.chance})`,
    colour &&
    `A.ColorJitter(brightness=(1, 1), contrast=(1, 1), saturation=${pair(colour.saturation)}, hue=${
      pair(turnsOf(colour.hue))
    }, p=${colour.chance})`,
    light &&
    `A.ColorJitter(brightness=${pair(light.brightness)}, contrast=${
      pair(light.contrast)
    }, saturation=(1, 1), hue=(0, 0), p=${light.chance})`,
    blur &&
    `A.GaussianBlur(blur_limit=0, sigma_limit=${pair(sigmaOf(blur.radius))}, p=${blur.chance})`,
    noise && `A.GaussNoise(std_range=${pair(of255(noise.strength))}, p=${noise.chance})`,
    recompress &&
    `A.ImageCompression(quality_range=${pair(recompress.quality)}, p=${recompress.chance})`,
  ];
  return [
    "import albumentations as A",
    "import cv2",
    "",
    "augment = A.Compose([",
    ...list(steps),
    "])",
  ];
}

/**
 * A recipe as a transform of torchvision's `transforms.v2`.
 *
 * @returns Lines of Python that define `augment`.
 */
export function formatTorchvision(recipe: Recipe): string[] {
  const { mirror, turn, crop, colour, light, blur, noise, cover, recompress } = recipe;
  const sometimes = (step: string, chance: number): string =>
    `v2.RandomApply([${step}], p=${chance})`;
  const steps = [
    "v2.ToImage()",
    mirror && `v2.RandomHorizontalFlip(p=${mirror.chance})`,
    turn && sometimes(`v2.RandomRotation(${pair(turn.degrees)})`, turn.chance),
    `v2.RandomResizedCrop(${SIDE}, scale=${pair(areaOf(crop))}, ratio=(0.8, 1.25))`,
    colour &&
    sometimes(
      `v2.ColorJitter(saturation=${pair(colour.saturation)}, hue=${pair(turnsOf(colour.hue))})`,
      colour.chance,
    ),
    light &&
    sometimes(
      `v2.ColorJitter(brightness=${pair(light.brightness)}, contrast=${pair(light.contrast)})`,
      light.chance,
    ),
    blur && sometimes(`v2.GaussianBlur(5, sigma=${pair(sigmaOf(blur.radius))})`, blur.chance),
    recompress && sometimes(`v2.JPEG(${pair(recompress.quality)})`, recompress.chance),
    "v2.ToDtype(torch.float32, scale=True)",
    noise &&
    sometimes(`v2.GaussianNoise(sigma=${round(average(of255(noise.strength)))})`, noise.chance),
    cover &&
    `v2.RandomErasing(p=${cover.chance}, scale=${
      pair([cover.side[0] ** 2, cover.side[1] ** 2])
    }, value=0.5)`,
    "v2.Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225])",
  ];
  return [
    "import torch",
    "from torchvision.transforms import v2",
    "",
    "augment = v2.Compose([",
    ...list(steps),
    "])",
  ];
}

function list(steps: readonly (string | undefined)[]): string[] {
  return steps.flatMap((step) => step === undefined ? [] : [`    ${step},`]);
}

function areaOf(crop: Recipe["crop"]): Range {
  const [least, most] = crop?.share ?? [1, 1];
  return [least ** 2, most ** 2];
}

/** Degrees as parts of a full turn of the colour wheel. */
function turnsOf([least, most]: Range): Range {
  return [least / 360, most / 360];
}

/** Thousandths of the long side as pixels. */
function sigmaOf([least, most]: Range): Range {
  return [Math.max(0.1, least * SIDE / 1000), Math.max(0.1, most * SIDE / 1000)];
}

function of255([least, most]: Range): Range {
  return [least / 255, most / 255];
}

function average([least, most]: Range): number {
  return (least + most) / 2;
}

function pair([least, most]: Range): string {
  return `(${round(least)}, ${round(most)})`;
}

function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
