/**
 * Wikimedia Commons' API: the files of a category, with their licences, in the shapes recorded from
 * 2020 to 2023. Some answers come in parts.
 *
 * @module
 */

import { COMMONS_FILES } from "../hosts.ts";
import type { Handler } from "../http.ts";
import { acceptedName, type LicensedFinding } from "../licensed.ts";
import type { Plan } from "../plan.ts";
import { apiSite, HTML_PAGE, json, originalOf } from "./api_site.ts";
import { refuseWithoutContact } from "./wikipedia.ts";

export function commons(plan: Plan): Handler {
  const lagging = {
    code: "maxlag",
    info: "Waiting for 10.64.16.7: 6.2 seconds lagged.",
    host: "10.64.16.7",
    lag: 6.2,
  };
  const later = { headers: { "Retry-After": "1", "X-Database-Lag": "6" } };
  const site = apiSite({
    robots: "Disallow: /w/\nDisallow: /api/",
    faults: { 2: json({ error: lagging, servedby: "mw1384" }, later), 4: HTML_PAGE },
    answer: ({ pathname, searchParams }) =>
      pathname === "/w/api.php" ? query(searchParams, plan) : undefined,
  }, plan);
  return (request) => refuseWithoutContact(request) ?? site(request);
}

function query(query: URLSearchParams, plan: Plan): Record<string, unknown> {
  const category = query.get("gcmtitle")?.replace(/^Category:/, "");
  const fish = plan.catalogue.fish.find((one) => acceptedName(one) === category);
  const files = fish === undefined ? [] : plan.of(fish).licensed.commons;
  if (fish === undefined || files.length === 0) return { batchcomplete: true };
  const pages = files.map((finding) => ({
    pageid: finding.number,
    ns: 6,
    title: titleOf(finding),
    imagerepository: "local",
    imageinfo: [imageInfo(finding)],
  }));
  const drawing = {
    pageid: fish.code * 100 + 95,
    ns: 6,
    title: `File:${category} map.svg`,
    imageinfo: [{
      url: `https://${COMMONS_FILES}/wikipedia/commons/a/ab/map_${fish.code}.svg`,
      mime: "image/svg+xml",
      extmetadata: { License: { value: "cc0", source: "commons-templates", hidden: "" } },
    }],
  };
  const inParts = plan.options.faults && fish.index % 3 === 0;
  const [first, ...others] = pages;
  if (!inParts) return { batchcomplete: true, query: { pages: [...pages, drawing] } };
  // The second round has what the first left out.
  if (query.has("iistart")) return { batchcomplete: true, query: { pages: others } };
  const without = others.map(({ imageinfo: _later, ...page }) => page);
  return {
    continue: { iistart: "20210101000000", continue: "||" },
    query: { pages: [first, ...without, drawing] },
  };
}

function titleOf({ page }: LicensedFinding): string {
  return page.slice(page.indexOf("File:")).replaceAll("_", " ");
}

function imageInfo({ author, license, size, url }: LicensedFinding): Record<string, unknown> {
  const known = license !== "";
  const field = (value: unknown) => ({ value, source: "commons-desc-page", hidden: "" });
  return {
    size: 812_345,
    width: size.width * 2,
    height: size.height * 2,
    thumburl: url,
    thumbwidth: size.width,
    thumbheight: size.height,
    url: originalOf(url),
    mime: "image/jpeg",
    sha1: "a94a8fe5ccb19ba61c4c0873d391e987982fbbd3",
    user: author,
    extmetadata: {
      Artist: field(
        `<a href="//commons.wikimedia.org/wiki/User:X" title="User:X"><bdi>${author}</bdi></a>\n`,
      ),
      License: field(known ? "cc-by-sa-4.0" : "pd"),
      LicenseShortName: field(known ? "CC BY-SA 4.0" : "Public domain"),
      // Works in the public domain have no address of a licence.
      ...known ? { LicenseUrl: field("https://creativecommons.org/licenses/by-sa/4.0") } : {},
      Restrictions: field(""),
    },
  };
}
