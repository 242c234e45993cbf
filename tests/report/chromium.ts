/**
 * A real Chromium for tests of pages: keys and mouse as a person has them, screenshots, axe.
 *
 * @module
 */

import { deadline } from "@std/async";
import { fromFileUrl } from "@std/path";
import { connect, type KeyInput, type Page } from "puppeteer-core";
import { launchChromium } from "../../lib/browser/chromium_process.ts";
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
  press(key: KeyInput, shift?: boolean): Promise<void>;
  type(text: string): Promise<void>;
  click(selector: string): Promise<void>;
  /** The screen's width, height and whether it is dark. */
  look(width: number, height: number, dark: boolean): Promise<void>;
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
    headed: false,
    noSandbox: true,
    more: ["--no-proxy-server"],
    profile,
    within: 30_000,
    signal: AbortSignal.timeout(60_000),
  });
  try {
    const browser = await connect({ transport: process.pipe, defaultViewport: null });
    await test(async () => await screen(await browser.newPage()));
    await browser.disconnect();
  } finally {
    await process.stop(2000);
    await Deno.remove(profile, { recursive: true });
  }
}

async function screen(page: Page): Promise<Screen> {
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(`${message.text()} ${message.location().url}`);
  });
  // Each tab believes that it is the one in front, as with two windows side by side.
  await page.emulateFocusedPage(true);
  const session = await page.createCDPSession();
  const evaluate = (expression: string): Promise<unknown> =>
    deadline(page.evaluate(expression), WITHIN * 3);
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
    goto: async (address) => void await page.goto(address, { timeout: WITHIN * 3 }),
    async press(key, shift = false) {
      if (shift) await page.keyboard.down("Shift");
      await page.keyboard.press(key);
      if (shift) await page.keyboard.up("Shift");
    },
    type: (text) => page.keyboard.type(text),
    click: (selector) => page.click(selector),
    async look(width, height, dark) {
      // The library's own way loads the page again.
      const metrics = { width, height, deviceScaleFactor: 1, mobile: width < 600 };
      await session.send("Emulation.setDeviceMetricsOverride", metrics);
      await page.emulateMediaFeatures([
        { name: "prefers-color-scheme", value: dark ? "dark" : "light" },
      ]);
    },
    screenshot: async (path) => await Deno.writeFile(path, await page.screenshot()),
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
