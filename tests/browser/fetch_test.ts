import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { BlobWriter, TextReader, ZipWriter } from "@zip.js/zip.js";
import { download } from "../../lib/browser/download.ts";
import { placeWithin, unpackInto, writeStarter } from "../../lib/browser/unpack.ts";
import { unzip } from "../../lib/browser/unzip.ts";
import { withCache } from "./processes.ts";

const never = new AbortController().signal;

const names = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

/** Serves `content` with ranges; the first answer breaks off after `breakAt` bytes. */
function breaking(
  content: string,
  breakAt: number,
): { url: URL; ranges: (string | null)[]; close(): Promise<void> } {
  const ranges: (string | null)[] = [];
  const server = Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    onListen: () => {},
    onError: () => new Response(null, { status: 500 }),
  }, (request) => {
    const range = request.headers.get("range");
    ranges.push(range);
    const from = Number(/\d+/.exec(range ?? "0")?.[0]);
    if (from >= content.length) return new Response(null, { status: 416 });
    if (ranges.length > 1) {
      return new Response(content.slice(from), { status: range === null ? 200 : 206 });
    }
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(content.slice(0, breakAt)));
        setTimeout(() => controller.error(new Error("cable pulled")), 50);
      },
    });
    return new Response(body);
  });
  return {
    url: new URL(`http://127.0.0.1:${server.addr.port}/x.zip`),
    ranges,
    close: () => server.shutdown(),
  };
}

Deno.test("download() goes on where it was broken off, and gives nothing before it is whole", () =>
  withCache(async (folder) => {
    const server = breaking("0123456789".repeat(1000), 4000);
    const place = `${folder}/x.zip`;
    await assertRejects(() => download(server.url, place, never));
    assertEquals(names(folder), ["x.zip.part"]);
    const have = Deno.statSync(`${place}.part`).size;
    assert(have > 0);
    await download(server.url, place, never);
    assertEquals(server.ranges, [null, `bytes=${have}-`]);
    assertEquals(Deno.readTextFileSync(place), "0123456789".repeat(1000));
    assertEquals(names(folder), ["x.zip"]);
    // All of it is there, but we were killed before it got its name.
    Deno.renameSync(place, `${place}.part`);
    await download(server.url, place, never);
    assertEquals(Deno.readTextFileSync(place).length, 10_000);
    await server.close();
  }));

Deno.test("download() tells of an error status and ends with its signal", () =>
  withCache(async (folder) => {
    const server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      () => new Response("no", { status: 403 }),
    );
    const url = new URL(`http://127.0.0.1:${server.addr.port}/x`);
    await assertRejects(() => download(url, `${folder}/x`, never), Error, "answered 403");
    await assertRejects(
      () => download(url, `${folder}/x`, AbortSignal.abort(new RangeError())),
      RangeError,
    );
    await server.shutdown();
  }));

Deno.test("unpackInto() puts a folder in place whole or not at all, and replaces the old one", () =>
  withCache(async (folder) => {
    const place = `${folder}/browser`;
    await assertRejects(() =>
      unpackInto(place, async (staging) => {
        await Deno.writeTextFile(`${staging}/half`, "");
        throw new Error("disk full");
      })
    );
    assertEquals(names(folder), []);
    for (const name of ["old", "new"]) {
      await unpackInto(place, (staging) => Deno.writeTextFile(`${staging}/${name}`, ""));
      assertEquals(names(place), [name]);
    }
    assertEquals(names(folder), ["browser"]);
  }));

Deno.test("writeStarter() writes a script that finds its own folder", () =>
  withCache(async (folder) => {
    if (Deno.build.os === "windows") return;
    await Deno.writeTextFile(`${folder}/program`, '#!/bin/sh\necho "$# $1"\n', { mode: 0o755 });
    await writeStarter(`${folder}/start`, ['exec "$here/program" "$@"']);
    const { stdout } = await new Deno.Command(`${folder}/start`, { args: ["a b", "c"] }).output();
    assertEquals(new TextDecoder().decode(stdout), "2 a b\n");
    assertEquals(names(folder), ["program", "start"]);
  }));

Deno.test("placeWithin() lets no archive write elsewhere", () => {
  assertEquals(placeWithin("/x/y", "a/../b"), "/x/y/b");
  for (const name of ["../z", "a/../../z", "/etc/passwd", ".."]) {
    assertThrows(() => placeWithin("/x/y", name), Error, "leads out");
  }
});

async function zipOf(
  folder: string,
  entries: Readonly<Record<string, { text: string; mode: number }>>,
): Promise<string> {
  const writer = new ZipWriter(new BlobWriter(), { useWebWorkers: false });
  for (const [name, { text, mode }] of Object.entries(entries)) {
    await writer.add(name, new TextReader(text), {
      externalFileAttributes: mode << 16 >>> 0,
      versionMadeBy: 3 << 8 | 20,
    });
  }
  const path = `${folder}/x.zip`;
  await Deno.writeFile(path, new Uint8Array(await (await writer.close()).arrayBuffer()));
  return path;
}

Deno.test("unzip() unpacks one folder with its permissions and links, and finds damage", () =>
  withCache(async (folder) => {
    if (Deno.build.os === "windows") return;
    const zip = await zipOf(folder, {
      "app/bin/chrome": { text: "#!/bin/sh\n", mode: 0o100755 },
      "app/data": { text: "data ".repeat(100), mode: 0o100644 },
      "app/link": { text: "bin/chrome", mode: 0o120777 },
      "other/thing": { text: "", mode: 0o100644 },
    });
    const place = `${folder}/out`;
    await Deno.mkdir(place);
    await unzip(zip, "app", place);
    assertEquals(names(place), ["bin", "data", "link"]);
    assertEquals((Deno.statSync(`${place}/bin/chrome`).mode ?? 0) & 0o777, 0o755);
    assertEquals((Deno.statSync(`${place}/data`).mode ?? 0) & 0o777, 0o644);
    assertEquals(Deno.readLinkSync(`${place}/link`), "bin/chrome");
    const bytes = Deno.readFileSync(zip);
    Deno.writeFileSync(zip, bytes.subarray(0, bytes.length - 40));
    await assertRejects(() => unzip(zip, "app", place));
  }));

Deno.test("unzip() lets no entry and no link lead out of its folder", () =>
  withCache(async (folder) => {
    await Deno.mkdir(`${folder}/out`);
    const up = await zipOf(folder, { "app/../../evil": { text: "x", mode: 0o100644 } });
    await assertRejects(() => unzip(up, "app", `${folder}/out`));
    const link = await zipOf(folder, { "app/link": { text: "../../evil", mode: 0o120777 } });
    await assertRejects(() => unzip(link, "app", `${folder}/out`), Error, "leads out");
    assertEquals(names(`${folder}/out`), []);
  }));
