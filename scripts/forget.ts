#!/usr/bin/env -S deno run -q --no-prompt -P=forget
/**
 * Takes somebody's images out of log, folder and exports for good, and sees to it that they are not
 * fetched again. Reads and writes `data`; reaches nothing.
 *
 * @module
 */

import { Failure, reason } from "../lib/base/failure.ts";
import { removeIfThere } from "../lib/base/files.ts";
import { folderInside } from "../lib/base/inside.ts";
import { plural } from "../lib/base/plural.ts";
import { VERSION } from "../lib/base/version.ts";
import {
  asTyped,
  flag,
  type FlagValues,
  onOff,
  parseFlags,
  repeated,
  text,
} from "../lib/cli/flags.ts";
import { DATA, JSON_OUT } from "../lib/cli/scrape_flags.ts";
import { runScript, sameCommand, type Script, type ScriptContext } from "../lib/cli/script.ts";
import { firstOf, lines } from "../lib/cli/terminal_text.ts";
import {
  findForgotten,
  forget,
  type ForgetMatches,
  type ForgetRequest,
} from "../lib/dataset/forget.ts";
import { removeEmbeddings } from "../lib/embed/store.ts";
import {
  findExports,
  forgetSplits,
  type FoundExport,
  removeExport,
  removeHalfMade,
} from "../lib/export/forget_exports.ts";
import { REPORT_FOLDER } from "../lib/report/thumbnails.ts";
import { script as augmentScript } from "./augment.ts";
import { script as exportScript } from "./export.ts";

const FLAGS = {
  data: DATA,
  author: flag(
    text("NAME", (name) => {
      if (!/[\p{L}\p{N}]/u.test(name)) throw new TypeError("takes a name");
    }),
    "all images of a photographer",
  ),
  host: flag(
    text("HOST", (host) => {
      if (/^(?:[\w-]+\.)+[\w-]+$/.test(host.trim())) return;
      throw new TypeError("takes a host such as photos.example.org");
    }),
    "all images of a host and its subdomains, by image or page",
  ),
  url: flag(
    text("URL", (address) => {
      if (URL.parse(address) === null) throw new TypeError("takes an address with https://");
    }),
    "the image at an address, or all images of a page",
  ),
  export: repeated(text("DIR"), "an export elsewhere than in the data folder"),
  yes: onOff("do it; without, only say what would be done"),
  json: JSON_OUT,
};

const MOST_LINES = 50;

export const script: Script<typeof FLAGS> = {
  name: "forget",
  summary: "Takes somebody's images out of log, folder and exports for good.",
  flags: FLAGS,
  examples: [
    'forget --author "Jane Doe"',
    'forget --author "Jane Doe" --yes',
    "forget --host photos.example.org",
  ],
  async run(flags, context) {
    const request = requestOf(flags);
    const { data, yes } = flags;
    const command = `${sameCommand(context, ["yes", "json"])} --yes`;
    const found = await findForgotten(data, request);
    const { exports, none } = await findExports(data, flags.export);
    if (none[0] !== undefined) throw new Failure(`${none[0]} is no export of Aquaset.`, 2);
    if (!yes) {
      return context.result({ ...found, exports }, () => plan(found, exports, command, data));
    }
    const done = await forget(
      data,
      request,
      { script: context.name, version: VERSION, notice: context.say },
      async ({ state }) => {
        await forgetSplits(data, state);
        await removeEmbeddings(data);
        await removeIfThere(await folderInside(data, REPORT_FOLDER));
        await removeHalfMade(data);
      },
    );
    const left = await remake(exports, data, context);
    context.result(
      { ...done, exports: exports.map(({ out }) => out), left },
      () => describe(done, left, command),
    );
    return left.length === 0 ? 0 : 1;
  },
};

function requestOf(flags: FlagValues<typeof FLAGS>): ForgetRequest {
  const [request, ...others] = (["author", "host", "url"] as const).flatMap((by) => {
    const value = flags[by];
    return value === undefined ? [] : [{ by, value: value.trim() }];
  });
  if (request !== undefined && others.length === 0) return request;
  throw new Failure("forget needs one of --author NAME, --host HOST and --url URL.", 2);
}

function plan(
  { images, lines: lost, isKnown, similar }: ForgetMatches,
  exports: readonly FoundExport[],
  command: string,
  data: string,
): string {
  const named = images.map(({ file, url, author, license }) =>
    `${file}  ${url}  ${author ?? "unknown author"}, ${license ?? "unknown licence"}`
  );
  return lines(
    firstOf(named, MOST_LINES),
    `${plural(images.length, "image")} in ${data} and ${plural(lost, "line")} of its log would go` +
      `${isKnown ? "; the same was forgotten before" : ""}.`,
    similar.length > 0 && `Similar names, which would stay: ${similar.join("; ")}.`,
    exports.map(({ out, madeBy }) =>
      madeBy === undefined
        ? `${out} would be removed: it does not say how it was made.`
        : `${out} would be made again without them.`
    ),
    `Nothing was changed. To forget them for good: ${command}`,
  );
}

/** Makes the exports again without what is forgotten. @returns Those where that failed, and why. */
async function remake(
  exports: readonly FoundExport[],
  data: string,
  context: ScriptContext,
): Promise<{ readonly out: string; readonly why: string }[]> {
  const left: { out: string; why: string }[] = [];
  for (const { out, madeBy } of exports) {
    context.signal.throwIfAborted();
    try {
      if (madeBy === undefined || !await makeAgain(out, madeBy, data, context)) {
        context.say(`Removed ${out}.`);
        if (!await removeExport(out)) {
          left.push({ out, why: "files that the export does not know are in it" });
        }
      } else context.say(`Made ${out} again.`);
    } catch (thrown) {
      context.signal.throwIfAborted();
      if (!(thrown instanceof Failure)) throw thrown;
      left.push({ out, why: reason(thrown) });
    }
  }
  return left;
}

/** @returns False where there is nothing left to export. */
async function makeAgain(
  out: string,
  { script: name, flags: given }: NonNullable<FoundExport["madeBy"]>,
  data: string,
  context: ScriptContext,
): Promise<boolean> {
  const script: Script = name === "augment" ? augmentScript : exportScript;
  const args = [...asTyped(given), `--data=${data}`, `--out=${out}`];
  const line = parseFlags(args, script.flags, false);
  try {
    await script.run(line.flags, {
      ...context,
      name: script.name,
      given: line.given,
      result: () => {},
      confirm: () => Promise.resolve(true),
    });
    return true;
  } catch (thrown) {
    const isEmpty = thrown instanceof Failure &&
      /has no images yet|nothing was exported/.test(thrown.message);
    if (isEmpty) return false;
    throw thrown;
  }
}

function describe(
  { images, lines: lost, isKnown }: ForgetMatches,
  left: readonly { readonly out: string; readonly why: string }[],
  command: string,
): string {
  return lines(
    `${plural(images.length, "image")} and ${plural(lost, "line")} of the log are forgotten` +
      `${isKnown ? ", the rest of what was requested before" : ""}. They are not fetched again.`,
    left.map(({ out, why }) => `${out} may still have them: ${why} Remove it, or: ${command}`),
  );
}

if (import.meta.main) await runScript(script);
