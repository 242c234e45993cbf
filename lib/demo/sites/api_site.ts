/**
 * What the demo world's APIs have in common: JSON, faults at set places, and the hosts of their
 * photos.
 *
 * @module
 */

import { COMMONS_FILES } from "../hosts.ts";
import { plainText, type Reply, type Request } from "../http.ts";
import { contentType } from "../photo.ts";
import type { PhotoMaker } from "../photo_maker.ts";
import type { Plan } from "../plan.ts";

export function json(value: unknown, rest: Omit<Reply, "body"> = {}): Reply {
  return {
    ...rest,
    headers: { "Content-Type": "application/json; charset=utf-8", ...rest.headers },
    body: JSON.stringify(value),
  };
}

export function notFound(): Reply {
  return json({ error: "Not Found" }, { status: 404 });
}

/** What an overloaded server sends where JSON was asked for, with status 200. */
export const HTML_PAGE: Reply = {
  headers: { "Content-Type": "text/html; charset=utf-8" },
  body: "<!doctype html><title>We'll be back soon</title><h1>Please try again in a moment</h1>",
};

/** Faults of an API, each met once, by the place of the request that meets it, from 1. */
export class ApiFaults {
  #requests = 0;

  constructor(
    readonly enabled: boolean,
    readonly faults: Readonly<Record<number, Reply>>,
  ) {}

  next(): Reply | undefined {
    this.#requests++;
    return this.enabled ? this.faults[this.#requests] : undefined;
  }
}

/** Where the file is that a smaller rendering was made of. */
export function originalOf(url: string): string {
  return url.replace("/large.", "/original.").replace("/thumb/", "/")
    .replace(/\/1280px-[^/]*$/, "");
}

export function licensedPhotoHosts(
  plan: Plan,
  photos: PhotoMaker,
): (request: Request) => Promise<Reply> {
  return async ({ url }) => {
    if (url.pathname === "/robots.txt") {
      return url.hostname === COMMONS_FILES
        ? plainText("User-agent: *\nDisallow: /wikipedia/commons/archive/\n")
        : notFound();
    }
    const number = /(\d{5,9})(?=\D*\.\w+$|\/\w+\.\w+$|_\w+\.jpg$)/.exec(url.pathname)?.[1];
    const finding = plan.licensedPhoto(Number(number));
    if (finding === undefined || ![finding.url, originalOf(finding.url)].includes(url.href)) {
      return notFound();
    }
    if (typeof finding.kind.service === "object") {
      return { status: finding.kind.service.status, body: "" };
    }
    return {
      headers: { "Content-Type": contentType(finding.photo.format) },
      body: await photos.make(finding.photo),
    };
  };
}
