import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { createThumbnailer } from "../../lib/image/create_renderer.ts";
import { writeReport } from "../../lib/report/write_report.ts";
import { withFolder } from "../dataset/folder.ts";
import { hashOf, makeSynthetic, speciesId } from "./synthetic.ts";

const never = new AbortController().signal;

async function thumbs(dir: string): Promise<string[]> {
  const found: string[] = [];
  const root = join(dir, "report", "thumbs");
  for await (const folder of Deno.readDir(root)) {
    for await (const file of Deno.readDir(join(root, folder.name))) {
      found.push(`${folder.name}/${file.name}`);
    }
  }
  return found.sort();
}

Deno.test("writeReport() makes each thumbnail once, tells of broken images, removes stale ones", () =>
  withFolder(async (dir) => {
    await makeSynthetic(dir, { species: 1, images: 4, files: "images" });
    await Deno.remove(join(dir, "report"), { recursive: true });
    const image = (number: number): string =>
      join(dir, "images", speciesId(0), `${hashOf(0, number).slice(0, 16)}.jpg`);
    await Deno.writeTextFile(image(1), "<html>no picture");
    await Deno.remove(image(2));
    await Deno.remove(image(3));
    await Deno.symlink("/etc/hostname", image(3));
    const thumbnailer = createThumbnailer({ workers: 1 });
    try {
      const options = { dir, thumbnailer, made: new Date(), progress: () => {}, signal: never };
      const first = await writeReport(options);
      assertEquals(first.made, 1);
      assertEquals(first.failed.length, 3);
      const name = hashOf(0, 0).slice(0, 16);
      const path = `${name.slice(0, 2)}/${name}.jpg`;
      assertEquals(await thumbs(dir), [path]);
      const bytes = await Deno.readFile(join(dir, "report", "thumbs", path));
      assertEquals([...bytes.subarray(0, 3)], [0xff, 0xd8, 0xff], "it is a JPEG");
      const stale = join(dir, "report", "thumbs", name.slice(0, 2));
      await Deno.writeTextFile(join(stale, "0000000000000000.jpg"), "old");
      await Deno.writeTextFile(join(stale, ".tmp-1"), "half");
      const { mtime } = await Deno.stat(join(dir, "report", "thumbs", path));
      const second = await writeReport(options);
      assertEquals(second.made, 0);
      assertEquals(await thumbs(dir), [path]);
      assertEquals((await Deno.stat(join(dir, "report", "thumbs", path))).mtime, mtime);
    } finally {
      thumbnailer.close();
    }
  }));
