/**
 * The verdicts that pages send, read from JSON.
 *
 * @module
 */

import { isSpeciesId } from "../dataset/log_line.ts";
import type { ImageName, Verdict, VerdictOrder } from "./board.ts";

/** A longer body is no order of our page, in bytes. */
const LONGEST_BODY = 1 << 20;
/** A longer reason is cut, in characters. */
const LONGEST_REASON = 500;
/** The names of kept files. */
const NAME = /^[0-9a-f]{16,64}\.(?:jpg|png|webp|gif)$/;

/** A body that is no order; the message says why. */
export class BadOrder extends Error {
  /** Always `"BadOrder"`. */
  override readonly name = "BadOrder";
  /** The HTTP status to answer with. */
  readonly status: number;

  /** Makes one. */
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * Reads the body of a request as an order.
 *
 * @param request The request.
 * @throws {BadOrder} When it is none.
 */
export async function readOrder(request: Request): Promise<VerdictOrder> {
  const type = request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (type !== "application/json") throw new BadOrder(415, "Verdicts are sent as JSON.");
  const text = await readBody(request);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new BadOrder(400, "The body is no JSON.");
  }
  return parseOrder(value);
}

/**
 * Reads an order.
 *
 * @param value What JSON gave.
 * @throws {BadOrder} When it is none.
 */
export function parseOrder(value: unknown): VerdictOrder {
  if (!isRecord(value)) throw new BadOrder(400, "An order is an object.");
  const { verdict, reason, images, host, species } = value;
  if (!isVerdict(verdict)) {
    throw new BadOrder(400, "The verdict is rejected, accepted or undone.");
  }
  if (reason !== undefined && typeof reason !== "string") {
    throw new BadOrder(400, "The reason is a text.");
  }
  const said = reason?.trim().slice(0, LONGEST_REASON);
  const base = { verdict, ...(said === undefined || said === "" ? {} : { reason: said }) };
  if (images !== undefined) {
    if (!Array.isArray(images)) throw new BadOrder(400, "The images are a list.");
    return { ...base, images: images.map(readName) };
  }
  if (typeof host !== "string" || host === "") {
    throw new BadOrder(400, "An order names images or a host.");
  }
  if (species === undefined) return { ...base, host };
  if (!isSpeciesId(species)) throw new BadOrder(400, "The species is named by its id.");
  return { ...base, host, species };
}

/** Whether a text is the name of a kept file. */
export function isImageName(name: unknown): name is string {
  return typeof name === "string" && NAME.test(name);
}

function readName(value: unknown): ImageName {
  if (!isRecord(value) || !isSpeciesId(value["species"]) || !isImageName(value["name"])) {
    throw new BadOrder(400, "An image is named by its species and its file.");
  }
  return { species: value["species"], name: value["name"] };
}

async function readBody(request: Request): Promise<string> {
  const bytes = new Uint8Array(LONGEST_BODY);
  let filled = 0;
  for await (const chunk of request.body ?? []) {
    if (filled + chunk.length > LONGEST_BODY) throw new BadOrder(413, "The body is too large.");
    bytes.set(chunk, filled);
    filled += chunk.length;
  }
  return new TextDecoder().decode(bytes.subarray(0, filled));
}

function isVerdict(value: unknown): value is Verdict {
  return value === "rejected" || value === "accepted" || value === "undone";
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
