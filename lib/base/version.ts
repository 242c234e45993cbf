/**
 * The program's version and address.
 *
 * @module
 */

import config from "../../deno.json" with { type: "json" };

export const VERSION: string = config.version;

/** Also the contact in the User-Agent, unless `--contact` names another. */
export const PROJECT_URL = "https://github.com/aquaset/aquaset";
