import { assert, assertEquals, assertLess, assertRejects, assertStringIncludes } from "@std/assert";
import { Failure } from "../../lib/base/failure.ts";
import {
  type Machine,
  startBrowser,
  type StartOptions,
  thisMachine,
} from "../../lib/browser/start.ts";
import { openSite } from "./pages.ts";
import { testBrowser } from "./test_browser.ts";
import { withFolder } from "../dataset/folder.ts";
import { eventually, processesAt, profilesIn, script } from "./processes.ts";

const never = new AbortController().signal;

const chromium = await testBrowser();

function wish(cache: string, more: Partial<StartOptions> = {}): StartOptions {
  return {
    browser: chromium,
    hosts: ["127.0.0.1", "fish.example"],
    notice: () => {},
    cache,
    signal: never,
    ...more,
  };
}

function machine(more: Partial<Machine> = {}): Machine {
  return { ...thisMachine(), variable: () => undefined, ...more };
}

Deno.test("startBrowser() leaves no process and no profile, however often it is closed", () =>
  withFolder(async (cache) => {
    for (let turn = 0; turn < 4; turn++) {
      const browser = await startBrowser(wish(cache));
      await browser.open({ within: 15_000, signal: never });
      assert(profilesIn(cache).length > 0);
      if (Deno.build.os === "linux") assert(processesAt(cache).length > 0);
      const begun = performance.now();
      await Promise.all([browser.close(), browser.close()]);
      assertLess(performance.now() - begun, 2000);
      assertEquals(profilesIn(cache), []);
      await eventually(() => processesAt(cache).length === 0, "its processes are gone");
    }
  }));

Deno.test("startBrowser() notices when the browser is killed, and cleans up after it", () =>
  withFolder(async (cache) => {
    const browser = await startBrowser(wish(cache));
    const tab = await browser.open({ within: 15_000, signal: never });
    const waits = assertRejects(() =>
      tab.until("() => false", null, { within: 60_000, signal: never })
    );
    if (Deno.build.os !== "linux") await browser.close();
    for (const pid of processesAt(cache)) {
      try {
        Deno.kill(pid, "SIGKILL");
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      }
    }
    await waits;
    await eventually(() => browser.dead && tab.dead, "browser and tab know that they are dead");
    await browser.close();
    assertEquals(profilesIn(cache), []);
  }));

Deno.test("startBrowser() leaves no browser behind when we are killed, and the next start sweeps", () =>
  withFolder(async (cache) => {
    const start = new URL("../../lib/browser/start.ts", import.meta.url);
    const program = `
      import { startBrowser } from ${JSON.stringify(start.href)};
      const signal = new AbortController().signal;
      const browser = await startBrowser({ browser: ${
      JSON.stringify(chromium)
    }, hosts: [], notice() {}, cache: ${JSON.stringify(cache)}, signal });
      const tab = await browser.open({ within: 20000, signal });
      tab.evaluate("() => { for (;;); }", null, String, { within: 100000, signal });
      console.log("running");
      await new Promise((resolve) => setTimeout(resolve, 100000));
    `;
    const config = new URL("../../deno.json", import.meta.url).pathname;
    const file = `${cache}/program.ts`;
    await Deno.writeTextFile(file, program);
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", "--config", config, file],
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const reader = child.stdout.getReader();
    const first = await reader.read();
    assertStringIncludes(new TextDecoder().decode(first.value), "running");
    child.kill("SIGKILL");
    await child.status;
    await reader.cancel();
    await eventually(() => processesAt(cache).length === 0, "Chromium and its children are gone");
    assertEquals(profilesIn(cache).length, 2, "a folder and its lock stay");
    const living = await startBrowser(wish(cache));
    assertEquals(profilesIn(cache).length, 2, "the old one is swept, the new one is there");
    // A second start must not sweep what is in use.
    const second = await startBrowser(wish(cache));
    assertEquals(profilesIn(cache).length, 4);
    await Promise.all([living.close(), second.close()]);
    assertEquals(profilesIn(cache), []);
  }));

