import { assertEquals } from "@std/assert";
import { mayPass } from "../../lib/browser/fenced_browser.ts";

const rules = { hosts: ["www.google.com"], pictures: false };

const cases: readonly (readonly [string, string, boolean])[] = [
  ["https://www.google.com/search?q=fish", "Document", true],
  ["https://www.google.com./search", "Document", false],
  ["https://www.google.com.evil.example/", "Document", false],
  ["https://user@evil.example/www.google.com", "Document", false],
  ["http://www.google.com:81/", "XHR", true],
  ["https://www.google.com/x.png", "Image", false],
  ["data:image/png;base64,AAAA", "Image", false],
  ["https://www.google.com/x.woff2", "Font", false],
  ["https://www.google.com/x.mp4", "Media", false],
  ["https://www.google.com/gen_204", "Ping", false],
  ["wss://www.google.com/socket", "WebSocket", false],
  ["ftp://www.google.com/", "Document", false],
  ["file:///etc/passwd", "Document", false],
  ["chrome://settings", "Document", false],
  ["blob:https://www.google.com/1", "XHR", true],
  ["about:blank", "Document", true],
  ["not an address", "Document", false],
  ["", "Other", false],
];

Deno.test("mayPass() lets through what the hosts serve and a page needs, and nothing else", () => {
  for (const [address, kind, passes] of cases) {
    assertEquals(mayPass(address, kind, rules), passes, `${kind} ${address}`);
  }
});

Deno.test("mayPass() lets pictures through when they are wanted, from the same hosts alone", () => {
  const shown = { ...rules, pictures: true };
  assertEquals(mayPass("https://www.google.com/x.png", "Image", shown), true);
  assertEquals(mayPass("https://evil.example/x.png", "Image", shown), false);
});
