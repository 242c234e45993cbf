/**
 * FishBase's published tables, as Parquet files with the columns of the real ones that matter here.
 * They are older than the site: some fish, names and photos are not in them yet.
 *
 * @module
 */

import { type ColumnSource, parquetWriteBuffer } from "hyparquet-writer";
import { type Catalogue, type Fish, fishbaseName } from "../catalogue.ts";
import type { Reply, Request } from "../http.ts";
import type { Plan } from "../plan.ts";
import { fileOf, photographer } from "./fishbase.ts";

export function fishbaseTables(catalogue: Catalogue, plan: Plan): (request: Request) => Reply {
  const made = new Map<string, Uint8Array>();
  const fish = catalogue.fish.filter((one) =>
    fishbaseName(one) !== undefined && one.index % 12 !== 6
  );
  const makers: Readonly<Record<string, () => ColumnSource[]>> = {
    species: () => species(fish),
    synonyms: () => synonyms(fish, catalogue),
    picturesmain: () => pictures(fish, plan),
  };
  return ({ url }) => {
    const name = /^\/cboettig\/fishbase\/fb\/v25\.04\/parquet\/(\w+)\.parquet$/.exec(url.pathname)
      ?.[1] ?? "";
    const make = makers[name];
    if (make === undefined) return { status: 404, body: "Not Found" };
    const file = made.get(name) ?? new Uint8Array(parquetWriteBuffer({ columnData: make() }));
    made.set(name, file);
    return { headers: { "Content-Type": "application/octet-stream" }, body: file };
  };
}

function species(fish: readonly Fish[]): ColumnSource[] {
  return columns(
    fish.map((one) => {
      const [Genus, ...rest] = (fishbaseName(one) ?? "").split(" ");
      return { SpecCode: one.code, Genus, Species: rest.join(" "), FBname: one.common, Fresh: -1 };
    }),
  );
}

function synonyms(fish: readonly Fish[], catalogue: Catalogue): ColumnSource[] {
  const row = (name: string, code: number, Status: string) => {
    const [SynGenus, ...rest] = name.split(" ");
    return { SynCode: code, SpecCode: code, SynGenus, SynSpecies: rest.join(" "), Status };
  };
  const [other] = fish;
  return columns([
    ...fish.map((one) => row(fishbaseName(one) ?? "", one.code, "accepted name")),
    ...fish.filter(({ knowledge }) => knowledge.kind === "renamed")
      .map((one) => row(one.latin, one.code, "synonym")),
    // A name that was once used for another fish than the one it belongs to.
    ...catalogue.fish.filter((one) => one.plain && one.knowledge.kind === "unknown")
      .map((one) => row(one.latin, other?.code ?? 0, "misapplied name")),
  ]);
}

function pictures(fish: readonly Fish[], plan: Plan): ColumnSource[] {
  return columns(fish.flatMap((one) => {
    const { drawings, fishbase } = plan.of(one);
    const photos = fishbase.filter(({ newer, url }) =>
      newer !== true && url.includes("/images/species/")
    );
    return [
      ...photos.map((finding) => ({
        SpecCode: one.code,
        PicName: fileOf(finding),
        PictureType: finding.index % 2 === 0 ? "photo" : "underwater photo",
        LifeStage: "adult",
        AuthName: photographer(finding),
        Copyright: finding.license === "CC-BY-NC-3.0" ? "CC-BY-NC 3.0" : "non-commercial use",
      })),
      ...drawings.map((PicName) => ({
        SpecCode: one.code,
        PicName,
        PictureType: "colored drawing",
        LifeStage: null,
        AuthName: "FAO",
        Copyright: null,
      })),
    ];
  }));
}

/** Rows as columns; texts may be missing. */
function columns(rows: readonly Readonly<Record<string, unknown>>[]): ColumnSource[] {
  return Object.keys(rows[0] ?? {}).map((name) => ({
    name,
    data: rows.map((row) => row[name] ?? null),
    type: typeof rows[0]?.[name] === "number" ? "INT32" : "STRING",
  }));
}
