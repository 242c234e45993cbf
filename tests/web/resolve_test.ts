import { assert, assertEquals } from "@std/assert";
import { systemClock } from "../../lib/base/clock.ts";
import {
  isPrivateName,
  isPublicAddress,
  literalAddress,
  type Lookup,
  Resolver,
} from "../../lib/web/resolve.ts";
import { readUrl } from "../../lib/web/url.ts";
import { QuickClock } from "../base/clock.ts";

/** Addresses as resolvers give them: what they are, and whether they may be reached. */
const ADDRESSES: readonly (readonly [string, boolean, string])[] = [
  ["8.8.8.8", true, "public"],
  ["1.1.1.1", true, "public"],
  ["93.184.215.14", true, "public"],
  ["223.255.255.255", true, "the last before multicast"],
  ["11.0.0.0", true, "the first after 10/8"],
  ["172.15.255.255", true, "the last before 172.16/12"],
  ["172.32.0.0", true, "the first after 172.16/12"],
  ["100.63.255.255", true, "the last before CGNAT"],
  ["100.128.0.0", true, "the first after CGNAT"],
  ["0.0.0.0", false, "this host"],
  ["0.1.2.3", false, "this network"],
  ["10.0.0.1", false, "private"],
  ["10.255.255.255", false, "private"],
  ["100.64.0.1", false, "CGNAT"],
  ["100.127.255.255", false, "CGNAT"],
  ["127.0.0.1", false, "loopback"],
  ["127.255.255.254", false, "loopback"],
  ["169.254.169.254", false, "link-local: the clouds' metadata"],
  ["172.16.0.1", false, "private"],
  ["172.31.255.255", false, "private"],
  ["192.0.0.8", false, "protocol assignments"],
  ["192.0.2.1", false, "documentation"],
  ["192.88.99.1", false, "6to4 relay"],
  ["192.168.0.1", false, "private"],
  ["198.18.0.1", false, "benchmarks"],
  ["198.19.255.255", false, "benchmarks"],
  ["198.51.100.1", false, "documentation"],
  ["203.0.113.1", false, "documentation"],
  ["224.0.0.1", false, "multicast"],
  ["239.255.255.250", false, "multicast"],
  ["240.0.0.1", false, "reserved"],
  ["255.255.255.255", false, "broadcast"],
  ["2606:4700:4700::1111", true, "public"],
  ["2a00:1450:4001::1", true, "public"],
  ["::ffff:8.8.8.8", true, "mapped, public"],
  ["64:ff9b::808:808", true, "NAT64, public"],
  ["::", false, "unspecified"],
  ["::1", false, "loopback"],
  ["::8.8.8.8", false, "IPv4-compatible, out of use"],
  ["::127.0.0.1", false, "IPv4-compatible, loopback"],
  ["::ffff:127.0.0.1", false, "mapped, loopback"],
  ["::ffff:7f00:1", false, "mapped, loopback, in hexadecimal"],
  ["::ffff:a9fe:a9fe", false, "mapped, link-local"],
  ["::ffff:0:127.0.0.1", false, "translated (RFC 6145)"],
  ["64:ff9b::7f00:1", false, "NAT64, loopback"],
  ["64:ff9b::10.0.0.1", false, "NAT64, private"],
  ["64:ff9b:1::8.8.8.8", false, "NAT64 for local use"],
  ["100::1", false, "discard"],
  ["2001::1", false, "Teredo"],
  ["2001:0:53aa:64c:0:7fff:f5ff:fffe", false, "Teredo, private inside"],
  ["2001:2::1", false, "benchmarks"],
  ["2001:10::1", false, "ORCHID"],
  ["2001:20::1", false, "ORCHIDv2"],
  ["2001:db8::1", false, "documentation"],
  ["2002:7f00:1::", false, "6to4, loopback"],
  ["2002:808:808::1", false, "6to4, public inside, out of use"],
  ["3fff::1", false, "documentation"],
  ["4000::1", false, "not handed out"],
  ["5f00::1", false, "segment routing"],
  ["fc00::1", false, "unique local"],
  ["fd12:3456:789a::1", false, "unique local"],
  ["fe80::1", false, "link-local"],
  ["fe80::1%eth0", false, "link-local, with a zone"],
  ["fec0::1", false, "site-local, out of use"],
  ["ff02::1", false, "multicast"],
  ["", false, "nothing"],
  ["fish", false, "no address"],
  ["1.2.3", false, "no resolver's spelling"],
];

for (const [address, reachable, what] of ADDRESSES) {
  Deno.test(`isPublicAddress() ${reachable ? "lets" : "turns away"} ${address || "''"}: ${what}`, () => {
    assertEquals(isPublicAddress(address), reachable);
  });
}

