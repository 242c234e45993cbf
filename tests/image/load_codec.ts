import { type Codec, type CodecOptions, loadCodec } from "../../lib/image/codec.ts";

/**
 * Loads the codec into the tests' own thread. Outside of a worker its script takes a `window` for the
 * sign that there is a `fetch` to get its further parts with; it looks only while it loads.
 */
export async function loadHere(options: CodecOptions = {}): Promise<Codec> {
  Object.defineProperty(globalThis, "window", { value: globalThis, configurable: true });
  try {
    return await loadCodec(options);
  } finally {
    Reflect.deleteProperty(globalThis, "window");
  }
}
