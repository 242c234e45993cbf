import { assertEquals } from "@std/assert";
import { Seeded } from "../../lib/base/seeded.ts";
import { type Asked, doubtsOf, readDoubts, writeDoubts } from "../../lib/embed/doubt.ts";
import { Embeddings } from "../../lib/embed/store.ts";
import { doubts } from "../../lib/review/suspicion.ts";

const DIMENSIONS = 96;

/** Species with a centre each, and images around it; the first ones are around another centre. */
function made(species: number, each: number, wrong: number) {
  const random = new Seeded("doubts");
  const centre = (): number[] => Array.from({ length: DIMENSIONS }, () => random.next());
  const centres = Array.from({ length: species }, centre);
  const nowhere = centre();
  const images: (Asked & { readonly isWrong: boolean })[] = [];
  const numbers = new Float16Array(species * each * DIMENSIONS);
  for (let at = 0; at < species * each; at++) {
    const [own, place] = [at % species, Math.floor(at / species)];
    const around = place >= wrong
      ? centres[own]
      : place % 2 === 0
      ? centres[(own + 1) % species]
      : nowhere;
    const vector = Float32Array.from(around ?? [], (number) => number + random.between(-0.5, 0.5));
    const length = Math.hypot(...vector);
    numbers.set(vector.map((number) => number / length), at * DIMENSIONS);
    const sha256 = at.toString(16).padStart(64, "0");
    images.push({ sha256, species: `species_${own}`, vouched: false, isWrong: place < wrong });
  }
  const source = { model: "made", sha256: "0".repeat(64), dimensions: DIMENSIONS };
  return { images, embeddings: new Embeddings(source, images.map((it) => it.sha256), numbers) };
}

Deno.test("doubtsOf() puts pictures of other species, and of none, before all others of a species", () => {
  const { images, embeddings } = made(5, 30, 4);
  const found = doubtsOf(images, embeddings);
  assertEquals(found.size, 150);
  for (const own of Map.groupBy(images, ({ species }) => species).values()) {
    own.sort((one, other) => (found.get(other.sha256) ?? 0) - (found.get(one.sha256) ?? 0));
    assertEquals(own.slice(0, 4).map(({ isWrong }) => isWrong), [true, true, true, true]);
  }
  assertEquals([...doubtsOf(images, embeddings)], [...found]);
});

Deno.test("doubtsOf() measures by the vouched photos where there are eight", () => {
  // Most of the only species is wrong in the same way; eight photos are vouched for.
  const { images, embeddings } = made(2, 40, 0);
  const asked = images.map(({ sha256 }, at) => ({
    sha256,
    species: "betta_splendens",
    vouched: at % 2 === 0 && at < 16,
  })).filter(({ vouched }, at) => vouched || at % 2 === 1);
  const found = doubtsOf(asked, embeddings);
  const mean = (of: readonly Asked[]): number =>
    of.reduce((sum, { sha256 }) => sum + (found.get(sha256) ?? 0), 0) / of.length;
  const isBefore = mean(asked.filter(({ vouched }) => !vouched)) >
    mean(asked.filter(({ vouched }) => vouched)) + 0.1;
  assertEquals(isBefore, true);
});

Deno.test("doubtsOf() has nothing for images without an embedding, or of fewer than four", () => {
  const { images, embeddings } = made(2, 3, 0);
  assertEquals(doubtsOf(images, embeddings).size, 0);
  const other = { sha256: "f".repeat(64), species: "betta_splendens", vouched: true };
  assertEquals(doubtsOf([other, other, other, other], embeddings).size, 0);
});

Deno.test("readDoubts() reads what was written, and nothing where there is none", async () => {
  const dir = await Deno.makeTempDir();
  try {
    assertEquals(await readDoubts(dir), undefined);
    await writeDoubts(dir, "tiny", new Map([["a".repeat(64), 1.25], ["b".repeat(64), 0]]));
    const read = await readDoubts(dir);
    assertEquals(read?.model, "tiny");
    assertEquals([...read?.byHash ?? []], [["a".repeat(64), 1.25], ["b".repeat(64), 0]]);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("review puts first what is flagged as no photo, then the order of the embeddings, in which faults count", () => {
  const image = (doubt: number | undefined, ...flags: ("dish" | "strip")[]) => ({
    ...{ fingerprint: "", width: 150, height: 150, host: "", doubt, flags },
  });
  const found = doubts(
    [image(0.2), image(2.1), image(0.1, "strip"), image(0.1, "dish")],
    () => ({ all: 1, rejected: 0 }),
  );
  const order = found.map(({ score }, at) => ({ score, at }))
    .sort((one, other) => other.score - one.score).map(({ at }) => at);
  assertEquals(order, [3, 1, 2, 0]);
  const reasons = [[], ["unlike its species"], ["strip"], ["dish"]];
  assertEquals(found.map((each) => each.reasons), reasons);
});
