/**
 * The flags Chromium is started with: quiet, without a life of its own, and honest about itself.
 *
 * @module
 */

import type { Surroundings } from "./surroundings.ts";

/** What decides on the flags. */
export interface FlagChoice {
  /** Whether it has a window that a person can see. */
  readonly headed: boolean;
  /** Whether its sandbox is left out: as root it does not run with it. */
  readonly noSandbox: boolean;
  /** Proxy and certificate authority. */
  readonly surroundings: Surroundings;
  /** More flags: what a driver or a certain build of Chromium needs. */
  readonly more: readonly string[];
}

const always: readonly string[] = [
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

/** The flags for a start, without those for pipe and profile. */
export function chromiumFlags(choice: FlagChoice): readonly string[] {
  const { surroundings } = choice;
  return [
    ...always,
    ...(choice.headed ? [] : ["--headless=new", "--disable-gpu", "--hide-scrollbars"]),
    ...(choice.noSandbox ? ["--no-sandbox"] : []),
    ...(surroundings.proxy === undefined ? ["--no-proxy-server"] : [
      `--proxy-server=${surroundings.proxy.server}`,
      `--proxy-bypass-list=${surroundings.proxy.bypass}`,
    ]),
    ...(surroundings.trustedKeys.length === 0
      ? []
      : [`--ignore-certificate-errors-spki-list=${surroundings.trustedKeys.join(",")}`]),
    ...choice.more,
    "about:blank",
  ];
}
