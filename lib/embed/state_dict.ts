/**
 * Reads the weights of a PyTorch model from a file of `torch.save()`, in the format before PyTorch
 * 1.6: five pickles, then the numbers.
 *
 * A pickle is a program. This reader knows only the few commands that a dictionary of tensors
 * needs, and of the functions that such a program may call the three that build it; anything else
 * is an error.
 *
 * @module
 */

/** Numbers in rows, the last dimension innermost. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly numbers: Float32Array<ArrayBuffer>;
}

/** Bytes that are no such file; the message says where. */
export class BadWeights extends Error {
  override readonly name = "BadWeights";
}

/** What torch writes at the beginning of the old format. */
const MAGIC = "1950a86a20f9469cfc6c";
const VERSION = 1001;

/** A function or class that a pickle names. */
class Named {
  constructor(readonly name: string) {}
}

/** Where the numbers of tensors lie. */
class Storage {
  constructor(readonly type: string, readonly key: string, readonly length: number) {}
}

/** A tensor whose numbers are not read yet. */
class View {
  constructor(
    readonly storage: Storage,
    readonly offset: number,
    readonly shape: readonly number[],
    readonly strides: readonly number[],
  ) {}
}

type Value =
  | null
  | boolean
  | number
  | string
  | Named
  | Storage
  | View
  | Map<string, Value>
  | Value[];

/** Bytes of a number of each kind of storage. */
const SIZES: ReadonlyMap<string, number> = new Map([
  ["torch FloatStorage", 4],
  ["torch LongStorage", 8],
]);
const DICTIONARY = "collections OrderedDict";
const REBUILD = "torch._utils _rebuild_tensor_v2";
const KNOWN: ReadonlySet<string> = new Set([...SIZES.keys(), DICTIONARY, REBUILD]);

/**
 * Reads the tensors of 32-bit floats; others, such as counters, are left out.
 *
 * @throws {BadWeights} When the bytes are no such file.
 */
export function readStateDict(bytes: Uint8Array<ArrayBuffer>): Map<string, Tensor> {
  const unpickler = new Unpickler(bytes);
  if (unpickler.next() !== MAGIC) throw new BadWeights("It does not begin as torch's old format");
  if (unpickler.next() !== VERSION) throw new BadWeights("It is of another version");
  unpickler.next();
  const weights = unpickler.next();
  const keys = unpickler.next();
  if (!(weights instanceof Map) || !Array.isArray(keys)) {
    throw new BadWeights("It is no dictionary of tensors");
  }
  const views = [...weights].filter((entry): entry is [string, View] => entry[1] instanceof View);
  const storages = new Map(views.map(([, { storage }]) => [storage.key, storage]));
  const data = new Map<string, Float32Array<ArrayBuffer>>();
  let at = unpickler.at;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (const key of keys) {
    const storage = typeof key === "string" ? storages.get(key) : undefined;
    const size = SIZES.get(storage?.type ?? "");
    if (storage === undefined || size === undefined || at + 8 > bytes.length) {
      throw new BadWeights(`A storage is unknown, or the file ends, at byte ${at}`);
    }
    const length = Number(view.getBigUint64(at, true));
    const end = at + 8 + length * size;
    if (length !== storage.length || end > bytes.length) {
      throw new BadWeights(`A storage is cut off at byte ${at}`);
    }
    if (size === 4) data.set(storage.key, new Float32Array(bytes.slice(at + 8, end).buffer));
    at = end;
  }
  const tensors = new Map<string, Tensor>();
  for (const [name, tensor] of views) {
    const all = data.get(tensor.storage.key);
    if (all === undefined) continue;
    tensors.set(name, { shape: tensor.shape, numbers: inRows(name, tensor, all) });
  }
  return tensors;
}

/** The numbers of a tensor, which may lie in another order. */
function inRows(
  name: string,
  { offset, shape, strides }: View,
  all: Float32Array,
): Float32Array<ArrayBuffer> {
  const length = shape.reduce((product, side) => product * side, 1);
  const last = shape.reduce((sum, side, axis) => sum + (side - 1) * (strides[axis] ?? 0), offset);
  if (length > all.length || last >= all.length) {
    throw new BadWeights(`${name} is larger than its storage`);
  }
  const numbers = new Float32Array(length);
  const place = shape.map(() => 0);
  let from = offset;
  for (let at = 0; at < length; at++) {
    numbers[at] = all[from] ?? 0;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const [side = 1, stride = 0] = [shape[axis], strides[axis]];
      const next = (place[axis] ?? 0) + 1;
      place[axis] = next === side ? 0 : next;
      if (next < side) {
        from += stride;
        break;
      }
      from -= stride * (side - 1);
    }
  }
  return numbers;
}

