// What Aquaset uses of Astral 0.5.6, in the words of its published source. `deno.json` maps Astral's
// name to this file, so that the driver is type-checked where JSR cannot be reached; under
// imports.jsr.json the original and its own types are found instead.

/** The raw protocol, one object a domain; a command that fails gives `undefined`. */
export class Celestial extends EventTarget {
  close(): Promise<void>;
}

export class Page {
  readonly mouse: { click(x: number, y: number): Promise<void> };
  evaluate<T>(expression: string): Promise<T>;
  unsafelyGetCelestialBindings(): Celestial;
}

export interface Browser {
  unsafelyGetCelestialBindings(): Celestial;
  newPage(url?: string, options?: { userAgent?: string }): Promise<Page>;
  userAgent(): Promise<string>;
  disconnect(): Promise<void>;
}

export function connect(options: { endpoint: string }): Promise<Browser>;
