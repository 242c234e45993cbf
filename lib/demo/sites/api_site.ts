/**
 * What the demo world's APIs have in common: JSON, faults at set places, and the hosts of their
 * photos.
 *
 * @module
 */

import { COMMONS_FILES } from "../hosts.ts";
import { type Handler, plainText, type Reply } from "../http.ts";
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

function notFound(): Reply {
  return json({ error: "Not Found" }, { status: 404 });
}

/** What an overloaded server sends where JSON was asked for, with status 200. */
export const HTML_PAGE: Reply = {
  headers: { "Content-Type": "text/html; charset=utf-8" },
  body: "<!doctype html><title>We'll be back soon</title><h1>Please try again in a moment</h1>",
};

export interface Api {
  /** Its rules for everybody, as robots.txt has them. */
  readonly robots: string;
  /** Faults, each met once, by the place of the request that meets it, from 1. */
  readonly faults: Readonly<Record<number, Reply>>;
  /** What it answers, to be made JSON; nothing where there is nothing. */
  answer(url: URL): unknown;
}

/** Plays an API: robots.txt, faults where the plan has some, answers in JSON. */
export function apiSite({ answer, faults, robots }: Api, { options }: Plan): Handler {
  let requests = 0;
  return ({ url }) => {
    if (url.pathname === "/robots.txt") return plainText(`User-agent: *\n${robots}\n`);
    const fault = options.faults ? faults[++requests] : undefined;
    if (fault !== undefined) return fault;
    const value = answer(url);
    return value === undefined ? notFound() : json(value);
  };
}

/** Where the file is that a smaller rendering was made of. */
export function originalOf(url: string): string {
  return url.replace("/large.", "/original.").replace("/thumb/", "/")
    .replace(/\/1280px-[^/]*$/, "");
}

export function licensedPhotoHosts(plan: Plan, photos: PhotoMaker): Handler {
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
