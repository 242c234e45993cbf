import { assertEquals } from "@std/assert";
import {
  findLicense,
  isAllowed,
  licenseId,
  licenseIdOfCode,
  readLicense,
} from "../../lib/sources/license.ts";

Deno.test("licenseId() makes Creative Commons ids of words and addresses", () => {
  const cases: [string, string | undefined][] = [
    ["", undefined],
    ["Photo by Nancy Byrd", undefined],
    ["© J.E. Randall", undefined],
    ["Photo by Ann, CC NC", undefined],
    ["Copyright 2014 by Ann Sands", undefined],
    ["Please ask before use", undefined],
    ["All Rights Reserved", "LicenseRef-All-Rights-Reserved"],
    ["CC-BY-NC 3.0", "CC-BY-NC-3.0"],
    ["CC BY 4.0", "CC-BY-4.0"],
    ["CC-BY", "CC-BY"],
    ["CCBY-SA 2.5", "CC-BY-SA-2.5"],
    ["cc by-nc-sa v2", "CC-BY-NC-SA-2.0"],
    ["CC_BY_NC_ND_4.0", "CC-BY-NC-ND-4.0"],
    ["Attribution-NonCommercial 3.0 Unported", "CC-BY-NC-3.0"],
    ["Creative Commons Attribution-ShareAlike 4.0 International", "CC-BY-SA-4.0"],
    ["Creative Commons Attribution Non-Commercial No Derivatives", "CC-BY-NC-ND"],
    ["CC0", "CC0-1.0"],
    ["CC-0 1.0", "CC0-1.0"],
    ["http://creativecommons.org/licenses/by-nc/3.0/", "CC-BY-NC-3.0"],
    ["https://www.creativecommons.org/licenses/by-sa/4.0/deed.de", "CC-BY-SA-4.0"],
    ["//creativecommons.org/licences/by/2.0/", "CC-BY-2.0"],
    ["//creativecommons.org/licences/by/2.0/uk", undefined],
    ["https://creativecommons.org/licenses/by-sa/3.0/de/deed.en", "CC-BY-SA-3.0-DE"],
    ["https://creativecommons.org/licenses/by-sa/3.0/es/deed.en", undefined],
    ["https://creativecommons.org/licenses/by-nd-nc/2.0/jp/", undefined],
    ["https://creativecommons.org/licenses/by-nc/4.0/legalcode", "CC-BY-NC-4.0"],
    ["https://creativecommons.org/licenses/by/4.0/deed.de", "CC-BY-4.0"],
    ["https://creativecommons.org/licenses/by/9.9/", undefined],
    ["CC BY-SA 3.0 de", "CC-BY-SA-3.0-DE"],
    ["CC BY-SA 3.0 es", undefined],
    ["CC BY 4.0 by Ann", "CC-BY-4.0"],
    ["CC BY 3.0 igo", "CC-BY-3.0-IGO"],
    ["Usage Conditions Apply", undefined],
    ["https://huh.harvard.edu/access-digital-reproductions-works-public-domain", undefined],
    ["https://creativecommons.org/publicdomain/zero/1.0/", "CC0-1.0"],
    ["https://creativecommons.org/publicdomain/mark/1.0/", "CC-PDM-1.0"],
    ["This picture is in the public domain", "CC-PDM-1.0"],
  ];
  for (const [words, id] of cases) assertEquals(licenseId(words), id, words);
});

Deno.test("findLicense() gives the page's words and believes the link on the version", () => {
  assertEquals(findLicense(["Photo by Ann", "Size: 5 cm"]), {});
  assertEquals(
    findLicense(["Photo by Ann  CC-BY-NC"], [
      "/x",
      "http://creativecommons.org/licenses/by-nc/3.0/",
    ]),
    {
      id: "CC-BY-NC-3.0",
      text: "CC-BY-NC",
      url: "http://creativecommons.org/licenses/by-nc/3.0/",
    },
  );
  assertEquals(findLicense([], ["https://creativecommons.org/licenses/by/4.0/"]), {
    id: "CC-BY-4.0",
    text: "https://creativecommons.org/licenses/by/4.0/",
    url: "https://creativecommons.org/licenses/by/4.0/",
  });
  assertEquals(findLicense(["© Ann Sands", "This picture is licensed under CC BY 3.0"]), {
    id: "CC-BY-3.0",
    text: "This picture is licensed under CC BY 3.0",
  });
  assertEquals(findLicense(["© Ann Sands"]), { text: "© Ann Sands" });
  for (const text of ["CC BY", "CC-BY-NC", "CC0"]) {
    assertEquals(findLicense([text]).text, text);
    assertEquals(findLicense([`${text} by`]), findLicense([text]));
  }
});

