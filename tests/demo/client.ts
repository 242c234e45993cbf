// Fetches what it is told to and says what came of it, one JSON line each: run as a subprocess,
// because Deno reads the proxy and the authority from its environment at start.

for (const url of Deno.args) {
  try {
    const answer = await fetch(url, {
      redirect: "manual",
      headers: { "user-agent": "Aquaset/0.1 (https://aquaset.example/)" },
      signal: AbortSignal.timeout(60_000),
    });
    const { byteLength } = await answer.arrayBuffer();
    console.log(JSON.stringify({ url, status: answer.status, bytes: byteLength }));
  } catch (thrown) {
    const cause = thrown instanceof Error ? `${thrown.message} ${String(thrown.cause ?? "")}` : "";
    console.log(JSON.stringify({ url, error: cause }));
  }
}
