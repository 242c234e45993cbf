/**
 * The dataset card: `README.md`, with the head in YAML that hubs read.
 *
 * @module
 */

import { format as formatBytes } from "@std/fmt/bytes";
import { PROJECT_URL, VERSION } from "../base/version.ts";
import type { Figures } from "./figures.ts";
import type { Format } from "./forms.ts";
import type { LicenseChoice, LicenseReport } from "./licences.ts";
import { ROW_FIELDS } from "./rows.ts";
import { formatShares, type Side, SIDES } from "../split/side.ts";
import type { LeftOut, Resizing } from "./sources.ts";
import type { SplitDataset } from "../split/split_dataset.ts";

/** What a card tells of. */
export interface CardInput {
  /** The form of the export. */
  readonly format: Format;
  /** The counts. */
  readonly figures: Figures;
  /** The data folder, split. */
  readonly dataset: SplitDataset;
  /** Which licences were wanted. */
  readonly license: LicenseChoice;
  /** What that left out. */
  readonly unlicensed: LicenseReport;
  /** The images whose files were no good. */
  readonly leftOut: readonly LeftOut[];
  /** The size the images were brought to. */
  readonly resizing: Resizing | undefined;
}

/**
 * Writes the card.
 *
 * @param input What it tells of.
 */
export function formatCard(input: CardInput): string {
  const { figures } = input;
  return [
    "---",
    ...head(input),
    "---",
    "",
    "# Aquarium fish",
    "",
    `${figures.images} photos of ${figures.species.length} species of aquarium fish ` +
    `(${formatBytes(figures.bytes)}), made to train networks that recognise them. ` +
    `Collected with [Aquaset](${PROJECT_URL}) ${VERSION}; the newest image is of ${
      input.dataset.time.slice(0, 10) || "an unknown day"
    }.`,
    "",
    ...howToRead(input.format),
    "",
    "## Splits",
    "",
    ...splits(input),
    "",
    "## Sources and licences",
    "",
    ...licences(input),
    "",
    "## What is doubtful",
    "",
    ...doubts(input).map((line) => `- ${line}`),
    "",
    "## How it was made",
    "",
    ...making(input),
    "",
    "## Fields",
    "",
    "| field | what |",
    "| --- | --- |",
    ...ROW_FIELDS.map(([name, , what]) => `| \`${name}\` | ${what} |`),
    "",
    "## Species",
    "",
    "| label | species | common names | train | validation | test |",
    "| ---: | --- | --- | ---: | ---: | ---: |",
    ...figures.species.map(({ label, latin, common, sides }) =>
      `| ${label} | ${cell(latin)} | ${
        cell(common)
      } | ${sides.train} | ${sides.validation} | ${sides.test} |`
    ),
    "",
  ].join("\n");
}

function head({ format, figures, dataset }: CardInput): string[] {
  const present = SIDES.filter((side) => figures.sides[side] > 0);
  const files = (side: Side): string =>
    ({
      imagefolder: `${side}/**`,
      webdataset: `${side}-*.tar`,
      csv: `${side}.csv`,
      jsonl: `${side}.jsonl`,
    })[format];
  return [
    `pretty_name: "Aquarium fish"`,
    ...licenseLines(figures),
    "task_categories:",
    "- image-classification",
    "tags:",
    ...["biology", "fish", "aquarium", "croissant"].map((tag) => `- ${tag}`),
    "size_categories:",
    `- ${sizeCategory(figures.images)}`,
    "configs:",
    "- config_name: default",
    "  data_files:",
    ...present.flatMap((side) => [`  - split: ${side}`, `    path: "${files(side)}"`]),
    ...(format === "imagefolder" ? features(dataset) : []),
  ];
}

