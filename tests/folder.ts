/** Gives a test a folder of its own, which is gone afterwards. */
export async function withFolder(test: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "aquaset-test-" });
  try {
    await test(dir);
  } finally {
    await Deno.remove(dir, { recursive: true }).catch((error) => {
      // The test may have removed it itself.
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
  }
}
