/**
 * A Google of a few lines for the tests of one road or one fault at a time, behind the demo
 * world's proxy: pages are written by hand in the true shape, photos do not exist.
 */

import { createAuthority } from "../../../lib/demo/authority.ts";
import type { Reply, Request } from "../../../lib/demo/http.ts";
import { startProxy } from "../../../lib/demo/proxy.ts";

export interface Photo {
  readonly docid: string;
  readonly url: string;
  readonly width: number;
  readonly height: number;
  readonly page: string;
  readonly title: string;
}

/** So many photos for a query, always the same. */
export function photosFor(query: string, count: number, from = 0): Photo[] {
  const word = query.replace(/[^a-z]+/gi, "-").replace(/^-|-$/g, "").toLowerCase();
  return Array.from({ length: count }, (_, index) => {
    const number = index + from;
    return {
      docid: `${word}_${String(number).padStart(4, "0")}M`,
      url: `https://photos${number % 7}.example.net/${word}/${number}.jpg?a=1&b=2`,
      width: 800 + number,
      height: 600 + number,
      page: `https://pages.example.net/${word}/${number}`,
      title: `${word} "no. ${number}" & more`,
    };
  });
}

const quoted = (text: string): string =>
  JSON.stringify(text).replaceAll("=", "\\u003d").replaceAll("&", "\\u0026").replaceAll(
    "<",
    "\\u003c",
  );

export function tuple({ docid, url, width, height, page, title }: Photo): string {
  const thumbnail = `https://encrypted-tbn0.gstatic.com/images?q=tbn:${docid}&s`;
  return `[0,"${docid}",[${quoted(thumbnail)},168,300],[${
    quoted(url)
  },${height},${width}],null,0,` +
    `"rgb(1,2,3)",null,0,{"2000":[null,"host","85KB"],"2003":[null,"ref${docid}",${quoted(page)},` +
    `${quoted(title)},null,0]}]`;
}

export function card({ docid, page, title }: Photo, more = ""): string {
  const alt = title.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
  return `<div jsname="dTDiAc" data-attrid="images universal" data-docid="${docid}" data-lpage="${page}"${more}>` +
    `<h3><a><img alt="${alt}" width="80" height="60"></a></h3></div>`;
}

export interface PageOptions {
  /** The photos whose cards are in the page. */
  readonly first: readonly Photo[];
  /** The photos that scrolling brings, a hundred at a time. */
  readonly later?: readonly Photo[];
  /** Whether the page holds data; it does unless told otherwise. */
  readonly data?: boolean;
  /** Whether answers to scrolling hold data; they do unless told otherwise. */
  readonly laterData?: boolean;
  /** What a click shows; nothing unless told otherwise. */
  readonly click?: "panel" | "link" | "nothing";
  readonly above?: string;
  readonly below?: string;
}

export function resultsPage(query: string, options: PageOptions): string {
  const { first, data = true, click = "nothing", above = "", below = "" } = options;
  const all = [...first, ...options.later ?? []];
  const script = data
    ? `var m={"a":${`[${first.map((photo) => `[1,${tuple(photo)}]`).join()}]`}};`
    : "";
  const panels = click === "nothing" ? "null" : JSON.stringify(
    Object.fromEntries(all.map((photo) => [photo.docid, photo])),
  ).replaceAll("<", "\\u003c");
  return `<!doctype html><html lang="en"><head><title>${
    query.replaceAll("<", "")
  } - Google Search</title></head>
<body style="overflow-anchor:none"><form role="search" action="/search"><textarea name="q"></textarea></form>${above}
<div id="search"><div id="rso">${first.map((photo) => card(photo)).join("\n")}</div></div>
<div style="height:3000px"></div>${below}
<script>${script}</script>
<script>
  let from = ${first.length}, busy = false;
  const total = ${all.length}, panels = ${panels}, click = ${JSON.stringify(click)};
  addEventListener("scroll", async () => {
    if (busy || from >= total) return;
    busy = true;
    const answer = await fetch("/search?async=1&start=" + from + "&" + location.search.slice(1));
    // As most pages, it does not read the body of an error.
    if (!answer.ok) throw new Error("status " + answer.status);
    const [markup, next] = JSON.parse((await answer.text()).split("\\n")[1]);
    document.querySelector("#rso").insertAdjacentHTML("beforeend", markup);
    from = next;
    busy = false;
  });
  document.querySelector("#rso").addEventListener("click", (event) => {
    const card = event.target.closest("[data-docid]");
    if (panels === null || card === null) return;
    const photo = panels[card.dataset.docid];
    if (click === "link") {
      card.querySelector("a").href = "/imgres?q=x&imgurl=" + encodeURIComponent(photo.url) +
        "&imgrefurl=" + encodeURIComponent(photo.page) + "&tbnid=" + photo.docid +
        "&w=" + photo.width + "&h=" + photo.height;
      event.preventDefault();
      return;
    }
    setTimeout(() => {
      document.querySelector("#panel")?.remove();
      document.body.insertAdjacentHTML("beforeend", '<div id="panel" role="dialog"><div data-id="' +
        photo.docid + '"><a href="' + photo.page + '"><img jsname="kn3ccd"><span></span></a>' +
        '<div data-docid="related1"><div jsname="dTDiAc" data-docid="related1" data-lpage="https://x.example/" data-v=""></div></div></div></div>');
      const image = document.querySelector("#panel img");
      image.alt = photo.title;
      image.src = photo.url;
      document.querySelector("#panel span").textContent = photo.width.toLocaleString("en") + " × " + photo.height;
    }, 30);
  });
</script></body></html>`;
}

