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

/** The same values in an array of twice the length. */
export function grown<T extends ColumnArray>(column: T): T;
export function grown(column: ColumnArray): ColumnArray {
  const length = column.length * 2;
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
