/**
 * What processes there are, on Linux. Deno lets only those read `/proc` who may do everything; a
 * program that tests may run has the leave of whoever runs it.
 *
 * @module
 */

/** A process whose command line or environment has a text. */
export interface Found {
  readonly pid: number;
  /** The whole command line or environment, its parts divided by NUL. */
  readonly text: string;
}

/**
 * The processes whose command line or environment has a text; none where there is no `/proc`.
 *
 * @param text The text.
 * @param where Where it must stand.
 */
export function findProcesses(text: string, where: "cmdline" | "environ"): Found[] {
  if (Deno.build.os !== "linux") return [];
  const files = entriesOf("/proc").filter((name) => /^\d+$/.test(name) && Number(name) !== Deno.pid)
    .map((pid) => `/proc/${pid}/${where}`);
  // What has ended meanwhile is passed over.
  const names = outputOf("grep", ["-alsF", "--", text, ...files]);
  return names.trim().split("\n").filter(Boolean).flatMap((name): Found[] => {
    const pid = Number(name.split("/")[2]);
    const found = readProcess(pid, where);
    return found.includes(text) ? [{ pid, text: found }] : [];
  });
}

/** A file of `/proc` about a process; empty when it has ended. */
export function readProcess(pid: number, file: string): string {
  return outputOf("cat", [`/proc/${pid}/${file}`]);
}

function entriesOf(folder: string): string[] {
  return outputOf("ls", [folder]).split("\n");
}

function outputOf(program: string, args: readonly string[]): string {
  const { stdout } = new Deno.Command(program, { args: [...args], stderr: "null" }).outputSync();
  return new TextDecoder().decode(stdout);
}
