import { assertStringIncludes } from "@std/assert";
import { LicenseCounts, sheetOf } from "../../lib/report/write_report.ts";
import { overviewOf } from "../../lib/report/gather.ts";
import { reportDocument } from "../../lib/report/document.ts";
import { readDataset } from "../../lib/dataset/dataset.ts";
import { withFolder } from "../dataset/folder.ts";
import { makeSynthetic, speciesId } from "./synthetic.ts";

Deno.test("the report counts each species' licensed images, and the images of each licence", () =>
  withFolder(async (dir) => {
    await makeSynthetic(dir, { species: 2, images: 10, files: "none" });
    const { state } = await readDataset(dir);
    try {
      const licenses = new LicenseCounts();
      for (const number of [0, 1]) {
        const id = speciesId(number);
        licenses.add(id, sheetOf(state, id));
      }
      const overview = await overviewOf(dir, state);
      const page = await reportDocument({ name: "fish", overview, licenses, made: new Date() });
      assertStringIncludes(page, '<td class="n">10</td><td class="n wide">2</td>');
      assertStringIncludes(page.replaceAll(/\s+/g, " "), "CC-BY-NC-3.0");
    } finally {
      state.close();
    }
  }));