Deno.test("startBrowser() sweeps a profile folder that a browser made again while it ended", () =>
  withFolder(async (cache) => {
    await Deno.mkdir(`${cache}/profiles/0badcafe/Default`, { recursive: true });
    const browser = await startBrowser(wish(cache));
    assertEquals(profilesIn(cache).length, 2, "the new folder and its lock");
    await browser.close();
    assertEquals(profilesIn(cache), []);
  }));

Deno.test("startBrowser() says of a program that was named what is wrong with it", () =>
  withFolder(async (cache) => {
    const missing = await assertRejects(
      () => startBrowser(wish(cache, { browser: "/no/such/chrome" }), machine()),
      Failure,
    );
    assertEquals(
      missing.message,
      "Cannot start the browser /no/such/chrome that --browser names: there is no such program. Give the path of a Chrome, Chromium or Edge.",
    );
    const path = await script(
      cache,
      "not-a-browser",
      "echo 'cannot open shared library' >&2; exit 3",
    );
    const wrong = await assertRejects(
      () =>
        startBrowser(
          wish(cache, { browser: "" }),
          machine({ variable: (name) => name === "CHROME_PATH" ? path : undefined }),
        ),
      Failure,
    );
    assertStringIncludes(
      wrong.message,
      "that CHROME_PATH names: it ended with exit status 3: cannot open shared library",
    );
    assertEquals(profilesIn(cache), []);
  }));

Deno.test("startBrowser() goes on to the next place, and at last says what helps", () =>
  withFolder(async (cache) => {
    const broken = await script(cache, "broken", "exit 1");
    const notices: string[] = [];
    const start = (installed: readonly string[]) =>
      assertRejects(
        () =>
          startBrowser(
            wish(cache, { browser: "", notice: (text) => void notices.push(text) }),
            machine({ installed }),
          ),
        Failure,
      );
    const failure = await start(["/no/such/chrome", broken]);
    assertEquals(notices, [`${broken} cannot be used as a browser: it ended with exit status 1.`]);
    assertEquals(
      failure.message,
      "Cannot find a browser. Fetch one with: deno task browser --fetch. Or install Chrome, Chromium or Edge, or name one with --browser PATH or in CHROME_PATH.",
    );
    assertStringIncludes((await start([])).message, "Fetch one with: deno task browser. Or");
    assertEquals(profilesIn(cache), []);
  }));

Deno.test("startBrowser() says so where no more files can be opened", () =>
  withFolder(async (cache) => {
    if (Deno.build.os === "windows") return;
    const start = new URL("../../lib/browser/start.ts", import.meta.url);
    const config = new URL("../../deno.json", import.meta.url).pathname;
    const file = `${cache}/program.ts`;
    await Deno.writeTextFile(
      file,
      `
      import { startBrowser } from ${JSON.stringify(start.href)};
      // As every script does. Deno itself panics where its first listener gets no file.
      Deno.addSignalListener("SIGINT", () => Deno.exit(130));
      const files = [];
      if (Deno.args[0] === "ours") {
        try { for (;;) files.push(Deno.openSync(import.meta.filename)); } catch {
          // No more can be opened. The profile and its locks still need some.
          for (const file of files.splice(0, 4)) file.close();
        }
      }
      const signal = new AbortController().signal;
      const options = { browser: ${JSON.stringify(chromium)}, hosts: [], notice() {}, cache: ${
        JSON.stringify(cache)
      }, signal };
      const error = await startBrowser(options).then(
        (browser) => browser.close().then(() => "started"),
        (error) => error,
      );
      for (const file of files) file.close();
      console.log(error.message ?? error);
      Deno.exit();
    `,
    );
    const isShell = chromium.endsWith(".cache/chrome/run");
    // Either Deno cannot open the pipe, or Chromium ends for want of files.
    for (const whose of ["ours", "Chromium's"]) {
      const limited = 'ulimit -n 64; exec "$0" run -A --no-check --config "$1" "$2" "$3"';
      const command = new Deno.Command("sh", {
        args: ["-c", limited, Deno.execPath(), config, file, whose],
      });
      const { stdout, stderr } = await command.output();
      const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
      assert(!said.includes("Cannot find a browser"), said);
      // A headless shell may do with as few, or end without saying why.
      if (whose === "Chromium's" && isShell) continue;
      assertStringIncludes(said, "too many open files. Allow more with: ulimit -n 4096");
    }
  }));

