/**
 * The photo hosts: some forty ordinary ones, and a few that misbehave.
 *
 * @module
 */

import { photoHost, ROLES } from "../hosts.ts";
import { htmlPage, moved, plainText, type Reply, type Request } from "../http.ts";
import { contentType } from "../photo.ts";
import type { PhotoMaker } from "../photo_maker.ts";
import type { Finding, Plan } from "../plan.ts";

export function photoHosts(
  plan: Plan,
  photos: PhotoMaker,
): (request: Request) => Promise<Reply> {
  const refusedOnce = new Set<string>();

  const picture = async (
    finding: Finding,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Reply> => ({
    headers: {
      "Content-Type": contentType(finding.photo.format),
      "Cache-Control": "public, max-age=31536000",
      ...headers,
    },
    body: await photos.make(finding.photo),
  });

  const send = async (finding: Finding, request: Request): Promise<Reply> => {
    const { kind, url } = finding;
    if (typeof kind.service === "object") return failed(kind.service.status);
    switch (kind.service) {
      case "send":
      case "robots":
        return await picture(finding);
      case "lie":
        return await picture(finding, { "Content-Type": "text/html; charset=utf-8" });
      case "noai":
        return await picture(finding, { "X-Robots-Tag": "noai, noimageai" });
      case "reserved":
        return await picture(finding, { "tdm-reservation": "1" });
      case "hotlink":
        return request.headers.has("referer") ? await picture(finding) : failed(403);
      case "hops":
        return moved(hop(finding, 1));
      case "recover":
        if (refusedOnce.has(url)) return await picture(finding);
        refusedOnce.add(url);
        return { status: 503, headers: { "Retry-After": "1" }, body: "busy" };
      case "circle":
        return moved(url.includes("?") ? `${url}&again=1` : `${url}?again=1`);
      case "private":
        return moved("http://192.168.17.4/cgi-bin/luci.jpg");
      case "short": {
        const reply = await picture(finding);
        return { ...reply, fault: { kind: "cut", after: 7000 } };
      }
      case "drip": {
        const reply = await picture(finding);
        return { ...reply, fault: { kind: "drip", bytes: 8, every: 500 } };
      }
      case "silent":
        return { fault: { kind: "silent" } };
      case "page":
        return page(
          "Photo no longer available",
          "<img src='/logo.gif' alt=''><p>Log in to see it.",
        );
      case "drawing":
        return {
          headers: { "Content-Type": "image/jpeg" },
          body: '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="800"' +
            ' height="600"><ellipse cx="400" cy="300" rx="240" ry="90" fill="teal"/></svg>',
        };
      case "nothing":
        return { headers: { "Content-Type": "image/jpeg" }, body: "" };
    }
  };

  return async (request) => {
    const { url } = request;
    if (url.pathname === "/robots.txt") return robots(url.hostname);
    const finding = plan.byUrl(url);
    if (finding === undefined) return failed(404);
    if (url.href === finding.page) return page(finding.title, `<img src="${finding.url}">`);
    const hops = /^\/hop\/(\d)\//.exec(url.pathname)?.[1];
    if (hops !== undefined && finding.kind.service === "hops") {
      return hops === "3" ? await picture(finding) : moved(hop(finding, Number(hops) + 1));
    }
    const again = finding.kind.service === "circle" && url.searchParams.has("again");
    if (again) return moved(finding.url);
    return url.href === finding.url ? await send(finding, request) : failed(404);
  };
}

/** The n-th of three hops, each on another host. */
function hop(finding: Finding, number: number): string {
  const name = /[a-z0-9_]+\/\d+-[\w-]{6}/.exec(finding.url)?.[0] ?? "";
  return `https://${photoHost("any", `${finding.url}${number}`)}/hop/${number}/${name}.jpg`;
}

function robots(host: string): Reply {
  if (!ROLES.robots.includes(host)) return failed(404);
  return plainText("User-agent: *\nDisallow: /private/\n\nUser-agent: Googlebot\nAllow: /\n");
}

function failed(status: number): Reply {
  return {
    status,
    headers: {
      "Content-Type": "text/html",
      ...status === 429 ? { "Retry-After": "1" } : {},
    },
    body: `<!doctype html><title>${status}</title><h1>${status}</h1>`,
  };
}

function page(title: string, body: string): Reply {
  const text = title.replaceAll("<", "&lt;");
  return htmlPage(
    `<!doctype html><html><head><title>${text}</title></head><body><h1>${text}</h1>${body}</body></html>`,
  );
}
