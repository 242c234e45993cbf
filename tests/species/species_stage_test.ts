import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { Failure } from "../../lib/base/failure.ts";
import {
  DEFAULT_LIST_URL,
  fetchSpeciesList,
  updateSpeciesList,
} from "../../lib/species/species_stage.ts";
import type { NotReceived } from "../../lib/web/client.ts";
import { answeringClient, pageClient, received } from "./wikipedia/page_client.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const PAGE = "<table><tr><th>Scientific name<tr><td>Betta splendens</table>";
const signal = () => AbortSignal.timeout(30_000);

for (
  const [outcome, status, detail, exit] of [
    ["timeout", undefined, "no byte for 15 s", 75],
    ["refused", undefined, "connection refused", 75],
    ["gone", undefined, "no such host", 75],
    ["gone", 404, "HTTP 404", 1],
    ["rate-limited", 429, "HTTP 429", 75],
    ["server-error", 503, "HTTP 503", 75],
    ["truncated", 200, "4 of 9 bytes", 75],
    ["forbidden", 403, "HTTP 403", 1],
    ["opted-out", 200, "robots.txt", 1],
    ["too-large", 200, "31 MB", 1],
    ["redirect-loop", 301, "circle", 1],
  ] as const
) {
  Deno.test(`fetchSpeciesList() ends with ${exit} for ${outcome}: ${detail}`, async () => {
    const answer: NotReceived = {
      ok: false,
      outcome,
      detail,
      url: DEFAULT_LIST_URL,
      ...(status === undefined ? {} : { status }),
    };
    const failure = await assertRejects(
      () => fetchSpeciesList(answeringClient(answer), DEFAULT_LIST_URL, signal()),
      Failure,
      detail,
    );
    assertEquals(failure.status, exit);
    assertStringIncludes(failure.message, DEFAULT_LIST_URL);
    assertEquals(failure.message.includes("--contact"), outcome === "forbidden");
  });
}

Deno.test("fetchSpeciesList() says which flag lets another site in", async () => {
  const answer: NotReceived = {
    ok: false,
    outcome: "forbidden-address",
    detail: 'this process has no permission to reach "de.wikipedia.org:443"',
    url: "https://de.wikipedia.org/wiki/Fische",
  };
  const ask = () => fetchSpeciesList(answeringClient(answer), answer.url, signal());
  await assertRejects(ask, Failure, "de.wikipedia.org added to --allow-net");
});

Deno.test("fetchSpeciesList() waits as a lagging site asks, and not for ever", async () => {
  const lag = received(encode('{"error":{"code":"maxlag","info":"Waiting for db1: 6 seconds"}}'), {
    "content-type": "application/json",
    "retry-after": "7",
  });
  const waits: number[] = [];
  const wait = (milliseconds: number) => Promise.resolve(void waits.push(milliseconds));
  const patient = answeringClient(lag, lag, received(encode(PAGE)));
  const { species } = await fetchSpeciesList(patient, DEFAULT_LIST_URL, signal(), wait);
  assertEquals([species.length, waits], [1, [7000, 7000]]);
  const failure = await assertRejects(
    () => fetchSpeciesList(answeringClient(lag), DEFAULT_LIST_URL, signal(), wait),
    Failure,
    "Waiting for db1",
  );
  assertEquals([failure.status, waits.length], [75, 4]);
});

Deno.test("fetchSpeciesList() makes no half list of a page or an answer that came in part", async () => {
  const table = "<table><tr><th>Latin name</th></tr><tr><td>Betta splendens</td></tr>";
  const page = `<!DOCTYPE html><html><body><div class="mw-parser-output">${table}`;
  const parsed = JSON.stringify({ parse: { title: "List", text: `${table}</table>` } });
  const wait = () => Promise.resolve();
  for (const part of [page, parsed.slice(0, -12), parsed.slice(0, 60)]) {
    const client = answeringClient(received(encode(part)));
    const failure = await assertRejects(
      () => fetchSpeciesList(client, DEFAULT_LIST_URL, signal(), wait),
      Failure,
      "came only in part",
    );
    assertEquals([failure.status, client.asked.length], [75, 3]);
  }
  // A page of other making may end without its end tags.
  const other = answeringClient(received(encode(`<html><body>${table}`)));
  assertEquals((await fetchSpeciesList(other, DEFAULT_LIST_URL, signal(), wait)).rows, 1);
});

Deno.test("fetchSpeciesList() turns away what is no address, before asking anything", async () => {
  for (const url of ["", "List of fish", "file:///etc/passwd", "javascript:1", "https://"]) {
    const client = answeringClient();
    const failure = await assertRejects(() => fetchSpeciesList(client, url, signal()), Failure);
    assertEquals([failure.status, client.asked], [2, []]);
    assertStringIncludes(failure.message, "--list");
  }
});

Deno.test("fetchSpeciesList() tells the article's page, also where an interface was asked", async () => {
  for (
    const [asked, page] of [
      ["https://en.wikipedia.org/wiki/X#Top", "https://en.wikipedia.org/wiki/X"],
      [
        "https://en.wikipedia.org/api/rest_v1/page/html/List_of_X",
        "https://en.wikipedia.org/wiki/List_of_X",
      ],
      [
        "https://en.wikipedia.org/w/api.php?action=parse&page=List of X&format=json",
        "https://en.wikipedia.org/wiki/List_of_X",
      ],
    ] as const
  ) {
    const { species } = await fetchSpeciesList(pageClient(encode(PAGE)), asked, signal());
    assertEquals(species[0]?.page, page);
  }
});

Deno.test("updateSpeciesList() tells what changed and touches no image", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const read = async (names: string[]) => {
      const rows = names.map((name) => `<tr><td>${name}`).join("");
      const page = `<table><tr><th>Scientific name${rows}</table>`;
      return (await fetchSpeciesList(pageClient(encode(page)), DEFAULT_LIST_URL, signal())).species;
    };
    assertEquals(
      await updateSpeciesList(dir, await read(["Betta splendens", "Danio rerio"])),
      undefined,
    );
    const image = join(dir, "images", "danio_rerio", "0123456789abcdef.jpg");
    await Deno.mkdir(join(dir, "images", "danio_rerio"), { recursive: true });
    await Deno.writeTextFile(image, "an image");
    const changes = await updateSpeciesList(
      dir,
      await read(["Betta splendens", "Corydoras panda"]),
    );
    assertEquals(changes?.added.map(({ id }) => id), ["corydoras_panda"]);
    assertEquals(changes?.gone.map(({ id }) => id), ["danio_rerio"]);
    assertEquals(await Deno.readTextFile(image), "an image");
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("updateSpeciesList() leaves a list it cannot read as it was", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const path = join(dir, "species.jsonl");
    await Deno.writeTextFile(path, '{"latin":"Betta splendens"\n');
    await assertRejects(() => updateSpeciesList(dir, []), Failure, "line 1");
    assertEquals(await Deno.readTextFile(path), '{"latin":"Betta splendens"\n');
    assert(![...Deno.readDirSync(dir)].some(({ name }) => name === "species.csv"));
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
