/**
 * Starts `child.ts`.
 *
 * @module
 */

/** How a child ended. */
export interface Ended {
  /** Its exit status. */
  readonly code: number;
  /** What it said, errors included. */
  readonly said: string;
}

/** How `child.ts` is started. */
export interface ChildOptions {
  /** Deno's permissions; every one unless given. */
  readonly permissions?: readonly string[];
  /** A program and its words that start it in their turn, such as `setpriv`. */
  readonly through?: readonly string[];
}

/** The command that runs `child.ts`. */
export function childCommand(args: readonly string[], options: ChildOptions = {}): Deno.Command {
  const { permissions = ["-A"], through = [] } = options;
  const [program = Deno.execPath(), ...words] = [...through, Deno.execPath()];
  return new Deno.Command(program, {
    args: [
      ...words,
      "run",
      "--quiet",
      "--no-prompt",
      "--no-check",
      ...permissions,
      new URL("child.ts", import.meta.url).href,
      ...args,
    ],
    cwd: new URL("../..", import.meta.url),
    env: { NO_COLOR: "1" },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  });
}

/** Runs `child.ts` to its end. */
export async function runChild(
  args: readonly string[],
  options: ChildOptions = {},
): Promise<Ended> {
  const child = childCommand(args, options).spawn();
  await child.stdin.close();
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { code, said: decoder.decode(stdout) + decoder.decode(stderr) };
}

/** Waits until a child has said a word; rejects when it ends before. */
export async function waitFor(
  output: ReadableStreamDefaultReader<Uint8Array>,
  word: string,
): Promise<void> {
  const decoder = new TextDecoder();
  let said = "";
  while (!said.includes(word)) {
    const { done, value } = await output.read();
    if (done) throw new Error(`The child ended before it said ${word}: ${said}`);
    said += decoder.decode(value, { stream: true });
  }
}
