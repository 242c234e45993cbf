import { assertEquals } from "@std/assert";
import { commandFor, inFolders, permissionFlags } from "../../lib/cli/permissions.ts";

Deno.test("permissionFlags() writes a set as plain flags", () => {
  const set = {
    net: { allow: true, deny: ["10.0.0.0/8"] },
    read: ["a", "b"],
    write: true,
    run: [],
  };
  assertEquals(permissionFlags(set), [
    "--allow-net",
    "--deny-net=10.0.0.0/8",
    "--allow-read=a,b",
    "--allow-write",
  ]);
});

Deno.test("inFolders() puts folders in place of data and permits nothing else", () => {
  assertEquals(
    permissionFlags(inFolders({ read: ["data", "lib"], env: ["X"] }, ["/big", "/out"])),
    [
      "--allow-read=/big,/out,lib",
      "--allow-env=X",
    ],
  );
});

Deno.test("commandFor() gives the whole command, folders for files, the rest of the set repeated", () => {
  const write = { kind: "write", value: "/big/.tmp-species.jsonl-1a2b" };
  const cases: [string, string][] = [
    [
      commandFor("verify", ["--data", "/big"], { folders: ["/big"], files: [] }, write),
      "deno run -q -P=verify --allow-read=/big,lib/image,node_modules --allow-write=/big scripts/verify.ts --data /big",
    ],
    [
      commandFor("status", ["--data", "/big"], { folders: ["/big"], files: [] }, write),
      "deno run -q -P=status --allow-read=/big scripts/status.ts --data /big",
    ],
    [
      commandFor("export", ["--out", "/o u"], { folders: ["./data", "/o u"], files: [] }, {
        kind: "write",
        value: "/o u/x",
      }),
      'deno run -q -P=export "--allow-read=data,/o u,lib/image,node_modules" ' +
      '"--allow-write=data,/o u" scripts/export.ts --out "/o u"',
    ],
    [
      commandFor("species", ["--species-file", "../my.txt"], {
        folders: ["data"],
        files: ["../my.txt"],
      }, { kind: "read", value: "../my.txt" }),
      "deno run -q -P=species --allow-read=data,../my.txt scripts/species.ts --species-file ../my.txt",
    ],
    [
      commandFor("init", ["--data", "/big"], { folders: ["/big"], files: [] }, write),
      "deno run -q -P=init --allow-write=/big scripts/init.ts --data /big",
    ],
    [
      commandFor("merge", ["--into", "/all", "/a"], { folders: ["/all", "/a"], files: [] }, {
        kind: "read",
        value: "/a/log.jsonl",
      }),
      "deno run -q -P=merge --allow-read=/all,/a --allow-write=/all,/a scripts/merge.ts --into /all /a",
    ],
    [
      commandFor("google", ["--browser", "/x/chrome"], { folders: [], files: [] }, {
        kind: "run",
        value: "/x/chrome",
      }),
      "deno run -q -P=google --allow-run=/x/chrome scripts/google.ts --browser /x/chrome",
    ],
    [
      commandFor("demo", ["--data", "/big"], { folders: ["/big"], files: [] }, {
        kind: "read",
        value: "/big",
      }),
      "deno run -q -P=demo --allow-read=.,/big --allow-write=/big,.cache scripts/demo.ts --data /big",
    ],
  ];
  for (const [command, expected] of cases) assertEquals(command, expected);
});
