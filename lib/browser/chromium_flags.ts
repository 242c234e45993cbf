/**
 * What Chromium is started with: flags that keep it quiet, without a life of its own, and honest about
 * itself; and an environment with as little as it needs.
 *
 * @module
 */

const ALWAYS: readonly string[] = [
  "--no-first-run",
  "--no-default-browser-check",
  "--no-service-autorun",
  "--no-pings",
  "--disable-background-networking",
  "--disable-breakpad",
  "--disable-client-side-phishing-detection",
  "--disable-component-extensions-with-background-pages",
  "--disable-component-update",
  "--disable-crash-reporter",
  "--disable-default-apps",
  "--disable-dev-shm-usage",
  "--disable-domain-reliability",
  "--disable-extensions",
  "--disable-quic",
  "--disable-search-engine-choice-screen",
  "--disable-sync",
  "--disable-features=Translate,OptimizationHints,MediaRouter,DialMediaRouteProvider,AutofillServerCommunication,InterestFeedContentSuggestions,Prerender2,GlobalMediaControls",
  // Tabs work side by side: none may be slowed down because another lies above it.
  "--disable-background-timer-throttling",
  "--disable-backgrounding-occluded-windows",
  "--disable-renderer-backgrounding",
  "--disable-hang-monitor",
  "--disable-popup-blocking",
  "--deny-permission-prompts",
  "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
  "--mute-audio",
  "--password-store=basic",
  "--use-mock-keychain",
  "--metrics-recording-only",
  "--lang=en-US",
  "--accept-lang=en-US,en",
  "--window-size=1600,1000",
];

/**
 * The flags for a start, without those for pipe and profile.
 *
 * @param headed Whether it has a window that a person can see.
 * @param noSandbox Whether its sandbox is left out: as root it does not run with it.
 * @param more What the driver and the network need.
 */
export function chromiumFlags(
  headed: boolean,
  noSandbox: boolean,
  more: readonly string[],
): readonly string[] {
  return [
    ...ALWAYS,
    ...(headed ? [] : ["--headless=new", "--disable-gpu", "--hide-scrollbars"]),
    ...(noSandbox ? ["--no-sandbox"] : []),
    ...more,
    "about:blank",
  ];
}

/** What a window needs to know of the desktop. */
const DESKTOP = ["DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "XDG_RUNTIME_DIR"];

/**
 * The whole environment for a browser; its home is its profile folder, so that it leaves nothing
 * elsewhere.
 *
 * @param program The program that is started.
 * @param profile The profile folder.
 * @param headed Whether it shows a window: then the desktop's variables are read and passed on.
 */
export function chromiumEnvironment(
  program: string,
  profile: string,
  headed: boolean,
): Record<string, string> {
  if (Deno.build.os === "windows") {
    return { SystemRoot: "C:\\Windows", TEMP: profile, TMP: profile, LOCALAPPDATA: profile };
  }
  const environment: Record<string, string> = {
    PATH: "/usr/local/bin:/usr/bin:/bin",
    LANG: "en_US.UTF-8",
  };
  // macOS finds the home by itself, and so must a snap, which lives in the real one.
  if (Deno.build.os !== "linux") return environment;
  if (!program.startsWith("/snap/")) {
    environment["HOME"] = profile;
    if (hasRoomForSocket(profile)) environment["TMPDIR"] = profile;
  }
  for (const name of headed ? DESKTOP : []) {
    const value = Deno.env.get(name);
    if (value !== undefined) environment[name] = value;
  }
  return environment;
}

/**
 * Whether Chromium can make its socket below a folder: the system allows a socket's path 107 bytes,
 * and Chromium 156 ends with SIGABRT when it is longer (seen 2026-11).
 */
function hasRoomForSocket(folder: string): boolean {
  const path = `${folder}/org.chromium.Chromium.XXXXXX/SingletonSocket`;
  return new TextEncoder().encode(path).length <= 107;
}
