/**
 * The verdicts that pages send, read from JSON.
 *
 * @module
 */

import { isSpeciesId } from "../dataset/log_line.ts";
import { type Order, type Trait, TRAITS, type Verdict } from "./board.ts";

/** A longer body is no order of our page, in bytes. */
const LONGEST_BODY = 1 << 20;
/** A longer reason is cut, in characters. */
const LONGEST_REASON = 500;
/** The path of a kept file within the folder of images. */
const FILE = /^([^/]+)\/[0-9a-f]{16,64}\.(?:jpg|png|webp|gif)$/;

/** A body that is no order; the message says why. */
export class BadOrder extends Error {
  /** Always `"BadOrder"`. */
  override readonly name = "BadOrder";
  /** The HTTP status to answer with. */
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * Reads the body of a request as an order.
 *
 * @param request The request.
 * @throws {BadOrder} When it is none, or breaks off.
 */
export async function readOrder(request: Request): Promise<Order> {
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
export function parseOrder(value: unknown): Order {
  if (!isRecord(value)) throw new BadOrder(400, "An order is an object.");
  const { verdict, to, reason, images, all, species } = value;
  if (!isVerdict(verdict)) {
    throw new BadOrder(400, "The verdict is rejected, accepted or undone.");
  }
  if (reason !== undefined && typeof reason !== "string") {
    throw new BadOrder(400, "The reason is a text.");
  }
  const why = reason?.trim().slice(0, LONGEST_REASON);
  const base = {
    verdict,
    ...idIn("to", to),
    ...idIn("species", species),
    ...(why === undefined || why === "" ? {} : { reason: why }),
  };
  if (images !== undefined) {
    if (!Array.isArray(images) || !images.every(isImagePath)) {
      throw new BadOrder(400, "The images are a list of files.");
    }
    return { ...base, images };
  }
  if (!isRecord(all) || !isTrait(all["trait"]) || typeof all["value"] !== "string") {
    throw new BadOrder(400, "An order names images, or a trait of theirs.");
  }
  return { ...base, all: { trait: all["trait"], value: all["value"] } };
}

/** Whether a text is the path of a kept file within the folder of images. */
export function isImagePath(path: unknown): path is string {
  return typeof path === "string" && isSpeciesId(FILE.exec(path)?.[1]);
}

function idIn<Name extends string>(
  name: Name,
  value: unknown,
): { readonly [_ in Name]?: string } {
  if (value === undefined) return {};
  if (!isSpeciesId(value)) throw new BadOrder(400, "A species is named by its id.");
  return { [name]: value } as { [_ in Name]: string };
}

async function readBody(request: Request): Promise<string> {
  const bytes = new Uint8Array(LONGEST_BODY);
  let filled = 0;
  try {
    for await (const chunk of request.body ?? []) {
      if (filled + chunk.length > LONGEST_BODY) throw new BadOrder(413, "The body is too large.");
      bytes.set(chunk, filled);
      filled += chunk.length;
    }
  } catch (error) {
    if (error instanceof BadOrder) throw error;
    // The page was closed, or the connection lost, in the middle of it.
    throw new BadOrder(400, "The body breaks off.");
  }
  return new TextDecoder().decode(bytes.subarray(0, filled));
}

function isVerdict(value: unknown): value is Verdict {
  return value === "rejected" || value === "accepted" || value === "undone";
}

function isTrait(value: unknown): value is Trait {
  return TRAITS.some((trait) => trait === value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
