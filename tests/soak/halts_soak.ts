import { endedInManyWays, haltedFor } from "../scripts/halts.ts";

Deno.test("scrape that is halted for a minute goes on to the same result", () => haltedFor(60_000));

Deno.test("20 runs leave neither a Chromium nor a profile folder, however they are ended", () =>
  endedInManyWays(20));