Deno.test("startBrowser() knows each way in which Chromium says that no more files can be opened", () =>
  withFolder(async (cache) => {
    if (Deno.build.os === "windows") return;
    for (
      const words of [
        "Too many open files (24)",
        "recvmsg returned MSG_CTRUNC flag, FD exhaustion?",
      ]
    ) {
      const path = await script(cache, "short", `echo '${words}' >&2; sleep 0.2; exit 1`);
      const { message } = await assertRejects(
        () => startBrowser(wish(cache, { browser: path }), machine()),
        Failure,
      );
      assertStringIncludes(message, "Allow more with: ulimit -n 4096");
    }
  }));

Deno.test("startBrowser() leaves out the sandbox only when the browser will not run as root, and says so", () =>
  withFolder(async (cache) => {
    if (Deno.build.os === "windows") return;
    const picky = await script(
      cache,
      "picky",
      `case "$*" in *--no-sandbox*) exec "${chromium}" "$@";; esac
       echo 'Running as root without --no-sandbox is not supported.' >&2; exit 1`,
    );
    const notices: string[] = [];
    const browser = await startBrowser(
      wish(cache, { browser: picky, notice: (text) => void notices.push(text) }),
      machine(),
    );
    await browser.close();
    // Reported once in a run: another test may have seen it.
    assert(notices.every((text) => text.includes("--no-sandbox")));
  }));

Deno.test("startBrowser() ends at once when its signal fires, and leaves nothing", () =>
  withFolder(async (cache) => {
    const silent = await script(cache, "silent", "exec sleep 1000");
    const stop = new AbortController();
    const start = assertRejects(
      () => startBrowser(wish(cache, { browser: silent, signal: stop.signal }), machine()),
      RangeError,
    );
    await eventually(
      () => Deno.build.os !== "linux" || processesAt(cache).length > 0,
      "it was started",
    );
    const begun = performance.now();
    stop.abort(new RangeError("enough"));
    await start;
    assertLess(performance.now() - begun, 2000);
    assertEquals(profilesIn(cache), []);
    assertEquals(processesAt(cache), []);
  }));

Deno.test("startBrowser() uses the proxy of the environment and logs in there", () =>
  withFolder(async (cache) => {
    const seen: string[] = [];
    const proxy = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
      const login = request.headers.get("proxy-authorization");
      if (login === null) {
        return new Response(null, {
          status: 407,
          headers: { "proxy-authenticate": 'Basic realm="p"' },
        });
      }
      seen.push(`${new URL(request.url).host} ${atob(login.replace("Basic ", ""))}`);
      return new Response("<p>through", { headers: { "content-type": "text/html" } });
    });
    await using site = openSite();
    const browser = await startBrowser(
      wish(cache),
      machine({
        variable: (name) =>
          ({
            http_proxy: `http://fish:s%40lt@127.0.0.1:${proxy.addr.port}`,
            NO_PROXY: "127.0.0.1",
          })[name],
      }),
    );
    try {
      const tab = await browser.open({ within: 15_000, signal: never });
      const deadline = { within: 15_000, signal: never };
      await tab.goto("http://fish.example/", deadline);
      assertStringIncludes(await tab.html(deadline), "through");
      assertEquals(seen[0], "fish.example fish:s@lt");
      await tab.goto(`${site.base}/`, deadline);
      assertStringIncludes(await tab.html(deadline), "Fish &amp; chips");
    } finally {
      await browser.close();
      await proxy.shutdown();
    }
  }));
