/** A little site of awkward pages, on loopback, that remembers what it was asked for. */
export interface Site {
  /** Such as `http://127.0.0.1:4711`. */
  readonly base: string;
  /** The same server under a name that the browser may not reach. */
  readonly outside: string;
  /** The `host` and path of every request so far. */
  readonly asked: string[];
  [Symbol.asyncDispose](): Promise<void>;
}

const html = (body: string, head = "") =>
  new Response(`<!doctype html><html><head>${head}</head><body>${body}</body></html>`, {
    headers: { "content-type": "text/html; charset=utf-8" },
  });

type Page = (outside: string, closing: Promise<Response>) => Response | Promise<Response>;

const pages: Readonly<Record<string, Page>> = {
  "/": () => html(`<h1>Fish &amp; chips</h1><p id="late"></p>`),
  "/no-doctype": () => new Response("<p>bare", { headers: { "content-type": "text/html" } }),
  "/empty": () => new Response("", { headers: { "content-type": "text/html" } }),
  "/missing": () => new Response(null, { status: 404 }),
  "/too-many": () =>
    new Response("<p>slow down", { status: 429, headers: { "content-type": "text/html" } }),
  "/redirect": () => new Response(null, { status: 302, headers: { location: "/moves-on" } }),
  "/moves-on": () => html("", `<script>location.replace("/")</script>`),
  "/redirect-outside": (outside) =>
    new Response(null, { status: 302, headers: { location: outside } }),
  "/login": () =>
    new Response("<p>who?", {
      status: 401,
      headers: { "www-authenticate": `Basic realm="x"`, "content-type": "text/html" },
    }),
  "/download": () =>
    new Response("bytes", {
      headers: {
        "content-disposition": "attachment; filename=x.bin",
        "content-type": "application/octet-stream",
      },
    }),
  "/nothing": () => new Response(null, { status: 204 }),
  "/never": (_outside, closing) => closing,
  "/held-up": () => html(`<h1>Here</h1><script src="/never"></script><p>later</p>`),
  "/drips": () => {
    let beat: ReturnType<typeof setInterval> | undefined;
    return new Response(
      new ReadableStream<Uint8Array>({
        start(controller) {
          const drop = () => controller.enqueue(new TextEncoder().encode("<p>drip"));
          drop();
          beat = setInterval(drop, 50);
        },
        cancel: () => clearInterval(beat),
      }),
      { headers: { "content-type": "text/html" } },
    );
  },
  "/broken": () =>
    new Response(
      new ReadableStream<Uint8Array>({
        start(controller) {
          controller.enqueue(new TextEncoder().encode("<p>half a page".padEnd(4000)));
          setTimeout(() => controller.error(new Error("cut")), 50);
        },
      }),
      { headers: { "content-type": "text/html" } },
    ),
  "/dialogs": () =>
    html(
      `<script>alert(1); globalThis.said = [confirm("?"), prompt("?")]; print(); onbeforeunload = (e) => { e.preventDefault(); return "stay"; };</script><button id="b" onclick="alert('again')">b</button>`,
    ),
  "/popups": (outside) =>
    html(
      `<a id="blank" target="_blank" href="${outside}/popup">x</a><script>globalThis.opened = open("${outside}/popup");</script>`,
    ),
  "/busy": () => html(`<p>busy</p><script>globalThis.hang = () => { for (;;); };</script>`),
  "/buttons": () =>
    html(
      `<button>a</button><button>b</button><div style="position:absolute;top:5000px"><button id="far" onclick="document.title = event.isTrusted">far</button></div>
     <div style="position:relative"><button id="covered" style="width:90px;height:40px" onclick="document.title='covered'">c</button><div style="position:absolute;inset:0;background:red"></div></div>
     <button id="hidden" style="display:none" onclick="document.title='hidden'">h</button>
     <script>document.querySelectorAll("button").forEach((b, i) => b.addEventListener("click", () => globalThis.clicked = i));</script>`,
    ),
  "/endless": () =>
    html(
      `<div id="list"></div><div id="end">end</div><script>
      let n = 0;
      const more = () => { for (let i = 0; i < 20; i++) { const p = document.createElement("p"); p.style.height = "90px"; p.textContent = ++n; list.append(p); } };
      more();
      new IntersectionObserver(([seen]) => { if (seen.isIntersecting && n < 200) fetch("/more?from=" + n).then((r) => r.json()).then(more); }, { rootMargin: "50px" }).observe(end);
    </script>`,
    ),
  "/more": () =>
    Response.json({ more: "größer ☂" }, {
      headers: { "content-type": "Application/JSON; charset=utf-8" },
    }),
  "/pictures": () =>
    html(
      `<img src="/fish.png"><video src="/fish.mp4"></video><style>@font-face{font-family:f;src:url(/fish.woff2)}body{font-family:f}</style>text`,
    ),
  "/reaches-out": (outside) =>
    html(
      `<img src="${outside}/img"><iframe src="${outside}/frame"></iframe><script src="${outside}/script"></script>
     <script>
      const tell = (name) => document.body.dataset[name] = "done";
      fetch("${outside}/fetch").catch(() => tell("fetch"));
      navigator.sendBeacon("${outside}/beacon", "x");
      const source = new EventSource("${outside}/events"); source.onerror = () => { source.close(); tell("events"); };
      try { new WebSocket("${outside}/socket".replace("http", "ws")).onerror = () => tell("socket"); } catch { tell("socket"); }
      const work = 'try { const s = new WebSocket("${outside}/worker-socket".replace("http", "ws")); s.onerror = () => postMessage("socket"); s.onopen = () => postMessage("socket"); } catch { postMessage("socket"); } fetch("${outside}/worker").catch(() => postMessage("fetch"));';
      const worker = new Worker(URL.createObjectURL(new Blob([work])));
      const told = new Set();
      if (worker instanceof EventTarget && !(worker.constructor.toString().includes("native"))) tell("worker");
      worker.onmessage = ({ data }) => { told.add(data); if (told.size === 2) tell("worker"); };
     </script>`,
      `<link rel="preconnect" href="${outside}"><link rel="prefetch" href="${outside}/prefetch"><link rel="stylesheet" href="${outside}/style">`,
    ),
  "/cookie": () =>
    new Response("<p>set", {
      headers: { "content-type": "text/html", "set-cookie": "fish=guppy; Path=/" },
    }),
};

export function openSite(): Site {
  const asked: string[] = [];
  const closing = Promise.withResolvers<Response>();
  let outside = "";
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const url = new URL(request.url);
    asked.push(url.host + url.pathname);
    return pages[url.pathname]?.(outside, closing.promise) ??
      new Response("no such page", { status: 404 });
  });
  outside = `http://localhost:${server.addr.port}`;
  return {
    base: `http://127.0.0.1:${server.addr.port}`,
    outside,
    asked,
    [Symbol.asyncDispose]() {
      closing.resolve(new Response());
      return server.shutdown();
    },
  };
}
