// A hostile page on the engine's host: whatever it tries, nothing arrives anywhere else.

import { createSocket } from "node:dgram";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fields } from "../../lib/browser/driver.ts";
import { startBrowser, thisMachine } from "../../lib/browser/start.ts";
import { withFolder } from "../dataset/folder.ts";
import { script } from "./processes.ts";
import { testBrowser } from "./test_browser.ts";

interface Strangers {
  /** Ports on loopback that must get no connection. */
  readonly tcp: number;
  readonly tcp6: number;
  readonly udp: number;
}

const hostilePage = ({ tcp, tcp6, udp }: Strangers) =>
  `<!doctype html><title>hostile</title>
<link rel="preconnect" href="http://127.0.0.1:${tcp}">
<link rel="preconnect" href="https://preconnect.example">
<link rel="dns-prefetch" href="//prefetched.example">
<link rel="prefetch" href="http://127.0.0.1:${tcp}/prefetch">
<link rel="stylesheet" href="https://style.example/x.css">
<script type="speculationrules">{"prerender":[{"urls":["http://127.0.0.1:${tcp}/prerender"]}]}</script>
<img src="http://127.0.0.1:${tcp}/img"><img src="http://[::1]:${tcp6}/img">
<iframe src="http://127.0.0.1:${tcp}/frame"></iframe>
<a id="blank" target="_blank" href="http://127.0.0.1:${tcp}/popup">popup</a>
<a id="download" download href="http://127.0.0.1:${tcp}/download">download</a>
<script>
  const tried = {};
  const attempt = async (name, work) => {
    try { await work(); tried[name] = "got through"; } catch { tried[name] = "failed"; }
    document.body.dataset.tried = Object.keys(tried).length;
  };
  const inTime = (promise) => Promise.race([promise, new Promise((_, no) => setTimeout(no, 3000))]);
  onload = () => {
    attempt("fetch", () => fetch("http://127.0.0.1:${tcp}/fetch", { mode: "no-cors" }));
    attempt("fetch6", () => fetch("http://[::1]:${tcp6}/fetch", { mode: "no-cors" }));
    attempt("https", () => fetch("https://stranger.example/", { mode: "no-cors" }));
    attempt("keepalive", () => fetch("http://127.0.0.1:${tcp}/k", { method: "POST", mode: "no-cors", keepalive: true }));
    attempt("beacon", () => navigator.sendBeacon("http://127.0.0.1:${tcp}/beacon", "x") || Promise.reject());
    attempt("event source", () => inTime(new Promise((yes, no) => {
      const source = new EventSource("http://127.0.0.1:${tcp}/events");
      source.onopen = yes; source.onerror = () => { source.close(); no(); };
    })));
    attempt("socket", () => inTime(new Promise((yes, no) => {
      const socket = new WebSocket("ws://127.0.0.1:${tcp}/socket"); socket.onopen = yes; socket.onerror = no;
    })));
    attempt("webrtc", () => inTime(new Promise((yes, no) => {
      const frame = document.body.appendChild(document.createElement("iframe"));
      const Peer = globalThis.RTCPeerConnection ?? frame.contentWindow.RTCPeerConnection;
      const peer = new Peer({ iceServers: [{ urls: "stun:127.0.0.1:${udp}" },
        { urls: "turn:127.0.0.1:${tcp}?transport=tcp", username: "u", credential: "c" }] });
      peer.createDataChannel("x");
      peer.onicecandidate = ({ candidate }) => /srflx|relay/.test(candidate?.candidate) && yes();
      peer.createOffer().then((offer) => peer.setLocalDescription(offer)).catch(no);
    })));
    attempt("worker", () => inTime(new Promise((yes, no) => {
      const worker = new Worker(URL.createObjectURL(new Blob(['fetch("http://127.0.0.1:${tcp}/worker", { mode: "no-cors" }).then(() => postMessage(1), () => postMessage(0))'])));
      worker.onmessage = ({ data }) => data === 1 ? yes() : no();
    })));
    attempt("service worker", () => inTime(navigator.serviceWorker.register("/sw.js").then(() => navigator.serviceWorker.ready)));
    attempt("popup", () => { if (!open("http://127.0.0.1:${tcp}/open")) throw 0; document.querySelector("#blank").click(); });
    const image = new Image(); image.src = "https://violates-policy.example/x.png";
    const form = document.createElement("form");
    form.action = "http://127.0.0.1:${tcp}/form"; form.target = "_blank"; document.body.append(form); form.submit();
  };
</script>`;

