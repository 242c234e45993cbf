import { assert, assertEquals } from "@std/assert";
import { type Dataset, openDataset } from "../../lib/dataset/dataset.ts";
import type { ExaminedImage } from "../../lib/image/examine.ts";
import { Judge, loadPictures, type Picture, type PictureIndex } from "../../lib/scrape/judge.ts";
import { inFolder } from "./world.ts";

/** Pictures are the same when their fingerprints are the same text. */
class TextIndex implements PictureIndex {
  readonly #pictures: { dhash: string; picture: Picture }[] = [];

  find(dhash: string, mirrored: string): { item: Picture }[] {
    return this.#pictures.filter((one) => one.dhash === dhash || one.dhash === mirrored)
      .map(({ picture }) => ({ item: picture }));
  }

  add(dhash: string, picture: Picture): void {
    this.#pictures.push({ dhash, picture });
  }

  remove(picture: Picture): void {
    this.#pictures.splice(this.#pictures.findIndex((one) => one.picture === picture), 1);
  }
}

/** An image: `shows` says which picture, `side` how large it is; its bytes are its own. */
async function image(shows: string, side: number, mirrored = "none"): Promise<ExaminedImage> {
  const bytes = new TextEncoder().encode(`${shows} at ${side} ${mirrored}`);
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return {
    ok: true,
    bytes,
    sha256: new Uint8Array(digest).toHex(),
    type: "jpeg",
    width: side,
    height: side,
    fingerprint: shows,
    mirrored,
  };
}

interface Bench {
  readonly dataset: Dataset;
  /** Settles an image of a species and gives what became of it. */
  settle(species: string, url: string, image: ExaminedImage, vouched?: boolean): Promise<string>;
  files(): Promise<string[]>;
}

async function judged(test: (bench: Bench) => Promise<void>): Promise<void> {
  await inFolder(async (dir) => {
    const dataset = await openDataset({
      dir,
      script: "test",
      version: "0.0.0",
      flags: {},
      notice: () => undefined,
    });
    const judge = new Judge(dataset, new TextIndex());
    try {
      await test({
        dataset,
        async settle(species, url, image, vouched = false) {
          const page = "https://a.test/";
          const source = vouched ? "fishbase" : "google";
          const base = { event: "image", species, source, url, page } as const;
          return (await judge.settle(base, image, vouched)).outcome;
        },
        files: () => images(dir),
      });
    } finally {
      await dataset.close();
    }
  });
}

async function images(dir: string): Promise<string[]> {
  const found: string[] = [];
  for await (const species of Deno.readDir(`${dir}/images`)) {
    for await (const file of Deno.readDir(`${dir}/images/${species.name}`)) {
      found.push(`${species.name}/${file.name}`);
    }
  }
  return found.sort();
}

Deno.test("Judge keeps a picture once, whatever its bytes and whichever way round", async () => {
  await judged(async ({ settle, dataset }) => {
    assertEquals(await settle("betta", "https://a.test/1", await image("x", 500)), "kept");
    assertEquals(await settle("betta", "https://a.test/2", await image("x", 500)), "duplicate");
    assertEquals(
      await settle("betta", "https://a.test/3", await image("x", 400)),
      "near-duplicate",
    );
    assertEquals(
      await settle("betta", "https://a.test/4", await image("y", 400, "x")),
      "near-duplicate",
    );
    assertEquals(dataset.state.kept("betta"), 1);
  });
});

Deno.test("Judge puts a larger image in the place of a smaller one and removes its file", async () => {
  await judged(async ({ settle, dataset, files }) => {
    await settle("betta", "https://a.test/small", await image("x", 300));
    const [small] = await files();
    assertEquals(await settle("betta", "https://a.test/large", await image("x", 900)), "kept");
    assertEquals(dataset.state.kept("betta"), 1);
    assertEquals(dataset.state.decided("betta", "https://a.test/small"), "near-duplicate");
    const left = await files();
    assertEquals(left.length, 1);
    assert(left[0] !== small);
    // And what comes later is held against the larger one.
    assertEquals(
      await settle("betta", "https://a.test/middle", await image("x", 600)),
      "near-duplicate",
    );
  });
});

