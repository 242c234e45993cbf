// What Aquaset uses of Astral 0.5.6, in the words of its published source. `deno.json` maps Astral's
// name to this file, so that the driver is type-checked where JSR cannot be reached; under
// imports.jsr.json the original and its own types are found instead.

/** The raw protocol, one object a domain; a command that fails gives `undefined`. */
export interface Celestial {
  /** As in Astral 0.5.6. */
  addEventListener(type: string, listener: (event: CustomEvent) => void): void;
  /** As in Astral 0.5.6. */
  close(): Promise<void>;
}

/** As in Astral 0.5.6. */
export interface Page {
  /** As in Astral 0.5.6. */
  unsafelyGetCelestialBindings(): Celestial;
}

/** As in Astral 0.5.6. */
export interface Browser {
  /** As in Astral 0.5.6. */
  unsafelyGetCelestialBindings(): Celestial;
  /** As in Astral 0.5.6. */
  newPage(url?: string, options?: { userAgent?: string }): Promise<Page>;
  /** As in Astral 0.5.6. */
  userAgent(): Promise<string>;
  /** As in Astral 0.5.6. */
  disconnect(): Promise<void>;
}

/** As in Astral 0.5.6. */
export function connect(options: { endpoint: string }): Promise<Browser>;