/** What is tried by script, and reports that it was. */
const ATTEMPTS = 11;

const HEADERS = (tcp: number): Record<string, string> => ({
  "content-type": "text/html",
  "reporting-endpoints": `default="http://127.0.0.1:${tcp}/report"`,
  "report-to":
    `{"group":"default","max_age":60,"endpoints":[{"url":"https://reports.example/"},{"url":"http://127.0.0.1:${tcp}/report"}]}`,
  "nel": `{"report_to":"default","max_age":60,"success_fraction":1}`,
  "content-security-policy":
    `img-src 'self' http://127.0.0.1:* http://[::1]:*; report-uri http://127.0.0.1:${tcp}/csp; report-to default`,
  "link": `<https://early.example>; rel=preconnect`,
});

/** Answers plain HTTP on a TCP port, as a server or as a proxy, and remembers each request's line. */
function answerOn(
  port: Deno.Listener,
  answer: (path: string) => Response | undefined,
): { lines: string[]; close(): void } {
  const lines: string[] = [];
  const serve = async (connection: Deno.Conn) => {
    using _ = connection;
    const head = new Uint8Array(16_384);
    const length = await connection.read(head);
    const [line = ""] = new TextDecoder().decode(head.subarray(0, length ?? 0)).split("\r\n");
    lines.push(line);
    const [, target = ""] = line.split(" ");
    const response = answer(target) ?? new Response("not here", { status: 502 });
    const body = await response.bytes();
    const headers = [...response.headers].map(([name, value]) => `${name}: ${value}\r\n`).join("");
    const start =
      `HTTP/1.1 ${response.status} x\r\n${headers}content-length: ${body.length}\r\nconnection: close\r\n\r\n`;
    const writer = connection.writable.getWriter();
    await writer.write(new TextEncoder().encode(start));
    await writer.write(body);
    await writer.close();
  };
  (async () => {
    for await (const connection of port) {
      // A connection that closes early is counted already.
      serve(connection).catch(() => lines.push("(hung up)"));
    }
  })().catch(String);
  return { lines, close: () => port.close() };
}

/** Every connection, datagram and look-up that begins, as Chromium itself logs its network. */
async function networkLog(path: string): Promise<string[]> {
  const lines = (await Deno.readTextFile(path)).split("\n");
  const types = new Map(
    [...(/"logEventTypes":\{[^}]*/.exec(lines[0] ?? "")?.[0] ?? "").matchAll(/"(\w+)":(\d+)/g)]
      .map(([, name, id]) => [id, name]),
  );
  return lines.slice(1).flatMap((line) => {
    const type = types.get(/"type":(\d+)\},?$/.exec(line)?.[1]) ?? "";
    const address = /"(?:address|host|dns_query_host|hostname)":"([^"]+)"/.exec(line)?.[1];
    const telling =
      /^(?:TCP_CONNECT_ATTEMPT|UDP_BYTES_SENT|HOST_RESOLVER_(?:SYSTEM|DNS|MDNS)_TASK)$/;
    return telling.test(type) && !line.includes('"phase":2')
      ? [`${type} ${address ?? line.slice(0, 200)}`]
      : [];
  });
}

