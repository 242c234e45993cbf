import { assert } from "@std/assert";
import { crc32, deflateRawSync } from "node:zlib";

/** A zip as `zip` would write it: its directory at the end, with permissions. */
export function zipOf(
  entries: Readonly<Record<string, { text: string; mode: number }>>,
): Uint8Array {
  const numbers = (...list: (readonly [number, 2 | 4])[]) => {
    const view = new DataView(new ArrayBuffer(list.reduce((sum, [, size]) => sum + size, 0)));
    let at = 0;
    for (const [value, size] of list) {
      if (size === 2) view.setUint16(at, value, true);
      else view.setUint32(at, value, true);
      at += size;
    }
    return new Uint8Array(view.buffer);
  };
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  const lengthOf = (list: readonly Uint8Array[]) => list.reduce((sum, one) => sum + one.length, 0);
  for (const [path, { text, mode }] of Object.entries(entries)) {
    const [name, bytes] = [path, text].map((one) => new TextEncoder().encode(one));
    assert(name !== undefined && bytes !== undefined);
    const packed = deflateRawSync(bytes);
    const common = [[20, 2], [0, 2], [8, 2], [0, 4], [crc32(bytes), 4], [
      packed.length,
      4,
    ]] as const;
    const sizes = [[bytes.length, 4], [name.length, 2], [0, 2]] as const;
    const local = lengthOf(parts);
    directory.push(
      numbers([0x02014b50, 4], [3 << 8 | 20, 2], ...common, ...sizes),
      numbers([0, 2], [0, 2], [0, 2], [mode << 16 >>> 0, 4], [local, 4]),
      name,
    );
    parts.push(numbers([0x04034b50, 4], ...common, ...sizes), name, packed);
  }
  const count = Object.keys(entries).length;
  const [begin, size] = [lengthOf(parts), lengthOf(directory)];
  const end = numbers([0x06054b50, 4], [0, 4], [count, 2], [count, 2], [size, 4], [begin, 4], [
    0,
    2,
  ]);
  return Uint8Array.from([...parts, ...directory, end].flatMap((part) => [...part]));
}