/** The answer to scrolling: framed, and the data as a string within. */
export function scrollAnswer(start: number, options: PageOptions): string {
  const all = [...options.first, ...options.later ?? []];
  const some = all.slice(start, start + 100);
  const markup = some.map((photo) => card(photo)).join("");
  const data = options.laterData === false ? "" : `[[${some.map(tuple).join()}]]`;
  const body = JSON.stringify([markup, start + some.length, [["wrb.fr", "x", data]]]);
  return `)]}'\n${body}\n`;
}

/** Points the environment at a proxy and its authority; call what it gives to undo that. */
export function pointAt(proxy: string, certificate: string): () => void {
  const before = ["HTTPS_PROXY", "DENO_CERT"].map((name) => [name, Deno.env.get(name)] as const);
  Deno.env.set("HTTPS_PROXY", proxy);
  Deno.env.set("DENO_CERT", certificate);
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) Deno.env.delete(name);
      else Deno.env.set(name, value);
    }
  };
}

export interface Asked {
  readonly query: string;
  readonly forced: boolean;
  /** How many searches came before this one, scrolling not counted. */
  readonly before: number;
  readonly request: Request;
}

export interface SmallGoogle extends AsyncDisposable {
  /** All searches so far, in order. */
  readonly searches: readonly string[];
  /** Every request so far, as `METHOD url`. */
  readonly requests: readonly string[];
}

/**
 * Starts one and points the environment at it.
 *
 * @param answer Answers a search: a page's options, or a reply of one's own.
 * @param other Answers what is no search.
 * @param state Whether it can be reached at all.
 */
export async function startSmallGoogle(
  answer: (asked: Asked) => PageOptions | Reply | Promise<PageOptions | Reply>,
  other: (request: Request) => Reply = () => ({ status: 404 }),
  state: "world" | "unreachable" = "world",
): Promise<SmallGoogle> {
  const authority = await createAuthority([
    "www.google.com",
    "consent.google.com",
    "*.gstatic.com",
  ]);
  const searches: string[] = [];
  const requests: string[] = [];
  const proxy = startProxy({
    authority,
    badAuthority: authority,
    route: (host) => /(?:google|gstatic)\.com$/.test(host) ? state : "unreachable",
    refused: (host) => void requests.push(`REFUSED ${host}`),
    async handler(request) {
      const { url } = request;
      requests.push(`${request.method} ${url}`);
      if (url.pathname !== "/search") return other(request);
      const query = url.searchParams.get("q") ?? "";
      const start = url.searchParams.get("async");
      const forced = url.searchParams.get("nfpr") === "1";
      if (start === null) searches.push(forced ? `${query} (forced)` : query);
      const given = await answer({ query, forced, before: searches.length - 1, request });
      if (!("first" in given)) return given;
      return start === null
        ? {
          headers: { "content-type": "text/html; charset=utf-8" },
          body: resultsPage(query, given),
        }
        : {
          headers: { "content-type": "application/json; charset=utf-8" },
          body: scrollAnswer(Number(url.searchParams.get("start")), given),
        };
    },
  });
  const certificate = await Deno.makeTempFile({ suffix: ".pem" });
  await Deno.writeTextFile(certificate, authority.certificate);
  const restore = pointAt(proxy.url, certificate);
  return {
    searches,
    requests,
    async [Symbol.asyncDispose]() {
      restore();
      await proxy.close();
      await Deno.remove(certificate);
    },
  };
}
