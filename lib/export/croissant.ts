/**
 * Metadata in Croissant 1.1, which dataset searches and training frameworks read.
 *
 * @module
 */

import { PROJECT_URL, VERSION } from "../base/version.ts";
import { type Side, SIDES } from "../split/side.ts";
import type { Figures } from "./figures.ts";
import { sideName } from "./formats.ts";
import type { ExportedFile } from "./manifest.ts";
import type { ExportOptions } from "./options.ts";
import { ROW_FIELDS } from "./rows.ts";

export const CROISSANT_FILE = "croissant.json";

export interface CroissantInput extends Pick<ExportOptions, "format" | "validationName"> {
  readonly figures: Figures;
  /** When the dataset was last changed, ISO 8601. */
  readonly time: string;
  readonly lists: readonly ListedFile[];
  readonly files: ReadonlyMap<string, ExportedFile>;
}

type ListedFile = Pick<ExportedFile, "path" | "bytes" | "sha256">;
type Node = Readonly<Record<string, unknown>>;

export function formatCroissant(input: CroissantInput): string {
  const { figures, time } = input;
  const licenses = figures.licenses.map(([name]) => name);
  const document = {
    "@context": CONTEXT,
    "@type": "sc:Dataset",
    conformsTo: "http://mlcommons.org/croissant/1.1",
    name: "aquarium-fish",
    description:
      `${figures.images} photos of ${figures.species.length} species of aquarium fish, split by groups of related images.`,
    url: PROJECT_URL,
    license: licenses.map(licenseUrl),
    creator: { "@type": "sc:Organization", name: "Aquaset", url: PROJECT_URL },
    version: VERSION,
    datePublished: time.slice(0, 10) || "1970-01-01",
    citeAs: `Aquarium fish, collected with Aquaset ${VERSION}, ${PROJECT_URL}`,
    keywords: ["fish", "aquarium", "image classification"],
    isLiveDataset: false,
    distribution: distribution(input),
    recordSet: [
      splitSet(),
      ...SIDES.filter((side) => figures.sides[side] > 0).flatMap((side) => recordSet(input, side)),
    ],
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** A licence's address, where it has one. */
function licenseUrl(id: string): string {
  const match = /^CC-(BY(?:-[A-Z]{2})*)(?:-(\d\.\d))?$/.exec(id);
  if (match !== null) {
    return `https://creativecommons.org/licenses/${match[1]?.toLowerCase()}/${match[2] ?? "4.0"}/`;
  }
  if (id === "CC0-1.0") return "https://creativecommons.org/publicdomain/zero/1.0/";
  if (id === "CC-PDM-1.0") return "https://creativecommons.org/publicdomain/mark/1.0/";
  return id;
}

function distribution(input: CroissantInput): Node[] {
  const { format, lists, files } = input;
  const fileObject = (encodingFormat: string, { path, bytes, sha256 }: ListedFile) => ({
    "@type": "cr:FileObject",
    "@id": path,
    name: path,
    contentUrl: path,
    contentSize: `${bytes} B`,
    encodingFormat,
    sha256,
  });
  if (format !== "webdataset" && format !== "parquet") {
    return lists.map((list) =>
      fileObject(format === "csv" ? "text/csv" : "application/jsonlines", list)
    );
  }
  const shards = [...files.values()].map((shard) =>
    fileObject(format === "parquet" ? "application/x-parquet" : "application/x-tar", shard)
  );
  const sets = format === "parquet" ? [] : SIDES.flatMap((side): Node[] => {
    const own = shards.filter(({ name }) => isOfSide(name, side, input));
    if (own.length === 0) return [];
    return [{
      "@type": "cr:FileSet",
      "@id": `${side}-rows`,
      name: `${side}-rows`,
      containedIn: own.map((shard) => ({ "@id": shard["@id"] })),
      encodingFormat: "application/json",
      includes: "*.json",
    }];
  });
  return [...shards, ...sets];
}

function isOfSide(path: string, side: Side, input: CroissantInput): boolean {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const own = sideName(side, input);
  return path.startsWith(`${own}/`) || name.startsWith(`${own}-`) || name.startsWith(`${own}.`);
}

function splitSet(): Node {
  return {
    "@type": "cr:RecordSet",
    "@id": "splits",
    name: "splits",
    key: { "@id": "splits/name" },
    dataType: "cr:Split",
    field: [
      { "@type": "cr:Field", "@id": "splits/name", dataType: "sc:Text" },
      { "@type": "cr:Field", "@id": "splits/url", dataType: ["sc:URL", "wd:Q3985153"] },
    ],
    data: SIDES.map((side) => ({
      "splits/name": side,
      "splits/url": {
        train: "cr:TrainingSplit",
        validation: "cr:ValidationSplit",
        test: "cr:TestSplit",
      }[side],
    })),
  };
}

/** One record an image: a set for each side, of Parquet for each shard if there are several. */
function recordSet(input: CroissantInput, side: Side): Node[] {
  const ofSide = ({ path }: { readonly path: string }): boolean => isOfSide(path, side, input);
  const set = (name: string, fields: readonly (Node & { readonly name: string })[]): Node => ({
    "@type": "cr:RecordSet",
    "@id": name,
    name,
    description: `One record an image of the side ${side}.`,
    field: fields.map((field) => ({
      "@type": "cr:Field",
      "@id": `${name}/${field.name}`,
      ...field,
    })),
  });
  if (input.format === "webdataset") return [set(side, shardFields(`${side}-rows`))];
  if (input.format === "parquet") {
    const shards = [...input.files.values()].filter(ofSide);
    return shards.map(({ path }, at) =>
      set(shards.length === 1 ? side : `${side}-${at}`, columnFields(path, ["file_name"]))
    );
  }
  const list = input.lists.find(ofSide);
  return list === undefined ? [] : [set(side, columnFields(list.path, []))];
}

function columnFields(
  path: string,
  without: readonly string[],
): (Node & { readonly name: string })[] {
  return ROW_FIELDS.filter(([name]) => !without.includes(name))
    .map(([name, kind, description]) => ({
      name,
      description,
      dataType: kind === "number" ? "sc:Integer" : kind === "url" ? "sc:URL" : "sc:Text",
      source: { fileObject: { "@id": path }, extract: { column: name } },
    }));
}

/** In a tar each row is a file of its own, which readers take as a whole. */
function shardFields(set: string): (Node & { readonly name: string })[] {
  const text = (name: string, description: string, fileProperty: string) => ({
    name,
    description,
    dataType: "sc:Text",
    source: { fileSet: { "@id": set }, extract: { fileProperty } },
  });
  return [
    text("name", "The sample's key and .json", "filename"),
    text("row", "Everything known of the image, as JSON", "content"),
  ];
}

/** The context that the specification gives. */
const CONTEXT = {
  "@language": "en",
  "@vocab": "https://schema.org/",
  arrayShape: "cr:arrayShape",
  citeAs: "cr:citeAs",
  column: "cr:column",
  conformsTo: "dct:conformsTo",
  containedIn: "cr:containedIn",
  cr: "http://mlcommons.org/croissant/",
  rai: "http://mlcommons.org/croissant/RAI/",
  data: { "@id": "cr:data", "@type": "@json" },
  dataType: { "@id": "cr:dataType", "@type": "@vocab" },
  dct: "http://purl.org/dc/terms/",
  equivalentProperty: "cr:equivalentProperty",
  examples: { "@id": "cr:examples", "@type": "@json" },
  excludes: "cr:excludes",
  extract: "cr:extract",
  field: "cr:field",
  fileProperty: "cr:fileProperty",
  fileObject: "cr:fileObject",
  fileSet: "cr:fileSet",
  format: "cr:format",
  includes: "cr:includes",
  isArray: "cr:isArray",
  isLiveDataset: "cr:isLiveDataset",
  jsonPath: "cr:jsonPath",
  key: "cr:key",
  md5: "cr:md5",
  parentField: "cr:parentField",
  path: "cr:path",
  prov: "http://www.w3.org/ns/prov#",
  recordSet: "cr:recordSet",
  references: "cr:references",
  regex: "cr:regex",
  repeated: "cr:repeated",
  replace: "cr:replace",
  samplingRate: "cr:samplingRate",
  sc: "https://schema.org/",
  separator: "cr:separator",
  source: "cr:source",
  subField: "cr:subField",
  transform: "cr:transform",
  wd: "https://www.wikidata.org/wiki/",
} as const;
