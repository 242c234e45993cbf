import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { type LogFile, LogWriter } from "../../lib/dataset/log_writer.ts";
import { Failure } from "../../lib/base/failure.ts";
import { tried } from "./folder.ts";

/** A file in memory that can be told to fail. */
class MemoryFile implements LogFile {
  text = "";
  synced = "";
  syncs = 0;
  closed = false;
  /** How many bytes it still takes, and what it throws then. */
  room = Infinity;
  error: Error = new Error("unset");
  /** How many bytes it takes at a time. */
  step = Infinity;

  write(bytes: Uint8Array): Promise<number> {
    if (this.room <= 0) return Promise.reject(this.error);
    const taken = Math.min(bytes.length, this.room, this.step);
    this.text += new TextDecoder().decode(bytes.subarray(0, taken));
    this.room -= taken;
    return Promise.resolve(taken);
  }

  syncData(): Promise<void> {
    this.syncs++;
    this.synced = this.text;
    return Promise.resolve();
  }

  truncate(length: number): Promise<void> {
    this.text = this.text.slice(0, length);
    return Promise.resolve();
  }

  close(): void {
    this.closed = true;
  }
}

function fullDisk(): Error {
  return Object.assign(new Error("No space left on device (os error 28)"), { code: "ENOSPC" });
}

function writer(file: MemoryFile, check: () => Promise<void> = () => Promise.resolve()): LogWriter {
  return new LogWriter(file, "data/log.jsonl", 0, check, () => new Date(1e12));
}

function event(number: number): ReturnType<typeof tried> {
  return { ...tried(number, "gone"), title: "plain" };
}

Deno.test("LogWriter.flush() puts whole lines on the disk in order, in one batch", async () => {
  const file = new MemoryFile();
  file.step = 7;
  const log = writer(file);
  for (let number = 0; number < 50; number++) log.append(event(number));
  await log.flush();
  assertEquals(file.synced, file.text);
  const urls = file.synced.trimEnd().split("\n").map((line) => JSON.parse(line).url);
  assertEquals(urls, Array.from({ length: 50 }, (_, number) => event(number).url));
  assertEquals(file.syncs, 1);
  await log.close();
  assertEquals(file.closed, true);
});

Deno.test("LogWriter writes lines after what is to be on the disk before, and not where that fails", async () => {
  const file = new MemoryFile();
  const log = writer(file);
  const texts: string[] = [];
  let failing = false;
  log.onBatch = () => {
    texts.push(file.text);
    return failing ? Promise.reject(fullDisk()) : Promise.resolve();
  };
  log.append(event(1));
  await log.flush();
  const first = file.text;
  failing = true;
  log.append(event(2));
  await assertRejects(() => log.flush(), Failure, "disk is full");
  assertEquals(texts, ["", first]);
  assertEquals(file.text, first);
});

Deno.test("LogWriter.append() returns where the line will be, and keeps it until it is there", async () => {
  const file = new MemoryFile();
  const log = writer(file);
  const places = [log.append(event(1)), log.append(event(2))];
  const pending = places.map((place) => new TextDecoder().decode(log.pending(place)));
  await log.close();
  places.forEach(({ offset, length }, at) => {
    assertEquals(file.text.slice(offset, offset + length), pending[at]);
    assertEquals(file.text[offset + length], "\n");
    assertEquals(log.pending({ offset, length }), undefined);
  });
});

Deno.test("LogWriter.close() writes what nobody flushed", async () => {
  const file = new MemoryFile();
  const log = writer(file);
  log.append(event(1));
  await log.close();
  await log.close();
  assertEquals(file.synced.split("\n").length, 2);
});

Deno.test("LogWriter fails for good at the first error and leaves only whole lines", async () => {
  const file = new MemoryFile();
  const log = writer(file);
  log.append(event(1));
  await log.flush();
  const before = file.text;
  file.room = 100;
  file.error = fullDisk();
  log.append(event(2));
  const failure = await assertRejects(() => log.flush(), Failure);
  assertStringIncludes(failure.message, "data/log.jsonl");
  assertStringIncludes(failure.message, "disk is full");
  assertEquals(failure.status, 1);
  assertEquals(file.text, before);
  file.room = Infinity;
  assertEquals(assertThrows(() => log.append(event(3)), Failure), failure);
  assertEquals(await assertRejects(() => log.flush(), Failure), failure);
  assertEquals(await assertRejects(() => log.close(), Failure), failure);
  assertEquals([file.text, file.closed], [before, true]);
});

Deno.test("LogWriter leaves the whole lines of a batch that the disk still took", async () => {
  const file = new MemoryFile();
  const log = writer(file);
  for (let number = 0; number < 10; number++) log.append(event(number));
  file.room = 500;
  file.error = fullDisk();
  await assertRejects(() => log.close(), Failure);
  const lines = file.synced.split("\n");
  assertEquals(lines.pop(), "");
  assert(lines.length > 1 && lines.length < 10);
  assertEquals(lines.map((line) => JSON.parse(line).url), lines.map((_, at) => event(at).url));
});

Deno.test("LogWriter fails where what follows a batch cannot be done", async () => {
  const file = new MemoryFile();
  const log = writer(file);
  const failure = new Failure("Cannot use the index: the disk is full.");
  log.onWritten = () => {
    throw failure;
  };
  log.append(event(1));
  assertEquals(await assertRejects(() => log.flush().then(() => log.close()), Failure), failure);
  assertEquals([file.synced.split("\n").length, log.endsThere], [2, true]);
});

Deno.test("LogWriter believes nothing logged while its check says the file is gone", async () => {
  const file = new MemoryFile();
  const log = writer(file, () => Promise.reject(new Deno.errors.NotFound("gone")));
  log.append(event(1));
  const failure = await assertRejects(() => log.flush(), Failure);
  assertStringIncludes(failure.message, "not there any more");
  await assertRejects(() => log.close(), Failure);
});
