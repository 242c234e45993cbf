/**
 * The scripts that run in pages, as source.
 *
 * @module
 */

/**
 * An expression that calls a function's source with one JSON argument. Gives `{ value }` or
 * `{ thrown }`, so that an error of the page differs from one of the driver.
 */
export function call(source: string, argument: unknown): string {
  return `(async () => {
  try { return { value: await (${source})(${JSON.stringify(argument) ?? "undefined"}) }; }
  catch (error) { return { thrown: String(error?.stack || error) }; }
})()`;
}

/**
 * Waits until the document is parsed, or has arrived and waited for a script or a style for `heldUp`
 * milliseconds. Gives its status, or `null` after five seconds.
 */
export const untilParsed = `(heldUp) => new Promise((resolve) => {
  const begun = performance.now();
  const look = () => {
    const { responseEnd = 0, responseStatus = 0 } = performance.getEntriesByType("navigation")[0] ?? {};
    const now = performance.now();
    if (document.readyState !== "loading" || (responseEnd > 0 && now > responseEnd + heldUp)) {
      end(responseStatus);
    } else if (now > begun + 5000) end(null);
  };
  const end = (value) => {
    clearInterval(beat);
    document.removeEventListener("readystatechange", look);
    resolve(value);
  };
  const beat = setInterval(look, 100);
  document.addEventListener("readystatechange", look);
  look();
})`;

/**
 * Runs in every new document before its own scripts: removes what could block the tab or reach the
 * network past the interception of requests, which sees HTTP only.
 */
export const tame = `(() => {
  const put = (owner, name, value) => {
    try { Object.defineProperty(owner, name, { value, configurable: false, writable: false }); } catch {
      // It cannot be redefined here.
    }
  };
  for (const name of ["WebSocket", "WebSocketStream", "WebTransport", "RTCPeerConnection", "webkitRTCPeerConnection"]) {
    put(globalThis, name, undefined);
  }
  // A worker would have all of these again.
  class Idle extends EventTarget {
    port = Object.assign(new EventTarget(), { postMessage() {}, start() {}, close() {} });
    postMessage() {}
    terminate() {}
  }
  put(globalThis, "Worker", Idle);
  put(globalThis, "SharedWorker", Idle);
  if (globalThis.ServiceWorkerContainer !== undefined) {
    put(ServiceWorkerContainer.prototype, "register", () => Promise.reject(new DOMException("no", "NotSupportedError")));
  }
  put(globalThis, "print", () => {});
  put(globalThis, "open", () => null);
})();`;

export const documentHtml = `() => {
  const type = document.doctype;
  const head = type === null ? "" : new XMLSerializer().serializeToString(type) + "\\n";
  return head + (document.documentElement === null ? "" : document.documentElement.outerHTML);
}`;

/**
 * Scrolls to the end of the document, with a `scroll` event even when it is there already. A frame is
 * drawn before and after, so that the page's observers notice.
 */
export const scrollToEnd = `async () => {
  const root = document.scrollingElement ?? document.documentElement;
  if (root === null) return;
  const drawn = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  await drawn();
  const before = root.scrollTop;
  globalThis.scrollTo({ left: 0, top: root.scrollHeight, behavior: "instant" });
  if (root.scrollTop === before) document.dispatchEvent(new Event("scroll", { bubbles: true }));
  await drawn();
}`;

/**
 * Scrolls an element into view. Gives `null` when there is none, its middle when a click there would
 * hit it, and `false` when something covers it.
 */
export const findForClick = `({ selector, index }) => {
  const element = document.querySelectorAll(selector)[index];
  if (element === undefined) return null;
  element.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
  const box = [...element.getClientRects()].find((rect) => rect.width > 0 && rect.height > 0);
  if (box === undefined) return false;
  const x = box.left + box.width / 2;
  const y = box.top + box.height / 2;
  const hit = document.elementFromPoint(x, y);
  return hit !== null && (element.contains(hit) || hit.contains(element)) ? { x, y } : false;
}`;

export const clickByScript = `({ selector, index }) => {
  const element = document.querySelectorAll(selector)[index];
  if (!(element instanceof Element)) return;
  element.dispatchEvent(new MouseEvent("mouseover", { bubbles: true }));
  if (typeof element.click === "function") element.click();
  else element.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }));
}`;

/**
 * The source of a function that waits until a condition holds: it takes `{ argument, within }` and
 * checks on every change of the document, and ten times a second for changes of anything else.
 */
export function untilTrue(source: string): string {
  return `({ argument, within }) => new Promise((resolve, reject) => {
    const holds = (${source});
    const end = (how, value) => { seen.disconnect(); clearInterval(beat); clearTimeout(last); how(value); };
    const look = async () => {
      try { if (await holds(argument)) end(resolve, true); } catch (error) { end(reject, error); }
    };
    const seen = new MutationObserver(look);
    const beat = setInterval(look, 100);
    const last = setTimeout(() => end(resolve, false), within);
    seen.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
    look();
  })`;
}