/** Hosts as strangers spell them in URLs. */
const SPELLINGS: readonly (readonly [string, boolean])[] = [
  ["http://8.8.8.8/", true],
  ["http://0x08080808/", true],
  ["http://[2606:4700:4700::1111]/", true],
  ["http://fish.example/", true],
  ["http://127.0.0.1/", false],
  ["http://127.0.0.1./", false],
  ["http://127.1/", false],
  ["http://127.0.1/", false],
  ["http://0177.0.0.1/", false],
  ["http://0177.0.0.01/", false],
  ["http://0x7f.0.0.1/", false],
  ["http://0x7f000001/", false],
  ["http://2130706433/", false],
  ["http://017700000001/", false],
  ["http://0/", false],
  ["http://%31%32%37.0.0.1/", false],
  ["http://１２７.0.0.1/", false],
  ["http://①②⑦.0.0.1/", false],
  ["http://127。0。0。1/", false],
  ["http://10.0.0.1:8080/", false],
  ["http://fish.example@127.0.0.1/", false],
  ["http://fish.example:80@127.0.0.1/", false],
  ["http:127.0.0.1/", false],
  ["http:\\\\127.0.0.1\\", false],
  ["http://[::1]/", false],
  ["http://[0:0:0:0:0:0:0:1]/", false],
  ["http://[::ffff:127.0.0.1]/", false],
  ["http://[::ffff:7f00:1]/", false],
  ["http://[64:ff9b::127.0.0.1]/", false],
  ["http://[fe80::1]/", false],
  ["http://localhost/", false],
  ["http://LOCALHOST/", false],
  ["http://localhost./", false],
  ["http://localhost../", false],
  ["http://fish.localhost/", false],
  ["http://%6cocalhost/", false],
  ["http://ｌocalhost/", false],
  ["http://lo\u00adcalhost/", false],
  ["http://printer/", false],
  ["http://printer.local/", false],
  ["http://router.lan/", false],
  ["http://nas.home.arpa/", false],
  ["http://metadata.google.internal/", false],
  ["http://wiki.corp/", false],
];

for (const [spelling, reachable] of SPELLINGS) {
  Deno.test(`Resolver.checkName() ${reachable ? "lets" : "turns away"} ${spelling}`, () => {
    const url = readUrl(spelling);
    // What is not a URL in the end is not reached either.
    if (typeof url === "string") return assertEquals(reachable, false, url);
    const resolver = new Resolver(() => Promise.resolve([]), systemClock, false);
    assertEquals(resolver.checkName(url.hostname).ok, reachable, url.hostname);
    const open = new Resolver(() => Promise.resolve([]), systemClock, true);
    assert(open.checkName(url.hostname).ok);
  });
}

Deno.test("literalAddress() distinguishes addresses from names that look like them", () => {
  assertEquals(literalAddress("[::1]"), "::1");
  assertEquals(literalAddress("127.0.0.1"), "127.0.0.1");
  assertEquals(literalAddress("127.0.0.1.example"), undefined);
});

Deno.test("isPrivateName() allows names that only look similar", () => {
  assert(!isPrivateName("notlocalhost.example"));
  assert(!isPrivateName("lan.example"));
  assert(!isPrivateName("fish.arpa"));
});

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

Deno.test("resolve() takes a host with an IPv4 address, and not one that has IPv6 alone", async () => {
  const addresses = [["2606:4700::1", "8.8.8.8"], ["2606:4700::1"]];
  const lookup = () => Promise.resolve(addresses.shift() ?? []);
  const resolver = new Resolver(lookup, new QuickClock(), false);
  assertEquals(await resolver.resolve("fish.example"), { ok: true });
  const six = await resolver.resolve("six.example");
  assertEquals(
    six.ok || six.detail,
    "six.example has IPv6 addresses only, and connections are made over IPv4",
  );
});

Deno.test("resolve() takes private addresses when they are allowed", async () => {
  const resolver = new Resolver(() => Promise.resolve(["fd00::1"]), new QuickClock(), true);
  assertEquals(await resolver.resolve("fish.example"), { ok: true });
});

Deno.test("resolve() distinguishes a name that does not exist from one that cannot be looked up now", async () => {
  const gone = await new Resolver(failing("ENOTFOUND"), new QuickClock(), false).resolve(
    "a.example",
  );
  assertEquals(gone.ok || gone.outcome, "gone");
  const later = await new Resolver(failing("EAI_AGAIN"), new QuickClock(), false).resolve(
    "a.example",
  );
  assertEquals(later.ok || later.outcome, "refused");
});

Deno.test("resolve() blames the network when no name at all exists", async () => {
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

Deno.test("resolve() looks up no literal addresses and private names", async () => {
  const resolver = new Resolver(failing("EAI_AGAIN"), new QuickClock(), false);
  assertEquals(await resolver.resolve("8.8.8.8"), { ok: true });
  const local = await resolver.resolve("localhost");
  assertEquals(local.ok || local.outcome, "forbidden-address");
});

Deno.test({
  name: "resolve() says that too many files are open, not that the host does not exist",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    const module = new URL("../../lib/web/resolve.ts", import.meta.url);
    const clock = new URL("../../lib/base/clock.ts", import.meta.url);
    const program = `
      import { Resolver, systemLookup } from "${module}";
      import { systemClock } from "${clock}";
      const open = [];
      try { for (;;) open.push(Deno.openSync("/dev/null")); } catch {}
      const resolver = new Resolver(systemLookup, systemClock, false);
      const { outcome, detail, local } = await resolver.resolve("fish.example");
      open.forEach((file) => file.close());
      console.log([outcome, local, detail].join("; "));`;
    const path = await Deno.makeTempFile({ suffix: ".ts" });
    try {
      await Deno.writeTextFile(path, program);
      const config = new URL("../../deno.json", import.meta.url).pathname;
      const { stdout, stderr } = await new Deno.Command("sh", {
        args: [
          "-c",
          `ulimit -n 64; exec "$0" run -qA --no-check --config "$1" "$2"`,
          Deno.execPath(),
          config,
          path,
        ],
      }).output();
      const decoder = new TextDecoder();
      assertEquals(
        decoder.decode(stdout).trim(),
        "refused; true; too many open files on this machine: close programs or raise the limit (ulimit -n)",
        decoder.decode(stderr),
      );
    } finally {
      await Deno.remove(path);
    }
  },
});
