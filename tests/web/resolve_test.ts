import { assertEquals } from "@std/assert";
import { type Lookup, Resolver } from "../../lib/web/resolve.ts";
import { QuickClock } from "../base/clock.ts";

const never = new AbortController().signal;

function failing(code: string): Lookup {
  return () => Promise.reject(Object.assign(new Error(code), { code }));
}

Deno.test("resolve() turns a host away when one of its addresses is private", async () => {
  const lookup = () => Promise.resolve(["8.8.8.8", "2606:4700::1", "fd00::1"]);
  const resolver = new Resolver(lookup, new QuickClock(), false);
  assertEquals(await resolver.resolve("fish.example"), {
    ok: false,
    outcome: "forbidden-address",
    detail: "fish.example (fd00::1) is not a public address",
  });
});

Deno.test("resolve() gives the families of addresses, IPv4 first", async () => {
  const lookup = () => Promise.resolve(["2606:4700::1", "8.8.8.8"]);
  const resolver = new Resolver(lookup, new QuickClock(), false);
  assertEquals(await resolver.resolve("fish.example"), { ok: true, families: [4, 6] });
});

Deno.test("resolve() takes private addresses when they are allowed", async () => {
  const resolver = new Resolver(() => Promise.resolve(["fd00::1"]), new QuickClock(), true);
  assertEquals(await resolver.resolve("fish.example"), { ok: true, families: [6] });
});

Deno.test("resolve() tells a name that does not exist from one that cannot be asked for now", async () => {
  const gone = await new Resolver(failing("ENOTFOUND"), new QuickClock(), false).resolve(
    "a.example",
  );
  assertEquals(gone.ok || gone.outcome, "gone");
  const later = await new Resolver(failing("EAI_AGAIN"), new QuickClock(), false).resolve(
    "a.example",
  );
  assertEquals(later.ok || later.outcome, "refused");
});

Deno.test("resolve() does not take a dead network for a world without hosts", async () => {
  const resolver = new Resolver(failing("ENOTFOUND"), new QuickClock(), false);
  const outcomes: unknown[] = [];
  for (let host = 0; host < 8; host++) {
    const resolved = await resolver.resolve(`${host}.example`);
    outcomes.push(resolved.ok || resolved.outcome);
  }
  assertEquals(outcomes, [...Array(5).fill("gone"), ...Array(3).fill("refused")]);
});

Deno.test("resolve() asks once for half a minute, however many want to know", async () => {
  let asked = 0;
  const clock = new QuickClock();
  const resolver = new Resolver(
    () => {
      asked++;
      return Promise.resolve(["8.8.8.8"]);
    },
    clock,
    false,
  );
  await Promise.all([resolver.resolve("a.example"), resolver.resolve("a.example")]);
  await resolver.resolve("a.example");
  assertEquals(asked, 1);
  await clock.sleep(31_000, never);
  await resolver.resolve("a.example");
  assertEquals(asked, 2);
});

Deno.test("resolve() sees a name that moves to a private address", async () => {
  const answers = [["8.8.8.8"], ["10.0.0.1"]];
  const clock = new QuickClock();
  const resolver = new Resolver(() => Promise.resolve(answers.shift() ?? []), clock, false);
  assertEquals((await resolver.resolve("a.example")).ok, true);
  await clock.sleep(31_000, never);
  assertEquals((await resolver.resolve("a.example")).ok, false);
});

Deno.test("resolve() asks nobody about literal addresses and private names", async () => {
  const resolver = new Resolver(failing("EAI_AGAIN"), new QuickClock(), false);
  assertEquals(await resolver.resolve("[2606:4700::1]"), { ok: true, families: [6] });
  const local = await resolver.resolve("localhost");
  assertEquals(local.ok || local.outcome, "forbidden-address");
});