Deno.test("Judge keeps the clean one of two images of a picture, whichever comes first", async () => {
  const clean = await image("x", 500);
  const padded = { ...await image("x", 700), inner: 0.4 };
  const captioned = { ...await image("x", 600), inner: 0.9, flags: ["strip"] as const };
  for (const other of [padded, captioned]) {
    for (const images of [[clean, other], [other, clean]]) {
      await judged(async ({ settle, dataset }) => {
        for (const [at, one] of images.entries()) {
          await settle("betta", `https://a.test/${at}`, one);
        }
        assertEquals([...dataset.state.keptImages("betta")].map(({ width }) => width), [500]);
      });
    }
  }
});

Deno.test("Judge leaves a picture out of both species that claim it", async () => {
  await judged(async ({ settle, dataset, files }) => {
    await settle("betta", "https://a.test/1", await image("x", 500));
    assertEquals(await settle("danio", "https://a.test/2", await image("x", 400)), "ambiguous");
    assertEquals(dataset.state.decided("betta", "https://a.test/1"), "ambiguous");
    assertEquals(dataset.state.kept("betta"), 0);
    assertEquals(await files(), []);
    // Also when it comes once more.
    assertEquals(await settle("betta", "https://a.test/3", await image("x", 800)), "ambiguous");
  });
});

Deno.test("Judge leaves the very same bytes out of both species that claim them", async () => {
  await judged(async ({ settle, dataset }) => {
    await settle("betta", "https://a.test/1", await image("x", 500));
    assertEquals(await settle("danio", "https://a.test/1", await image("x", 500)), "ambiguous");
    assertEquals(dataset.state.kept("betta"), 0);
  });
});

Deno.test("Judge keeps a picture for the species that a source vouches for", async () => {
  await judged(async ({ settle, dataset }) => {
    assertEquals(await settle("betta", "https://f.test/1", await image("x", 500), true), "kept");
    assertEquals(await settle("danio", "https://a.test/2", await image("x", 900)), "ambiguous");
    assertEquals(dataset.state.kept("betta"), 1);
    // A copy of the vouched picture is a copy, not a doubt.
    assertEquals(
      await settle("betta", "https://a.test/3", await image("x", 200)),
      "near-duplicate",
    );
  });
});

Deno.test("Judge takes a picture from a species when another's source vouches for it", async () => {
  await judged(async ({ settle, dataset }) => {
    await settle("danio", "https://a.test/1", await image("x", 500));
    assertEquals(await settle("betta", "https://f.test/2", await image("x", 400), true), "kept");
    assertEquals(dataset.state.decided("danio", "https://a.test/1"), "ambiguous");
    assertEquals(dataset.state.kept("danio"), 0);
  });
});

Deno.test("Judge keeps a picture of both species when sources vouch for both", async () => {
  await judged(async ({ settle }) => {
    assertEquals(await settle("betta", "https://f.test/1", await image("x", 500), true), "kept");
    assertEquals(await settle("danio", "https://f.test/2", await image("x", 400), true), "kept");
  });
});

Deno.test("Judge calls a picture that three species claim a placeholder", async () => {
  await judged(async ({ settle, dataset }) => {
    for (const species of ["betta", "danio"]) {
      await settle(species, `https://a.test/${species}`, await image("x", 500));
    }
    assertEquals(
      await settle("guppy", "https://a.test/guppy", await image("x", 500)),
      "placeholder",
    );
    assertEquals(
      await settle("tetra", "https://a.test/tetra", await image("x", 500)),
      "placeholder",
    );
    for (const species of ["betta", "danio", "guppy", "tetra"]) {
      assertEquals(dataset.state.kept(species), 0);
      assertEquals(dataset.state.decided(species, `https://a.test/${species}`), "placeholder");
    }
  });
});

