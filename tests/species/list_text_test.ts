import { assertEquals, assertThrows } from "@std/assert";
import { listText } from "../../lib/species/list_text.ts";

function bytesOf(text: string, width: 1 | 2 = 1, zeroFirst = false): Uint8Array {
  return Uint8Array.from([...text].flatMap((letter) => {
    const code = letter.charCodeAt(0);
    return width === 1 ? [code] : zeroFirst ? [0, code] : [code, 0];
  }));
}

Deno.test("listText() reads UTF-16 that does not say so", () => {
  assertEquals(listText(bytesOf("Betta splendens\n", 2)), "Betta splendens\n");
  assertEquals(listText(bytesOf("Betta splendens\n", 2, true)), "Betta splendens\n");
});

Deno.test("listText() says what a file is that is no list", () => {
  for (
    const [begin, what] of [
      ["\x89PNG\r\n\x1a\n\0", "a PNG image"],
      ["\xff\xd8\xff\xe0\0", "a JPEG image"],
      ["PK\x03\x04\0", "save the sheet as CSV"],
      ["%PDF-1.7", "a PDF document"],
      ["\n<!DOCTYPE html><html>", "a web page"],
      ["Betta\0\0\0\x01\x02", "no text"],
      ["\0\0\0\0", "no text"],
    ] as const
  ) assertThrows(() => listText(bytesOf(begin)), TypeError, what);
});
