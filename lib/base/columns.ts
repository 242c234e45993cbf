/**
 * Columns of numbers: tables of many rows take little memory as one array a field.
 *
 * @module
 */

/** The kinds of array that a column of a table may be. */
export type ColumnArray =
  | Int8Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | Int32Array
  | Float64Array;

/** From so many rows on, room is made for that many more, not for twice as many. */
const STEP = 32_768;

/**
 * For how many rows there is to be room when it has run out: large tables would otherwise be half
 * empty.
 *
 * @param rows For how many there is.
 */
export function moreRows(rows: number): number {
  return rows < STEP ? rows * 2 : rows + STEP;
}

/**
 * The same values in a longer array.
 *
 * @param column The values.
 * @param length How long it is to be; twice as long unless given.
 */
export function grown<T extends ColumnArray>(column: T, length?: number): T;
export function grown(column: ColumnArray, length = column.length * 2): ColumnArray {
  const wider = column instanceof Int8Array
    ? new Int8Array(length)
    : column instanceof Uint8Array
    ? new Uint8Array(length)
    : column instanceof Uint16Array
    ? new Uint16Array(length)
    : column instanceof Uint32Array
    ? new Uint32Array(length)
    : column instanceof Int32Array
    ? new Int32Array(length)
    : new Float64Array(length);
  wider.set(column);
  return wider;
}