/** The columns as the hub's reader gives them: the image in the place of its path. */
function features({ labels }: SplitDataset): string[] {
  const fields = ROW_FIELDS.filter(([name]) => name !== "file_name").flatMap(([name, kind]) => {
    if (name === "label") {
      return [
        "  - name: label",
        "    dtype:",
        "      class_label:",
        "        names:",
        ...labels.map(({ index, id }) => `          "${index}": ${JSON.stringify(id)}`),
      ];
    }
    return [`  - name: ${name}`, `    dtype: ${kind === "number" ? "int64" : "string"}`];
  });
  // The reader of image folders heeds these, but not those under `dataset_info`.
  return ["  features:", "  - name: image", "    dtype: image", ...fields];
}

/** The hub knows a few licences by name; a mixture is another one. */
function licenseLines({ licenses }: Figures): string[] {
  const [only] = licenses;
  const hub = only === undefined || licenses.length > 1 ? undefined : HUB_LICENSES.get(only[0]);
  if (hub !== undefined) return [`license: ${hub}`];
  return ["license: other", `license_name: "each image has its own"`, "license_link: README.md"];
}

const HUB_LICENSES: ReadonlyMap<string, string> = new Map(
  ["CC0-1.0", "CC-BY-3.0", "CC-BY-4.0", "CC-BY-SA-3.0", "CC-BY-SA-4.0", "CC-BY-NC-3.0"]
    .concat(["CC-BY-NC-4.0", "CC-BY-NC-SA-3.0", "CC-BY-NC-SA-4.0", "CC-BY-NC-ND-4.0"])
    .map((id) => [id, id.toLowerCase()]),
);

function sizeCategory(images: number): string {
  const steps = [
    [1_000, "n<1K"],
    [10_000, "1K<n<10K"],
    [100_000, "10K<n<100K"],
    [1_000_000, "100K<n<1M"],
  ] as const;
  return steps.find(([below]) => images < below)?.[1] ?? "1M<n<10M";
}

function howToRead(format: Format): string[] {
  const code = {
    imagefolder: [
      "from datasets import load_dataset",
      'fish = load_dataset("path/to/this/folder")  # or: load_dataset("imagefolder", data_dir=…)',
      "",
      "from torchvision.datasets import ImageFolder",
      'train = ImageFolder("path/to/this/folder/train")  # numbers the folders anew: see labels.json',
    ],
    webdataset: [
      "import glob, webdataset",
      'shards = sorted(glob.glob("path/to/this/folder/train-*.tar"))',
      'fish = webdataset.WebDataset(shards, shardshuffle=False).decode("pil")',
      'fish = fish.to_tuple("jpg;png;webp;gif", "cls", "json")',
    ],
    csv: [
      "import pandas",
      'fish = pandas.read_csv("path/to/this/folder/train.csv", keep_default_na=False)',
    ],
    jsonl: [
      "import pandas",
      'fish = pandas.read_json("path/to/this/folder/train.jsonl", lines=True)',
    ],
  }[format];
  const note = format === "csv" || format === "jsonl"
    ? "\n`file_name` leads from this folder to the images, which are not in it."
    : "";
  return [
    "```python",
    ...code,
    "```",
    "",
    "`labels.json` has the number, id, Latin and common names of each species; the numbers stay as " +
    "they are when species are added. The export is whole when `manifest.jsonl` is there." + note,
  ];
}

function splits({ figures, dataset }: CardInput): string[] {
  const { shares, seed, groups } = dataset;
  return [
    "| side | images |",
    "| --- | ---: |",
    ...SIDES.map((side) => `| ${side} | ${figures.sides[side]} |`),
    "",
    `Dealt out ${
      formatShares(shares)
    } per species with the seed ${seed}, by groups: near-duplicates ` +
    "(by perceptual fingerprint, mirrored ones too), the same bytes, the same source page and the " +
    "same photographer's series on a page are on the same side, also across species. " +
    `${groups.count} groups, the largest of ${groups.largest} images. An image that was once for ` +
    "testing stays so when the dataset grows. A species with fewer than three groups is for " +
    "training alone.",
  ];
}

