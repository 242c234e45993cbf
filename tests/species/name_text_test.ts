import { assertEquals } from "@std/assert";
import { isTradeCode, normalTradeCode, takeTradeCodes } from "../../lib/species/name_text.ts";

Deno.test("isTradeCode() recognises the numbers of undescribed catfish, and no other numbers", () => {
  for (
    const code of ["L046", "L-046", "L 46", "L2", "LDA01", "LDA-1", "C120", "CW010", "LG6", "L200a"]
  ) {
    assertEquals(isTradeCode(code), true, code);
  }
  for (const text of ["8", "l46", "XL046", "L046x7", "Figure 8", "C", "", "L-", "L04600", "C3PO"]) {
    assertEquals(isTradeCode(text), false, text);
  }
});

Deno.test("takeTradeCodes() takes all of them out and nothing of the words around", () => {
  assertEquals(takeTradeCodes("L104, L162, and LDA22"), {
    rest: ", , and",
    codes: ["L104", "L162", "LDA22"],
  });
  assertEquals(takeTradeCodes("Figure 8 XL046-b"), { rest: "Figure 8 XL046-b", codes: [] });
  assertEquals(normalTradeCode(" L-046"), "L046");
});
