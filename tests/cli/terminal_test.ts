import { assertEquals, assertStringIncludes } from "@std/assert";
import { fromFileUrl } from "@std/path";

const CHILD = fromFileUrl(new URL("./terminal_child.ts", import.meta.url));

/** Runs the child on a terminal of so many columns; gives what came to the screen. */
async function onTerminal(columns: number): Promise<{ code: number; screen: string }> {
  const command = `stty cols ${columns} rows 24; exec "${Deno.execPath()}" run -A "${CHILD}"`;
  const { code, stdout } = await new Deno.Command("script", {
    args: ["--quiet", "--return", "--command", command, "/dev/null"],
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  return { code, screen: new TextDecoder().decode(stdout) };
}

Deno.test({
  name:
    "on a terminal bars fit, what is said is whole, and the second Ctrl-C leaves the terminal in order",
  // Only util-linux's `script` makes a terminal for a command.
  ignore: Deno.build.os !== "linux",
  async fn() {
    for (const [columns, bar] of [[60, 10], [80, 24], [120, 24]] as const) {
      const { code, screen } = await onTerminal(columns);
      assertEquals(code, 130, screen);
      assertEquals(screen.includes("\u001b[2J"), false, "a server's words move nothing");
      const said = screen.indexOf("a server says \ufffd[2J");
      const words = screen.slice(said, screen.indexOf("end\r\n", said)).split("\r\n");
      assertEquals(
        words.join(" ").trimEnd(),
        `a server says \ufffd[2J${"long ".repeat(20)}`.trimEnd(),
      );
      assertEquals(words.every((line) => line.length <= columns), true, "broken between words");
      // Lines go on in the next while something is said, and are cut off while bars are drawn.
      assertEquals(
        screen.lastIndexOf("\u001b[?7h", said) > screen.lastIndexOf("\u001b[?7l", said),
        true,
      );
      const after = screen.slice(said);
      assertStringIncludes(after, `fishbase  ${"░".repeat(bar)} 0/12 species  0 kept  estimating`);
      assertStringIncludes(after, `google    ${"░".repeat(bar)} 0/640 species  12345 kept`);
      assertStringIncludes(after, "stopping");
      assertStringIncludes(after, "still here");
      for (
        const [on, off] of [["\u001b[?25h", "\u001b[?25l"], ["\u001b[?7h", "\u001b[?7l"]] as const
      ) {
        assertEquals(
          after.lastIndexOf(on) > after.lastIndexOf(off),
          true,
          `ends without ${on.slice(1)}`,
        );
      }
    }
  },
});