/** Opens the hostile page and gives what arrived at strangers, and what Chromium says it did. */
async function besiege(
  engine: string,
  variables: (port: number) => Readonly<Record<string, string>>,
): Promise<{ strangers: string[]; requests: string[]; log: string[]; port: number }> {
  const strangers: string[] = [];
  const tcp = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const tcp6 = Deno.listen({ hostname: "::1", port: 0 });
  const udp = createSocket("udp4", () => void strangers.push("a datagram"));
  await new Promise<void>((bound) => udp.bind(0, "127.0.0.1", bound));
  const [tcpPort, tcp6Port] = [portOf(tcp.addr), portOf(tcp6.addr)];
  const traps = [tcp, tcp6].map((listener) => answerOn(listener, () => new Response("caught")));
  const page = hostilePage({ tcp: tcpPort, tcp6: tcp6Port, udp: udp.address().port });
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const port = portOf(listener.addr);
  const site = answerOn(listener, (target) => {
    const path = URL.parse(target, "http://engine")?.pathname;
    const host = URL.parse(target, `http://${engine}`)?.hostname;
    if (host !== engine) return undefined;
    if (path === "/hostile") return new Response(page, { headers: HEADERS(tcpPort) });
    const type = { "content-type": path === "/sw.js" ? "text/javascript" : "text/html" };
    return new Response(path === "/sw.js" ? `fetch("http://127.0.0.1:${tcpPort}/sw")` : "", {
      headers: type,
    });
  });
  let log: string[] = [];
  await withFolder(async (cache) => {
    const path = `${cache}/network.json`;
    const chromium = await testBrowser();
    const browser = await script(cache, "logging", `exec "${chromium}" --log-net-log=${path} "$@"`);
    const given = variables(port);
    const signal = AbortSignal.timeout(120_000);
    const started = await startBrowser(
      { browser, hosts: [engine], notice: () => {}, cache, signal },
      { ...thisMachine(), variable: (name) => given[name] },
    );
    const deadline = { within: 60_000, signal };
    try {
      const tab = await started.open(deadline);
      const base = Object.keys(given).length > 0 ? `http://${engine}` : `http://${engine}:${port}`;
      await tab.goto(`${base}/hostile`, deadline);
      const all = "(count) => Number(document.body.dataset.tried) >= count";
      await tab.until(all, ATTEMPTS, deadline);
      const tried = await tab.evaluate("() => tried", null, fields, deadline);
      // A page cannot see whether a beacon arrived.
      const through = Object.entries(tried).filter(([name, end]) =>
        name !== "beacon" && end !== "failed"
      );
      assertEquals(through, []);
      // The browser follows the link of a download from elsewhere: last, for it leaves the page.
      for (const selector of ["#blank", "#download"]) await tab.click(selector, 0, deadline);
      await tab.goto(`${base}/`, deadline);
      await tab.close();
    } finally {
      await started.close();
    }
    log = await networkLog(path);
  });
  for (const trap of traps) {
    strangers.push(...trap.lines);
    trap.close();
  }
  udp.close();
  site.close();
  return { strangers, requests: site.lines, log, port };
}

function portOf(addr: Deno.Addr): number {
  return "port" in addr ? addr.port : 0;
}

/** A connection that Chromium opens beforehand may bring nothing. */
function firstRequest(lines: readonly string[]): string {
  return lines.find((line) => line !== "") ?? "";
}

Deno.test("nothing leaves the browser but to its hosts, whatever a page tries", async () => {
  const { strangers, requests, log, port } = await besiege("localhost", () => ({}));
  assertEquals(strangers, []);
  assertStringIncludes(firstRequest(requests), "GET /hostile");
  const elsewhere = log.filter((line) =>
    !line.endsWith(` 127.0.0.1:${port}`) && !line.endsWith(` [::1]:${port}`) &&
    !/TASK localhost|TASK .*localhost/.test(line)
  );
  assertEquals(elsewhere, []);
  assert(log.length > 0, "the log tells of the connections that are allowed");
});

Deno.test("behind a proxy, nothing leaves the browser but to the proxy, and that for its hosts alone", async () => {
  const { strangers, requests, log, port } = await besiege("www.engine.example", (proxy) => ({
    HTTPS_PROXY: `http://127.0.0.1:${proxy}`,
    HTTP_PROXY: `http://127.0.0.1:${proxy}`,
  }));
  assertEquals(strangers, []);
  assertEquals(
    requests.filter((line) => line !== "" && !line.includes("http://www.engine.example/")),
    [],
  );
  assertStringIncludes(firstRequest(requests), "GET http://www.engine.example/hostile");
  assertEquals(log.filter((line) => !line.endsWith(` 127.0.0.1:${port}`)), []);
  assert(log.length > 0, "the log tells of the connections that are allowed");
});
