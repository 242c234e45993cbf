import { assertEquals } from "@std/assert";
import { Seeded } from "../../lib/base/seeded.ts";
import { probe, type ProbedImage } from "../../lib/embed/probe.ts";
import { Embeddings } from "../../lib/embed/store.ts";

/** Species with 24 photos each; the last two look the same. */
function made(species: readonly string[]) {
  const random = new Seeded("probe");
  const dimensions = 24;
  const centres = species.map(() => Array.from({ length: dimensions }, () => random.next()));
  const images: ProbedImage[] = [];
  const numbers: number[] = [];
  species.forEach((own, number) => {
    for (let at = 0; at < 24; at++) {
      const side = at < 16 ? "train" : at < 18 ? "validation" : "test";
      images.push({ sha256: `${own} ${at}`, species: own, side });
      const centre = centres[Math.min(number, species.length - 2)] ?? [];
      numbers.push(...centre.map((each) => each + random.between(-0.05, 0.05)));
    }
  });
  const source = { model: "made", sha256: "0".repeat(64), dimensions };
  const hashes = images.map(({ sha256 }) => sha256);
  return { images, embeddings: new Embeddings(source, hashes, Float16Array.from(numbers)) };
}

Deno.test("probe() learns from the training side, is tested on the other, and names what it confuses", () => {
  const { images, embeddings } = made(["a", "b", "c", "d"]);
  const found = probe(images, embeddings);
  assertEquals([found?.trained, found?.tested], [64, 24]);
  const sure = found?.bySpecies.filter(({ right, tested }) => right === tested);
  assertEquals(sure?.map(({ species }) => species), ["a", "b"]);
  assertEquals(found?.bySpecies.slice(2), sure);
  const pairs = found?.confusions.map(({ species, takenFor }) => `${species}${takenFor}`).sort();
  assertEquals(pairs?.every((pair) => pair === "cd" || pair === "dc"), true);
  const confused = found?.confusions.reduce((sum, { count }) => sum + count, 0);
  assertEquals((found?.right ?? 0) + (confused ?? 0), 24);
});

Deno.test("probe() says nothing where a side has no embeddings, or there is one species", () => {
  const { images, embeddings } = made(["a", "b", "c"]);
  assertEquals(probe(images.filter(({ side }) => side !== "test"), embeddings), undefined);
  assertEquals(probe(images.filter(({ species }) => species === "a"), embeddings), undefined);
  assertEquals(probe(images.map((it) => ({ ...it, sha256: "" })), embeddings), undefined);
});

Deno.test("probe() learns nothing from the test side: what is far off there changes no other answer", () => {
  const { images, embeddings } = made(["a", "b", "c", "d"]);
  const { source, hashes } = embeddings;
  const vectors = images.map(({ species, side }, row) =>
    embeddings.vector(row).map((number) =>
      species === "d" && side === "test" ? -500 * number : number
    )
  );
  const numbers = Float16Array.from(vectors.flatMap((vector) => [...vector]));
  const found = probe(images, new Embeddings(source, hashes, numbers));
  const others = probe(images, embeddings)?.bySpecies.filter(({ species }) => species !== "d");
  assertEquals(found?.bySpecies.filter(({ species }) => species !== "d"), others);
});
