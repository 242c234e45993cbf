import { assertEquals } from "@std/assert";
import type { Answer } from "../../../lib/web/client.ts";
import { judge } from "../../../lib/sources/fishbase/answers.ts";

const URL = "https://www.fishbase.se/photos/ThumbnailsSummary.php?ID=7";
const FRAME = `<html><body><a href='/summary/SpeciesSummary.php?id=7'>x</a>${
  "<p>FishBase ".repeat(900)
}`;
const PHOTO = "<td><img src='../images/species/Bedem_u0.jpg'></td>";
const END = "</body></html>";

function received(text: string): Answer {
  const bytes = new TextEncoder().encode(text);
  return { ok: true, url: URL, status: 200, headers: new Headers(), bytes, notes: [] };
}

function refused(text: string, status: number): Answer {
  const bytes = new TextEncoder().encode(text);
  const outcome = status === 403 ? "forbidden" : "server-error";
  return { ok: false, url: URL, outcome, detail: `HTTP ${status}`, status, bytes };
}

const kindOf = (answer: Answer): string => judge(answer).kind;

Deno.test("judge() knows a challenge that names the address it keeps", () => {
  const cloudflare = `<title>Just a moment...</title><script>window._cf_chl_opt={cvId:'3',
cUPMDTk:"\\/photos\\/ThumbnailsSummary.php?ID=7&__cf_chl_tk=x"};</script>`;
  const pages = [
    cloudflare,
    "<title>Making sure you&#39;re not a bot!</title><script id='anubis_challenge'></script>",
    "<h1>Verifying you are human</h1><div class='cf-turnstile'></div>",
    "<title>Pardon Our Interruption</title>",
    "<title>One moment, please...</title>",
    "<script src='https://hcaptcha.com/1/api.js'></script>",
  ];
  for (const page of pages) {
    assertEquals(judge(received(page)), {
      kind: "turned-away",
      reason: "a JavaScript challenge",
      challenge: true,
    }, page);
    assertEquals(kindOf(refused(page, 403)), "turned-away");
  }
  // The site's own pages carry a script of the same guard.
  const guarded = `${FRAME}<script src='/cdn-cgi/challenge-platform/scripts/jsd/main.js'>`;
  assertEquals(kindOf(received(`${guarded}</script>${PHOTO}${END}`)), "page");
});

Deno.test("judge() knows an overload that stands in place of a page's content", () => {
  const message = "<br /><b>Warning</b>: mysqli_connect(): Too many connections in x.php";
  assertEquals(kindOf(received(`${FRAME}${message}`)), "overloaded");
  assertEquals(kindOf(received(`${FRAME}${PHOTO}${message}${END}`)), "overloaded");
  assertEquals(kindOf(received(`${message}${FRAME}${PHOTO}${END}`)), "page");
  assertEquals(kindOf(received(`${message}${FRAME}No photo available.${END}`)), "page");
});

Deno.test("judge() waits out maintenance that is told with status 200", () => {
  const down = "<title>FishBase</title><p>The site is down for scheduled maintenance.";
  assertEquals(kindOf(received(down)), "overloaded");
  const banner = `${FRAME}<p>FishBase will be under maintenance on Sunday.${PHOTO}${END}`;
  assertEquals(kindOf(received(banner)), "page");
});

Deno.test("judge() takes a page that ends within a tag for a broken one", () => {
  assertEquals(kindOf(received(`${FRAME}${PHOTO}<td><img src='../images/spe`)), "broken");
  assertEquals(kindOf(received(`<fishbase><pictures><picname>A.jpg</picna`)), "broken");
  assertEquals(kindOf(received(`${FRAME}${PHOTO}`)), "page");
  assertEquals(kindOf(received(`${FRAME}${PHOTO}${END}<!-- served by 3 `)), "page");
});
