/**
 * The browser's pipe: JSON texts, each ended by a zero byte, one stream in each direction.
 *
 * @module
 */

import { Duplex } from "node:stream";
import type { MessagePipe } from "./protocol.ts";

/** The longest message that is taken, in characters: far more than the largest page. */
const longest = 256 * 1024 * 1024;

/**
 * Makes a message pipe of two streams of a child process.
 *
 * @param output Where we write.
 * @param input Where we read.
 * @returns The pipe. Streams that are not there, as of a program that could not be started, give a
 *   pipe that is closed.
 */
export function streamPipe(output: unknown, input: unknown): MessagePipe {
  let open = true;
  const pipe: MessagePipe = {
    send(message) {
      if (open && output instanceof Duplex && output.writable) output.write(message + "\0");
    },
    close() {
      if (!open) return;
      open = false;
      if (output instanceof Duplex) output.destroy();
      if (input instanceof Duplex) input.destroy();
      pipe.onclose?.();
    },
  };
  if (!(output instanceof Duplex) || !(input instanceof Duplex)) {
    pipe.close();
    return pipe;
  }
  // A broken pipe says that the browser is gone, which its end says too.
  for (const stream of [output, input]) {
    stream.on("error", () => pipe.close());
    stream.on("close", () => pipe.close());
  }
  readMessages(input, (message) => pipe.onmessage?.(message), () => pipe.close());
  return pipe;
}

function readMessages(input: Duplex, heard: (message: string) => void, tooLong: () => void): void {
  const decoder = new TextDecoder();
  let parts: string[] = [];
  let length = 0;
  input.on("data", (chunk: Uint8Array) => {
    let from = 0;
    for (let at = chunk.indexOf(0); at >= 0; at = chunk.indexOf(0, from)) {
      parts.push(decoder.decode(chunk.subarray(from, at)));
      const message = parts.join("");
      parts = [];
      length = 0;
      from = at + 1;
      heard(message);
    }
    const rest = decoder.decode(chunk.subarray(from), { stream: true });
    parts.push(rest);
    length += rest.length;
    if (length > longest) tooLong();
  });
}
