/**
 * A real Chromium for tests of pages: keys and mouse as a person has them, screenshots, axe.
 *
 * @module
 */

import { deadline } from "@std/async";
import { fromFileUrl } from "@std/path";
import { connect } from "puppeteer-core";
import { chromiumEnvironment, chromiumFlags } from "../../lib/browser/chromium_flags.ts";
import { launchChromium } from "../../lib/browser/chromium_process.ts";
import { fields, type Session, text } from "../../lib/browser/driver.ts";
import { sessionOf } from "../../lib/browser/puppeteer.ts";
import { testBrowser } from "../browser/test_browser.ts";

/** How long anything in the browser may take, in milliseconds. */
const WITHIN = 20_000;

/** One tab and what went wrong in it. */
export interface Screen {
  /** What the console said that a person should not see there, and uncaught errors. */
  readonly errors: readonly string[];
  /** Goes to an address and waits until the page is loaded. */
  goto(address: string): Promise<void>;
  /** Evaluates an expression in the page; promises are waited for, the result is JSON. */
  evaluate(expression: string): Promise<unknown>;
  /** Waits until an expression is true. */
  until(expression: string): Promise<void>;
  /** Presses a key, such as `x`, `ArrowRight`, ` `. */
  press(key: string, shift?: boolean): Promise<void>;
  /** Clicks the middle of an element. */
  click(selector: string): Promise<void>;
  /** The screen's width, height and whether it is dark. */
  look(width: number, height: number, dark: boolean): Promise<void>;
  /** Saves what is to be seen. */
  screenshot(path: string): Promise<void>;
  /** What axe-core finds wrong: rule and elements. */
  axe(): Promise<readonly string[]>;
}

/** Runs a test with a browser that is gone afterwards. */
export async function withChromium(
  test: (open: () => Promise<Screen>) => Promise<void>,
): Promise<void> {
  const profile = await Deno.makeTempDir({ prefix: "aqt" });
  const path = await testBrowser();
  const process = await launchChromium({
    path,
    flags: chromiumFlags(false, true, ["--no-proxy-server"]),
    profile,
    environment: chromiumEnvironment(path, profile, false),
    within: 30_000,
    signal: AbortSignal.timeout(60_000),
  });
  try {
    const browser = await connect({ transport: process.pipe, defaultViewport: null });
    await test(async () => {
      const page = await browser.newPage();
      return await screen(sessionOf(await page.createCDPSession()));
    });
    await browser.disconnect();
  } finally {
    await process.stop(2000);
    await Deno.remove(profile, { recursive: true });
  }
}

