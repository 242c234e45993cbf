/**
 * Where a Chromium may be.
 *
 * @module
 */

/** A program that a person named. */
export interface NamedPlace {
  /** The program. */
  readonly path: string;
  /** By what it was named. */
  readonly namedBy: "--browser" | "CHROME_PATH";
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
 * The program a person named, if they did.
 *
 * @param flag The value of `--browser`, which counts for more.
 * @param variable The value of `CHROME_PATH`.
 */
export function namedPlace(
  flag: string | undefined,
  variable: string | undefined,
): NamedPlace | undefined {
  if (flag !== undefined && flag !== "") return { path: flag, namedBy: "--browser" };
  if (variable !== undefined && variable !== "") return { path: variable, namedBy: "CHROME_PATH" };
  return undefined;
}
