/** Which permissions of a set a run has not asked for. */

import { resolve } from "@std/path";
import { PERMISSION_SETS, permissionFlags } from "../../lib/cli/permissions.ts";

/** What Deno writes of a permission that was asked for. */
interface Asked {
  readonly permission: string;
  /** Absent where all of a kind was asked for. */
  readonly value: string | null;
}

/** Read only on a desktop, or on a terminal, or where the first of several is not set. */
const READ_ELSEWHERE =
  /^(?:FORCE_COLOR|INIT_CWD|DISPLAY|WAYLAND_DISPLAY|XAUTHORITY|XDG_RUNTIME_DIR|(?:https?|no)_proxy|HTTPS?_PROXY)$/;

/**
 * What of a set nothing has asked for: for scripts that take too long to be run without each.
 *
 * @param audit What Deno has written where `DENO_AUDIT_PERMISSIONS` says.
 */
export function spare(name: string, data: string, audit: string): string[] {
  const asked = audit.trim().split("\n").map((line): Asked => JSON.parse(line));
  return permissionFlags(PERMISSION_SETS[name] ?? {}).flatMap((flag) => {
    const [kind = "", list = ""] = flag.split("=");
    if (kind.startsWith("--deny-")) return [];
    const permission = kind.replace("--allow-", "");
    const values = asked.filter((one) => one.permission === permission).map(({ value }) =>
      value ?? ""
    );
    const isUsed = (value: string): boolean => {
      if (permission === "env" && READ_ELSEWHERE.test(value)) return true;
      if (permission !== "read" && permission !== "write") return values.includes(value);
      const path = value === "data" ? data : resolve(value);
      return values.some((one) => one === path || one.startsWith(`${path}/`));
    };
    // Deno does not write which programs were started.
    if (permission === "run") return [];
    if (list === "") return values.length > 0 ? [] : [flag];
    return list.split(",").filter((value) => !isUsed(value)).map((value) => `${kind}=${value}`);
  });
}
