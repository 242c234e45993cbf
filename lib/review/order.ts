/**
 * The verdicts that pages send, read from JSON.
 *
 * @module
 */

import * as v from "valibot";
import { isSpeciesId } from "../species/species.ts";
import { type Order, TRAITS } from "./board.ts";

/** A longer reason is cut, in characters. */
const LONGEST_REASON = 500;
/** The path of a kept file within the folder of images. */
const FILE = /^([^/]+)\/[0-9a-f]{16,64}\.(?:jpg|png|webp|gif)$/;

const SPECIES = v.exactOptional(v.custom<string>(isSpeciesId, "A species is named by its id."));
const BASE = {
  verdict: v.picklist(["rejected", "accepted", "undone"]),
  to: SPECIES,
  species: SPECIES,
  reason: v.exactOptional(
    v.pipe(v.string(), v.trim(), v.transform((text) => text.slice(0, LONGEST_REASON))),
  ),
};
const ORDER = v.pipe(
  v.string(),
  v.parseJson(undefined, "The body is no JSON."),
  v.union([
    v.object({ ...BASE, images: v.array(v.custom<string>(isImagePath)) }),
    v.object({ ...BASE, all: v.object({ trait: v.picklist(TRAITS), value: v.string() }) }),
  ], "An order has a verdict, and names images or what they have in common."),
);

/** A request that is no order: the HTTP status to answer with, and why. */
export class BadOrder extends Error {
  constructor(readonly status: number, message: string) {
    super(message);
  }
}

/**
 * Reads the body of a request as an order.
 *
 * @throws {BadOrder} When it is not an order, or is cut off.
 */
export async function readOrder(request: Request): Promise<Order> {
  const type = request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (type !== "application/json") throw new BadOrder(415, "Verdicts are sent as JSON.");
  // The page was closed, or the connection lost, in the middle of it.
  const text = await request.text().catch(() => {
    throw new BadOrder(400, "The body breaks off.");
  });
  const read = v.safeParse(ORDER, text);
  if (!read.success) throw new BadOrder(400, read.issues[0].message);
  return read.output;
}

/** Whether a value is the path of a kept file within the folder of images. */
export function isImagePath(path: unknown): path is string {
  return typeof path === "string" && isSpeciesId(FILE.exec(path)?.[1]);
}
