import { assertEquals, assertThrows } from "@std/assert";
import { BadWeights, readStateDict } from "../../lib/embed/state_dict.ts";

/** Written by PyTorch 2.4.1, `_use_new_zipfile_serialization=False`: a transposed matrix, a vector, a counter. */
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

Deno.test("readStateDict() reads the tensors of a file by PyTorch, transposed ones in rows", () => {
  const tensors = readStateDict(Uint8Array.fromBase64(FILE));
  assertEquals([...tensors.keys()], ["a.weight", "b.bias"]);
  assertEquals(tensors.get("a.weight")?.shape, [3, 2]);
  assertEquals([...tensors.get("a.weight")?.numbers ?? []], [0, 3, 1, 4, 2, 5]);
  assertEquals([...tensors.get("b.bias")?.numbers ?? []], [0.5, -2]);
});

Deno.test("readStateDict() refuses what is cut off at any byte, and what is no such file", () => {
  const bytes = Uint8Array.fromBase64(FILE);
  for (let end = 0; end < bytes.length; end++) {
    assertThrows(() => readStateDict(bytes.slice(0, end)), BadWeights);
  }
  assertThrows(() => readStateDict(new TextEncoder().encode("PK\x03\x04 a zip")), BadWeights);
});

Deno.test("readStateDict() refuses a pickle that calls anything else", () => {
  const text = atob(FILE);
  const other = text.replace("torch._utils\n_rebuild_tensor_v2", "posix\nsystem");
  const bytes = Uint8Array.from(other, (sign) => sign.charCodeAt(0));
  assertThrows(() => readStateDict(bytes), BadWeights, "It calls posix system");
});
