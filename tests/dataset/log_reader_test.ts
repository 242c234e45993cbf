import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import type { LogLine } from "../../lib/dataset/event.ts";
import { formatLogLine } from "../../lib/dataset/event.ts";
import {
  type LinePlace,
  type LogReading,
  readLinesAt,
  readLog,
} from "../../lib/dataset/log_reader.ts";
import { Failure } from "../../lib/base/failure.ts";
import { tried, withFolder } from "./folder.ts";

interface Read extends Omit<LogReading, "lines"> {
  readonly lines: readonly LogLine[];
  readonly places: readonly LinePlace[];
}

function line(number: number): string {
  return formatLogLine(tried(number, "gone"), new Date(1e12 + number));
}

const ENCODER = new TextEncoder();

async function read(dir: string, content: string | Uint8Array): Promise<Read> {
  const path = join(dir, "log.jsonl");
  await Deno.writeFile(path, typeof content === "string" ? ENCODER.encode(content) : content);
  const lines: LogLine[] = [];
  const places: LinePlace[] = [];
  const reading = await readLog(path, (each, place) => {
    lines.push(each);
    places.push(place);
  });
  // Whatever was read must be found again at its place.
  assertEquals(readLinesAt(path, places), lines);
  return { ...reading, lines, places };
}

Deno.test("readLog() finds nothing where there is no log", async () => {
  await withFolder(async (dir) => {
    const reading = await readLog(join(dir, "log.jsonl"), () => {});
    assertEquals([reading.exists, reading.size, reading.lines], [false, 0, 0]);
  });
});

Deno.test("readLog() reports a bad line in the middle with its number and reads on", async () => {
  await withFolder(async (dir) => {
    const text = `${line(1)}garbage\n${line(2)}{"v":1}\n\n${line(3)}`;
    const reading = await read(dir, text);
    assertEquals(reading.lines.length, 3);
    assertEquals(reading.problems.map(({ number }) => number), [2, 4]);
    assertEquals(reading.end, reading.size);
  });
});

Deno.test("readLog() finds the end of the sound part before every kind of tail", async () => {
  await withFolder(async (dir) => {
    const sound = ENCODER.encode(line(1) + line(2));
    const tails: Record<string, Uint8Array> = {
      torn: ENCODER.encode(line(3).slice(0, 40)),
      zeros: new Uint8Array(5000),
      "zeros with a line break": ENCODER.encode(`${"\0".repeat(100)}\n`),
      "torn, then zeros": ENCODER.encode(line(3).slice(0, 40) + "\0".repeat(4096)),
      "half a character": ENCODER.encode(line(3)).subarray(0, line(3).indexOf("魚") + 2),
      noise: new Uint8Array(3000).map((_, at) => (at * 7919) % 256),
      "garbled lines": ENCODER.encode("xx\nyy\n\nzz"),
      "zeros longer than any line": new Uint8Array(5 << 20),
    };
    for (const [name, tail] of Object.entries(tails)) {
      const content = new Uint8Array(sound.length + tail.length);
      content.set(sound);
      content.set(tail, sound.length);
      const reading = await read(dir, content);
      assertEquals([reading.lines.length, reading.end, reading.size, reading.problemCount], [
        2,
        sound.length,
        content.length,
        0,
      ], name);
    }
  });
});

Deno.test("readLog() takes a complete line that it cannot use for no torn tail", async () => {
  await withFolder(async (dir) => {
    const text = `${line(1)}{"v":1,"time":"2026-11-22T18:00:00Z","event":"tagged"}\n{"v":1}\n`;
    const reading = await read(dir, text);
    assertEquals(reading.end, text.length + ENCODER.encode(line(1)).length - line(1).length);
    assertEquals([...reading.unknown], [["tagged", 1]]);
    assertEquals(reading.problems, [{ number: 3, why: "it has no time" }]);
  });
});

Deno.test("readLog() takes a complete last line that lacks its line break", async () => {
  await withFolder(async (dir) => {
    const reading = await read(dir, (line(1) + line(2)).trimEnd());
    assertEquals([reading.lines.length, reading.unterminated, reading.end], [
      2,
      true,
      reading.size,
    ]);
  });
});

Deno.test("readLog() reads lines of every width across its blocks", async () => {
  await withFolder(async (dir) => {
    const wide = (number: number): string =>
      formatLogLine(
        { ...tried(number, "gone"), title: "魚é🐟x".repeat(number * 977 % 4000) },
        new Date(1e12),
      );
    const text = Array.from({ length: 400 }, (_, number) => wide(number)).join("");
    const reading = await read(dir, text);
    assertEquals(reading.lines.length, 400);
    assertEquals(
      reading.lines.map((each) => each.event === "image" && each.url),
      Array.from({ length: 400 }, (_, number) => tried(number, "gone").url),
    );
  });
});

Deno.test("readLog() reads past a garbled line that is longer than a block", async () => {
  await withFolder(async (dir) => {
    const reading = await read(dir, `${line(1)}${"x".repeat(5 << 20)}\n${line(2)}`);
    assertEquals(reading.lines.length, 2);
    assertEquals(reading.problems, [{ number: 2, why: "it is no JSON" }]);
  });
});

Deno.test("readLog() reads a log that an editor gave line ends and a mark of its own", async () => {
  await withFolder(async (dir) => {
    const reading = await read(dir, `\uFEFF${(line(1) + line(2)).replaceAll("\n", "\r\n")}`);
    assertEquals([reading.lines.length, reading.problemCount], [2, 0]);
  });
});

Deno.test("readLog() finds invalid UTF-8, but takes a replacement character as text", async () => {
  await withFolder(async (dir) => {
    const asked = formatLogLine({ ...tried(1, "gone"), title: "\uFFFD" }, new Date(1e12));
    const invalid = ENCODER.encode(asked.replace("\uFFFD", "#"));
    invalid[invalid.indexOf(35)] = 0xff;
    assertEquals((await read(dir, asked)).problemCount, 0);
    const content = new Uint8Array([...invalid, ...ENCODER.encode(line(2))]);
    assertEquals((await read(dir, content)).problems, [{ number: 1, why: "it is no UTF-8" }]);
  });
});

Deno.test("readLog() refuses a file that Aquaset has not written", async () => {
  await withFolder(async (dir) => {
    for (const text of ["hello\nworld\n", "\x89PNG\r\n\x1a\n", "[]\n[]\n"]) {
      const failure = await assertRejects(() => read(dir, text), Failure);
      assertStringIncludes(failure.message, "no line of Aquaset");
    }
  });
});

Deno.test("readLog() refuses a log with a single line of a newer version", async () => {
  await withFolder(async (dir) => {
    const text = `${line(1)}{"v":99,"event":"whatever"}\n${line(2)}`;
    const failure = await assertRejects(() => read(dir, text), Failure);
    assertStringIncludes(failure.message, "newer Aquaset");
    assertEquals(failure.status, 1);
  });
});

Deno.test({
  name: "readLog() refuses a log that is a folder, a pipe or a link to nowhere, without waiting",
  ignore: Deno.build.os === "windows",
  async fn() {
    await withFolder(async (dir) => {
      await Deno.mkdir(join(dir, "folder"));
      await new Deno.Command("mkfifo", { args: [join(dir, "pipe")] }).output();
      await Deno.symlink(join(dir, "nowhere"), join(dir, "link"));
      for (const name of ["folder", "pipe", "link"]) {
        const failure = await assertRejects(() => readLog(join(dir, name), () => {}), Failure);
        assertStringIncludes(failure.message, "not a plain file");
      }
    });
  },
});
