import { assertEquals } from "@std/assert";
import { Seeded } from "../../lib/base/seeded.ts";
import { type Asked, doubtsOf, readDoubts, writeDoubts } from "../../lib/embed/doubt.ts";
import { Embeddings } from "../../lib/embed/store.ts";
import { type Doubt, doubts } from "../../lib/review/suspicion.ts";

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
    images.push({
      sha256,
      species: `species_${own}`,
      vouched: false,
      isNoPhoto: false,
      isWrong: place < wrong,
    });
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
    isNoPhoto: false,
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
  const other = {
    sha256: "f".repeat(64),
    species: "betta_splendens",
    vouched: true,
    isNoPhoto: false,
  };
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

Deno.test("doubtsOf() raises what looks like the flagged images, and is told by eight of them, not by fewer", () => {
  // Of a species, every second image is of another look, as drawings are.
  const { images, embeddings } = made(2, 60, 0);
  const asked = (flagged: number): Asked[] =>
    images.map((image, at) => ({
      ...image,
      species: "betta_splendens",
      isNoPhoto: at % 2 === 0 && at < 2 * flagged,
    }));
  const lead = (flagged: number): number => {
    const found = doubtsOf(asked(flagged), embeddings);
    const mean = (kind: number): number =>
      images.reduce(
        (sum, { sha256 }, at) =>
          at % 2 === kind && at >= 40 ? sum + (found.get(sha256) ?? 0) / 40 : sum,
        0,
      );
    return mean(0) - mean(1);
  };
  const [plain, few, enough] = [lead(0), lead(7), lead(20)];
  assertEquals(few, plain);
  assertEquals(enough > plain + 0.1, true, `${enough} is not more than ${plain}`);
});

Deno.test("review raises what is flagged as no photo, once, and keeps the order of the embeddings otherwise", () => {
  const image = (doubt: number | undefined, ...flags: ("dish" | "not-fish" | "strip")[]) => ({
    ...{ fingerprint: "", width: 150, height: 150, host: "", doubt, flags },
  });
  const found = doubts(
    [
      image(0.2),
      image(2.1),
      image(0.15, "strip"),
      image(1.9, "dish"),
      image(1.7, "not-fish", "dish"),
    ],
    () => ({ all: 1, rejected: 0 }),
  );
  assertEquals(order(found), [3, 1, 4, 2, 0]);
  const reasons = [[], ["unlike its species"], ["strip"], ["unlike its species", "dish"]];
  assertEquals(found.slice(0, 4).map((each) => each.reasons), reasons);
});

Deno.test("without embeddings, review puts first what is flagged as no photo", () => {
  const image = (side: number, ...flags: ("grey" | "strip")[]) => ({
    ...{ fingerprint: "", width: side, height: side, host: "", flags },
  });
  const images = [image(800), image(150), image(800, "strip"), image(800, "grey")];
  assertEquals(order(doubts(images, () => ({ all: 1, rejected: 0 }))), [3, 1, 2, 0]);
});

function order(found: readonly Doubt[]): number[] {
  return found.map(({ score }, at) => ({ score, at }))
    .sort((one, other) => other.score - one.score).map(({ at }) => at);
}

Deno.test("doubtsOf() is not taught by what is most doubtful: wrong pictures of one kind do not make each other right", () => {
  // Eighteen of one species are another one's. Were they to teach, they would lead by 0.8.
  const { images, embeddings } = made(3, 40, 0);
  const isStray = (at: number): boolean => at % 3 === 1 && at < 3 * 18;
  const asked = images.map((image, at) => ({
    ...image,
    species: isStray(at) ? "species_0" : image.species,
  }));
  const found = doubtsOf(asked, embeddings);
  const mean = (stray: boolean): number => {
    const own = asked.filter(({ species }, at) => species === "species_0" && isStray(at) === stray);
    return own.reduce((sum, { sha256 }) => sum + (found.get(sha256) ?? 0), 0) / own.length;
  };
  const lead = mean(true) - mean(false);
  assertEquals(lead > 1.1, true, `they lead by ${lead}`);
});