async function screen(session: Session): Promise<Screen> {
  const errors: string[] = [];
  session.on("Runtime.exceptionThrown", (event) => {
    const details = fields(event["exceptionDetails"]);
    errors.push(text(fields(details["exception"]), "description") || text(details, "text"));
  });
  session.on("Log.entryAdded", (event) => {
    const entry = fields(event["entry"]);
    if (text(entry, "level") === "error") {
      errors.push(`${text(entry, "text")} ${text(entry, "url")}`);
    }
  });
  session.on("Runtime.consoleAPICalled", (event) => {
    if (text(event, "type") === "error") errors.push(JSON.stringify(event["args"]));
  });
  let loaded = Promise.withResolvers<void>();
  session.on("Page.loadEventFired", () => loaded.resolve());
  for (const domain of ["Page", "Runtime", "Log"]) await session.send(`${domain}.enable`);
  // Each tab believes that it is the one in front, as with two windows side by side.
  await session.send("Emulation.setFocusEmulationEnabled", { enabled: true });
  const evaluate = async (expression: string): Promise<unknown> => {
    const answer = await deadline(
      session.send("Runtime.evaluate", {
        expression,
        awaitPromise: true,
        returnByValue: true,
        userGesture: true,
      }),
      WITHIN * 3,
    );
    if (answer["exceptionDetails"] !== undefined) {
      throw new Error(`${expression}: ${JSON.stringify(answer["exceptionDetails"])}`);
    }
    return fields(answer["result"])["value"];
  };
  const until = async (expression: string): Promise<void> => {
    const end = Date.now() + WITHIN;
    while (!await evaluate(`Boolean(${expression})`)) {
      if (Date.now() > end) throw new Error(`Waited in vain for ${expression}`);
      // A tab in the background is given no frames.
      await evaluate("new Promise((resolve) => setTimeout(resolve, 30))");
    }
  };
  return {
    errors,
    evaluate,
    until,
    async goto(address) {
      loaded = Promise.withResolvers();
      const answer = await session.send("Page.navigate", { url: address });
      if (answer["errorText"] !== undefined) throw new Error(text(answer, "errorText"));
      // A mere change of what stands after # loads nothing.
      if (answer["loaderId"] !== undefined) await deadline(loaded.promise, WITHIN * 3);
    },
    async press(key, shift = false) {
      const typed = key.length === 1 ? { text: key } : key === "Enter" ? { text: "\r" } : {};
      const code = key === " " ? "Space" : key.length === 1 ? `Key${key.toUpperCase()}` : key;
      const event = { key, code, modifiers: shift ? 8 : 0, windowsVirtualKeyCode: codeOf(key) };
      await session.send("Input.dispatchKeyEvent", { type: "keyDown", ...event, ...typed });
      await session.send("Input.dispatchKeyEvent", { type: "keyUp", ...event });
    },
    async click(selector) {
      const found = fields(
        await evaluate(`(() => {
          const element = document.querySelector(${JSON.stringify(selector)});
          element.scrollIntoView({ block: "center" });
          const box = element.getBoundingClientRect();
          return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
        })()`),
      );
      const event = { x: found["x"], y: found["y"], button: "left", clickCount: 1 };
      await session.send("Input.dispatchMouseEvent", { type: "mousePressed", ...event });
      await session.send("Input.dispatchMouseEvent", { type: "mouseReleased", ...event });
    },
    async look(width, height, dark) {
      await session.send("Emulation.setDeviceMetricsOverride", {
        width,
        height,
        deviceScaleFactor: 1,
        mobile: width < 600,
      });
      await session.send("Emulation.setEmulatedMedia", {
        features: [{ name: "prefers-color-scheme", value: dark ? "dark" : "light" }],
      });
    },
    async screenshot(path) {
      const answer = await session.send("Page.captureScreenshot", { format: "png" });
      await Deno.writeFile(path, Uint8Array.fromBase64(text(answer, "data")));
    },
    async axe() {
      await evaluate(`${await (axeSource ??= readAxe())}; undefined`);
      const found: unknown = await evaluate(`axe.run(document, { resultTypes: ["violations"] })
        .then(({ violations }) => violations.map(({ id, nodes }) =>
          id + ": " + nodes.slice(0, 5).map(({ html, any }) =>
            html.slice(0, 200) + " " + any.map((one) => one.message).join("; ")).join(" | ")))`);
      if (!Array.isArray(found)) throw new Error("axe gave no list");
      return found.map(String);
    },
  };
}

let axeSource: Promise<string> | undefined;

/** Reads axe by a program of its own: what deno.lock names, everyone's first run installs. */
async function readAxe(): Promise<string> {
  const lock = fromFileUrl(new URL("./axe.lock", import.meta.url));
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["eval", "--no-config", "--node-modules-dir=none", `--lock=${lock}`, "--frozen"],
      `import axe from "npm:axe-core@4.14.1"; console.log(axe.source)`,
    ],
  }).output();
  const text = new TextDecoder();
  if (!success) throw new Error(`axe does not load: ${text.decode(stderr)}`);
  return text.decode(stdout);
}

function codeOf(key: string): number {
  const known: Readonly<Record<string, number>> = {
    ArrowLeft: 37,
    ArrowUp: 38,
    ArrowRight: 39,
    ArrowDown: 40,
    Enter: 13,
    Escape: 27,
    Home: 36,
    End: 35,
    " ": 32,
  };
  return known[key] ?? key.toUpperCase().charCodeAt(0);
}