function licences({ figures, license, unlicensed }: CardInput): string[] {
  const lines = [
    "| source | images |",
    "| --- | ---: |",
    ...figures.sources.map(([name, count]) => `| ${cell(name)} | ${count} |`),
    "",
    "| licence | images |",
    "| --- | ---: |",
    ...figures.licenses.map(([name, count]) => `| ${cell(name)} | ${count} |`),
    "",
    "Each image has its own licence, photographer, address and page in its line. `unknown` means " +
    "that the page says nothing that could be understood: then all rights are reserved.",
  ];
  if (license === "all") return lines;
  return [
    ...lines,
    "",
    `Only ${
      license === "cc" ? "Creative Commons" : license.map(cell).join(", ")
    } was taken: that ` +
    `left out ${describeUnlicensed(unlicensed)}.`,
  ];
}

/**
 * What a choice of licences left out, for a sentence.
 *
 * @param report What was counted.
 */
export function describeUnlicensed({ leftOut, of, licenses }: LicenseReport): string {
  const share = of === 0 ? 0 : Math.round(leftOut * 1000 / of) / 10;
  const list = licenses.map(([name, count]) => `${count} ${name}`).join(", ");
  return `${leftOut} of ${of} images (${share} %${list === "" ? "" : `: ${list}`})`;
}

function doubts({ figures, dataset, leftOut }: CardInput): string[] {
  const { doubts: { small, lacking }, blind } = dataset;
  const searched = figures.sources.filter(([name]) => name !== "fishbase")
    .reduce((sum, [, count]) => sum + count, 0);
  const unknown = figures.licenses.find(([name]) => name === "unknown")?.[1] ?? 0;
  const unequal = figures.species.map(({ sides }) => sides.train + sides.validation + sides.test);
  return [
    `${searched} images were found by an image search: nobody has looked whether each shows the ` +
    "species it was searched by.",
    `${unknown} images have no known licence, ${figures.anonymous} no known photographer.`,
    `The species have from ${
      Math.min(...unequal, Infinity) === Infinity ? 0 : Math.min(...unequal)
    } ` +
    `to ${Math.max(0, ...unequal)} images: count accuracy per species.`,
    ...(small.length === 0
      ? []
      : [`For training alone, too few unrelated images: ${small.join(", ")}.`]),
    ...lacking.map(({ species, side }) => `${species} has nothing for ${side}.`),
    ...(blind.length === 0
      ? []
      : [`${blind.length} images have no fingerprint: near-duplicates of them may be elsewhere.`]),
    ...(leftOut.length === 0
      ? []
      : [`${leftOut.length} images are left out, their files are no good.`]),
    "Near-duplicates are told by a fingerprint: a picture that was cropped to less than half, or " +
    "painted over, is not recognised as the same.",
  ];
}

function making({ resizing, dataset }: CardInput): string[] {
  const resized = resizing === undefined
    ? "The images are as they were found, but for rare types, which were converted."
    : `The images were brought to ${resizing.size} pixels (${resizing.fit}) and saved as JPEG.`;
  return [
    `The list of species is from Wikipedia${
      pageOf(dataset)
    }, the photos from the sources above. Each ` +
    "file was decoded wholly and kept where it is a photo of at least 100 pixels a side that is no " +
    "duplicate, no placeholder and no drawing of text. Images that a person has rejected are not " +
    `here. ${resized}`,
  ];
}

function pageOf({ list }: SplitDataset): string {
  const page = list[0]?.page;
  return page === undefined || URL.parse(page) === null ? "" : ` (<${page}>)`;
}

/** A text in a cell of a table: what Markdown and HTML take for their own is made harmless. */
function cell(text: string): string {
  return text.replace(/[\r\n\t]+/g, " ").replace(
    /[\\`*_[\]<>|#&]/g,
    (sign) => `&#${sign.charCodeAt(0)};`,
  );
}