Deno.test("readLicense() keeps the words of a table, and an id where they come to one", () => {
  assertEquals(readLicense("  "), {});
  assertEquals(readLicense("CC-BY-NC\n 3.0"), { id: "CC-BY-NC-3.0", text: "CC-BY-NC 3.0" });
  for (const text of ["non-commercial use", "free use", "noncomercial use", "© Randall, J.E."]) {
    assertEquals(readLicense(text), { text });
  }
});

Deno.test("readLicense() keeps the address of a deed", () => {
  const url = "http://creativecommons.org/licenses/by-nc/4.0/";
  assertEquals(readLicense(url), { id: "CC-BY-NC-4.0", text: url, url });
});

Deno.test("findLicense() takes no link for a deed that is none", () => {
  for (
    const link of [
      "javascript:alert('creativecommons.org/licenses/by/4.0/')",
      "https://evil.example/?creativecommons.org/licenses/by/4.0/",
      "https://creativecommons.org.evil.example/licenses/by/4.0/",
      "https://creativecommons.org/about/",
      "http://[",
    ]
  ) assertEquals(findLicense(["Photo by Ann"], [link]), {}, link);
  const url = "https://creativecommons.org/licenses/by/4.0/";
  assertEquals(findLicense([], ["//creativecommons.org/licenses/by/4.0/"]).url, url);
});

Deno.test("licenseIdOfCode() reads the codes of iNaturalist, Commons and Openverse", () => {
  const cases: [code: string, version: string | undefined, id: string | undefined][] = [
    ["cc-by-nc", "4.0", "CC-BY-NC-4.0"],
    ["cc-by-nc-sa", "4.0", "CC-BY-NC-SA-4.0"],
    ["cc0", "4.0", "CC0-1.0"],
    ["pd", "4.0", undefined],
    ["gfdl", "4.0", undefined],
    ["cc-by-sa-4.0", undefined, "CC-BY-SA-4.0"],
    ["cc-by-sa-3.0-de", undefined, "CC-BY-SA-3.0-DE"],
    ["cc-by-sa-3.0-es", undefined, undefined],
    ["cc-by-3.0-igo", undefined, "CC-BY-3.0-IGO"],
    ["by", "2.0", "CC-BY-2.0"],
    ["by-nc-nd", "2.0", "CC-BY-NC-ND-2.0"],
    ["cc0", "1.0", "CC0-1.0"],
    ["pdm", "1.0", "CC-PDM-1.0"],
    ["sampling+", "1.0", undefined],
    ["by", "7.0", undefined],
    ["", undefined, undefined],
  ];
  for (const [code, version, id] of cases) assertEquals(licenseIdOfCode(code, version), id, code);
});

Deno.test("isAllowed() takes no unknown licence for free, and none that forbids derivatives", () => {
  const table: [string | undefined, boolean, boolean][] = [
    ["CC0-1.0", true, true],
    ["CC-PDM-1.0", true, true],
    ["CC-BY-4.0", true, true],
    ["CC-BY-SA-3.0-DE", true, true],
    ["CC-BY", true, true],
    ["CC-BY-NC-4.0", true, false],
    ["CC-BY-NC-SA-2.0", true, false],
    ["CC-BY-ND-4.0", false, false],
    ["CC-BY-NC-ND-4.0", false, false],
    ["LicenseRef-All-Rights-Reserved", false, false],
    ["unknown", false, false],
    [undefined, false, false],
  ];
  for (const [id, nc, free] of table) {
    assertEquals([isAllowed(id, "any"), isAllowed(id, "nc"), isAllowed(id, "free")], [
      true,
      nc,
      free,
    ], id);
  }
});
