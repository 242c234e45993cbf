/**
 * What this program is called and which version it is.
 *
 * @module
 */

import config from "../../deno.json" with { type: "json" };

/** The program's version, from `deno.json`. */
export const VERSION: string = config.version;

/** Where the project lives; the contact of the User-Agent unless `--contact` names another. */
export const PROJECT_URL = "https://github.com/aquaset/aquaset";
