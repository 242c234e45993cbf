/**
 * A worker of the examiner. It may read the codec's folder and do nothing else.
 *
 * @module
 */

/// <reference lib="deno.worker" />

import { type Codec, heapSize, loadCodec, unloadCodec } from "./codec.ts";
import type { ExamineLimits } from "./examine.ts";
import { loadHeic, type OpenHeic } from "./heic.ts";
import { look } from "./look.ts";
import type {
  FromWorker,
  LookMessage,
  RenderMessage,
  ShrinkMessage,
  StartMessage,
  ToWorker,
  Wear,
} from "./messages.ts";
import { understand } from "./decode.ts";
import { render } from "./render.ts";
import { shrink } from "./shrink.ts";

interface Ready {
  readonly codec: Codec;
  readonly limits: ExamineLimits;
  readonly openHeic: OpenHeic;
}

let ready: Ready | undefined;
let failures = 0;

async function start(message: StartMessage): Promise<void> {
  const { folder, module, parts, limits, heic } = message;
  const codec = await loadCodec({ folder, module, parts });
  const openHeic = heic === undefined ? noHeic : await loadHeic(heic);
  ready = { codec, limits, openHeic };
  say({ say: "ready" });
}

async function seeImage(message: LookMessage): Promise<void> {
  if (ready === undefined) throw new Error("The worker was sent an image before it was ready");
  const { codec, limits, openHeic } = ready;
  const examination = await look(codec, message, limits, openHeic);
  const bytes = examination.ok ? [examination.bytes.buffer] : [];
  if (!examination.ok && examination.outcome === "corrupt") failures += 1;
  say({ say: "seen", examination, wear: wearOf(codec) }, bytes);
}

function shrinkImage({ bytes, side }: ShrinkMessage): void {
  if (ready === undefined) throw new Error("The worker was sent an image before it was ready");
  const small = shrink(ready.codec, bytes, side);
  if (small === undefined) failures += 1;
  const wear = wearOf(ready.codec);
  if (small === undefined) say({ say: "shrunk", wear });
  else say({ say: "shrunk", small, wear }, [small.buffer]);
}

function renderImages({ task, images }: RenderMessage): void {
  if (ready === undefined) throw new Error("The worker was sent an image before it was ready");
  try {
    const pictures = render(ready.codec, task, images);
    const wear = wearOf(ready.codec);
    const buffers = pictures.map(({ bytes }) => bytes.buffer);
    say({ say: "rendered", rendering: { ok: true, pictures }, wear }, buffers);
  } catch (thrown) {
    failures += 1;
    const rendering = { ok: false, why: understand(thrown).message } as const;
    say({ say: "rendered", rendering, wear: wearOf(ready.codec) });
  }
}

function wearOf(codec: Codec): Wear {
  return { heap: heapSize(codec), failures };
}

function end(): void {
  if (ready !== undefined) unloadCodec(ready.codec);
  say({ say: "ended" });
}

function noHeic(): never {
  throw new Error("This worker has no decoder for HEIC");
}

function say(message: FromWorker, transfer: Transferable[] = []): void {
  self.postMessage(message, transfer);
}

self.onmessage = async (event: MessageEvent<ToWorker>): Promise<void> => {
  if (event.data.say === "look") return await seeImage(event.data);
  if (event.data.say === "shrink") return shrinkImage(event.data);
  if (event.data.say === "render") return renderImages(event.data);
  if (event.data.say === "end") return end();
  try {
    await start(event.data);
  } catch (thrown) {
    say({ say: "failed", why: thrown instanceof Error ? thrown.message : String(thrown) });
  }
};

say({ say: "listening" });
