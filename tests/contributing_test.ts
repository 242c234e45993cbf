import { assert, assertEquals } from "@std/assert";
import type { ImageSource } from "../lib/sources/source.ts";
import type { ApiOptions } from "../lib/sources/api.ts";
import { FakeApi, parts, runJob } from "./sources/fake_api.ts";

Deno.test("the source that CONTRIBUTING shows works as it stands", async () => {
  const text = await Deno.readTextFile(new URL("../.github/CONTRIBUTING.md", import.meta.url));
  const code = /^```ts\n(.*?)^```/ms.exec(text)?.[1];
  assert(code !== undefined);
  // Beside this file, so that its imports lead where they say.
  const file = await Deno.makeTempFile({
    dir: new URL(".", import.meta.url).pathname,
    prefix: ".example-",
    suffix: ".ts",
  });
  try {
    await Deno.writeTextFile(file, code);
    const check = new Deno.Command(Deno.execPath(), {
      args: ["check", "-q", file],
      stderr: "piped",
    });
    const { success, stderr } = await check.output();
    assert(success, new TextDecoder().decode(stderr));
    const example: { createMuseum(options: ApiOptions): ImageSource } = await import(
      `file://${file}`
    );
    const client = new FakeApi(() => ({ photos: [{ id: 7, file: "a b.jpg", license: "CC0" }] }));
    const source = example.createMuseum(parts(client).options);
    const { candidates, end } = await runJob(source, "Betta splendens");
    assertEquals(end, { why: "exhausted" });
    assertEquals(candidates.map(({ url, page, license }) => [url, page, license]), [[
      "https://photos.museum.example/a%20b.jpg",
      "https://museum.example/photos/7",
      "CC0-1.0",
    ]]);
  } finally {
    await Deno.remove(file);
  }
});
