import { assertEquals } from "@std/assert";
import { findLicense, licenseId, readLicense } from "../../lib/sources/license.ts";

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
    ["//creativecommons.org/licences/by/2.0/uk", "CC-BY-2.0"],
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
});

Deno.test("readLicense() keeps the words of a table, and an id where they come to one", () => {
  assertEquals(readLicense("  "), {});
  assertEquals(readLicense("CC-BY-NC\n 3.0"), { id: "CC-BY-NC-3.0", text: "CC-BY-NC 3.0" });
  for (const text of ["non-commercial use", "free use", "noncomercial use", "© Randall, J.E."]) {
    assertEquals(readLicense(text), { text });
  }
});
