import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { dirname } from "@std/path";
import {
  download,
  fetchBrowser,
  placeWithin,
  unpackInto,
  unzip,
  writeStarter,
} from "../../lib/browser/fetch_browser.ts";
import { fetchedPlace } from "../../lib/browser/find_browser.ts";
import { withFolder } from "../dataset/folder.ts";
import { zipOf } from "./zip.ts";

const never = new AbortController().signal;

const names = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

/** A server of one answer, and its address. */
function serve(answer: () => Response): { url: URL; close(): Promise<void> } {
  const options = {
    hostname: "127.0.0.1",
    port: 0,
    onListen: () => {},
    onError: () => new Response(null, { status: 500 }),
  };
  const server = Deno.serve(options, answer);
  const url = new URL(`http://127.0.0.1:${server.addr.port}/x.zip`);
  return { url, close: () => server.shutdown() };
}

Deno.test("download() gives the complete file and reports its progress", async () => {
  const server = serve(() => new Response("0123456789".repeat(1000)));
  const seen: [number, number][] = [];
  const progress = (loaded: number, all: number) => void seen.push([loaded, all]);
  const bytes = await download(server.url, { signal: never, progress });
  assertEquals(bytes.length, 10_000);
  assertEquals(seen.at(-1), [10_000, 10_000]);
  await server.close();
});

Deno.test("download() rejects when the answer breaks off, is an error or its signal fires", async () => {
  const broken = serve(() =>
    new Response(
      new ReadableStream<Uint8Array>({
        start(controller) {
          controller.enqueue(new Uint8Array(4000));
          setTimeout(() => controller.error(new Error("cable pulled")), 50);
        },
      }),
    )
  );
  await assertRejects(() => download(broken.url, { signal: never }), Error);
  await broken.close();
  const refusing = serve(() => new Response("no", { status: 403 }));
  await assertRejects(() => download(refusing.url, { signal: never }), Error, "answered 403");
  const signal = AbortSignal.abort(new RangeError());
  await assertRejects(() => download(refusing.url, { signal }), RangeError);
  await refusing.close();
  await assertRejects(
    () => download(refusing.url, { signal: never }),
    Error,
    "cannot reach 127.0.0.1",
  );
});

Deno.test("unpackInto() moves a complete folder into place or none, and replaces the old one", () =>
  withFolder(async (folder) => {
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
  withFolder(async (folder) => {
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

Deno.test("unzip() unpacks with permissions and links, and finds damage", () =>
  withFolder(async (folder) => {
    if (Deno.build.os === "windows") return;
    const zip = zipOf({
      "bin/chrome": { text: "#!/bin/sh\n", mode: 0o100755 },
      "data": { text: "data ".repeat(100), mode: 0o100644 },
      "link": { text: "bin/chrome", mode: 0o120777 },
      "bin/": { text: "", mode: 0o040755 },
    });
    const place = `${folder}/out`;
    await unzip(zip, place);
    assertEquals(names(place), ["bin", "data", "link"]);
    assertEquals((Deno.statSync(`${place}/bin/chrome`).mode ?? 0) & 0o777, 0o755);
    assertEquals((Deno.statSync(`${place}/data`).mode ?? 0) & 0o777, 0o644);
    assertEquals(Deno.readTextFileSync(`${place}/data`), "data ".repeat(100));
    assertEquals(Deno.readLinkSync(`${place}/link`), "bin/chrome");
    await assertRejects(() => unzip(zip.subarray(0, zip.length - 40), place), Error, "cut off");
    const entry = zip.findIndex((_, at) =>
      [0x50, 0x4b, 1, 2].every((byte, offset) => zip[at + offset] === byte)
    );
    zip[entry + 16] = (zip[entry + 16] ?? 0) ^ 1;
    await assertRejects(() => unzip(zip, place), Error, "bin/chrome in the zip is damaged");
  }));

Deno.test("unzip() lets no entry and no link lead out of its folder", () =>
  withFolder(async (folder) => {
    await Deno.mkdir(`${folder}/out`);
    const up = zipOf({ "../evil": { text: "x", mode: 0o100644 } });
    await assertRejects(() => unzip(up, `${folder}/out`), Error, "leads out");
    const link = zipOf({ "link": { text: "../evil", mode: 0o120777 } });
    await assertRejects(() => unzip(link, `${folder}/out`), Error, "leads out");
    assertEquals(names(`${folder}/out`), []);
  }));

Deno.test("fetchBrowser() leaves one alone that is there", () =>
  withFolder(async (cache) => {
    const place = fetchedPlace(cache);
    await Deno.mkdir(dirname(place), { recursive: true });
    await Deno.writeTextFile(place, "");
    const notices: string[] = [];
    const notice = (text: string) => void notices.push(text);
    assertEquals(await fetchBrowser({ cache, notice, signal: never }), place);
    assertEquals(notices, []);
  }));

Deno.test("unpackInto() can replace a browser with the permissions of the browser script", () =>
  withFolder(async (dir) => {
    const module = new URL("../../lib/browser/fetch_browser.ts", import.meta.url).href;
    const script = `
      import { unpackInto } from ${JSON.stringify(module)};
      for (const text of ["one", "two"]) {
        await unpackInto("chrome", (staging) => Deno.writeTextFile(staging + "/run", text));
      }`;
    const config = new URL("../../deno.json", import.meta.url).pathname;
    await Deno.writeTextFile(`${dir}/script.ts`, script);
    const permissions = ["--allow-read=.", "--allow-write=.", "--allow-run=deno,chrome/run"];
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "-q",
        "--no-check",
        "--no-prompt",
        `--config=${config}`,
        ...permissions,
        "script.ts",
      ],
      cwd: dir,
    }).output();
    assert(success, new TextDecoder().decode(stderr));
    assertEquals(await Deno.readTextFile(`${dir}/chrome/run`), "two");
    assertEquals([...Deno.readDirSync(dir)].map(({ name }) => name).sort(), [
      "chrome",
      "script.ts",
    ]);
  }));
