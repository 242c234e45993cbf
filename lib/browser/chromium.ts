/**
 * Where a Chromium may be.
 *
 * @module
 */

/** Where a path comes from, in the order in which they are tried. */
export type Origin = "--browser" | "CHROME_PATH" | "installed" | "fetched";

/** A program that may be a Chromium. */
export interface Place {
  /** The program. */
  readonly path: string;
  /** Where we have the path from. */
  readonly origin: Origin;
}

/**
 * The usual places of installed browsers, each system's in the order in which they are tried. The
 * scripts' `--allow-run` names these very paths.
 */
export const installedPlaces: Readonly<Record<"linux" | "darwin" | "windows", readonly string[]>> =
  {
    linux: [
      "/usr/bin/google-chrome-stable",
      "/usr/bin/google-chrome",
      "/opt/google/chrome/chrome",
      "/usr/bin/chromium",
      "/usr/bin/chromium-browser",
      "/usr/local/bin/chromium",
      "/snap/bin/chromium",
      "/usr/bin/microsoft-edge-stable",
      "/usr/bin/microsoft-edge",
    ],
    darwin: [
      "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
      "/Applications/Chromium.app/Contents/MacOS/Chromium",
      "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    ],
    windows: [
      "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
      "C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe",
      "C:\\Program Files\\Chromium\\Application\\chrome.exe",
      "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe",
      "C:\\Program Files\\Microsoft\\Edge\\Application\\msedge.exe",
    ],
  };

/** The usual places of the system we run on. */
export function usualPlaces(): readonly string[] {
  const { os } = Deno.build;
  return os === "darwin" || os === "windows" ? installedPlaces[os] : installedPlaces.linux;
}

/**
 * What is to be tried, in order. A path that a person named is tried alone: when it is wrong, they
 * want to hear of it.
 *
 * @param named The value of `--browser`.
 * @param variable The value of `CHROME_PATH`.
 * @param installed The usual places.
 */
export function placesToTry(
  named: string | undefined,
  variable: string | undefined,
  installed: readonly string[],
): readonly Place[] {
  if (named !== undefined && named !== "") return [{ path: named, origin: "--browser" }];
  if (variable !== undefined && variable !== "") return [{ path: variable, origin: "CHROME_PATH" }];
  return installed.map((path) => ({ path, origin: "installed" }));
}
