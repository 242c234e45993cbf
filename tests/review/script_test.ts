/** The scripts as a person starts them, with the permissions of their own sets. */

import { assert, assertEquals } from "@std/assert";
import { demoCommand } from "../../lib/demo/run.ts";
import { readDataset } from "../../lib/dataset/dataset.ts";
import { opened } from "../dataset/folder.ts";
import { hashOf, makeSynthetic, speciesId } from "../report/synthetic.ts";

const ROOT = new URL("../../", import.meta.url);

/** Starts a script as its task does, with another data folder in place of `data`. */
function start(script: string, dir: string): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: [...demoCommand(script, [dir], undefined), `scripts/${script}.ts`, "--data", dir],
    cwd: ROOT,
    stdout: "piped",
    stderr: "piped",
    env: { NO_COLOR: "1" },
  }).spawn();
}

async function withSynthetic(test: (dir: string) => Promise<void>): Promise<void> {
  // Without the links that a temporary folder's path may have, for the permissions.
  const dir = await Deno.realPath(await Deno.makeTempDir({ prefix: "aquaset-test-" }));
  try {
    await makeSynthetic(dir, { species: 1, images: 3, files: "images" });
    await Deno.remove(`${dir}/report`, { recursive: true });
    await test(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("report writes its page with the permissions of its set", () =>
  withSynthetic(async (dir) => {
    const { code, stdout, stderr } = await start("report", dir).output();
    const said = new TextDecoder().decode(stderr);
    assertEquals(code, 0, said);
    assertEquals(
      new TextDecoder().decode(stdout),
      `3 images; 1 of 1 species have enough.\nOpen ${dir}/report/index.html in a browser.\n`,
    );
    assert((await Deno.stat(`${dir}/report/index.html`)).size > 5000);
  }));

/** Begins to send a verdict, and hangs up in the middle of its body. */
async function breakOff(origin: string, token: string): Promise<void> {
  const { host, port } = new URL(origin);
  const connection = await Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
  await connection.write(new TextEncoder().encode(
    `POST /api/verdicts HTTP/1.1\r\nhost: ${host}\r\norigin: ${origin}\r\n` +
      `x-aquaset-token: ${token}\r\ncontent-type: application/json\r\n` +
      'content-length: 1000\r\n\r\n{"ver',
  ));
  // The server answers the next request only when it has read what came before.
  const alive = await fetch(`${origin}/api/start`, { headers: { "x-aquaset-token": token } });
  await alive.body?.cancel();
  connection.close();
}

Deno.test("review serves, logs and ends within two seconds of Ctrl-C, with its permissions", () =>
  withSynthetic(async (dir) => {
    await using child = start("review", dir);
    const errors = new Response(child.stderr).text();
    const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const first = (await reader.read()).value ?? "";
    const { origin, hash } = new URL(/http:\S+/.exec(first)?.[0] ?? "");
    const token = hash.replace("#token=", "");
    const headers = { origin, "x-aquaset-token": token, "content-type": "application/json" };
    const name = `${hashOf(0, 0).slice(0, 16)}.jpg`;
    const begun = await fetch(`${origin}/api/start`, { headers });
    const pictures = `${origin}${(await begun.json()).pictures}`;
    const species = await fetch(`${origin}/api/species/${speciesId(0)}`, { headers });
    assertEquals((await species.json()).images.length, 3);
    const thumb = await fetch(`${pictures}report/thumbs/${name.slice(0, 2)}/${name}`);
    assertEquals([thumb.status, thumb.headers.get("content-type")], [200, "image/jpeg"]);
    await thumb.bytes();
    const report = await fetch(`${pictures}report/index.html`);
    assert((await report.text()).includes("What became of the candidates"));
    const images = [`${speciesId(0)}/${name}`];
    const body = JSON.stringify({ verdict: "rejected", images });
    const answer = await fetch(`${origin}/api/verdicts`, { method: "POST", headers, body });
    assertEquals(answer.status, 200);
    await answer.bytes();
    const events = await fetch(`${origin}/api/events`, { headers });
    await breakOff(origin, token);
    const asked = performance.now();
    child.kill("SIGINT");
    const { code } = await child.status;
    const took = performance.now() - asked;
    await events.body?.cancel().catch((error) => assert(error instanceof Error));
    await reader.cancel();
    assertEquals(code, 130, await errors);
    assert(!/Error|\n {4}at /.test(await errors), `no stack trace: ${await errors}`);
    assert(took < 2000, `it took ${Math.round(took)} ms`);
    assertEquals((await readDataset(dir)).state.kept(speciesId(0)), 2);
  }));

Deno.test("review says who writes the data folder and leaves it alone", () =>
  withSynthetic(async (dir) => {
    const dataset = await opened(dir);
    try {
      const { code, stderr } = await start("review", dir).output();
      const said = new TextDecoder().decode(stderr);
      assertEquals(code, 1, said);
      assert(said.includes(`is being written by scrape (process ${Deno.pid}`), said);
    } finally {
      await dataset.close();
    }
  }));
