/**
 * Whether a tab's page still answers. A script that never ends leaves no other trace: the page is
 * neither gone nor broken, every question to it just stays open, and it burns a processor.
 *
 * @module
 */

import { type Session, text } from "./protocol.ts";

/** How often a page is asked whether it is there, in milliseconds. */
export const BEAT = 1_000;
/**
 * So many beats without an answer, and the page hangs. They are counted, not measured: a machine
 * that slept has not waited.
 */
const MOST_MISSED = 10;

/** What is watched, and how. */
export interface Watch {
  /** The conversation with the tab, its network events switched on. */
  readonly session: Session;
  /** The tab's main frame. */
  readonly mainFrame: string;
  /** Between two beats, in milliseconds. */
  readonly every: number;
  /** Ends the watch. */
  readonly death: AbortSignal;
  /** Is called once, when the page hangs. */
  hangs(): void;
}

/**
 * Asks a page again and again whether it is there, and ends its renderer when it does not answer.
 * While another document is on its way the browser puts all questions off: that is no silence.
 *
 * @param watch What is watched.
 */
export function watchPulse({ session, mainFrame, every, death, hangs }: Watch): void {
  const onTheWay = new Set<string>();
  let missed = 0;
  let asked = false;
  session.on("Network.requestWillBeSent", (event) => {
    const id = text(event, "requestId");
    if (id === text(event, "loaderId") && text(event, "frameId") === mainFrame) onTheWay.add(id);
  });
  for (const end of ["responseReceived", "loadingFailed"]) {
    session.on(`Network.${end}`, (event) => void onTheWay.delete(text(event, "requestId")));
  }
  const answered = () => {
    asked = false;
  };
  const beat = setInterval(() => {
    missed = asked && onTheWay.size === 0 ? missed + 1 : 0;
    if (missed >= MOST_MISSED) {
      clearInterval(beat);
      hangs();
      // It is never answered; and when the renderer is gone already, so much the better.
      session.send("Page.crash").catch(answered);
    } else if (!asked) {
      asked = true;
      // A page that moves on, or a tab that is gone, is an answer too: who uses the tab hears of it.
      session.send("Runtime.evaluate", { expression: "0" }).then(answered, answered);
    }
  }, every);
  death.addEventListener("abort", () => clearInterval(beat));
}