/** Runs the pickles of a file, one after the other. */
class Unpickler {
  /** The byte that is read next. */
  at = 0;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #stack: Value[] = [];
  #marks: number[] = [];
  #memo = new Map<number, Value>();

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** What the next pickle makes. */
  next(): Value {
    [this.#stack, this.#marks, this.#memo] = [[], [], new Map()];
    try {
      while (this.#step());
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new BadWeights("The file ends in the middle");
    }
    return this.#pop();
  }

  /** Carries out a command; false after the last one. */
  #step(): boolean {
    const command = this.#byte();
    switch (command) {
      case 0x80: // PROTO
        this.#byte();
        return true;
      case 0x2e: // STOP
        return false;
      case 0x28: // MARK
        this.#marks.push(this.#stack.length);
        return true;
      case 0x4e: // NONE
        return this.#push(null);
      case 0x88: // NEWTRUE
        return this.#push(true);
      case 0x89: // NEWFALSE
        return this.#push(false);
      case 0x4b: // BININT1
        return this.#push(this.#byte());
      case 0x4d: // BININT2
        return this.#push(this.#view.getUint16(this.#skip(2), true));
      case 0x4a: // BININT
        return this.#push(this.#view.getInt32(this.#skip(4), true));
      case 0x8a: { // LONG1: too long for a number, so in hex
        const length = this.#byte();
        const from = this.#skip(length);
        return this.#push(this.#bytes.slice(from, from + length).reverse().toHex());
      }
      case 0x58: // BINUNICODE
        return this.#push(this.#text(this.#view.getUint32(this.#skip(4), true)));
      case 0x7d: // EMPTY_DICT
        return this.#push(new Map());
      case 0x5d: // EMPTY_LIST
      case 0x29: // EMPTY_TUPLE
        return this.#push([]);
      case 0x74: // TUPLE
        return this.#push(this.#popToMark());
      case 0x85: // TUPLE1
      case 0x86: // TUPLE2
      case 0x87: // TUPLE3
        return this.#push(this.#stack.splice(-(command - 0x84)));
      case 0x65: // APPENDS
        return this.#append(this.#popToMark());
      case 0x73: // SETITEM
        return this.#setItems(this.#stack.splice(-2));
      case 0x75: // SETITEMS
        return this.#setItems(this.#popToMark());
      case 0x71: // BINPUT
        return this.#remember(this.#byte());
      case 0x72: // LONG_BINPUT
        return this.#remember(this.#view.getUint32(this.#skip(4), true));
      case 0x68: // BINGET
        return this.#recall(this.#byte());
      case 0x6a: // LONG_BINGET
        return this.#recall(this.#view.getUint32(this.#skip(4), true));
      case 0x63: // GLOBAL
        return this.#push(this.#named(`${this.#line()} ${this.#line()}`));
      case 0x51: // BINPERSID
        return this.#push(storageOf(this.#pop()));
      case 0x52: { // REDUCE
        const given = this.#pop();
        return this.#push(call(this.#pop(), given));
      }
      case 0x62: // BUILD: the attributes of the dictionary, which say nothing of the weights
        this.#pop();
        return true;
      default:
        throw new BadWeights(`Unknown command ${command} at byte ${this.at - 1}`);
    }
  }

  #named(name: string): Named {
    if (KNOWN.has(name)) return new Named(name);
    throw new BadWeights(`It calls ${name}, which no dictionary of tensors needs`);
  }

  #push(value: Value): true {
    this.#stack.push(value);
    return true;
  }

  #pop(): Value {
    const value = this.#stack.pop();
    if (value === undefined) throw new BadWeights(`Nothing is left at byte ${this.at}`);
    return value;
  }

  #popToMark(): Value[] {
    const mark = this.#marks.pop();
    if (mark === undefined) throw new BadWeights(`No mark at byte ${this.at}`);
    return this.#stack.splice(mark);
  }

  #append(values: Value[]): true {
    const list = this.#stack.at(-1);
    if (!Array.isArray(list)) throw new BadWeights(`No list at byte ${this.at}`);
    list.push(...values);
    return true;
  }

  #setItems(items: Value[]): true {
    const map = this.#stack.at(-1);
    if (!(map instanceof Map)) throw new BadWeights(`No dictionary at byte ${this.at}`);
    for (let at = 0; at + 1 < items.length; at += 2) {
      const [key, value] = [items[at], items[at + 1]];
      if (typeof key !== "string" || value === undefined) {
        throw new BadWeights(`A key is no text at byte ${this.at}`);
      }
      map.set(key, value);
    }
    return true;
  }

  #remember(number: number): true {
    const value = this.#stack.at(-1);
    if (value !== undefined) this.#memo.set(number, value);
    return true;
  }

  #recall(number: number): true {
    const value = this.#memo.get(number);
    if (value === undefined) throw new BadWeights(`Nothing was remembered as ${number}`);
    return this.#push(value);
  }

  #byte(): number {
    return this.#view.getUint8(this.at++);
  }

  #skip(bytes: number): number {
    const from = this.at;
    this.at += bytes;
    return from;
  }

  #text(bytes: number): string {
    const from = this.#skip(bytes);
    if (this.at > this.#bytes.length) throw new BadWeights("The file ends in a text");
    return new TextDecoder().decode(this.#bytes.subarray(from, this.at));
  }

  #line(): string {
    const end = this.#bytes.indexOf(10, this.at);
    if (end < 0) throw new BadWeights("The file ends in a name");
    const text = this.#text(end - this.at);
    this.at++;
    return text;
  }
}

function storageOf(id: Value): Storage {
  if (Array.isArray(id)) {
    const [kind, type, key, , length] = id;
    if (
      kind === "storage" && type instanceof Named && typeof key === "string" &&
      typeof length === "number"
    ) return new Storage(type.name, key, length);
  }
  throw new BadWeights("It names a storage in another way");
}

function call(what: Value, given: Value): Value {
  if (what instanceof Named && Array.isArray(given)) {
    if (what.name === DICTIONARY && given.length === 0) return new Map();
    if (what.name === REBUILD) {
      const [storage, offset, shape, strides] = given;
      if (
        storage instanceof Storage && typeof offset === "number" && offset >= 0 &&
        isSides(shape) && isSides(strides) && shape.length === strides.length
      ) return new View(storage, offset, shape, strides);
    }
  }
  throw new BadWeights("It builds something else than tensors");
}

function isSides(value: Value | undefined): value is number[] {
  return Array.isArray(value) &&
    value.every((side) => Number.isSafeInteger(side) && Number(side) >= 0);
}
