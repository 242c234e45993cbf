import { assertEquals, assertThrows } from "@std/assert";
import { readWeights } from "../../lib/embed/efficientnet.ts";

/** Written by PyTorch 2.4.1, `_use_new_zipfile_serialization=False`: a matrix that is held transposed, a vector, a counter. */
const FILE =
  "gAKKCmz8nEb5IGqoUBkugAJN6QMugAJ9cQAoWBAAAABwcm90b2NvbF92ZXJzaW9ucQFN6QNYDQAAAGxpdHRsZV9l" +
  "bmRpYW5xAohYCgAAAHR5cGVfc2l6ZXNxA31xBChYBQAAAHNob3J0cQVLAlgDAAAAaW50cQZLBFgEAAAAbG9uZ3EHSwR1" +
  "dS6AAmNjb2xsZWN0aW9ucwpPcmRlcmVkRGljdApxAClScQEoWAgAAABhLndlaWdodHECY3RvcmNoLl91dGlscwpfcmVi" +
  "dWlsZF90ZW5zb3JfdjIKcQMoKFgHAAAAc3RvcmFnZXEEY3RvcmNoCkZsb2F0U3RvcmFnZQpxBVgOAAAAOTQ3MTEzMjg0" +
  "ODE2ODBxBlgDAAAAY3B1cQdLBk50cQhRSwBLA0sChnEJSwFLA4ZxColoAClScQt0cQxScQ1YBgAAAGIuYmlhc3EOaAMo" +
  "KGgEaAVYDgAAADk0NzExMzUyNjA4MzM2cQ9oB0sCTnRxEFFLAEsChXERSwGFcRKJaAApUnETdHEUUnEVWAcAAABiLmNv" +
  "dW50cRZoAygoaARjdG9yY2gKTG9uZ1N0b3JhZ2UKcRdYDgAAADk0NzExMzk4MDE5MDI0cRhoB0sBTnRxGVFLACkpiWgA" +
  "KVJxGnRxG1JxHHUugAJdcQAoWA4AAAA5NDcxMTMyODQ4MTY4MHEBWA4AAAA5NDcxMTM1MjYwODMzNnECWA4AAAA5NDcx" +
  "MTM5ODAxOTAyNHEDZS4GAAAAAAAAAAAAAAAAAIA/AAAAQAAAQEAAAIBAAACgQAIAAAAAAAAAAAAAPwAAAMABAAAAAAAA" +
  "AAcAAAAAAAAA";

/** The file with the counter's name as batch normalisation has it; a text's length stands before it. */
function file(): Uint8Array<ArrayBuffer> {
  const renamed = atob(FILE).replace("X\x07\0\0\0b.count", "X\x15\0\0\0b.num_batches_tracked");
  return Uint8Array.from(renamed, (sign) => sign.charCodeAt(0));
}

Deno.test("readWeights() finds the numbers of PyTorch's storages by the tensors' names", () => {
  const weights = readWeights(file());
  assertEquals([...weights.keys()], ["a.weight", "b.bias"]);
  assertEquals([...weights.get("a.weight") ?? []], [0, 1, 2, 3, 4, 5]);
  assertEquals([...weights.get("b.bias") ?? []], [0.5, -2]);
});

Deno.test("readWeights() does not search for ever in what has no weights", () => {
  assertThrows(() => readWeights(file().slice(0, 300)), Error, "end in the middle");
});
