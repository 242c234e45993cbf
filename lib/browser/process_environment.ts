/**
 * The environment Chromium is started with: as little as it needs, and a home in its own profile
 * folder, so that it leaves nothing elsewhere.
 *
 * @module
 */

/** What a window needs to know of the desktop. */
const desktop = ["DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "XDG_RUNTIME_DIR"];

/**
 * The whole environment for a browser.
 *
 * @param program The program that is started.
 * @param profile The profile folder.
 * @param headed Whether it shows a window: then the desktop's variables are read and passed on.
 */
export function processEnvironment(
  program: string,
  profile: string,
  headed: boolean,
): Readonly<Record<string, string>> {
  if (Deno.build.os === "windows") {
    return { SystemRoot: "C:\\Windows", TEMP: profile, TMP: profile, LOCALAPPDATA: profile };
  }
  // macOS finds the home by itself, and so must a snap, which lives in the real one.
  const ownHome = Deno.build.os === "linux" && !program.startsWith("/snap/");
  return {
    PATH: "/usr/local/bin:/usr/bin:/bin",
    LANG: "en_US.UTF-8",
    ...(ownHome ? { HOME: profile } : {}),
    ...(ownHome && hasRoomForSocket(profile) ? { TMPDIR: profile } : {}),
    ...(headed && Deno.build.os === "linux" ? present(desktop) : {}),
  };
}

/**
 * Whether Chromium can make its socket below a folder: the system allows a socket's path 107 bytes,
 * and Chromium 156 ends with SIGABRT when it is longer (seen 2026-11).
 */
function hasRoomForSocket(folder: string): boolean {
  const path = `${folder}/org.chromium.Chromium.XXXXXX/SingletonSocket`;
  return new TextEncoder().encode(path).length <= 107;
}

function present(names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(names.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  }));
}
