/**
 * A disk that fails.
 *
 * @module
 */

type Operations = Partial<Pick<typeof Deno, "open" | "link" | "rename">>;

/** Runs something while these operations of `Deno` are others. */
export async function onDisk<Result>(
  operations: Operations,
  run: () => Promise<Result>,
): Promise<Result> {
  const { open, link, rename } = Deno;
  Object.assign(Deno, operations);
  try {
    return await run();
  } finally {
    Object.assign(Deno, { open, link, rename });
  }
}
