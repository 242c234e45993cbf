import { assertEquals, assertStringIncludes } from "@std/assert";
import { checkManners } from "../../lib/demo/manners.ts";
import type { LoggedRequest } from "../../lib/demo/world.ts";

function request(
  time: number,
  answered: number,
  path: string,
  host = "www.fishbase.se",
): LoggedRequest {
  return { time, answered, path, host, method: "GET", status: 200 };
}

Deno.test("checkManners() finds two pages at once on one mirror", () => {
  const told = checkManners([request(0, 900, "/summary/1"), request(500, 600, "/summary/2")], 200);
  assertStringIncludes(told.join("\n"), "two pages at once");
});

Deno.test("checkManners() finds a page that came before its time", () => {
  const told = checkManners([request(0, 5, "/summary/1"), request(120, 130, "/summary/2")], 200);
  assertStringIncludes(told.join("\n"), "120 ms after the page before");
});

Deno.test("checkManners() finds three requests at once on one host", () => {
  const told = checkManners([0, 1, 2].map((n) => request(n, 90, `/${n}`, "cdn.a.example")), 0);
  assertEquals(told, ["cdn.a.example: 3 requests at once, 2 at most"]);
});

Deno.test("checkManners() lets images come two at a time beside a page", () => {
  assertEquals(
    checkManners([
      request(0, 50, "/images/species/A_u1.jpg"),
      request(1, 50, "/images/species/A_u2.jpg"),
      request(2, 40, "/summary/1"),
      request(10, 40, "/summary/1", "www.fishbase.de"),
      request(205, 240, "/summary/2"),
    ], 200),
    [],
  );
});
