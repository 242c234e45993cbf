import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { forget } from "../../lib/dataset/forget.ts";
import { mergeDatasets } from "../../lib/dataset/merge.ts";
import { opened, withFolder } from "../dataset/folder.ts";
import { addPhotos, hashesOf, type Photo, photosOf, writeList } from "./fish_folder.ts";
import { runOn, scriptCommand } from "./run_script.ts";

const JANE = "Jane Doe-Örtel";
const BOB = "Bob Örtel";

/** Photos of two people in two species; Jane's last one stands on another host too. */
const PHOTOS: readonly Photo[] = [
  ...photosOf("a_fish", 6).map((photo) => ({ ...photo, line: { author: BOB } })),
  ...photosOf("a_fish", 4, 20).map((photo) => ({
    ...photo,
    line: { author: `© ${JANE.toUpperCase()}`, license: "CC-BY-4.0" },
  })),
  ...photosOf("b_fish", 6, 40).map((photo) => ({ ...photo, line: { author: BOB } })),
];
const JANES = 4;

async function withPeople(test: (dir: string) => Promise<void>): Promise<void> {
  await withFolder(async (root) => {
    const dir = join(root, "data");
    await writeList(dir, [["a_fish", "Aaa prima", []], ["b_fish", "Bbb secunda", []]]);
    await addPhotos(dir, PHOTOS);
    const dataset = await opened(dir);
    const [jane] = PHOTOS.filter(({ line }) => line?.author !== BOB);
    const url = `https://photos.example/a_fish/${jane?.painting}.jpg`;
    const [first] = [...dataset.state.keptImages("a_fish")].slice(-JANES);
    assert(first !== undefined);
    dataset.append({ event: "accepted", species: "a_fish", sha256: first.sha256 });
    const base = { event: "image", species: "b_fish", source: "google", page: "" } as const;
    // The same bytes elsewhere, and other pictures' lines that name hers.
    dataset.append({
      ...base,
      url: "https://copies.example/1.jpg",
      outcome: "duplicate",
      sha256: first.sha256,
    });
    dataset.append({
      ...base,
      url: "https://other.example/2.jpg",
      outcome: "ambiguous",
      sha256: "0".repeat(64),
      detail: `the same picture as ${url} of a_fish`,
    });
    await dataset.close();
    await test(dir);
  });
}

/** Every text within a folder that must not be there any more; images are in it by their hash. */
async function namesIn(dir: string, texts: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const path of Object.keys(await hashesOf(dir))) {
    const content = (await Deno.readTextFile(join(dir, path))).toLowerCase();
    for (const text of texts) {
      if (`${path} ${content}`.includes(text.toLowerCase())) found.push(`${path}: ${text}`);
    }
  }
  return found;
}

async function exportAll(dir: string): Promise<void> {
  const ways = [[], ["--format", "csv"], ["--format", "webdataset", "--license", "all"]];
  for (const flags of ways) {
    const { code, stderr } = await runOn("export", dir, ...flags);
    assertEquals(code, 0, stderr);
  }
}

Deno.test("forget says what would go, and then leaves nothing of it in log, folder and exports", async () => {
  await withPeople(async (dir) => {
    await exportAll(dir);
    const before = await hashesOf(dir);
    const dry = await runOn("forget", dir, "--author", JANE.toLowerCase());
    assertEquals([dry.code, await hashesOf(dir)], [0, before], dry.stderr);
    assertStringIncludes(dry.stdout, `${JANES} images in ${dir} and ${JANES + 1} lines`);
    assertStringIncludes(dry.stdout, `Similar names, which would stay: ${BOB}`);
    assertStringIncludes(dry.stdout, `${dir}/export/webdataset would be made again`);
    assertMatch(dry.stdout, /To forget them for good: .*deno\S* task forget .* --yes/);

    const log = await Deno.readTextFile(join(dir, "log.jsonl"));
    const hers = log.split("\n").filter((line) => line.toUpperCase().includes("JANE"));
    const urls = hers.map((line) => /"url":"([^"]+)"/.exec(line)?.[1] ?? "");
    const files = hers.map((line) => /"file":"images\/[^/]+\/([^."]+)/.exec(line)?.[1] ?? "");
    assertEquals([urls.length, files.length], [JANES, JANES]);
    await runOn("report", dir);
    const done = await runOn("forget", dir, "--author", JANE.toLowerCase(), "--yes");
    assertEquals(done.code, 0, done.stderr);
    assertStringIncludes(done.stdout, `${JANES} images and ${JANES + 1} lines`);
    const gone = ["jane", ...urls, ...files, "copies.example"];
    assertEquals(await namesIn(dir, gone), []);
    const after = await hashesOf(dir);
    const own = (tree: Record<string, string>): string[] =>
      Object.keys(tree).filter((path) => path.startsWith("images/"));
    assertEquals(own(after).length, own(before).length - JANES);
    const rows = await Deno.readTextFile(join(dir, "export/csv/ATTRIBUTION.csv"));
    assertEquals(rows.trim().split("\n").length, 1 + PHOTOS.length - JANES);
    assertStringIncludes(await Deno.readTextFile(join(dir, "log.jsonl")), "a forgotten image");
    const checked = await runOn("verify", dir);
    assertEquals(checked.code, 0, checked.stdout);

    const again = await runOn("forget", dir, "--author", JANE, "--yes");
    assertStringIncludes(again.stdout, "0 images and 0 lines");
    const shard = "export/webdataset/train-000000.tar";
    assertEquals((await hashesOf(dir))[shard], after[shard]);
  });
});

