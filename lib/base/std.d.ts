// `deno-std` republishes Deno's standard library to npm without its types. Declared here is what
// Aquaset uses of it, in the words of the originals, so that the same code also type-checks under
// imports.jsr.json, where the originals' own types are found instead.

declare module "@std/async" {
  export function pooledMap<T, R>(
    poolLimit: number,
    array: Iterable<T> | AsyncIterable<T>,
    iteratorFn: (data: T) => Promise<R>,
  ): AsyncIterableIterator<R>;
  export function deadline<T>(
    promise: Promise<T>,
    milliseconds: number,
    options?: { signal?: AbortSignal },
  ): Promise<T>;
  export function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T>;
  export function delay(
    milliseconds: number,
    options?: { signal?: AbortSignal; persistent?: boolean },
  ): Promise<void>;
}

declare module "@std/assert" {
  export function assert(expr: unknown, message?: string): asserts expr;
  export function assertEquals<T>(actual: T, expected: T, message?: string): void;
  export function assertNotEquals<T>(actual: T, expected: T, message?: string): void;
  export function assertGreater<T>(actual: T, expected: T, message?: string): void;
  export function assertGreaterOrEqual<T>(actual: T, expected: T, message?: string): void;
  export function assertLess<T>(actual: T, expected: T, message?: string): void;
  export function assertStringIncludes(actual: string, expected: string, message?: string): void;
  export function assertMatch(actual: string, expected: RegExp, message?: string): void;
  export function assertThrows<E extends Error = Error>(
    fn: () => unknown,
    // deno-lint-ignore no-explicit-any -- the original's own signature
    errorClass: new (...args: any[]) => E,
    messageIncludes?: string,
    message?: string,
  ): E;
  export function assertThrows(fn: () => unknown, message?: string): unknown;
  export function assertRejects<E extends Error = Error>(
    fn: () => PromiseLike<unknown>,
    // deno-lint-ignore no-explicit-any -- the original's own signature
    errorClass: new (...args: any[]) => E,
    messageIncludes?: string,
    message?: string,
  ): Promise<E>;
  export function assertRejects(fn: () => PromiseLike<unknown>, message?: string): Promise<unknown>;
}

declare module "@std/bytes" {
  export function concat(buffers: readonly Uint8Array[]): Uint8Array<ArrayBuffer>;
}

declare module "@std/cli/parse-args" {
  export interface ParseOptions {
    boolean?: boolean | readonly string[];
    string?: readonly string[];
    collect?: readonly string[];
    negatable?: readonly string[];
    unknown?: (arg: string, key?: string, value?: unknown) => unknown;
  }
  export function parseArgs(
    args: readonly string[],
    options?: ParseOptions,
  ): { _: (string | number)[]; [name: string]: unknown };
}

declare module "@std/csv" {
  export function parse(
    input: string,
    options?: { skipFirstRow?: false; separator?: string; comment?: string },
  ): string[][];
  export function stringify(
    data: readonly (readonly unknown[])[],
    options?: { headers?: boolean; bom?: boolean; crlf?: boolean },
  ): string;
}

declare module "@std/fmt/bytes" {
  export function format(bytes: number, options?: { binary?: boolean }): string;
}

declare module "@std/fmt/duration" {
  export function format(
    milliseconds: number,
    options?: { style?: "narrow" | "full" | "digital"; ignoreZero?: boolean },
  ): string;
}

declare module "@std/fmt/colors" {
  export function bold(text: string): string;
  export function dim(text: string): string;
  export function red(text: string): string;
  export function green(text: string): string;
  export function yellow(text: string): string;
  export function stripAnsiCode(text: string): string;
  export function setColorEnabled(value: boolean): void;
}

declare module "@std/fs" {
  export function walk(
    root: string,
    options?: { includeDirs?: boolean; exts?: string[] },
  ): AsyncIterableIterator<{ path: string }>;
  export function exists(path: string, options?: { isFile?: boolean }): Promise<boolean>;
}

declare module "@std/jsonc" {
  export function parse(text: string): unknown;
}

declare module "@std/path" {
  export function isAbsolute(path: string): boolean;
  export function join(...paths: string[]): string;
  export function resolve(...paths: string[]): string;
  export function dirname(path: string | URL): string;
  export function basename(path: string | URL, suffix?: string): string;
  export function relative(from: string, to: string): string;
  export function fromFileUrl(url: string | URL): string;
}

declare module "@std/yaml" {
  export function stringify(data: unknown, options?: { lineWidth?: number }): string;
}
