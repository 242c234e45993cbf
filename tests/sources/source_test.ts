import { assertEquals } from "@std/assert";
import { BrowserKeeper } from "../../lib/browser/keeper.ts";
import { createGoogle } from "../../lib/sources/google/google.ts";
import { isSure } from "../../lib/sources/source.ts";
import { FakeApi, parts } from "./fake_api.ts";
import { API_SOURCES } from "./recorded.ts";

Deno.test("isSure() says of each source what it says of itself, and takes unknown ones for sure", () => {
  const { options } = parts(new FakeApi(() => ({})));
  const google = createGoogle({
    keeper: new BrowserKeeper({ start: () => Promise.reject(new Error("no browser")) }),
    delay: 0,
    queries: [],
    headed: false,
    jobs: 1,
    keepPage: (name) => Promise.resolve(name),
    notice: () => {},
  });
  const sources = [...Object.values(API_SOURCES).map((create) => create(options)), google];
  assertEquals(
    sources.map(({ name }) => [name, isSure(name)]),
    sources.map(({ name, vouches }) => [name, vouches]),
  );
  assertEquals(["fishbase", "my own museum"].map(isSure), [true, true]);
});