Deno.test("Judge never keeps what a person rejected, nor another size of it", async () => {
  await judged(async ({ settle, dataset }) => {
    const wrong = await image("x", 500);
    await settle("betta", "https://a.test/1", wrong);
    dataset.append({ event: "rejected", species: "betta", sha256: wrong.sha256 });
    assertEquals(await settle("betta", "https://b.test/1", wrong), "duplicate");
    assertEquals(dataset.state.kept("betta"), 0);
  });
});

Deno.test("Judge decides alike about images that come at the same time", async () => {
  await judged(async ({ settle, dataset, files }) => {
    const species = ["betta", "danio"];
    const outcomes = await Promise.all(
      species.map(async (id) => settle(id, `https://a.test/${id}`, await image("x", 500))),
    );
    assertEquals(outcomes.includes("ambiguous"), true);
    assertEquals(species.map((id) => dataset.state.kept(id)), [0, 0]);
    assertEquals(await files(), []);
  });
});

Deno.test("loadPictures() remembers what a log says, the doubtful and the rejected too", async () => {
  await inFolder(async (dir) => {
    const options = { dir, script: "test", version: "0.0.0", flags: {}, notice: () => undefined };
    const first = await openDataset(options);
    const judge = new Judge(first, new TextIndex());
    const base = { event: "image", source: "google", page: "https://a.test/" } as const;
    const settle = async (species: string, url: string, shows: string) =>
      await judge.settle({ ...base, species, url }, await image(shows, 500), false);
    await settle("betta", "https://a.test/1", "x");
    await settle("danio", "https://a.test/2", "x");
    await settle("betta", "https://a.test/3", "y");
    await first.close();
    const second = await openDataset(options);
    assertEquals(
      second.state.doubtful().map(({ species, outcome }) => `${species} ${outcome}`),
      ["betta ambiguous", "danio ambiguous"],
    );
    // Made without throwing from a log of such lines.
    await loadPictures(second.state, () => false);
    await second.close();
  });
});

Deno.test("settle() waits for the pictures that are there, and holds the image against them", async () => {
  await inFolder(async (dir) => {
    const options = { dir, script: "test", version: "0.0.0", flags: {}, notice: () => undefined };
    const dataset = await openDataset(options);
    try {
      const loading = Promise.withResolvers<PictureIndex>();
      const judge = new Judge(dataset, loading.promise);
      const base = { event: "image", species: "betta", source: "google" } as const;
      const same = await image("x", 500);
      const settling = ["1", "2"].map((name) => {
        const url = `https://a.test/${name}`;
        return judge.settle({ ...base, url, page: url }, same, false);
      });
      // Much longer than a decision takes.
      await new Promise((resume) => setTimeout(resume, 50));
      assertEquals([...dataset.state.decisions("betta")], []);
      loading.resolve(new TextIndex());
      const outcomes = (await Promise.all(settling)).map(({ outcome }) => outcome);
      assertEquals(outcomes, ["kept", "near-duplicate"]);
    } finally {
      await dataset.close();
    }
  });
});

Deno.test("settle() logs the author and licence that a file names where its page names none", async () => {
  await inFolder(async (dir) => {
    const options = { dir, script: "test", version: "0.0.0", flags: {}, notice: () => undefined };
    const dataset = await openDataset(options);
    try {
      const judge = new Judge(dataset, new TextIndex());
      const credit = { author: "Ana", license: "https://creativecommons.org/licenses/by/4.0/" };
      const base = {
        event: "image",
        species: "a",
        source: "google",
        page: "https://a.test/",
      } as const;
      const credited = { ...await image("one", 300), credit };
      const silent = await judge.settle({ ...base, url: "https://a.test/1" }, credited, false);
      assertEquals([silent.author, silent.license], ["Ana", "CC-BY-4.0"]);
      assertEquals(silent.licenseText, credit.license);
      const named = { ...base, url: "https://a.test/2", author: "Li", license: "CC0-1.0" };
      const said = await judge.settle(named, { ...await image("two", 300), credit }, false);
      assertEquals([said.author, said.license, said.licenseText], ["Li", "CC0-1.0", undefined]);
    } finally {
      await dataset.close();
    }
  });
});