Deno.test("forget that is killed at any moment comes to the same when it is called again", async () => {
  await withPeople(async (dir) => {
    await exportAll(dir);
    const copy = `${dir}-copy`;
    await copyFolder(dir, copy);
    const flags = ["--author", JANE, "--yes"];
    const began = performance.now();
    assertEquals((await runOn("forget", copy, ...flags)).code, 0);
    const took = performance.now() - began;
    const wanted = await treeAfter(copy);
    for (let part = 1; part <= 6; part++) {
      const child = scriptCommand("forget", dir, flags).spawn();
      const kill = setTimeout(() => {
        try {
          child.kill("SIGKILL");
        } catch (error) {
          // It was quicker this time.
          if (!(error instanceof TypeError)) throw error;
        }
      }, took * (0.3 + part / 10));
      await child.output();
      clearTimeout(kill);
    }
    const ended = await runOn("forget", dir, ...flags);
    assertEquals(ended.code, 0, ended.stderr);
    assertEquals(await treeAfter(dir), wanted);
  });
});

/** All files but the log's times and what may be deleted at any time. */
async function treeAfter(dir: string): Promise<Record<string, string>> {
  const tree = await hashesOf(dir);
  const log = (await Deno.readTextFile(join(dir, "log.jsonl"))).split("\n")
    .filter((line) => !/"event":"run"/.test(line))
    .map((line) => line.replace(/"time":"[^"]+"/, ""));
  for (const path of Object.keys(tree)) {
    // The card and Croissant have the time of the log's last line.
    if (/index\.sqlite|log\.jsonl|\/manifest\.jsonl|README\.md|croissant\.json/.test(path)) {
      delete tree[path];
    }
  }
  return { ...tree, log: log.join("\n") };
}

async function copyFolder(from: string, to: string): Promise<void> {
  const { success } = await new Deno.Command("cp", { args: ["-r", from, to] }).output();
  assert(success);
}

Deno.test("files of forgotten images go at the next start too, where forget was killed before", async () => {
  await withPeople(async (dir) => {
    const hidden = `${dir}-images`;
    await copyFolder(join(dir, "images"), hidden);
    const settings = { script: "forget", version: "0", notice: () => {} };
    const request = { by: "host", value: "example" } as const;
    const { images } = await forget(
      dir,
      { ...request, value: "photos.example" },
      settings,
      () => Promise.resolve(),
    );
    assertEquals(images.length, PHOTOS.length);
    await Deno.remove(join(dir, "images"), { recursive: true });
    await Deno.rename(hidden, join(dir, "images"));
    await Deno.writeTextFile(join(dir, "images/a_fish/mine.txt"), "mine");
    await (await opened(dir)).close();
    const left = Object.keys(await hashesOf(join(dir, "images")));
    assertEquals(left, ["a_fish/mine.txt"]);
  });
});

Deno.test("mergeDatasets() takes out what any of the folders has forgotten", async () => {
  await withPeople(async (dir) => {
    const other = `${dir}-other`;
    const into = `${dir}-into`;
    await copyFolder(dir, other);
    const settings = { script: "forget", version: "0", notice: () => {} };
    await forget(dir, { by: "author", value: JANE }, settings, () => Promise.resolve());
    await addPhotos(other, [{
      species: "a_fish",
      painting: 90,
      line: { author: JANE },
    }]);
    await mergeDatasets({
      into,
      from: [other, dir],
      notice: () => {},
      signal: new AbortController().signal,
    });
    assertEquals(await namesIn(into, ["jane"]), []);
    const files = Object.keys(await hashesOf(join(into, "images")));
    assertEquals(files.length, PHOTOS.length - JANES);
  });
});

Deno.test("forget refuses what names nothing, with status 2", async () => {
  await withPeople(async (dir) => {
    const cases: [string[], string][] = [
      [[], "needs one of"],
      [["--author", "Ann", "--host", "a.example"], "needs one of"],
      [["--author", "!!"], "takes a name"],
      [["--host", "https://a.example/"], "takes a host"],
      [["--url", "a.example"], "takes an address"],
      [["--author", "Ann", "--export", dir], "is no export"],
    ];
    for (const [flags, message] of cases) {
      const { code, stderr } = await runOn("forget", dir, ...flags, "--yes");
      assertEquals(code, 2, stderr);
      assertStringIncludes(stderr, message);
    }
  });
});
