/**
 * Chromium's flags and environment: no traffic and no windows of its own, and only the variables that
 * it needs.
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
  // Tabs work side by side: none may be throttled because another one covers it.
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

/** The flags for a start, without those for pipe and profile. As root it does not run with a sandbox. */
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

const DESKTOP = ["DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "XDG_RUNTIME_DIR"];

/** The whole environment of a browser, with its profile as home, so that it leaves nothing elsewhere. */
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
  // macOS finds the home by itself, and a snap needs the real one.
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

/** Chromium 156 aborts when the path of its socket is longer than the system's 107 bytes (2026-11). */
function hasRoomForSocket(folder: string): boolean {
  const path = `${folder}/org.chromium.Chromium.XXXXXX/SingletonSocket`;
  return new TextEncoder().encode(path).length <= 107;
}
