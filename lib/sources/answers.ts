/**
 * Reading the answers of APIs with schemas.
 *
 * @module
 */

import * as v from "valibot";

/**
 * What reads an answer: a schema of valibot or of any other library that follows the Standard
 * Schema.
 */
export interface Schema<Output> {
  /** The part that all such libraries have in common. */
  readonly "~standard": {
    /** Gives the value that was read, or why it cannot be read. */
    validate(value: unknown): Reading<Output> | Promise<Reading<Output>>;
  };
}

/** What a schema made of an answer. */
export type Reading<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly Issue[] };

/** Why an answer cannot be read. */
export interface Issue {
  /** What is wrong. */
  readonly message: string;
  /** Where, from the outermost key. */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** A whole number, which some answers give as a text. */
const WHOLE: v.GenericSchema<unknown, number> = v.pipe(
  v.union([v.number(), v.pipe(v.string(), v.regex(/^\d{1,15}$/))]),
  v.transform(Number),
  v.safeInteger(),
);
/** A whole number from 1. */
export const ID: v.GenericSchema<unknown, number> = v.pipe(WHOLE, v.minValue(1));

/**
 * A field that may be missing. Where it is another thing than it should, it counts as missing: the
 * rest of its record is still of use.
 *
 * @param schema What the field must be.
 */
export function optional<Output>(
  schema: v.GenericSchema<unknown, Output>,
): v.GenericSchema<unknown, Output | undefined> {
  return v.optional(v.pipe(
    v.unknown(),
    v.transform((value) => {
      const parsed = v.safeParse(schema, value);
      return parsed.success ? parsed.output : undefined;
    }),
  ));
}

/** A text that may be missing. */
export const TEXT: v.GenericSchema<unknown, string | undefined> = optional(v.string());
/** `true` or `false`, which may be missing. */
export const FLAG: v.GenericSchema<unknown, boolean | undefined> = optional(v.boolean());
/** A positive whole number, or its digits as a text, which may be missing. */
export const NUMBER: v.GenericSchema<unknown, number | undefined> = optional(ID);
/** How many there are, which may be missing; 0 counts. */
export const COUNT: v.GenericSchema<unknown, number | undefined> = optional(
  v.pipe(WHOLE, v.minValue(0)),
);

/** The records of a list that could be read. */
export interface Records<Output> {
  /** Those that could be read. */
  readonly records: readonly Output[];
  /** How many the list has, those that could not be read among them. */
  readonly count: number;
}

/**
 * A list in which some records may be other than they should: those are left out. A list of which
 * no record can be read is not as we know it.
 *
 * @param schema What a record must be.
 */
export function recordsOf<Output>(
  schema: v.GenericSchema<unknown, Output>,
): v.GenericSchema<unknown, Records<Output>> {
  return v.pipe(
    v.array(v.unknown()),
    v.check(
      (list) => list.length === 0 || list.some((one) => v.is(schema, one)),
      "no known record",
    ),
    v.transform((list) => ({
      records: list.flatMap((one) => {
        const parsed = v.safeParse(schema, one);
        return parsed.success ? [parsed.output] : [];
      }),
      count: list.length,
    })),
  );
}
